/**
 * Whom an event concerns. A socket holds audiences, an event is addressed to audiences; the Socket.IO
 * room of an audience has the audience itself as its name.
 */
export type Audience = 'all' | `${AudienceKind}:${string}`;

export const AUDIENCE_KINDS = [
  'user',
  'role',
  'topic',
  'order',
  'product',
  'company',
  'shop',
  'location',
  'transfer',
] as const;
export type AudienceKind = (typeof AUDIENCE_KINDS)[number];

const PATTERN = new RegExp(`^(?:all|(?:${AUDIENCE_KINDS.join('|')}):.{1,160})$`, 'su');

export function isAudience(text: string): text is Audience {
  return PATTERN.test(text);
}

/**
 * What is left of `audiences` when the event itself is addressed to `addressed` only. `all` contains
 * every audience, so that narrowing can shrink what a contract renders to, and never widen it.
 */
export function narrow(audiences: readonly Audience[], addressed: readonly Audience[]): readonly Audience[] {
  if (addressed.includes('all')) return audiences;
  if (audiences.includes('all')) return addressed;
  return audiences.filter((audience) => addressed.includes(audience));
}
