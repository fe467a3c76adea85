/**
 * The keeper: what has to happen by the clock. Every process with a worker runs one; the statements skip what another keeper has locked.
 *
 * due delays and retries → ready · not started in time → expired · tasks of dead workers → rescued · running past the hard time-out → failed.
 *
 * Only a worker whose own lease is in force judges others: one that was held up itself would take back its own tasks first.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { isConnectionError } from '../store/database.js';
import { expireOverdue, failStale, nextDueMs, promoteDue, rescueTasks } from '../store/tasks/keep.js';
import type { TaskRow } from '../store/tasks/row.js';
import { forgetDeadWorkers } from '../store/tasks/workers.js';
import type { AfterChange } from '../tasks/changes.js';

/** Milliseconds between two rounds at most. */
const ROUND_MS = 2000;
/** Seconds past its hard time-out after which a run counts as stale: its own worker comes first. */
const STALE_GRACE_SECONDS = 30;

export interface KeeperDeps {
  sql: postgres.Sql;
  leaseSeconds: number;
  afterChange: AfterChange;
  /** Whether this worker's own lease is in force. */
  mayJudge(): boolean;
  log: Logger;
  /** Counts for the metrics. */
  count(what: 'rescued' | 'expired' | 'promoted' | 'stale', tasks: number): void;
}

export class Keeper {
  readonly #deps: KeeperDeps;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #stopped = false;
  /** Monotonic ms before which nobody is judged: after the start, or after Postgres was away, workers get one lease to renew and to settle. */
  #judgeFrom: number;
  #rounds = 0;
  #nextAt = 0;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    this.#judgeFrom = performance.now() + deps.leaseSeconds * 1000;
  }

  start(): void {
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Looks again in that many ms if the next round is later: something becomes due then. */
  lookIn(ms: number): void {
    if (performance.now() + ms < this.#nextAt) this.#schedule(ms + 5);
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#nextAt = performance.now() + ms;
    this.#timer = setTimeout(() => {
      this.#round = this.#round
        .then(() => this.#work())
        .catch((error: unknown) => {
          if (isConnectionError(error)) this.#judgeFrom = performance.now() + this.#deps.leaseSeconds * 1000;
          this.#deps.log[isConnectionError(error) ? 'debug' : 'error']({ err: error }, 'a round of the keeper failed');
          return ROUND_MS;
        })
        .then((pauseMs) => this.#schedule(pauseMs ?? ROUND_MS));
    }, ms);
  }

  async #work(): Promise<number> {
    const { sql, leaseSeconds } = this.#deps;
    await this.#apply('promoted', () => promoteDue(sql));
    await this.#apply('expired', () => expireOverdue(sql));
    if (performance.now() >= this.#judgeFrom && this.#deps.mayJudge()) {
      await this.#apply('rescued', () => rescueTasks(sql, leaseSeconds));
      await this.#apply('stale', () =>
        failStale(sql, { graceSeconds: STALE_GRACE_SECONDS, orDead: false, guildId: null, actor: 'keeper' }),
      );
    }
    this.#rounds += 1;
    if (this.#rounds % 300 === 0) await forgetDeadWorkers(sql);
    const dueMs = await nextDueMs(sql);
    return dueMs === null ? ROUND_MS : Math.min(ROUND_MS, Math.max(5, dueMs));
  }

  async #apply(what: Parameters<KeeperDeps['count']>[0], statement: () => Promise<TaskRow[]>): Promise<void> {
    const rows = await statement();
    if (rows.length === 0) return;
    this.#deps.count(what, rows.length);
    if (what === 'rescued' || what === 'stale')
      this.#deps.log.warn({ tasks: rows.map((row) => row.id), what }, 'tasks taken from a worker');
    this.#deps.afterChange(rows);
  }
}
