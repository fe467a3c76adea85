/**
 * The process's lease: one row, 15 s, renewed every fifth of it.
 *
 * Invariant: a worker claims only while its lease is in force by the database's clock (the claim tests it). While Postgres cannot be reached, runs go on:
 * nobody else can take them back either, and every write carries the fence. After each renewal the runs are compared with what Postgres says, so a task that was
 * cancelled or taken back is told to stop within one renewal even if its event was lost.
 *
 * A process whose event loop was held up beyond its lease has lapsed: Postgres was there, others have judged it dead, and it cannot know what they did meanwhile. It stops
 * its runs before it does anything else. That the lease ran out while Postgres could not be reached is no lapse.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { endLease, renewLease, type WorkerLoad } from '../store/tasks/workers.js';
import { LoopWatch } from './loop.js';

export interface LeaseDeps {
  sql: postgres.Sql;
  workerId: string;
  /** Host and process, for people. */
  name: string;
  queues: readonly string[];
  leaseSeconds: number;
  load(): WorkerLoad;
  /** Called after each renewal. */
  renewed(): Promise<void>;
  /** Called when this process was held up for so long that its lease ran out. */
  lapsed(heldUpMs: number): void;
  log: Logger;
}

export class Lease {
  readonly #deps: LeaseDeps;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #renewing: Promise<void> = Promise.resolve();
  #trustedUntil = 0;
  readonly loop: LoopWatch;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
    const tickMs = Math.min(500, Math.max(50, deps.leaseSeconds * 100));
    this.loop = new LoopWatch({ tickMs, heldUp: (lastAt, now) => this.#heldUp(lastAt, now) });
  }

  /** Whether the lease is in force as far as this process knows: counted from before the renewal was sent, so that a slow answer cannot stretch it. */
  get held(): boolean {
    return performance.now() < this.#trustedUntil;
  }

  /** Takes the lease; rejects when Postgres cannot be reached. */
  async start(): Promise<void> {
    await this.#renew();
    this.loop.start();
    this.#schedule();
  }

  /** Ends the lease; call it when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.loop.stop();
    await this.#renewing;
    await endLease(this.#deps.sql, this.#deps.workerId).catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'the lease could not be ended; it runs out by itself');
    });
  }

  /** The lease was in force when the loop stopped and is not any more; half a lease of standing still is no slow Postgres. */
  #heldUp(lastAt: number, now: number): void {
    if (now - lastAt < this.#deps.leaseSeconds * 500) return;
    if (lastAt < this.#trustedUntil && this.#trustedUntil <= now) this.#deps.lapsed(now - lastAt);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#renewing = this.#renew()
          .then(() => this.#deps.renewed())
          .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'the lease could not be renewed'))
          .finally(() => this.#schedule());
      },
      (this.#deps.leaseSeconds * 1000) / 5,
    );
  }

  async #renew(): Promise<void> {
    const { sql, workerId, name, queues, load, leaseSeconds } = this.#deps;
    const sentAt = performance.now();
    await renewLease(sql, { id: workerId, name, queues, load: load(), leaseSeconds });
    this.#trustedUntil = sentAt + leaseSeconds * 1000;
  }
}
