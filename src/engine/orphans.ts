/**
 * Finds what this worker has claimed without knowing: the claim was committed and its reply lost. Nobody else can: the lease is in force, so no rescuer looks, and the
 * task would be running nowhere until its hard time-out.
 *
 * Invariant: a claim that is under way is never taken for an orphan. A task counts as one when two looks have found it, and every claim that was under way at the
 * first of them has been answered by the second.
 */
import type postgres from 'postgres';
import { unknownRuns } from '../store/tasks/orphans.js';
import type { TaskRow } from '../store/tasks/row.js';
import type { ClaimsUnderWay } from './claims.js';
import { fenceOf, runKey, type Slots } from './slots.js';

const keyOf = (row: TaskRow) => runKey({ taskId: row.id, attempt: row.attempt });

export interface OrphanDeps {
  sql: postgres.Sql;
  workerId: string;
  slots: Slots;
  claims: Pick<ClaimsUnderWay, 'oldestAt'>;
}

export class Orphans {
  readonly #deps: OrphanDeps;
  /** When each one was seen first, monotonic ms. */
  #seen = new Map<string, number>();

  constructor(deps: OrphanDeps) {
    this.#deps = deps;
  }

  /** The orphans that are certain now. */
  async look(): Promise<TaskRow[]> {
    const { sql, workerId, slots, claims } = this.#deps;
    const unknown = await unknownRuns(sql, workerId, slots.running.map(fenceOf));
    const { oldestAt } = claims;
    const before = this.#seen;
    const now = performance.now();
    this.#seen = new Map(unknown.map((row) => [keyOf(row), before.get(keyOf(row)) ?? now]));
    return unknown.filter((row) => {
      const seenAt = before.get(keyOf(row));
      const answered = seenAt !== undefined && (oldestAt === null || oldestAt > seenAt);
      return answered && slots.run({ taskId: row.id, attempt: row.attempt }) === undefined;
    });
  }
}
