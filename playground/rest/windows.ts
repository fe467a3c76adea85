import type { PlaygroundClock } from '../api.js';
import type { BucketState } from './ratelimits.js';

type About = Pick<BucketState, 'bucket' | 'name' | 'major'>;

interface Window {
  used: number;
  resetAt: number;
  limit: number;
  about: About | undefined;
}

/** Windows of fixed length that begin with their first use. */
export interface Windows {
  /** Counts one use; the milliseconds until the window ends when there is none left. */
  take(key: string, limit: number, windowMs: number, about: About): number | undefined;
  /** The window as it stands; one that has not begun ends a whole length from now. */
  peek(key: string, windowMs: number): { used: number; resetAt: number };
  forget(key: string): void;
  /** Those that have not ended. */
  open(): BucketState[];
  /** How many are remembered, ended or not. */
  kept(): number;
}

/** Below this many windows none is looked for that has ended. */
const FEW = 1_024;

/** No windows. Those that have ended are cleared away whenever their number has doubled: every interaction has one of its own. */
export function createWindows(clock: PlaygroundClock): Windows {
  const windows = new Map<string, Window>();
  let sweepAt = FEW;

  const sweep = (now: number) => {
    for (const [key, window] of windows) if (window.resetAt <= now) windows.delete(key);
    sweepAt = Math.max(FEW, windows.size * 2);
  };

  const current = (key: string, windowMs: number): Window => {
    const now = clock.now();
    const known = windows.get(key);
    if (known && known.resetAt > now) return known;
    if (windows.size >= sweepAt) sweep(now);
    const fresh: Window = { used: 0, resetAt: now + windowMs, limit: 0, about: undefined };
    windows.set(key, fresh);
    return fresh;
  };

  return {
    take(key, limit, windowMs, about) {
      const window = current(key, windowMs);
      window.limit = limit;
      window.about = about;
      if (window.used >= limit) return Math.max(1, window.resetAt - clock.now());
      window.used++;
      return undefined;
    },
    peek: (key, windowMs) => current(key, windowMs),
    forget: (key) => void windows.delete(key),
    kept: () => windows.size,
    open() {
      const now = clock.now();
      return [...windows.values()].flatMap(({ used, resetAt, limit, about }) =>
        about && resetAt > now ? [{ ...about, limit, used, resetAt }] : [],
      );
    },
  };
}
