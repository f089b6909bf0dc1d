import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** Cost of one hash: `2 ** ln` is scrypt's N. Memory is `128 * N * r` bytes, time grows with `N * r * p`. */
export interface ScryptCost {
  ln: number;
  r: number;
  p: number;
}

/** One of the settings OWASP's Password Storage Cheat Sheet calls equal; this one needs the least memory, 16 MiB. */
const COST: ScryptCost = { ln: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A damaged or planted hash must not make a login cost gigabytes. */
const MEMORY_LIMIT = 64 * 1024 * 1024;

const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,64})\$([A-Za-z0-9+/]{40,90})$/;

/** Hashes a password into the PHC string `$scrypt$ln=…,r=…,p=…$salt$hash`, which carries all that checking it needs. */
export async function hashPassword(password: string, cost: ScryptCost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, cost);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
}

/**
 * True where `password` is the one `stored` was made from. Where there is no such user (`undefined`) it does the same
 * work for nothing, so that the time of the answer does not tell which e-mail addresses are registered.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parsed = parse(stored ?? NOBODY);
  if (!parsed) throw new Error('a stored password hash is not readable');
  const actual = await derive(password, parsed.salt, parsed.hash.length, parsed.cost);
  return timingSafeEqual(actual, parsed.hash) && stored !== undefined;
}

/** A hash that no password fits: as costly to check as a user's. */
const NOBODY = `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${base64(Buffer.alloc(SALT_BYTES))}$${base64(
  randomBytes(HASH_BYTES),
)}`;

function parse(stored: string): { cost: ScryptCost; salt: Buffer; hash: Buffer } | undefined {
  const match = STORED.exec(stored);
  if (!match) return undefined;
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = match;
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function derive(password: string, salt: Buffer, length: number, { ln, r, p }: ScryptCost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: MEMORY_LIMIT };
  return new Promise((resolve, reject) => {
    // One spelling of a composed letter, whatever keyboard it was typed on.
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
