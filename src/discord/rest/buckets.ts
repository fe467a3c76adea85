/**
 * Discord's rate-limit buckets as its headers describe them: a request is sent only when its bucket has room. One request per bucket is on its way
 * at a time, so that `remaining` is exact. Nothing is assumed of the size of a bucket before the first answer.
 */
import type { Clock } from './clock.js';

/** Headers of a response, read by name. */
export interface Headers {
  get(name: string): string | null;
}

interface Bucket {
  /** Null: not known yet. */
  remaining: number | null;
  /** Monotonic time at which it is full again. */
  resetAt: number;
  /** Set by a 429: nothing is sent before. */
  blockedUntil: number;
  /** End of the queue of those who wait for the bucket. */
  tail: Promise<void>;
}

/** Added to each reset, for the rounding of headers and timers. */
const MARGIN_MS = 2;

/** `POST /channels/:id/messages` and its major id: what Discord keys its buckets by before the header names one. */
export function routeOf(method: string, path: string): { route: string; major: string } {
  const clean = path.split('?')[0] as string;
  const major = /^\/(?:channels|guilds|webhooks)\/(\d+)/.exec(clean)?.[1] ?? '';
  return { route: `${method.toUpperCase()} ${clean.replace(/\d{15,}/g, ':id')}`, major };
}

export class Buckets {
  readonly #clock: Clock;
  /** Bucket hash by route. */
  readonly #hashes = new Map<string, string>();
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #of(method: string, path: string): Bucket {
    const { route, major } = routeOf(method, path);
    const key = `${this.#hashes.get(route) ?? route}/${major}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#forgetIdle();
      bucket = { remaining: null, resetAt: 0, blockedUntil: 0, tail: Promise.resolve() };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  /** Keeps the memory bounded: a bucket that is full again and unused tells nothing. */
  #forgetIdle(): void {
    if (this.#buckets.size < 2_000) return;
    const now = this.#clock.now();
    for (const [key, bucket] of this.#buckets) {
      if (bucket.resetAt + 60_000 < now && bucket.blockedUntil < now) this.#buckets.delete(key);
    }
  }

  /** Milliseconds until the bucket has room for one request more than `keepFree`; 0: now. */
  delayMs(method: string, path: string, keepFree = 0): number {
    const bucket = this.#of(method, path);
    const now = this.#clock.now();
    const blocked = bucket.blockedUntil - now;
    const limited = bucket.remaining !== null && bucket.remaining <= keepFree ? bucket.resetAt - now : 0;
    return Math.max(0, blocked, limited);
  }

  /** Waits for its turn; the returned function ends it. */
  async turn(method: string, path: string): Promise<() => void> {
    const bucket = this.#of(method, path);
    const before = bucket.tail;
    let end = () => {};
    bucket.tail = new Promise<void>((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }

  /** Takes in what a response says. */
  observe(method: string, path: string, status: number, headers: Headers): void {
    const hash = headers.get('x-ratelimit-bucket');
    const { route } = routeOf(method, path);
    const before = this.#of(method, path);
    if (hash !== null && this.#hashes.get(route) !== hash) this.#hashes.set(route, hash);
    const bucket = this.#of(method, path);
    // Those who queued under the route's own name go first.
    if (bucket !== before) bucket.tail = Promise.all([bucket.tail, before.tail]).then(() => undefined);
    const now = this.#clock.now();
    const remaining = headers.get('x-ratelimit-remaining');
    const resetAfter = Number(headers.get('x-ratelimit-reset-after'));
    if (remaining !== null && Number.isFinite(resetAfter)) {
      bucket.remaining = Number(remaining);
      bucket.resetAt = now + resetAfter * 1000 + MARGIN_MS;
    } else {
      bucket.remaining = null;
    }
    // A 429 while the bucket has room is another limit of that one request (old messages, for example): the caller's matter.
    const another = remaining !== null && Number(remaining) > 0;
    if (status === 429 && headers.get('x-ratelimit-global') === null && !another) {
      bucket.blockedUntil = now + retryAfterMs(headers) + MARGIN_MS;
    }
  }
}

/** How long a 429 asks to wait; 1 s when it does not say. */
export function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 1_000;
}
