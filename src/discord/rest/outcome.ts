/**
 * What came of a request, as a value. The distinction that matters: after `refused`, `rate_limited` and `unreachable` nothing has happened at Discord;
 * after `unknown` it may have, so a create is repeated only with the same nonce.
 */
import { DiscordAPIError, HTTPError, RateLimitError } from '@discordjs/rest';

export type Outcome<Body> =
  | { kind: 'ok'; body: Body }
  /** Discord's answer is no. `code` is Discord's own (0 when it gave none). */
  | { kind: 'refused'; status: number; code: number; message: string }
  | { kind: 'rate_limited'; retryAfterMs: number }
  /** Cut, timed out or 5xx after it was sent. */
  | { kind: 'unknown'; why: string }
  /** It never left this machine. */
  | { kind: 'unreachable'; why: string };

/** Errors of a connection that was never made. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
]);

function codesOf(error: unknown, depth = 0): string[] {
  if (error === null || typeof error !== 'object' || depth > 4) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [...own, ...inner, ...('cause' in error ? codesOf(error.cause, depth + 1) : [])];
}

/** Turns what @discordjs/rest throws into a value; never contains the token. */
export function outcomeOf(error: unknown): Exclude<Outcome<never>, { kind: 'ok' }> {
  if (error instanceof RateLimitError)
    return { kind: 'rate_limited', retryAfterMs: Math.max(error.retryAfter, error.timeToReset, 1) };
  if (error instanceof DiscordAPIError) {
    const code = typeof error.code === 'number' ? error.code : 0;
    return { kind: 'refused', status: error.status, code, message: error.message.slice(0, 500) };
  }
  if (error instanceof HTTPError) return { kind: 'unknown', why: `status ${error.status}` };
  const codes = codesOf(error);
  const why = codes[0] ?? (error instanceof Error ? error.name : 'unknown');
  return codes.some((code) => NOT_SENT.has(code)) ? { kind: 'unreachable', why } : { kind: 'unknown', why };
}
