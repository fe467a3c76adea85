/** A small histogram of durations, kept in memory: counts per bound, so that it costs the same after a year as after a minute. */

/** Upper bounds in milliseconds; what is longer falls into a last bucket without bound. */
const LATENCY_BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2000, 3000] as const;

export interface Histogram {
  observe(milliseconds: number): void;
  /** Counts per bound (not cumulated), the last one being what is longer than all; and the sum in milliseconds. */
  read(): { bounds: readonly number[]; counts: readonly number[]; count: number; sumMs: number };
  /** Smallest bound under which this share (0–1) of the observations lies; null without any; Infinity beyond the last bound. */
  quantile(share: number): number | null;
}

export function createHistogram(bounds: readonly number[] = LATENCY_BOUNDS_MS): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let count = 0;
  let sumMs = 0;
  return {
    observe(milliseconds) {
      const found = bounds.findIndex((bound) => milliseconds <= bound);
      const index = found === -1 ? bounds.length : found;
      counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
      sumMs += milliseconds;
    },
    read: () => ({ bounds, counts: [...counts], count, sumMs }),
    quantile(share) {
      if (count === 0) return null;
      let seen = 0;
      for (const [index, amount] of counts.entries()) {
        seen += amount;
        if (seen >= share * count) return bounds[index] ?? Number.POSITIVE_INFINITY;
      }
      return Number.POSITIVE_INFINITY;
    },
  };
}
