import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { EnvironmentError, flag } from './env.js';

/** The variables of a process that can serve HTTPS, to be spread into its schema. */
export const tlsEnv = {
  /** HTTPS and WSS instead of HTTP and WS, on the same port. */
  SSL_ENABLED: flag(false),
  /** PEM: the certificate, then those between it and a root, if any. */
  SSL_CERT_PATH: z.string().optional(),
  /** PEM, without a passphrase. */
  SSL_KEY_PATH: z.string().optional(),
};
export type TlsEnv = z.infer<z.ZodObject<typeof tlsEnv>>;

/** What an HTTPS server needs. */
export interface Tls {
  cert: Buffer;
  key: Buffer;
}

/**
 * The certificate and its key, or undefined where `SSL_ENABLED` is false. Throws {@link EnvironmentError}, which
 * names the variable and what is wrong with its file, never the path or the content.
 */
export function readTls(env: TlsEnv): Tls | undefined {
  if (!env.SSL_ENABLED) return undefined;
  const cert = readFile(env, 'SSL_CERT_PATH');
  const key = readFile(env, 'SSL_KEY_PATH');
  if (!parseCertificate(cert).checkPrivateKey(parseKey(key))) {
    throw new EnvironmentError(['SSL_KEY_PATH: must be the key of the certificate of SSL_CERT_PATH, and is another']);
  }
  return { cert, key };
}

/** The server's own certificate, or undefined where `SSL_ENABLED` is false. Throws as {@link readTls} does. */
export function readCertificate(env: TlsEnv): X509Certificate | undefined {
  return env.SSL_ENABLED ? parseCertificate(readFile(env, 'SSL_CERT_PATH')) : undefined;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
};

function readFile(env: TlsEnv, variable: 'SSL_CERT_PATH' | 'SSL_KEY_PATH'): Buffer {
  const path = env[variable];
  if (path === undefined) throw new EnvironmentError([`${variable}: must be set where SSL_ENABLED is true`]);
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new EnvironmentError([`${variable}: must be a file that can be read: ${PROBLEMS[code] ?? code}`]);
  }
}

function parseCertificate(pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new EnvironmentError(['SSL_CERT_PATH: must hold a certificate in PEM form, and does not']);
  }
}

function parseKey(pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new EnvironmentError([
      'SSL_KEY_PATH: must hold a private key in PEM form without a passphrase, and does not',
    ]);
  }
}
