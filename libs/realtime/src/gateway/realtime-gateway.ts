import {
  applyDecorators,
  Catch,
  HttpException,
  Injectable,
  Logger,
  UseFilters,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { OmsError } from '@lib/events';
import { map, type Observable } from 'rxjs';
import type { Socket } from 'socket.io';
import { refuse } from './answer.js';

/** Wraps what a handler returns, also nothing, so that an acknowledgement always fires: `{ ok: true, ... }`. */
@Injectable()
class AckInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<object | undefined>): Observable<object> {
    return next.handle().pipe(map((result) => ({ ok: true, ...result })));
  }
}

/** Answers `{ ok: false, error: { code, message } }`, and nothing of what was sent. */
@Catch()
class AckExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('Socket');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const [socket, , ack] = host.getArgs<[Socket, unknown, unknown]>();
    refuse(socket, ack, this.toOmsError(thrown));
  }

  private toOmsError(thrown: unknown): OmsError {
    if (thrown instanceof OmsError) return thrown;
    if (thrown instanceof HttpException && thrown.getStatus() < 500) {
      return new OmsError(thrown.getStatus() === 403 ? 'forbidden' : 'invalid_payload');
    }
    this.logger.error(thrown);
    return new OmsError('internal', { cause: thrown });
  }
}

/** A gateway of one contract: the only decorator its class needs. Engine options are the adapter's, not its. */
export const RealtimeGateway = (namespace: string): ClassDecorator =>
  applyDecorators(
    WebSocketGateway({ namespace }),
    UseInterceptors(new AckInterceptor()),
    UseFilters(new AckExceptionFilter()),
  );
