/** The runs of this process: from claimed rows to settled outcomes. */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import type { OutputFile } from '../agents/contract.js';
import type { AgentRunner } from '../agents/runner.js';
import type { Bus } from '../queue/bus.js';
import { type TaskRow, toTask } from '../store/tasks/row.js';
import type { Fence, Outcome } from '../store/tasks/run.js';
import type { AfterChange } from '../tasks/changes.js';
import type { Task } from '../tasks/model.js';
import type { Counters } from './counters.js';
import { inputFiles, keepOutputFile } from './files.js';
import { ProgressWriter } from './progress.js';
import { afterFailure, errorLine, type RetrySettings, RunAborted } from './retry-policy.js';
import { type RunDeps, runTask, whyAborted } from './run.js';
import type { Settler } from './settler.js';
import { fenceOf, type Run, type Slots } from './slots.js';
import { Suspects } from './suspects.js';

export interface RunsDeps {
  sql: postgres.Sql;
  bus: Bus;
  workerId: string;
  slots: Slots;
  settler: Settler;
  runner: AgentRunner;
  retry: RetrySettings;
  counters: Counters;
  afterChange: AfterChange;
  newId: () => string;
  random: () => number;
  /** A slot of the queue has become free. */
  freed(queueId: string): void;
  /** A task is to be tried again in so many ms. */
  retryIn(ms: number): void;
  log: Logger;
}

export class Runs {
  readonly #deps: RunsDeps;
  readonly #progress: ProgressWriter;
  readonly #suspects: Suspects;

  constructor(deps: RunsDeps) {
    this.#deps = deps;
    const { sql, workerId, log } = deps;
    this.#suspects = new Suspects(sql, workerId);
    this.#progress = new ProgressWriter({
      sql,
      workerId,
      log,
      written: (runs) => this.#publishProgress(runs),
      stale: (runs) => this.#refusedProgress(runs),
    });
  }

  /** Begins the runs of tasks that were claimed. */
  start(rows: readonly TaskRow[]): void {
    const { afterChange, counters, slots, log } = this.#deps;
    afterChange(rows);
    counters.add('claimed', rows.length);
    for (const row of rows) {
      counters.observe('waitMs', Math.max(0, (row.started_at?.getTime() ?? 0) - row.ready_at.getTime()));
      const run: Run = {
        task: toTask(row),
        inputFiles: row.input_files,
        controller: new AbortController(),
        outcome: undefined,
        done: Promise.resolve(),
      };
      slots.begin(run);
      run.done = this.#run(run).catch((error: unknown) => {
        log.error({ err: error, task: run.task.id }, 'a run ended in a defect of the engine');
      });
    }
  }

  /** Tells a run to stop; the first reason counts. */
  abort(run: Run, why: RunAborted['why']): void {
    if (whyAborted(run.controller.signal) === null) run.controller.abort(new RunAborted(why));
  }

  abortAll(why: RunAborted['why']): void {
    for (const run of this.#deps.slots.running) this.abort(run, why);
  }

  /** Stops runs that are no longer this worker's. */
  stopStale(fences: readonly Fence[]): void {
    for (const fence of fences) {
      const run = this.#deps.slots.run(fence);
      if (run !== undefined) this.abort(run, 'stale');
    }
  }

  /** Hands back what runs, without a failure counted. What has ended and only waits to be settled is not: its result would be thrown away. */
  async handBack(): Promise<void> {
    const left = this.#deps.slots.running.map((run) => (run.outcome ? run.done : this.settle(run.task, { kind: 'returned' })));
    await Promise.allSettled(left);
  }

  /** Writes how a run ended, with the fence. */
  async settle(task: Task, outcome: Outcome): Promise<void> {
    const { settler, counters, retryIn } = this.#deps;
    const end = await settler.settle(task, outcome);
    counters.add(end === 'stale' ? 'staleWrites' : outcome.kind, 1);
    if (end === 'stale') return;
    if (outcome.kind === 'retry') retryIn(outcome.delayMs);
    if (outcome.kind === 'failed' && outcome.error.reason === 'poison') counters.add('poison', 1);
  }

  /** Ends the writing of progress. */
  async stop(): Promise<void> {
    await this.#progress.stop();
  }

  async #run(run: Run): Promise<void> {
    const { counters, slots, freed } = this.#deps;
    const startedAt = performance.now();
    try {
      run.outcome = await this.#outcomeOf(run).catch((error: unknown) => this.#defect(run, error));
      this.#progress.forget(fenceOf(run));
      if (run.outcome !== null) await this.settle(run.task, run.outcome);
    } finally {
      const ranMs = performance.now() - startedAt;
      counters.observe('runMs', ranMs);
      slots.end(run, run.outcome?.kind === 'completed' ? ranMs : null);
      freed(run.task.agentId);
    }
  }

  async #outcomeOf(run: Run): Promise<Outcome | null> {
    const { task, controller } = run;
    const { slots, runner, sql } = this.#deps;
    const agent = slots.agent(task.agentId);
    if (agent === undefined) throw new Error(`no agent for queue ${task.agentId}`);
    const files = run.inputFiles === 0 ? [] : await inputFiles(sql, task.id);
    const outcome = await this.#suspects.run(task, runner.isolates(agent), async (alone) => {
      const stopped = stoppedBefore(controller.signal);
      return stopped === undefined
        ? runTask(agent, task, { ...this.#runDeps(run, agent.id), files, alone }, controller)
        : stopped;
    });
    if (outcome !== 'stale') return outcome;
    this.abort(run, 'stale');
    return null;
  }

  #runDeps(run: Run, agentId: string): Omit<RunDeps, 'files' | 'alone'> {
    const { task, controller } = run;
    const { retry, random, runner } = this.#deps;
    const log = this.#deps.log.child({ task: task.id, agent: agentId, attempt: task.attempt });
    return {
      retry,
      random,
      runner,
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
    };
  }

  /** Whatever goes wrong around a run ends the run: a task that nobody settles would stay as it is until its time-out. */
  #defect({ task }: Run, error: unknown): Outcome {
    const { log, retry, random } = this.#deps;
    log.error({ err: error, task: task.id }, 'a run ended in a defect of its agent or of the engine');
    return afterFailure({ reason: 'error', message: errorLine(error) }, task, retry, random(), false);
  }

  async #attach(run: Run, file: OutputFile): Promise<void> {
    const { sql, workerId, newId, counters } = this.#deps;
    const kept = await keepOutputFile(sql, workerId, fenceOf(run), file, newId);
    if (kept === 'kept') return;
    counters.add('staleFiles', 1);
    this.abort(run, 'stale');
    run.controller.signal.throwIfAborted();
  }

  /** Progress that was refused: of a run that has been told to stop or has ended meanwhile it is no surprise. */
  #refusedProgress(fences: readonly Fence[]): void {
    const { slots, counters, log } = this.#deps;
    const surprised = fences.filter((fence) => slots.run(fence)?.controller.signal.aborted === false);
    if (surprised.length === 0) return;
    counters.add('staleProgress', surprised.length);
    log.warn({ tasks: surprised.map(({ taskId }) => taskId) }, 'progress was refused: the tasks are no longer these runs’');
    this.stopStale(surprised);
  }

  #publishProgress(fences: readonly Fence[]): void {
    const runs = fences.flatMap((fence) => this.#deps.slots.run(fence) ?? []);
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

/** The end of a run that was told to stop before it began; undefined: it was not. */
function stoppedBefore(signal: AbortSignal): Outcome | null | undefined {
  const why = whyAborted(signal);
  if (why === null) return undefined;
  return why === 'shutdown' || why === 'lapsed' ? { kind: 'returned' } : null;
}
