import type { Id } from './notification.dto.js';

/** `GET /websocket/health`, as a caller with role `service` sees it. */
export interface GatewayHealth {
  status: 'OK' | 'DEGRADED';
  /** Why it is degraded. */
  reason?: string;
  /** ISO 8601, UTC. */
  timestamp: string;
  stats: ConnectionStats;
}

export interface ConnectionStats {
  connectedClients: number;
  authenticatedUsers: number;
  onlineUsers?: Id[];
  /** Sockets per room, by the contract's room name. */
  rooms?: Record<string, number>;
}

/** What one gateway process counts, since it started. */
export interface NodeStats {
  connectedClients: number;
  authenticatedUsers: number;
  /** Messages that clients sent. */
  messagesIn: number;
  /** Deliveries and confirmations to clients, each counted for each socket; not the answers to their messages. */
  messagesOut: number;
  /** Clients that came back with a position. */
  resumes: number;
  /** Clients that had to be told to reload. */
  resyncs: number;
  /** Sockets that were cut because they did not keep up. */
  slowDisconnects: number;
}

/** `GET /websocket/stats`. */
export interface GatewayStats extends Required<ConnectionStats> {
  timestamp: string;
  /** Seconds that the answering process has run. */
  uptime: number;
  /** Bytes, of the answering process. */
  memory: { rss: number; heapUsed: number };
  nodes: Record<string, NodeStats>;
  total: NodeStats;
}
