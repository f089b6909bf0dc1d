import 'reflect-metadata';
import {
  Body,
  Controller,
  HttpCode,
  Inject,
  Injectable,
  Module,
  Post,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import type { CanActivate, ExecutionContext, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { IoAdapter } from '@nestjs/platform-socket.io';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  type OnGatewayConnection,
} from '@nestjs/websockets';
import { IsInt, IsString } from 'class-validator';
import type { Server, ServerOptions, Socket } from 'socket.io';
import { order, serveCommands, turn } from './control.js';

// The baseline: NestJS on Express with Socket.IO and rooms in memory, as their documentation teaches it. It
// keeps nothing: a client that is away when an event happens never sees it, unless RECOVERY or REDIS_URL is set.

class OrderDto {
  @IsInt()
  orderId: number;
  @IsString()
  aliasId: string;
  @IsInt()
  userId: number;
  @IsString()
  newStatus: string;
  @IsString()
  previousStatus: string;
  @IsString()
  message: string;
}

@Injectable()
class AuthGuard implements CanActivate {
  constructor(@Inject(JwtService) private readonly jwt: JwtService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: object }>();
    request.user = await this.jwt.verifyAsync(request.headers['authorization']?.split(' ')[1] ?? '');
    return true;
  }
}

@WebSocketGateway({ namespace: '/events' })
class EventsGateway implements OnGatewayConnection {
  @WebSocketServer()
  readonly server: Server;

  constructor(@Inject(JwtService) private readonly jwt: JwtService) {}

  async handleConnection(client: Socket): Promise<void> {
    try {
      const { sub, roles } = await this.jwt.verifyAsync<{ sub: string; roles: string[] }>(
        client.handshake.auth['token'] as string,
      );
      await client.join([`user_${sub}`, ...roles.map((role) => `role_${role}`)]);
      client.emit('connected', { userId: Number(sub), timestamp: new Date().toISOString() });
    } catch {
      client.disconnect();
    }
  }

  @SubscribeMessage('subscribe_to_orders')
  async subscribeToOrders(@ConnectedSocket() client: Socket): Promise<void> {
    await client.join('order_updates');
    client.emit('subscription_confirmed', { type: 'order_updates', message: 'Subscribed' });
  }

  @SubscribeMessage('subscribe_to_inventory')
  async subscribeToInventory(@ConnectedSocket() client: Socket): Promise<void> {
    await client.join('inventory_updates');
    client.emit('subscription_confirmed', { type: 'inventory_updates', message: 'Subscribed' });
  }

  @SubscribeMessage('unsubscribe')
  async unsubscribe(@ConnectedSocket() client: Socket, @MessageBody() body: { type: string }): Promise<void> {
    await client.leave(`${body.type}_updates`);
  }

  @SubscribeMessage('ping')
  ping(@ConnectedSocket() client: Socket): void {
    client.emit('pong', { timestamp: new Date().toISOString() });
  }

  orderUpdate(room: string, data: OrderDto): void {
    const { newStatus: status, previousStatus: _, ...rest } = data;
    const timestamp = new Date().toISOString();
    this.server.to(room).emit('order_update', {
      type: 'order_status',
      data: { ...rest, status, timestamp },
      userId: data.userId,
      timestamp,
    });
  }

  userNotification({ userId, orderId, aliasId, newStatus, previousStatus, message }: OrderDto): void {
    this.server.to(`user_${userId}`).emit('user_notification', {
      type: 'user_specific',
      data: {
        type: 'order_status_update',
        title: 'Order Status Updated',
        message,
        data: { orderId, aliasId, status: newStatus, previousStatus },
      },
      userId,
      timestamp: new Date().toISOString(),
    });
  }
}

@Controller('websocket/notifications')
@UseGuards(AuthGuard)
class NotificationsController {
  constructor(@Inject(EventsGateway) private readonly gateway: EventsGateway) {}

  @Post('order-status-update')
  @HttpCode(202)
  orderStatusUpdate(@Body() body: OrderDto): { success: true } {
    // The owner, and the room of all orders: the same reach as the gateway of this repository.
    this.gateway.orderUpdate(`user_${body.userId}`, body);
    this.gateway.userNotification(body);
    this.gateway.orderUpdate('order_updates', body);
    return { success: true };
  }
}

@Module({
  imports: [JwtModule.register({ secret: process.env['JWT_SECRET'] ?? '' })],
  controllers: [NotificationsController],
  providers: [EventsGateway],
})
class PlainModule {}

class Adapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly more: Partial<ServerOptions>,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const all = { ...options, ...this.more } as ServerOptions;
    return super.createIOServer(port, all);
  }
}

async function engineOptions(): Promise<Partial<ServerOptions>> {
  if (process.env['RECOVERY']) return { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } };
  const url = process.env['REDIS_URL'];
  if (!url) return {};
  const { createAdapter } = await import('@socket.io/redis-streams-adapter');
  const { Redis } = await import('ioredis');
  return { adapter: createAdapter(new Redis(url)) };
}

const app = await NestFactory.create(PlainModule, { logger: ['error'] });
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
app.useWebSocketAdapter(new Adapter(app, await engineOptions()));
await app.listen(0, '127.0.0.1');
const gateway = app.get(EventsGateway);
let number = 0;

serveCommands(await app.getUrl(), {
  async publish(turns, events) {
    for (let count = 0; count < turns; count++) {
      for (let event = 0; event < events; event++) gateway.orderUpdate('order_updates', order(++number));
      await turn();
    }
  },
});
