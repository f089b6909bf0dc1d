import { Controller, Get } from '@nestjs/common';
import { Public } from '@lib/auth';
import { OutboxHealth, type ServiceReport } from '@lib/persistence';

/** `/orders/health` is the contract's; `/order/health` has the prefix under which the gateway proxies. */
@Public()
@Controller(['orders/health', 'order/health'])
export class HealthController {
  constructor(private readonly service: OutboxHealth) {}

  @Get()
  health(): Promise<ServiceReport> {
    return this.service.report('order');
  }
}
