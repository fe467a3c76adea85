/**
 * Progress on its way to Postgres: only the newest of each run, all of them in one statement, at most every `INTERVAL_MS`.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { isConnectionError } from '../store/database.js';
import { type Fence, writeProgress } from '../store/tasks/run.js';
import { runKey } from './slots.js';

/** Milliseconds between two writes at least: the card shows progress every 2 s at the most. */
const INTERVAL_MS = 250;

interface Entry extends Fence {
  percent: number;
  step: string;
  description: string;
}

export interface ProgressWriterDeps {
  sql: postgres.Sql;
  workerId: string;
  log: Logger;
  /** Called with the runs whose progress is stored. */
  written(runs: readonly Fence[]): void;
  /** Called with the runs that are no longer this worker's. */
  stale(runs: readonly Fence[]): void;
}

export class ProgressWriter {
  readonly #deps: ProgressWriterDeps;
  #newest = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: ProgressWriterDeps) {
    this.#deps = deps;
  }

  /** Remembers the newest progress of a run; what does not fit is cut. */
  tell(run: Fence, percent: number, step: string, description: string): void {
    const bounded = Number.isFinite(percent) ? Math.min(100, Math.max(0, Math.round(percent))) : 0;
    this.#newest.set(runKey(run), { ...run, percent: bounded, step: line(step, 100), description: line(description, 300) });
    this.#timer ??= setTimeout(() => this.#flush(), INTERVAL_MS);
  }

  /** Forgets what is not written yet of a run that ended. */
  forget(run: Fence): void {
    this.#newest.delete(runKey(run));
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#newest.clear();
    await this.#writing;
  }

  #flush(): void {
    this.#timer = undefined;
    const entries = [...this.#newest.values()];
    this.#newest = new Map();
    if (entries.length === 0) return;
    this.#writing = this.#writing.then(() => this.#write(entries));
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    try {
      const written = new Set(await writeProgress(this.#deps.sql, this.#deps.workerId, entries));
      this.#deps.written(entries.filter((entry) => written.has(entry.taskId)));
      this.#deps.stale(entries.filter((entry) => !written.has(entry.taskId)));
    } catch (error) {
      // The next progress of the run will be newer; only the run's end must not be lost.
      const level = isConnectionError(error) ? 'debug' : 'error';
      this.#deps.log[level]({ err: error }, 'progress was not stored');
    }
  }
}

/** One storable line of at most `max` characters. */
function line(text: string, max: number): string {
  const clean = String(text)
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim();
  return [...clean].slice(0, max).join('');
}
