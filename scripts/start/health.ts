import type { X509Certificate } from 'node:crypto';
import { get } from 'node:https';

const ANSWER_MS = 2_000;

/** What is asked, and whose HTTPS it has to be. */
export interface HealthQuestion {
  url: string;
  /** The certificate that an `https` URL is served with. */
  certificate?: X509Certificate | undefined;
}

/** Undefined when healthy, else what was wrong. */
export async function ask({ url, certificate }: HealthQuestion): Promise<string | undefined> {
  try {
    const status = await (certificate ? statusByTls(url, certificate) : statusOf(url));
    return status === 200 ? undefined : `answers ${status}`;
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string } };
    const reason = code ?? cause?.code;
    return reason === undefined ? 'does not answer' : `does not answer (${reason})`;
  }
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  await response.body?.cancel();
  return response.status;
}

/**
 * Accepts this one certificate, whoever issued it and for whatever name: the question is asked from the same machine,
 * by `localhost`, which a real certificate does not name.
 */
function statusByTls(url: string, certificate: X509Certificate): Promise<number | undefined> {
  const options = {
    ca: certificate.toString(),
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
    agent: false,
    signal: AbortSignal.timeout(ANSWER_MS),
  };
  return new Promise((done, failed) => {
    const request = get(url, options, (response) => {
      done(response.statusCode);
      response.destroy();
    });
    request.on('error', failed);
  });
}
