/**
 * The claimer: brings tasks into free slots.
 *
 * One pass at a time: take hints of all queues that may have work (one pipeline), claim them (one statement), start what is ours; again while a queue gave
 * as much as was asked. Every 2 s (or every 250–1,000 ms in database-only mode) a pass goes straight to Postgres, which finds every task whose hint was lost. A wake-up
 * during a pass is kept for the next one.
 *
 * Taking with LMPOP after a wake-up over pub/sub, rather than blocking in BLMPOP: one blocking command cannot ask for different numbers of several queues, blocks a
 * connection per queue, and cannot span slots of a Redis Cluster; here two connections serve any number of agents.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { WINDOW, type Windows } from '../queue/window.js';
import { isConnectionError } from '../store/database.js';
import { claimHinted, claimOldest, headOfQueue } from '../store/tasks/claim.js';
import type { TaskRow } from '../store/tasks/row.js';
import type { ClaimsUnderWay } from './claims.js';
import type { Slots } from './slots.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Milliseconds between two direct claims with Redis. */
const DIRECT_MS = 2000;
/** The same without Redis: at least, and how much chance adds, so that processes do not come together. */
const POLL_MS = 250;
const POLL_JITTER_MS = 500;

export interface ClaimerDeps {
  sql: postgres.Sql;
  workerId: string;
  /** Null in a process that never uses Redis. */
  windows: Windows | null;
  /** Whether Redis is usable now. */
  redisUp(): boolean;
  slots: Slots;
  /** Every claim is tracked there until its rows are handed to `start`. */
  claims: ClaimsUnderWay;
  /** Whether this process may claim (its lease is in force and it is not stopping). */
  mayClaim(): boolean;
  start(rows: TaskRow[]): void;
  random: () => number;
  log: Logger;
  /** Hints that claimed nothing, for the metrics. */
  countIdleHints(hints: number): void;
}

export class Claimer {
  readonly #deps: ClaimerDeps;
  readonly #due = new Set<string>();
  readonly #refilling = new Map<string, Promise<void>>();
  #passing: Promise<void> | undefined;
  #polls = 0;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: ClaimerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#passing;
    await Promise.all(this.#refilling.values());
  }

  /** These queues may have work, or a slot of theirs has become free. */
  wake(queueIds: Iterable<string>): void {
    for (const queueId of queueIds) if (this.#deps.slots.agent(queueId) !== undefined) this.#due.add(queueId);
    this.#pass();
  }

  /** Copies the head of a queue into its windows again; without a priority all four. One refill of a list at a time. */
  async refill(queueId: string, priorities: readonly number[] = [0, 1, 2, 3]): Promise<void> {
    await Promise.all(priorities.map((priority) => this.#refillOne(queueId, priority)));
  }

  #refillOne(queueId: string, priority: number): Promise<void> {
    const { windows, sql, log } = this.#deps;
    const key = `${priority}:${queueId}`;
    const under = this.#refilling.get(key);
    if (under !== undefined || windows === null) return under ?? Promise.resolve();
    const work = windows
      .mark(queueId, priority)
      .then(async (marked) => windows.refill(queueId, priority, await headOfQueue(sql, queueId, priority, WINDOW + 1), marked))
      .then(() => {
        this.#due.add(queueId);
        this.#pass();
      })
      .catch((error: unknown) => log.warn({ err: error, queueId }, 'a window could not be refilled; tasks are claimed directly'))
      .finally(() => this.#refilling.delete(key));
    this.#refilling.set(key, work);
    return work;
  }

  /** The slow poll behind every hint. */
  #tick(): void {
    if (this.#stopped) return;
    const pauseMs = this.#deps.redisUp() ? DIRECT_MS : POLL_MS + POLL_JITTER_MS * this.#deps.random();
    this.#timer = setTimeout(() => {
      void this.#afterPass(() => this.#poll()).finally(() => this.#tick());
    }, pauseMs);
  }

  /** At the end of the event-loop turn: runs that were settled together free their slots one after the other, and are to be replaced together. */
  #pass(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#passing !== undefined || this.#stopped || this.#due.size === 0) return;
      void this.#afterPass(() => this.#drain());
    });
  }

  /** Runs the work when no other pass is under way. */
  async #afterPass(work: () => Promise<void>): Promise<void> {
    while (this.#passing !== undefined) await this.#passing;
    if (this.#stopped || !this.#deps.mayClaim()) return;
    this.#passing = work()
      .then(() => {
        this.#passing = undefined;
        // What woke during this pass.
        if (this.#deps.slots.free(this.#due).length > 0) this.#pass();
      })
      .catch((error: unknown) => {
        // No pass at once: the slow poll looks again, in its own time.
        this.#passing = undefined;
        this.#deps.log[isConnectionError(error) ? 'debug' : 'error']({ err: error }, 'claiming failed; it is tried again');
      });
    await this.#passing;
  }

  async #drain(): Promise<void> {
    while (!this.#stopped && this.#deps.mayClaim()) {
      const wanted = this.#deps.slots.free(this.#due);
      if (wanted.length === 0) return;
      // Cleared before looking: what wakes from here on is looked at again.
      for (const { queueId } of wanted) this.#due.delete(queueId);
      if (!this.#deps.redisUp()) {
        await this.#claimDirectly(wanted.map(({ queueId }) => queueId));
        continue;
      }
      await this.#claimHints(wanted);
    }
  }

  /** Claims directly; a task found so had no hint, so its windows are filled again, lest the rest of them wait for the next poll too. */
  async #poll(): Promise<void> {
    const { queueIds } = this.#deps.slots;
    // Another one first each time, so that none of those that share slots is always the last.
    this.#polls += 1;
    const first = this.#polls % Math.max(1, queueIds.length);
    const found = await this.#claimDirectly([...queueIds.slice(first), ...queueIds.slice(0, first)]);
    if (this.#deps.redisUp()) for (const queueId of found) void this.refill(queueId);
  }

  async #claimHints(wanted: { queueId: string; slots: number }[]): Promise<void> {
    const { windows, sql, workerId, countIdleHints } = this.#deps;
    const taken = (await windows?.take(wanted)) ?? [];
    const hints = taken.flatMap((queue) => queue.ids);
    // Whoever can write to Redis can put anything there; a text that is no id would fail the statement for its neighbours.
    const ids = hints.filter((hint) => UUID.test(hint));
    for (const { queueId, ids: some, thin } of taken) {
      // LMPOP takes of one list only, so any hint may mean more in the next list.
      if (some.length > 0) this.#due.add(queueId);
      if (thin.length > 0) void this.refill(queueId, thin);
    }
    if (hints.length === 0) return;
    const rows = ids.length === 0 ? [] : await this.#deps.claims.track(() => claimHinted(sql, workerId, ids));
    countIdleHints(hints.length - rows.length);
    if (rows.length > 0) this.#deps.start(rows);
  }

  /** @returns the queues of which something was claimed. */
  async #claimDirectly(queueIds: readonly string[]): Promise<Set<string>> {
    const { sql, workerId, slots, start } = this.#deps;
    const found = new Set<string>();
    // More than one round only for queues that share slots: each gets what the ones before it left.
    for (let left = queueIds, wanted = slots.free(left); wanted.length > 0; wanted = slots.free(left)) {
      const rows = await this.#deps.claims.track(() => claimOldest(sql, workerId, wanted));
      if (rows.length > 0) start(rows);
      for (const row of rows) found.add(row.agent_id);
      for (const { queueId, slots: asked } of wanted) {
        // As much as was asked: there may be more, once slots are free.
        if (rows.filter((row) => row.agent_id === queueId).length >= asked) this.#due.add(queueId);
      }
      const asked = new Set(wanted.map(({ queueId }) => queueId));
      left = left.filter((queueId) => !asked.has(queueId));
    }
    return found;
  }
}
