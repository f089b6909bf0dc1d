import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Caller, Roles, type Principal } from '@lib/auth';
import { OmsError } from '@lib/events';
import { IdempotencyKey } from '../idempotency-key.js';
import { IngressService, type Accepted } from '../ingress.service.js';

/** Events that one request may carry. */
const MAX_EVENTS = 1_000;

type EventsAnswer = ({ success: true } & Accepted) | { success: true; count: number; results: Accepted[] };

/** `POST /events`: canonical events, one or an array of up to 1,000. */
@Controller('events')
export class EventsController {
  constructor(private readonly ingress: IngressService) {}

  @Post()
  @HttpCode(202)
  @Roles('service')
  async accept(
    @Body() body: unknown,
    @Caller() caller: Principal,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<EventsAnswer> {
    const inputs: readonly unknown[] = Array.isArray(body) ? body : [body];
    if (inputs.length === 0 || inputs.length > MAX_EVENTS) {
      throw new OmsError('invalid_payload', {
        fields: [{ field: '', message: `must hold 1 to ${MAX_EVENTS} events` }],
      });
    }
    const results = await this.ingress.accept(inputs, { source: `/services/${caller.userId}`, idempotencyKey });
    const [first] = results;
    return Array.isArray(body) || !first
      ? { success: true, count: results.length, results }
      : { success: true, ...first };
  }
}
