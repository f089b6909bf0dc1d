/** What one client may take of the gateway. */
export interface RealtimeLimits {
  /** Bytes of one message from a client; a larger one ends its connection. */
  maxMessageBytes: number;
  /** Milliseconds between pings. */
  pingInterval: number;
  /** Milliseconds that a client may take to answer one. */
  pingTimeout: number;
  /** Milliseconds that the upgrade to WebSocket may take. */
  upgradeTimeout: number;
  /** Messages of one socket in a minute; further ones are refused. */
  messagesPerMinute: number;
}

export const DEFAULT_LIMITS: RealtimeLimits = {
  maxMessageBytes: 1_000_000,
  pingInterval: 25_000,
  pingTimeout: 60_000,
  upgradeTimeout: 10_000,
  messagesPerMinute: 100,
};
