import { createHash } from 'node:crypto';
import type { PlaygroundClock, PlaygroundLimits } from '../api.js';
import type { BucketName, Route } from './route.js';

interface Window {
  used: number;
  resetAt: number;
}

/** What the limiter says to a request. `headers` go on the answer, whatever it is. */
export interface RateVerdict {
  headers: Record<string, string>;
  /** Present when the request is refused. */
  refused?: { retryAfterMs: number; scope: 'user' | 'global'; code?: number };
}

export interface RateLimiter {
  take(route: Route, params: Record<string, string>): RateVerdict;
  /** Edits of messages older than an hour have a small limit of their own per channel; ms to wait when it is used up. */
  takeOldEdit(channelId: string): number | undefined;
  /** The same for changes of a channel's name or topic. */
  takeRename(channelId: string): number | undefined;
  /** Counts a 401, 403 or 429; ms for which the address is blocked when there were too many. */
  noteInvalid(): void;
  blockedForMs(): number;
}

const GLOBAL_WINDOW_MS = 1_000;
const INVALID_WINDOW_MS = 10 * 60_000;
/** Buckets that are not the point: wide enough for any honest bot. */
const GENEROUS: Record<Exclude<BucketName, 'messages' | 'edits'>, [limit: number, windowMs: number]> = {
  general: [100, 1_000],
  commands: [100, 5_000],
  webhooks: [100, 1_000],
  gateway: [100, 5_000],
  threads: [50, 10_000],
};

const hashOf = (name: string) => createHash('md5').update(name).digest('hex').slice(0, 32);

/** Limits as Discord's: windows that start with their first request, by route and top-level id, all on the playground's clock. */
export function createRateLimiter(clock: PlaygroundClock, limits: PlaygroundLimits): RateLimiter {
  const windows = new Map<string, Window>();

  const windowOf = (key: string, windowMs: number): Window => {
    const now = clock.now();
    const known = windows.get(key);
    if (known && known.resetAt > now) return known;
    const fresh = { used: 0, resetAt: now + windowMs };
    windows.set(key, fresh);
    return fresh;
  };

  /** Counts one use; ms to wait when there is none left. */
  const takeOne = (key: string, limit: number, windowMs: number): number | undefined => {
    const window = windowOf(key, windowMs);
    if (window.used >= limit) return Math.max(1, window.resetAt - clock.now());
    window.used++;
    return undefined;
  };

  const sizeOf = (bucket: BucketName): [number, number] => {
    if (bucket === 'messages') return [limits.messagesPerWindow, limits.windowMs];
    if (bucket === 'edits') return [limits.editsPerWindow, limits.windowMs];
    return GENEROUS[bucket];
  };

  return {
    take(route, params): RateVerdict {
      if (route.unlimited) return { headers: {} };
      const [limit, windowMs] = sizeOf(route.bucket);
      // Each route has its own bucket, but for messages and edits, whose name says it all.
      const name = route.bucket === 'messages' || route.bucket === 'edits' ? route.bucket : `${route.method} ${route.path}`;
      const key = `${name}:${route.major ? params[route.major] : ''}`;
      const isGlobal = route.auth === 'bot' ? takeOne('global', limits.globalPerSecond, GLOBAL_WINDOW_MS) : undefined;
      if (isGlobal !== undefined) {
        return { headers: { 'X-RateLimit-Global': 'true' }, refused: { retryAfterMs: isGlobal, scope: 'global' } };
      }
      const wait = takeOne(key, limit, windowMs);
      const window = windowOf(key, windowMs);
      const headers = {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - window.used)),
        'X-RateLimit-Reset': (window.resetAt / 1000).toFixed(3),
        'X-RateLimit-Reset-After': (Math.max(0, window.resetAt - clock.now()) / 1000).toFixed(3),
        'X-RateLimit-Bucket': hashOf(name),
      };
      return wait === undefined ? { headers } : { headers, refused: { retryAfterMs: wait, scope: 'user' } };
    },
    takeOldEdit: (channelId) => takeOne(`old-edits:${channelId}`, limits.oldEditsPerWindow, limits.oldEditWindowMs),
    takeRename: (channelId) => takeOne(`renames:${channelId}`, limits.renamesPerWindow, limits.renameWindowMs),
    noteInvalid: () => void windowOf('invalid', INVALID_WINDOW_MS).used++,
    blockedForMs() {
      const window = windowOf('invalid', INVALID_WINDOW_MS);
      return window.used >= limits.invalidRequestsPer10Minutes ? window.resetAt - clock.now() : 0;
    },
  };
}
