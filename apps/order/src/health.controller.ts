import { Controller, Get } from '@nestjs/common';
import { Public } from '@lib/auth';
import { DatabaseHealth, type HealthReport } from '@lib/persistence';

/** `/orders/health` is the contract's; `/order/health` has the prefix under which the gateway proxies. */
@Public()
@Controller(['orders/health', 'order/health'])
export class HealthController {
  constructor(private readonly database: DatabaseHealth) {}

  @Get()
  health(): Promise<HealthReport> {
    return this.database.report('order');
  }
}
