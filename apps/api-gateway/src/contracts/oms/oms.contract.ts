import { Injectable } from '@nestjs/common';
import { bearerToken, hasRole, TokenService, type Principal } from '@lib/auth';
import { OmsError, type Audience, type CanonicalEvent, type OmsServerEvents } from '@lib/events';
import type { Delivery, Handshake, RealtimeContract } from '@lib/realtime';
import { renderOms, userIdOf } from './oms.projection.js';

/** The contract of `shared/contracts/oms.md`: namespace `/events`. */
@Injectable()
export class OmsContract implements RealtimeContract<Principal> {
  readonly namespace = '/events';

  constructor(private readonly tokens: TokenService) {}

  authenticate({ auth, headers }: Handshake): Promise<Principal> {
    // A client that has no token yet often sends an empty one: the header counts then as well.
    const token: unknown = auth['token'] || bearerToken(headers.authorization);
    if (token !== undefined && typeof token !== 'string') return Promise.reject(new OmsError('token_invalid'));
    return this.tokens.verify(token);
  }

  audiences({ userId, roles }: Principal): Audience[] {
    // What goes to admins goes to a super_admin as well.
    const held = roles.includes('super_admin') ? new Set([...roles, 'admin']) : roles;
    return [`user:${userId}`, ...[...held].map((role): Audience => `role:${role}`)];
  }

  mayHold(identity: Principal, audience: Audience): boolean {
    if (audience === 'topic:orders') return hasRole(identity, 'admin', 'staff');
    return audience === 'topic:inventory';
  }

  confirmation({ userId }: Principal): { event: keyof OmsServerEvents; payload: object } {
    return { event: 'connected', payload: { userId: userIdOf(userId), timestamp: new Date().toISOString() } };
  }

  roomName(audience: Audience): string | undefined {
    if (audience === 'topic:orders') return 'order_updates';
    if (audience === 'topic:inventory') return 'inventory_updates';
    return /^(?:user|role):/.test(audience) ? audience.replace(':', '_') : undefined;
  }

  render(event: CanonicalEvent): readonly Delivery[] {
    return renderOms(event);
  }
}
