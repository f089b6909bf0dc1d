import { Controller, Get, Inject, Res } from '@nestjs/common';
import { Caller, hasRole, Public, Roles, type Principal } from '@lib/auth';
import type { ConnectionStats, GatewayHealth, GatewayStats, NodeStats } from '@lib/events';
import { Connections, Counters, Follower, PRESENCE, type Presence } from '@lib/realtime';
import type { FastifyReply } from 'fastify';
import { hostname } from 'node:os';
import { OmsContract } from '../oms.contract.js';
import { userIdOf } from '../oms.projection.js';

/** Users that `stats.onlineUsers` names; more are found by `GET /websocket/users/online`, in pages. */
const NAMED_USERS = 10_000;

/** What operators poll: whether this node delivers, and what it does. */
@Controller('websocket')
export class StatusController {
  constructor(
    private readonly connections: Connections,
    private readonly counters: Counters,
    private readonly follower: Follower,
    private readonly contract: OmsContract,
    @Inject(PRESENCE) private readonly presence: Presence,
  ) {}

  @Get('health')
  @Public()
  async health(
    @Caller() caller: Principal | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GatewayHealth> {
    const progress = this.follower.progress();
    if (!progress.ok) void reply.status(503);
    const trusted = caller !== undefined && hasRole(caller, 'admin', 'service');
    return {
      status: progress.ok ? 'OK' : 'DEGRADED',
      ...(!progress.ok && { reason: progress.reason }),
      timestamp: new Date().toISOString(),
      stats: trusted ? await this.detailedStats() : this.publicStats(),
    };
  }

  @Get('stats')
  @Roles('admin', 'service')
  async stats(): Promise<GatewayStats> {
    const node: NodeStats = {
      ...this.publicStats(),
      messagesIn: this.counters.messagesIn,
      messagesOut: this.counters.messagesOut,
    };
    const { rss, heapUsed } = process.memoryUsage();
    return {
      ...(await this.detailedStats()),
      timestamp: new Date().toISOString(),
      uptime: Math.round(process.uptime()),
      memory: { rss, heapUsed },
      nodes: { [`${hostname()}-${process.pid}`]: node },
      total: node,
    };
  }

  private publicStats(): { connectedClients: number; authenticatedUsers: number } {
    const { sockets, users } = this.connections.stats(this.contract);
    return { connectedClients: sockets, authenticatedUsers: users };
  }

  private async detailedStats(): Promise<Required<ConnectionStats>> {
    const { sockets, users, rooms } = this.connections.stats(this.contract);
    const online = await this.presence.online({ offset: 0, limit: NAMED_USERS });
    return {
      connectedClients: sockets,
      authenticatedUsers: users,
      onlineUsers: online.users.map(userIdOf),
      rooms,
    };
  }
}
