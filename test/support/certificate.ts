import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { atEnd } from '../e2e/services/helpers/teardown.js';

export interface CertificateFiles {
  /** PEM of the certificate, to be trusted by a client. */
  ca: string;
  folder: string;
  cert: string;
  key: string;
}

/** A new self-signed certificate for one host name and 127.0.0.1, with its key, in a folder of its own. */
export async function selfSigned(host = 'localhost'): Promise<CertificateFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-tls-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const pem = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [{ type: 2, value: host }, ...(host === 'localhost' ? [{ type: 7 as const, ip: '127.0.0.1' }] : [])],
      },
    ],
  });
  const files = { ca: pem.cert, folder, cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await writeFile(files.cert, pem.cert);
  await writeFile(files.key, pem.private, { mode: 0o600 });
  return files;
}
