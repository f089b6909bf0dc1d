import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Roles } from '@lib/auth';
import { UserIdParam, UsersOnlineQuery, type Id } from '@lib/events';
import { SHARED_STATE, type SharedState, type UserPresence } from '@lib/realtime';
import { userIdOf } from '../oms.projection.js';

/** Who is online. */
@Controller('websocket/users')
@Roles('admin', 'staff', 'service')
export class UsersController {
  constructor(@Inject(SHARED_STATE) private readonly state: SharedState) {}

  @Get('online')
  async online(@Query() { offset, limit }: UsersOnlineQuery): Promise<{ count: number; users: Id[] }> {
    const { count, users } = await this.state.presence.online({ offset, limit });
    return { count, users: users.map(userIdOf) };
  }

  @Get(':userId/online')
  async isOnline(@Param() { userId }: UserIdParam): Promise<UserPresence & { userId: Id }> {
    return { userId: userIdOf(userId), ...(await this.state.presence.of(userId)) };
  }
}
