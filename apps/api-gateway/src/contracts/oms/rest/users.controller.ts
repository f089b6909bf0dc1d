import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Roles } from '@lib/auth';
import { DisconnectDto, OmsError, UserIdParam, UsersOnlineQuery, type Id } from '@lib/events';
import { SHARED_STATE, type SharedState, type UserPresence } from '@lib/realtime';
import { userIdOf } from '../oms.projection.js';

/** Milliseconds for which a revocation is remembered: 30 days, longer than a token should live. */
const REVOCATION_LIFETIME = 2_592_000_000;

/** Who is online, and who must not be any longer. */
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

  /** Closes the user's connections on every node. Their clients come back, unless their tokens are revoked as well. */
  @Post(':userId/disconnect')
  @HttpCode(204)
  @Roles('admin', 'service')
  async disconnect(@Param() { userId }: UserIdParam, @Body() { revoke }: DisconnectDto): Promise<void> {
    if (revoke) await this.state.revocations.revokeUser(userId, REVOCATION_LIFETIME);
    const told = await this.state.bus.publish({ kind: 'disconnect', userId });
    // Else the caller would believe that the other nodes know.
    if (!told) throw new OmsError('unavailable');
  }
}
