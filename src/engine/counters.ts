/** What the engine counts since its start: totals, and the newest durations for quantiles. */

/** Durations kept of each kind. */
const KEPT = 1000;

/**
 * `staleWrites`, `staleProgress`, `staleFiles`: results, progress and files that were refused because the task was no longer the run's · `lapses`: times that this
 * process was held up for longer than its lease · `orphans`: tasks claimed by a claim whose reply was lost, handed back · `poison`: tasks put aside because they brought
 * down a process of their own · `clockAlarms`: comparisons that found this machine's clock off.
 */
export type Total =
  | 'claimed'
  | 'staleProgress'
  | 'staleFiles'
  | 'lapses'
  | 'orphans'
  | 'poison'
  | 'clockAlarms'
  | 'completed'
  | 'failed'
  | 'retry'
  | 'returned'
  | 'staleWrites'
  | 'idleHints'
  | 'rescued'
  | 'expired'
  | 'promoted'
  | 'stale';
export type Duration = 'waitMs' | 'runMs';

export class Counters {
  readonly #totals = new Map<Total, number>();
  readonly #durations = new Map<Duration, number[]>();

  add(what: Total, count: number): void {
    this.#totals.set(what, (this.#totals.get(what) ?? 0) + count);
  }

  total(what: Total): number {
    return this.#totals.get(what) ?? 0;
  }

  observe(what: Duration, ms: number): void {
    const kept = this.#durations.get(what) ?? [];
    kept.push(ms);
    if (kept.length > KEPT) kept.shift();
    this.#durations.set(what, kept);
  }

  /** The quantile (0–1) of the newest durations in ms; null before the first. */
  quantile(what: Duration, q: number): number | null {
    const sorted = [...(this.#durations.get(what) ?? [])].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null;
  }
}
