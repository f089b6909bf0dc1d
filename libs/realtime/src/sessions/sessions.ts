import type { Audience } from '@lib/events';

/** What a client held beyond what its identity gives it, kept for its return. */
export interface Session {
  userId: string;
  audiences: readonly Audience[];
  /**
   * Where its client stood when the session began, as a position's text. It vouches for no earlier place: who comes
   * back from there had other subscriptions then, which are not known.
   */
  since: string;
}

/** Milliseconds that a session outlives its last change. */
export const SESSION_LIFETIME = 604_800_000;

/**
 * Sessions by the `pid` that Socket.IO gives each connection, and that a stock client names when it comes
 * back. They outlive the gateway process, and serve whichever node the client comes back to.
 */
export interface Sessions {
  /** Resolves when it is kept: a subscription is confirmed after that only. */
  save(pid: string, session: Session): Promise<void>;
  /** `undefined` where there is none, or it is older than {@link SESSION_LIFETIME}. */
  find(pid: string): Promise<Session | undefined>;
  close(): Promise<void>;
}
