import { Controller, Get } from '@nestjs/common';
import { Public } from '@lib/auth';
import { OutboxHealth, type ServiceReport } from '@lib/persistence';

@Public()
@Controller('auth/health')
export class HealthController {
  constructor(private readonly service: OutboxHealth) {}

  @Get()
  health(): Promise<ServiceReport> {
    return this.service.report('auth');
  }
}
