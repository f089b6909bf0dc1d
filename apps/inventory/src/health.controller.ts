import { Controller, Get } from '@nestjs/common';
import { Public } from '@lib/auth';
import { DatabaseHealth, type HealthReport } from '@lib/persistence';

@Public()
@Controller('inventory/health')
export class HealthController {
  constructor(private readonly database: DatabaseHealth) {}

  @Get()
  health(): Promise<HealthReport> {
    return this.database.report('inventory');
  }
}
