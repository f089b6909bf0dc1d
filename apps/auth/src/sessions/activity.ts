import type { EventInput, Json } from '@lib/events';

export type Activity = 'login' | 'registered' | 'logout' | 'roles_changed';

/** What admins are told of a user's doings. Nothing in it is secret: no token, no password, no e-mail address. */
export function activity(userId: number, action: Activity, detail?: Json): EventInput {
  return { type: 'user.activity', data: { userId, action, ...(detail !== undefined && { detail }) } };
}
