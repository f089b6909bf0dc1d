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
  } catch {
    throw new LoginRefused(`${url} does not answer: is the gateway running (npm start)?`);
  }
  const body = (await response.json().catch(() => ({}))) as { accessToken?: unknown; error?: { message?: string } };
  if (typeof body.accessToken === 'string') return body.accessToken;
  throw new LoginRefused(
    `The login of ${email} was refused (${response.status}): ${body.error?.message ?? 'no reason given'}`,
  );
}
