/**
 * The write that ends an attempt. Runs that end together are settled in one statement; a run whose work is done waits for Postgres as long as it takes,
 * because only its record is missing.
 *
 * Invariant: exactly one result of a task is accepted, the one that carries the fence. No row changed means: read back. An earlier try of this same
 * settlement was committed and its reply lost → fine, told now; anything else → the run is stale, it is counted and logged, and nothing else happens.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { Batcher } from '../store/batcher.js';
import { isPassing, isPoolEnded } from '../store/database.js';
import { readTask } from '../store/tasks/read.js';
import type { Told } from '../store/tasks/row.js';
import { type Fence, type Outcome, settleRuns } from '../store/tasks/run.js';
import type { AfterChange } from '../tasks/changes.js';
import type { Task } from '../tasks/model.js';

/** Pauses before a statement is sent again, in ms; the last one repeats until Postgres is back. */
const PAUSES_MS = [50, 200, 1000];
/** Settlements in one statement at most. */
const MAX_TOGETHER = 500;

/** Repeats the work until Postgres does it, or the pool is ended. What is wrong with the statement itself is thrown. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || isPoolEnded(error)) throw error;
      await sleep(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
    }
  }
}

export interface SettlerDeps {
  sql: postgres.Sql;
  workerId: string;
  afterChange: AfterChange;
  log: Logger;
}

export class Settler {
  readonly #deps: SettlerDeps;
  readonly #batcher: Batcher<Fence & { outcome: Outcome }, Told | null>;

  constructor(deps: SettlerDeps) {
    this.#deps = deps;
    this.#batcher = new Batcher({ flush: (some) => this.#together(some), maxItems: MAX_TOGETHER, maxFlushes: 2 });
  }

  /** Settles a run: `settled`, or `stale` when the task is no longer this run's. */
  async settle(task: Task, outcome: Outcome): Promise<'settled' | 'stale'> {
    const row = await persistently(async () => {
      const settled = await this.#batcher.add({ taskId: task.id, attempt: task.attempt, outcome });
      return settled ?? this.#settledBefore(task, outcome);
    });
    if (row !== null) return 'settled';
    this.#deps.log.warn(
      { task: task.id, attempt: task.attempt, outcome: outcome.kind },
      'a late result was refused: the task is no longer this run’s',
    );
    return 'stale';
  }

  async #together(some: readonly (Fence & { outcome: Outcome })[]): Promise<(Told | null)[]> {
    const rows = await settleRuns(this.#deps.sql, this.#deps.workerId, some);
    this.#deps.afterChange(rows);
    const settled = new Map(rows.map((row) => [row.id, row]));
    return some.map(({ taskId }) => settled.get(taskId) ?? null);
  }

  async #settledBefore(task: Task, outcome: Outcome): Promise<Told | null> {
    const row = await readTask(this.#deps.sql, task.id);
    if (row === undefined || row.attempt !== task.attempt || row.worker_id !== null) return null;
    const same =
      outcome.kind === 'retry'
        ? row.waiting_for === 'retry'
        : row.status === (outcome.kind === 'returned' ? 'pending' : outcome.kind);
    if (same) this.#deps.afterChange([row]);
    return same ? row : null;
  }
}
