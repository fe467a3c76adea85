/** The slots of a process: how many tasks of each queue run here, how many more may, and how long runs take. */
import type { ServedQueue } from '../agents/registry.js';
import type { Fence, Outcome } from '../store/tasks/run.js';
import type { WorkerLoad } from '../store/tasks/workers.js';
import type { Task } from '../tasks/model.js';

/** Weight of the newest run in the moving average of run times. */
const NEWEST_WEIGHT = 0.2;

/** One run under way. */
export interface Run {
  readonly task: Task;
  /** Files that came with it. */
  readonly inputFiles: number;
  readonly controller: AbortController;
  /** What is to be settled, as soon as that is known; null: nothing. */
  outcome: Outcome | null | undefined;
  /** Resolves when its slot is free again. */
  done: Promise<void>;
}

export function fenceOf({ task }: Run): Fence {
  return { taskId: task.id, attempt: task.attempt };
}

/** Tells one run of a task from another. */
export function runKey({ taskId, attempt }: Fence): string {
  return `${taskId}:${attempt}`;
}

export class Slots {
  readonly #queues: Map<string, { served: ServedQueue; slots: number; running: number; meanMs: number | null }>;
  readonly #runs = new Map<string, Run>();

  constructor(served: readonly ServedQueue[], defaultConcurrency: number) {
    this.#queues = new Map(
      served.map((queue) => [
        queue.queueId,
        { served: queue, slots: queue.concurrency ?? defaultConcurrency, running: 0, meanMs: null },
      ]),
    );
  }

  get queueIds(): string[] {
    return [...this.#queues.keys()];
  }

  get running(): Run[] {
    return [...this.#runs.values()];
  }

  /** One run. A task may have two here: one that was cancelled or taken back and winds up, and the next attempt. */
  run(fence: Fence): Run | undefined {
    return this.#runs.get(runKey(fence));
  }

  agent(queueId: string): ServedQueue['agent'] | undefined {
    return this.#queues.get(queueId)?.served.agent;
  }

  /** Queues with free slots, of those asked for. */
  free(queueIds: Iterable<string>): { queueId: string; slots: number }[] {
    return [...queueIds].flatMap((queueId) => {
      const queue = this.#queues.get(queueId);
      const slots = queue === undefined ? 0 : queue.slots - queue.running;
      return slots > 0 ? [{ queueId, slots }] : [];
    });
  }

  begin(run: Run): void {
    this.#runs.set(runKey(fenceOf(run)), run);
    const queue = this.#queues.get(run.task.agentId);
    if (queue) queue.running += 1;
  }

  /** Frees the slot; `ranMs` counts into the mean when the run was completed. */
  end(run: Run, ranMs: number | null): void {
    this.#runs.delete(runKey(fenceOf(run)));
    const queue = this.#queues.get(run.task.agentId);
    if (queue === undefined) return;
    queue.running -= 1;
    if (ranMs !== null) queue.meanMs = queue.meanMs === null ? ranMs : queue.meanMs + NEWEST_WEIGHT * (ranMs - queue.meanMs);
  }

  load(): WorkerLoad {
    return Object.fromEntries(
      [...this.#queues].map(([queueId, { slots, running, meanMs }]) => [
        queueId,
        { slots, running, meanMs: meanMs === null ? null : Math.round(meanMs) },
      ]),
    );
  }
}
