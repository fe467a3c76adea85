import { DiscordError } from '../errors.js';
import type { RateScope } from './ratelimits.js';
import type { RestAnswer } from './route.js';

/** An answer with what the ledger and the rate limits want to know of it. */
export interface Result extends RestAnswer {
  headers?: Record<string, string>;
  /** The parsed body of the request, for the ledger. */
  asked?: unknown;
  /** What Discord's own schemas say against it, a line each. */
  violations?: string[];
  bucket?: string;
  /** For a 429. */
  retryAfterMs?: number;
  scope?: RateScope;
  /** `body` as it is sent, made at once: what it shows may be changed by the next request. */
  json?: string | undefined;
  /** A body that is no JSON, and its type; it is what Cloudflare answers in Discord's stead. */
  text?: { body: string; contentType: string };
}

const LIMITED = 'You are being rate limited.';
/** Discord's word for a limit that the resource has, whoever asks (topics/rate-limits, "Exceeded Resource Rate Limit"). */
const RESOURCE_LIMITED = 'The resource is being rate limited.';
/** The words of limits that have a code (topics/opcodes-and-status-codes). */
const WORDS: Record<number, string> = {
  20028: 'The write action you are performing on the channel has hit the write rate limit.',
  20029: 'The write action you are performing on the server has hit the write rate limit.',
  40003: 'You are opening direct messages too fast.',
  40062: 'Service resource is being rate limited.',
};

/**
 * Thrown by handlers that meet a limit of their own (old edits, renames). The answer keeps the headers of the route's bucket,
 * which has uses left: from exactly that discord.js tells that only a part of the route is limited.
 */
export class RateLimited extends Error {
  constructor(
    readonly retryAfterMs: number,
    readonly code = 0,
    message = LIMITED,
    readonly scope: RateScope = 'user',
  ) {
    super(message);
  }
}

/** A 429 in Discord's form. `Retry-After` is whole seconds, `retry_after` has milliseconds. */
export function limited(retryAfterMs: number, scope: RateScope, code = 0, message?: string): Result {
  const text = message ?? WORDS[code] ?? (scope === 'shared' ? RESOURCE_LIMITED : LIMITED);
  return {
    status: 429,
    body: { message: text, retry_after: Math.ceil(retryAfterMs) / 1000, global: scope === 'global', ...(code && { code }) },
    headers: { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)), 'X-RateLimit-Scope': scope },
    retryAfterMs,
    scope,
  };
}

/**
 * While an address is blocked for its invalid requests, Cloudflare answers before Discord sees the request: plain text, no
 * `X-RateLimit` headers, a `Retry-After` of up to an hour (discord-api-docs#5385, #1771).
 */
export function blocked(ms: number): Result {
  return {
    status: 429,
    headers: { 'Retry-After': String(Math.ceil(ms / 1000)), server: 'cloudflare' },
    text: { body: 'error code: 1015', contentType: 'text/plain; charset=UTF-8' },
    retryAfterMs: ms,
  };
}

/** The answer for what a handler threw; what is no refusal is thrown on. */
export function errorResult(error: unknown): Result {
  if (error instanceof DiscordError) return { status: error.status, body: error.toBody() };
  if (error instanceof RateLimited) return limited(error.retryAfterMs, error.scope, error.code, error.message);
  throw error;
}
