import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Caller, Roles, type Principal } from '@lib/auth';
import {
  BroadcastDto,
  InventoryAlertDto,
  OmsError,
  OrderCreatedDto,
  OrderStatusUpdateDto,
  type FieldError,
} from '@lib/events';
import { IdempotencyKey } from '../../../ingress/idempotency-key.js';
import { IngressService, type Accepted } from '../../../ingress/ingress.service.js';

type NotificationAnswer = { success: true } & Accepted;

/** The notification API. Each request becomes canonical events; 202 once they are durable. */
@Controller('websocket')
export class NotificationsController {
  constructor(private readonly ingress: IngressService) {}

  @Post('notifications/order-created')
  @HttpCode(202)
  @Roles('service', 'admin', 'staff')
  orderCreated(
    @Body() { id, ...data }: OrderCreatedDto,
    @Caller() caller: Principal,
    @IdempotencyKey() key: string | undefined,
  ): Promise<NotificationAnswer> {
    return this.accept([{ type: 'order.created', data }], caller, key ?? id);
  }

  @Post('notifications/order-status-update')
  @HttpCode(202)
  @Roles('service', 'admin', 'staff')
  orderStatusUpdate(
    @Body() { id, ...data }: OrderStatusUpdateDto,
    @Caller() caller: Principal,
    @IdempotencyKey() key: string | undefined,
  ): Promise<NotificationAnswer> {
    return this.accept([{ type: 'order.status_changed', data }], caller, key ?? id);
  }

  @Post('notifications/inventory-alert')
  @HttpCode(202)
  @Roles('service', 'admin', 'staff')
  inventoryAlert(
    @Body() { id, ...alert }: InventoryAlertDto,
    @Caller() caller: Principal,
    @IdempotencyKey() key: string | undefined,
  ): Promise<NotificationAnswer> {
    return this.accept([alertEvent(alert)], caller, key ?? id);
  }

  @Post('broadcast')
  @HttpCode(202)
  @Roles('admin', 'service')
  broadcast(
    @Body() { id, ...broadcast }: BroadcastDto,
    @Caller() caller: Principal,
    @IdempotencyKey() key: string | undefined,
  ): Promise<NotificationAnswer> {
    return this.accept(broadcastEvents(broadcast), caller, key ?? id);
  }

  /** The answer names the first event: the only one, except of a broadcast to several users. */
  private async accept(
    events: readonly unknown[],
    caller: Principal,
    idempotencyKey: string | undefined,
  ): Promise<NotificationAnswer> {
    const accepted = await this.ingress.accept(events, { source: `/services/${caller.userId}`, idempotencyKey });
    return { success: true, ...(accepted[0] as Accepted) };
  }
}

function alertEvent({ alertType, currentQuantity, threshold, ...product }: InventoryAlertDto): unknown {
  switch (alertType) {
    case 'low_stock':
      // The event needs a threshold; where none was sent, the alert says that it is no lower than this.
      return {
        type: 'inventory.low_stock',
        data: { ...product, quantity: currentQuantity, threshold: threshold ?? currentQuantity },
      };
    case 'restocked':
      return {
        type: 'inventory.restocked',
        data: { ...product, quantity: currentQuantity, ...(threshold !== undefined && { threshold }) },
      };
    case 'out_of_stock':
      if (currentQuantity !== 0) throw wrong('currentQuantity', 'must be 0 where alertType is out_of_stock');
      return {
        type: 'inventory.out_of_stock',
        data: { ...product, ...(threshold !== undefined && { threshold }) },
      };
  }
}

function broadcastEvents(broadcast: BroadcastDto): unknown[] {
  const { type, title, message, data, userId, userIds = [], role, roles = [] } = broadcast;
  const users = [...new Set([...(userId === undefined ? [] : [userId]), ...userIds].map(String))];
  const allRoles = [...new Set([...(role === undefined ? [] : [role]), ...roles])];
  // A target that its type does not use would send to more people than the caller meant.
  if (type !== 'user' && users.length > 0) throw wrong('userId', `does not go with type ${type}`);
  if (type !== 'role' && allRoles.length > 0) throw wrong('role', `does not go with type ${type}`);
  const content = { title, message, ...(data !== undefined && { data }) };
  switch (type) {
    case 'system':
      return [{ type: 'system.announced', data: content }];
    case 'role':
      return [{ type: 'system.announced', data: { ...content, roles: allRoles } }];
    case 'user':
      return users.map((to) => ({ type: 'user.notified', data: { ...content, userId: to, kind: 'notification' } }));
  }
}

function wrong(field: string, message: string): OmsError {
  const fields: FieldError[] = [{ field, message }];
  return new OmsError('invalid_payload', { fields });
}
