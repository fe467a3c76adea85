/**
 * The engine of one process: claim → run → settle, under a lease, with a keeper behind it.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import type { ServedQueue } from '../agents/registry.js';
import { type AgentRunner, inThisThread } from '../agents/runner.js';
import { within } from '../patience.js';
import type { Bus } from '../queue/bus.js';
import type { RedisLink } from '../queue/link.js';
import type { Windows } from '../queue/window.js';
import { type TaskRow, toTask } from '../store/tasks/row.js';
import { stillMine } from '../store/tasks/run.js';
import type { AfterChange } from '../tasks/changes.js';
import { Claimer } from './claimer.js';
import { ClaimsUnderWay } from './claims.js';
import { ClockWatch } from './clock-watch.js';
import { Counters } from './counters.js';
import { Keeper } from './keeper.js';
import { Lease } from './lease.js';
import type { LoopDelay } from './loop.js';
import { Orphans } from './orphans.js';
import type { RetrySettings } from './retry-policy.js';
import { Runs } from './runs.js';
import { Settler } from './settler.js';
import { fenceOf, runKey, Slots } from './slots.js';

/** Milliseconds after the grace in which runs that heed their signal may end by themselves. */
const WIND_UP_MS = 300;
/** Milliseconds that handing back may take after that. */
const HAND_BACK_MS = 600;
/** Milliseconds of a stop that a statement under way, and the end of the lease, may take; on a dead line they would take 20 s. */
const STATEMENT_MS = 200;
/** Milliseconds between two checks of the Redis' epoch. */
const EPOCH_MS = 2000;

export interface EngineDeps {
  sql: postgres.Sql;
  bus: Bus;
  link: RedisLink | null;
  windows: Windows | null;
  served: readonly ServedQueue[];
  afterChange: AfterChange;
  settings: { leaseSeconds: number; concurrency: number; retry: RetrySettings };
  workerId: string;
  workerName: string;
  newId: () => string;
  /** Where agents run; default: in this thread. */
  runner?: AgentRunner;
  /** Claims that others make in this worker's name are to be tracked with it. */
  claims?: ClaimsUnderWay;
  /** Milliseconds since 1970 by this machine, only to compare it with the database's clock; default: the system's. */
  now?: () => number;
  /** 0–1, for jitter. */
  random: () => number;
  log: Logger;
}

export class Engine {
  readonly counters = new Counters();
  readonly #deps: EngineDeps;
  readonly #slots: Slots;
  readonly #lease: Lease;
  readonly #keeper: Keeper;
  readonly #claimer: Claimer;
  readonly #runs: Runs;
  readonly #runner: AgentRunner;
  readonly #orphans: Orphans;
  readonly #clock: ClockWatch;
  readonly #hurry = new AbortController();
  readonly #unsubscribe: (() => void)[] = [];
  #epoch: string | undefined;
  #epochTimer: NodeJS.Timeout | undefined;
  #accepting = false;
  #ended = false;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    const { sql, workerId, log, afterChange, settings, random } = deps;
    this.#slots = new Slots(deps.served, settings.concurrency);
    this.#lease = new Lease({
      sql,
      workerId,
      log,
      name: deps.workerName,
      queues: this.#slots.queueIds,
      leaseSeconds: settings.leaseSeconds,
      load: () => this.#slots.load(),
      renewed: () => this.#compare(),
      lapsed: (heldUpMs) => this.#lapsed(heldUpMs),
    });
    this.#keeper = new Keeper({
      sql,
      leaseSeconds: settings.leaseSeconds,
      afterChange,
      mayJudge: () => this.#lease.held,
      log,
      count: (what, n) => this.counters.add(what, n),
    });
    const claims = deps.claims ?? new ClaimsUnderWay();
    this.#claimer = new Claimer({
      claims,
      sql,
      workerId,
      windows: deps.windows,
      redisUp: () => deps.link?.up ?? false,
      slots: this.#slots,
      mayClaim: () => this.#accepting && this.#lease.held,
      start: (rows) => this.#start(rows),
      random,
      log,
      countIdleHints: (n) => this.counters.add('idleHints', n),
    });
    this.#orphans = new Orphans({ sql, workerId, slots: this.#slots, claims });
    this.#clock = new ClockWatch({ sql, now: deps.now ?? Date.now, alarmed: () => this.counters.add('clockAlarms', 1), log });
    this.#runner = deps.runner ?? inThisThread;
    this.#runs = new Runs({
      ...deps,
      slots: this.#slots,
      settler: new Settler({ sql, workerId, afterChange, log }),
      runner: this.#runner,
      retry: settings.retry,
      counters: this.counters,
      freed: (queueId) => this.#claimer.wake([queueId]),
      retryIn: (ms) => this.#keeper.lookIn(ms),
    });
  }

  /** Life of the Redis in use, for hot copies; undefined while it is down or unknown. */
  get epoch(): string | undefined {
    return this.#deps.link?.up ? this.#epoch : undefined;
  }

  /** Tasks running here now. */
  get running(): number {
    return this.#slots.running.length;
  }

  /** Whether the lease is in force. */
  get healthy(): boolean {
    return this.#lease.held;
  }

  /** How late the event loop of this process was lately. */
  get loopDelay(): LoopDelay {
    return this.#lease.loop.delay();
  }

  /** How far this machine's clock is ahead of the database's, in ms (null: unknown yet), and whether that is too far. */
  get clock(): { aheadMs: number | null; alarm: boolean } {
    return { aheadMs: this.#clock.aheadMs, alarm: this.#clock.alarm };
  }

  /** Takes the lease and begins to claim. Rejects when Postgres cannot be reached. */
  async start(): Promise<void> {
    await this.#lease.start();
    this.#accepting = true;
    const { bus, link } = this.#deps;
    this.#unsubscribe.push(
      bus.onWake((queueIds) => this.#claimer.wake(queueIds)),
      bus.subscribe((event) => {
        const run = event.status === 'cancelled' ? this.#slots.run(event) : undefined;
        if (run !== undefined) this.#runs.abort(run, 'cancelled');
      }),
    );
    if (link !== null) this.#unsubscribe.push(link.onChange((up) => (up ? void this.#checkEpoch('renew') : this.#wakeAll())));
    this.#keeper.start();
    this.#claimer.start();
    await this.#checkEpoch('refill');
    this.#epochTimer = setInterval(() => void this.#checkEpoch('watch'), EPOCH_MS);
    this.#wakeAll();
  }

  /**
   * Stops claiming, waits up to `graceMs` for runs to end, then tells them to stop, ends by force what does not, and hands back what is left without counting a
   * failure. Takes at most the grace and 1.5 s.
   */
  async stop(graceMs: number): Promise<void> {
    this.#accepting = false;
    clearInterval(this.#epochTimer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await within(STATEMENT_MS, Promise.all([this.#claimer.stop(), this.#keeper.stop()]));
    await this.#idle(graceMs);
    this.#runs.abortAll('shutdown');
    await this.#idle(WIND_UP_MS, false);
    // Threads and processes end first, so that nothing of a run happens after its task was handed back. What ignores its signal in this thread is handed back all the
    // same; without Postgres the lease runs out and a rescuer does it.
    await within(STATEMENT_MS, this.#runner.close());
    await within(HAND_BACK_MS, this.#runs.handBack());
    this.#ended = true;
    await within(STATEMENT_MS, Promise.all([this.#runs.stop(), this.#lease.stop()]));
  }

  /** Ends the grace of a stop, under way or to come. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Copies the head of a queue into Redis again, for example after it was resumed. */
  async refill(queueId: string): Promise<void> {
    if (this.#deps.link?.up) await this.#claimer.refill(queueId);
    this.#deps.bus.wake([queueId]);
  }

  /** Waits until nothing runs, but not longer than that, nor after `hurry` unless told so. */
  async #idle(ms: number, hurried = true): Promise<void> {
    if (this.#slots.running.length === 0 || ms <= 0) return;
    const { signal } = this.#hurry;
    if (hurried && signal.aborted) return;
    const ended = Promise.all(this.#slots.running.map((run) => run.done));
    const hurry = new Promise((resolve) => hurried && signal.addEventListener('abort', resolve, { once: true }));
    await within(ms, Promise.race([ended, hurry]));
  }

  #wakeAll(): void {
    this.#claimer.wake(this.#slots.queueIds);
  }

  /**
   * Fills all windows again when this Redis lives a new life: flushed, restarted empty, failed over (`watch`), back after an outage (`renew`, which begins a
   * new life, so that hot copies from before it are never read), or new to this process (`refill`).
   */
  async #checkEpoch(how: 'watch' | 'refill' | 'renew'): Promise<void> {
    if (!this.#deps.link?.up || this.#deps.windows === null) return;
    const epoch = await this.#deps.windows.epoch(this.#deps.newId(), how === 'renew');
    if (epoch === undefined || (epoch === this.#epoch && how === 'watch')) return;
    this.#epoch = epoch;
    await Promise.all(this.#slots.queueIds.map((queueId) => this.#claimer.refill(queueId)));
  }

  #start(rows: TaskRow[]): void {
    // Claimed by a statement that outlived the stop: the lease is over, so a rescuer takes them at once.
    if (!this.#ended) this.#runs.start(rows);
  }

  /** After each renewal: what runs here and what Postgres says runs here must be the same. */
  async #compare(): Promise<void> {
    const runs = this.#slots.running.map(fenceOf);
    if (runs.length > 0) {
      const mine = new Set((await stillMine(this.#deps.sql, this.#deps.workerId, runs)).map(runKey));
      this.#runs.stopStale(runs.filter((run) => !mine.has(runKey(run))));
    }
    const orphans = this.#ended ? [] : await this.#orphans.look();
    if (orphans.length > 0) {
      this.counters.add('orphans', orphans.length);
      this.#deps.log.warn({ tasks: orphans.map(({ id }) => id) }, 'tasks whose claim had no reply are handed back');
      await Promise.all(orphans.map((row) => this.#runs.settle(toTask(row), { kind: 'returned' })));
    }
    await this.#clock.look();
  }

  /** Others have judged this process dead: its runs stop, and whoever has taken their tasks goes on with them. */
  #lapsed(heldUpMs: number): void {
    this.counters.add('lapses', 1);
    const running = this.#slots.running.length;
    this.#deps.log.error(
      { heldUpMs: Math.round(heldUpMs), running },
      'this process was held up beyond its lease; its runs are stopped',
    );
    this.#runs.abortAll('lapsed');
  }
}
