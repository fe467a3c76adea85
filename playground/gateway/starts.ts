import type { Core } from '../core.js';

const DAY_MS = 24 * 60 * 60_000;

/** `session_start_limit` of `GET /gateway/bot`, times in milliseconds. */
export interface StartLimit {
  total: number;
  remaining: number;
  reset_after: number;
  max_concurrency: number;
}

/** Counts IDENTIFYs. */
export interface Starts {
  /** `early`: one with the same key was less than 5 s ago (op 9); `exhausted`: more than are allowed a day. */
  take(shardId: number): 'ok' | 'early' | 'exhausted';
  left(): StartLimit;
  /** A new token begins a new count. */
  reset(): void;
}

/**
 * IDENTIFYs of one bot: one per 5 s and `shard_id % max_concurrency` (gateway.mdx, Max Concurrency), and 1,000 in 24 h over all
 * shards (Identifying). RESUMEs do not count, nor do IDENTIFYs that fail (discord-api-docs#215: "successfully calling").
 * The 24 h begin with the first one.
 */
export function createStarts({ clock, limits }: Core): Starts {
  let used = 0;
  let beganAt = Number.NEGATIVE_INFINITY;
  const lastByKey = new Map<number, number>();
  const renew = () => {
    if (clock.now() - beganAt >= DAY_MS) used = 0;
  };
  return {
    take(shardId) {
      renew();
      const now = clock.now();
      const key = shardId % Math.max(1, limits.maxConcurrency);
      if (now - (lastByKey.get(key) ?? Number.NEGATIVE_INFINITY) < limits.identifyIntervalMs) return 'early';
      if (used >= limits.identifiesPerDay) return 'exhausted';
      if (used === 0) beganAt = now;
      used++;
      lastByKey.set(key, now);
      return 'ok';
    },
    left() {
      renew();
      return {
        total: limits.identifiesPerDay,
        remaining: Math.max(0, limits.identifiesPerDay - used),
        reset_after: used === 0 ? 0 : Math.max(0, beganAt + DAY_MS - clock.now()),
        max_concurrency: limits.maxConcurrency,
      };
    },
    reset() {
      used = 0;
    },
  };
}
