import type { SampleUser } from '../../apps/auth/src/sample-users.js';

/** Its message is one line for the person at the terminal. */
export class LoginRefused extends Error {}

/** Logs in through the gateway; returns the access token. */
export async function logIn(url: string, { email, password }: SampleUser): Promise<string> {
  let response: Response;
  try {
    response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
      signal: AbortSignal.timeout(10_000),
    });
  } catch (error) {
    throw new LoginRefused(`${url} does not answer: ${explain(error)}`);
  }
  const body = (await response.json().catch(() => ({}))) as { accessToken?: unknown; error?: { message?: string } };
  if (typeof body.accessToken === 'string') return body.accessToken;
  throw new LoginRefused(
    `The login of ${email} was refused (${response.status}): ${body.error?.message ?? 'no reason given'}`,
  );
}

function explain(error: unknown): string {
  const { code = '' } = ((error as Error).cause ?? {}) as { code?: string };
  if (!/CERT|SELF_SIGNED|ISSUER/.test(code)) return 'is the gateway running (npm start)?';
  return `its certificate is not trusted here (${code}); NODE_EXTRA_CA_CERTS=<file> adds one`;
}
