/**
 * The engine of one process: claim → run → settle, under a lease, with a keeper behind it.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import type { OutputFile } from '../agents/contract.js';
import type { ServedQueue } from '../agents/registry.js';
import { within } from '../patience.js';
import type { Bus } from '../queue/bus.js';
import type { RedisLink } from '../queue/link.js';
import type { Windows } from '../queue/window.js';
import { type TaskRow, toTask } from '../store/tasks/row.js';
import { type Fence, type Outcome, stillMine } from '../store/tasks/run.js';
import type { AfterChange } from '../tasks/changes.js';
import type { Task } from '../tasks/model.js';
import { Claimer } from './claimer.js';
import { Counters } from './counters.js';
import { inputFiles, keepOutputFile } from './files.js';
import { Keeper } from './keeper.js';
import { Lease } from './lease.js';
import { ProgressWriter } from './progress.js';
import { afterFailure, errorLine, type RetrySettings, RunAborted } from './retry-policy.js';
import { runTask, whyAborted } from './run.js';
import { Settler } from './settler.js';
import { fenceOf, type Run, runKey, Slots } from './slots.js';

/** Milliseconds that handing back may take after the grace. */
const HAND_BACK_MS = 1500;
/** Milliseconds of a stop that a statement under way, and the end of the lease, may take; on a dead line they would take 20 s. */
const STATEMENT_MS = 500;
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
  readonly #progress: ProgressWriter;
  readonly #settler: Settler;
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
    });
    this.#keeper = new Keeper({
      sql,
      leaseSeconds: settings.leaseSeconds,
      afterChange,
      log,
      count: (what, n) => this.counters.add(what, n),
    });
    this.#claimer = new Claimer({
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
    this.#progress = new ProgressWriter({
      sql,
      workerId,
      log,
      written: (runs) => this.#publishProgress(runs),
      stale: (runs) => this.#stopStale(runs),
    });
    this.#settler = new Settler({ sql, workerId, afterChange, log });
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

  /** Takes the lease and begins to claim. Rejects when Postgres cannot be reached. */
  async start(): Promise<void> {
    await this.#lease.start();
    this.#accepting = true;
    const { bus, link } = this.#deps;
    this.#unsubscribe.push(
      bus.onWake((queueIds) => this.#claimer.wake(queueIds)),
      bus.subscribe((event) => {
        const run = event.status === 'cancelled' ? this.#slots.run(event) : undefined;
        if (run !== undefined) this.#abort(run, 'cancelled');
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
   * Stops claiming, waits up to `graceMs` for runs to end, then tells them to stop and hands back what is left without counting a failure.
   */
  async stop(graceMs: number): Promise<void> {
    this.#accepting = false;
    clearInterval(this.#epochTimer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await within(STATEMENT_MS, Promise.all([this.#claimer.stop(), this.#keeper.stop()]));
    await this.#idle(graceMs);
    for (const run of this.#slots.running) this.#abort(run, 'shutdown');
    await this.#idle(HAND_BACK_MS / 2);
    // What ignores its signal is handed back all the same; without Postgres the lease runs out and a rescuer does it. What has ended
    // and only waits to be settled is not handed back: its result would be thrown away.
    const left = this.#slots.running.map((run) => (run.outcome ? run.done : this.#settle(run.task, { kind: 'returned' })));
    await within(HAND_BACK_MS / 2, Promise.allSettled(left));
    this.#ended = true;
    await within(STATEMENT_MS, Promise.all([this.#progress.stop(), this.#lease.stop()]));
  }

  /** Copies the head of a queue into Redis again, for example after it was resumed. */
  async refill(queueId: string): Promise<void> {
    if (this.#deps.link?.up) await this.#claimer.refill(queueId);
    this.#deps.bus.wake([queueId]);
  }

  async #idle(ms: number): Promise<void> {
    if (this.#slots.running.length === 0 || ms <= 0) return;
    await within(ms, Promise.all(this.#slots.running.map((run) => run.done)));
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
    if (this.#ended) return;
    this.#deps.afterChange(rows);
    this.counters.add('claimed', rows.length);
    for (const row of rows) {
      this.counters.observe('waitMs', Math.max(0, (row.started_at?.getTime() ?? 0) - row.ready_at.getTime()));
      const run: Run = {
        task: toTask(row),
        inputFiles: row.input_files,
        controller: new AbortController(),
        outcome: undefined,
        done: Promise.resolve(),
      };
      this.#slots.begin(run);
      run.done = this.#run(run).catch((error: unknown) => {
        this.#deps.log.error({ err: error, task: run.task.id }, 'a run ended in a defect of the engine');
      });
    }
  }

  async #run(run: Run): Promise<void> {
    const { task } = run;
    const startedAt = performance.now();
    try {
      run.outcome = await this.#outcomeOf(run).catch((error: unknown) => this.#defect(run, error));
      this.#progress.forget(fenceOf(run));
      if (run.outcome !== null) await this.#settle(task, run.outcome);
    } finally {
      const ranMs = performance.now() - startedAt;
      this.counters.observe('runMs', ranMs);
      this.#slots.end(run, run.outcome?.kind === 'completed' ? ranMs : null);
      this.#claimer.wake(this.#slots.sharing(task.agentId));
    }
  }

  async #outcomeOf(run: Run): Promise<Outcome | null> {
    const { task, controller } = run;
    const agent = this.#slots.agent(task.agentId);
    if (agent === undefined) throw new Error(`no agent for queue ${task.agentId}`);
    const log = this.#deps.log.child({ task: task.id, agent: agent.id, attempt: task.attempt });
    const deps = {
      retry: this.#deps.settings.retry,
      random: this.#deps.random,
      progress: (percent: number, step: string, description: string) => {
        if (!controller.signal.aborted) this.#progress.tell(fenceOf(run), percent, step, description);
      },
      log: (message: string, details?: Record<string, unknown>) => log.info({ details }, message),
      attach: (file: OutputFile) => {
        const kept = this.#attach(run, file);
        // An agent that does not wait for it must not end the process.
        kept.catch((error: unknown) => log.debug({ err: error }, 'a file was not kept'));
        return kept;
      },
      files: run.inputFiles === 0 ? [] : await inputFiles(this.#deps.sql, task.id),
    };
    return runTask(agent, task, deps, controller);
  }

  /** Whatever goes wrong around a run ends the run: a task that nobody settles would stay as it is until its time-out. */
  #defect({ task }: Run, error: unknown): Outcome {
    const { log, settings, random } = this.#deps;
    log.error({ err: error, task: task.id }, 'a run ended in a defect of its agent or of the engine');
    return afterFailure({ reason: 'error', message: errorLine(error) }, task, settings.retry, random(), false);
  }

  async #attach(run: Run, file: OutputFile): Promise<void> {
    const { sql, workerId, newId } = this.#deps;
    const kept = await keepOutputFile(sql, workerId, fenceOf(run), file, newId);
    if (kept === 'kept') return;
    this.#abort(run, 'stale');
    run.controller.signal.throwIfAborted();
  }

  async #settle(task: Task, outcome: Outcome): Promise<void> {
    const end = await this.#settler.settle(task, outcome);
    this.counters.add(end === 'stale' ? 'staleWrites' : outcome.kind, 1);
    if (end === 'settled' && outcome.kind === 'retry') this.#keeper.lookIn(outcome.delayMs);
  }

  /** Stops runs that are no longer this worker's. */
  async #compare(): Promise<void> {
    const runs = this.#slots.running.map(fenceOf);
    if (runs.length === 0) return;
    const mine = new Set((await stillMine(this.#deps.sql, this.#deps.workerId, runs)).map(runKey));
    this.#stopStale(runs.filter((run) => !mine.has(runKey(run))));
  }

  #stopStale(fences: readonly Fence[]): void {
    for (const fence of fences) {
      const run = this.#slots.run(fence);
      if (run !== undefined) this.#abort(run, 'stale');
    }
  }

  #abort(run: Run, why: RunAborted['why']): void {
    if (whyAborted(run.controller.signal) === null) run.controller.abort(new RunAborted(why));
  }

  #publishProgress(fences: readonly Fence[]): void {
    const runs = fences.flatMap((fence) => this.#slots.run(fence) ?? []);
    this.#deps.bus.publish(
      runs.map(({ task }) => ({
        kind: 'progress' as const,
        taskId: task.id,
        cardId: task.cardId,
        guildId: task.guildId,
        channelId: task.channelId,
        agentId: task.agentId,
        status: 'in_progress' as const,
        attempt: task.attempt,
        revision: task.revision,
      })),
    );
  }
}
