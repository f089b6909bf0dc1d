import { Module } from '@nestjs/common';
import { IngressModule } from '../../ingress/ingress.module.js';
import { OmsGateway } from './oms.gateway.js';
import { NotificationsController } from './rest/notifications.controller.js';
import { StatusController } from './rest/status.controller.js';
import { UsersController } from './rest/users.controller.js';

@Module({
  imports: [IngressModule],
  controllers: [NotificationsController, StatusController, UsersController],
  providers: [OmsGateway],
})
export class OmsModule {}
