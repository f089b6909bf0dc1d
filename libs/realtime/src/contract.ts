import type { Audience, CanonicalEvent } from '@lib/events';
import type { Socket } from 'socket.io';

export type Handshake = Socket['handshake'];

/** What the engine needs to know of whoever is behind a socket. */
export interface Identity {
  userId: string;
  /** The token's `jti`, and its time of issue in milliseconds since the epoch: what it can be revoked by. */
  tokenId?: string;
  issuedAt?: number;
  /** Milliseconds since the epoch at which the token ends, and with it the connection. */
  expiresAt?: number;
}

/** One message of one contract, for a set of audiences. */
export interface Delivery {
  audiences: readonly Audience[];
  event: string;
  payload: object;
}

/**
 * One wire dialect for front ends. The engine authenticates, joins, delivers and resumes by what is
 * declared here; the client messages that a contract accepts are handlers of its Nest gateway.
 */
export interface RealtimeContract<I extends Identity = Identity> {
  readonly namespace: string;

  /** Who connects. Throws `OmsError` `auth_required`, `token_expired` or `token_invalid`. */
  authenticate(handshake: Handshake): Promise<I>;

  /** The audiences held from the first moment on. */
  audiences(identity: I): readonly Audience[];

  /** Whether this user may subscribe to it, asked again at each return; what {@link audiences} gives is not asked. */
  mayHold(identity: I, audience: Audience): boolean;

  /** Sent when the socket is live: at once to a new client, after everything it missed to one that comes back. */
  confirmation(identity: I): { event: string; payload: object };

  /** This contract's spelling of a room; `undefined` for one that its operators do not know. */
  roomName(audience: Audience): string | undefined;

  /**
   * The event's messages. Pure, and the same list in the same order every time: a position names a message
   * by its place in it. The engine takes away the audiences that the event itself is not addressed to.
   */
  render(event: CanonicalEvent): readonly Delivery[];
}

/** Injection token of the contracts of this application. */
export const CONTRACTS = Symbol('realtime contracts');
/** Injection token of the `Journal`. */
export const JOURNAL = Symbol('realtime journal');
/** Injection token of the resolved `RealtimeLimits`. */
export const LIMITS = Symbol('realtime limits');
