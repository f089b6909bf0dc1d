/** What one client may take of the gateway, and how long a gateway takes for what. */
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
  /** Bytes that may wait for one socket; one that lets more gather is cut, and resumes when it comes back. */
  maxBufferedBytes: number;
  /** Events that are replayed to a returning client; one that missed more is told to reload. */
  maxReplay: number;
  /** Milliseconds over which the connections are closed when the process is told to end. */
  drainTime: number;
}

export const DEFAULT_LIMITS: RealtimeLimits = {
  maxMessageBytes: 1_000_000,
  pingInterval: 25_000,
  pingTimeout: 60_000,
  upgradeTimeout: 10_000,
  messagesPerMinute: 100,
  maxBufferedBytes: 1_048_576,
  maxReplay: 5_000,
  drainTime: 5_000,
};
