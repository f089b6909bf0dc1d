import { Controller, Get, Inject, Res } from '@nestjs/common';
import { Caller, hasRole, Public, Roles, type Principal } from '@lib/auth';
import type { ConnectionStats, GatewayHealth, GatewayStats, NodeStats } from '@lib/events';
import { Counters, Dispatcher, Readiness, SHARED_STATE, type SharedState } from '@lib/realtime';
import type { FastifyReply } from 'fastify';
import { OmsContract } from '../oms.contract.js';
import { userIdOf } from '../oms.projection.js';

/** Users that `stats.onlineUsers` names; more are found by `GET /websocket/users/online`, in pages. */
const NAMED_USERS = 10_000;

const NOTHING: NodeStats = {
  connectedClients: 0,
  authenticatedUsers: 0,
  messagesIn: 0,
  messagesOut: 0,
  resumes: 0,
  resyncs: 0,
  slowDisconnects: 0,
};

/** What operators poll: whether this node delivers, and what it and the others do. */
@Controller('websocket')
export class StatusController {
  constructor(
    @Inject(SHARED_STATE) private readonly state: SharedState,
    private readonly dispatcher: Dispatcher,
    private readonly counters: Counters,
    private readonly readiness: Readiness,
    private readonly contract: OmsContract,
  ) {
    state.nodes.start(() => ({ ...this.nodeStats() }));
  }

  @Get('health')
  @Public()
  async health(
    @Caller() caller: Principal | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GatewayHealth> {
    const reason = this.readiness.complaint();
    if (reason !== undefined) void reply.status(503);
    const trusted = caller !== undefined && hasRole(caller, 'admin', 'service');
    return {
      status: reason === undefined ? 'OK' : 'DEGRADED',
      ...(reason !== undefined && { reason }),
      timestamp: new Date().toISOString(),
      // Who is online over all nodes cannot be told where what they share is away: this is asked just then.
      stats: trusted ? await this.detailedStats().catch(() => this.localStats()) : this.publicStats(),
    };
  }

  @Get('stats')
  @Roles('admin', 'service')
  async stats(): Promise<GatewayStats> {
    const { rss, heapUsed } = process.memoryUsage();
    const nodes = Object.fromEntries(
      Object.entries(await this.state.nodes.all()).map(([id, counts]) => [id, { ...NOTHING, ...counts }]),
    );
    return {
      ...(await this.detailedStats()),
      timestamp: new Date().toISOString(),
      uptime: Math.round(process.uptime()),
      memory: { rss, heapUsed },
      nodes,
      total: Object.values(nodes).reduce(add, NOTHING),
    };
  }

  private publicStats(): { connectedClients: number; authenticatedUsers: number } {
    const { sockets, users } = this.channelStats();
    return { connectedClients: sockets, authenticatedUsers: users };
  }

  private localStats(): ConnectionStats {
    return { ...this.publicStats(), rooms: this.channelStats().rooms };
  }

  private async detailedStats(): Promise<Required<ConnectionStats>> {
    const online = await this.state.presence.online({ offset: 0, limit: NAMED_USERS });
    return { ...this.publicStats(), onlineUsers: online.users.map(userIdOf), rooms: this.channelStats().rooms };
  }

  private nodeStats(): NodeStats {
    const { messagesIn, messagesOut, resumes, resyncs, slowDisconnects } = this.counters;
    return { ...this.publicStats(), messagesIn, messagesOut, resumes, resyncs, slowDisconnects };
  }

  private channelStats(): { sockets: number; users: number; rooms: Record<string, number> } {
    return this.dispatcher.channelOf(this.contract)?.stats() ?? { sockets: 0, users: 0, rooms: {} };
  }
}

/** Users are counted once per node: one who is on two nodes counts for both. */
function add(sum: NodeStats, node: NodeStats): NodeStats {
  const keys = Object.keys(NOTHING) as (keyof NodeStats)[];
  return Object.fromEntries(keys.map((key) => [key, sum[key] + node[key]])) as unknown as NodeStats;
}
