/** What a refusal's body holds. */
export interface Refusal {
  success: false;
  error: { code: string; message: string; fields?: { field: string; message: string }[]; details?: unknown };
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  token?: string;
  /** Sent as JSON; a string is sent as it is, so that it may be broken JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** One HTTP request, its answer's JSON parsed. `T` is what the test expects; the test proves it. */
export async function call<T = Refusal>(method: string, url: string, options: CallOptions = {}): Promise<Answer<T>> {
  const { token, body } = options;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}

/** The names of the wrong fields of a refusal, sorted, once each. */
export function wrongFields(answer: Answer<Refusal>): string[] {
  return [...new Set(answer.body.error.fields?.map(({ field }) => field))].sort();
}
