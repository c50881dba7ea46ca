import { messageOf, ProbityError } from '../errors.ts';

export interface Exchange {
  /** What is asked, for errors: "the time-stamp server". */
  who: string;
  body?: Uint8Array;
  contentType?: string;
  /** Milliseconds for each attempt. */
  timeout?: number;
  /** Attempts after the first. */
  retries?: number;
  /** Bytes of an answer. */
  limit?: number;
}

/**
 * Asks a server over HTTP and reads a bounded answer. Only http and https; what is asked and answered is signed, so plain http is common.
 * @throws ProbityError NETWORK_FAILED
 */
export async function exchange(
  url: string,
  { who, body, contentType, timeout = 10_000, retries = 2, limit = 1 << 20 }: Exchange,
): Promise<Uint8Array> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new ProbityError('NETWORK_FAILED', `${who} has an address that is not http or https`, { where: url });
  for (let attempt = 0; ; attempt++) {
    try {
      return await once(url, body, contentType, timeout, limit);
    } catch (error) {
      // An answer that says no will say no again.
      if (attempt >= retries || error instanceof Refusal)
        throw new ProbityError('NETWORK_FAILED', `${who} did not answer: ${reasonOf(error)}`, {
          where: url,
          cause: error,
        });
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
    }
  }
}

class Refusal extends Error {}

const MOST_REDIRECTS = 3;

/** Asks once; a server may send on within itself, and nowhere else: the user named it, not whom it names. */
async function follow(url: string, init: RequestInit): Promise<Response> {
  let at = new URL(url);
  for (let hops = 0; ; hops++) {
    const response = await fetch(at.href, { ...init, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, at.href) ? new URL(location, at.href) : undefined;
    if (next === undefined || next.origin !== at.origin) throw new Refusal('it sends on to another server');
    // After the older answers, what was posted would be asked for without it.
    if (init.method === 'POST' && response.status !== 307 && response.status !== 308)
      throw new Refusal('it sends on without what was asked');
    if (hops >= MOST_REDIRECTS) throw new Refusal('it sends on and on');
    at = next;
  }
}

async function once(
  url: string,
  body: Uint8Array | undefined,
  contentType: string | undefined,
  timeout: number,
  limit: number,
): Promise<Uint8Array> {
  const response = await follow(url, {
    signal: AbortSignal.timeout(timeout),
    ...(body
      ? {
          method: 'POST',
          body: Buffer.from(body),
          headers: { 'content-type': contentType ?? 'application/octet-stream' },
        }
      : {}),
  });
  if (!response.ok) {
    await response.body?.cancel();
    const message = `it says ${response.status}`;
    throw response.status >= 500 ? new Error(message) : new Refusal(message);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > limit) throw new Refusal(`its answer is longer than ${limit} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it took too long';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause).split('\n')[0] ?? 'unknown';
}
