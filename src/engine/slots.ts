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

/** The slots of one agent. Queues that the same agent serves share them: the default queue, and its agent's own. */
interface Share {
  agent: ServedQueue['agent'];
  slots: number;
  running: number;
  meanMs: number | null;
}

export class Slots {
  readonly #shares: ReadonlyMap<string, Share>;
  readonly #runs = new Map<string, Run>();

  constructor(served: readonly ServedQueue[], defaultConcurrency: number) {
    const byAgent = new Map<string, Share>();
    for (const { agent, concurrency } of served)
      if (!byAgent.has(agent.id))
        byAgent.set(agent.id, { agent, slots: concurrency ?? defaultConcurrency, running: 0, meanMs: null });
    this.#shares = new Map(served.map(({ queueId, agent }) => [queueId, byAgent.get(agent.id) as Share]));
  }

  get queueIds(): string[] {
    return [...this.#shares.keys()];
  }

  get running(): Run[] {
    return [...this.#runs.values()];
  }

  /** One run. A task may have two here: one that was cancelled or taken back and winds up, and the next attempt. */
  run(fence: Fence): Run | undefined {
    return this.#runs.get(runKey(fence));
  }

  agent(queueId: string): ServedQueue['agent'] | undefined {
    return this.#shares.get(queueId)?.agent;
  }

  /** Queues with free slots, of those asked for. Of queues that share their slots the first one is offered all that are free; the others have to ask again. */
  free(queueIds: Iterable<string>): { queueId: string; slots: number }[] {
    const offered = new Set<Share>();
    const free: { queueId: string; slots: number }[] = [];
    for (const queueId of queueIds) {
      const share = this.#shares.get(queueId);
      if (share === undefined || offered.has(share) || share.running >= share.slots) continue;
      offered.add(share);
      free.push({ queueId, slots: share.slots - share.running });
    }
    return free;
  }

  /** The queues that get work when a slot of this one becomes free: itself last, so that queues that share slots take turns. */
  sharing(queueId: string): string[] {
    const share = this.#shares.get(queueId);
    return [...this.#shares]
      .filter(([other, each]) => each === share && other !== queueId)
      .map(([other]) => other)
      .concat(queueId);
  }

  begin(run: Run): void {
    this.#runs.set(runKey(fenceOf(run)), run);
    const share = this.#shares.get(run.task.agentId);
    if (share) share.running += 1;
  }

  /** Frees the slot; `ranMs` counts into the mean when the run was completed. */
  end(run: Run, ranMs: number | null): void {
    this.#runs.delete(runKey(fenceOf(run)));
    const share = this.#shares.get(run.task.agentId);
    if (share === undefined) return;
    share.running -= 1;
    if (ranMs !== null) share.meanMs = share.meanMs === null ? ranMs : share.meanMs + NEWEST_WEIGHT * (ranMs - share.meanMs);
  }

  load(): WorkerLoad {
    return Object.fromEntries(
      [...this.#shares].map(([queueId, { slots, running, meanMs }]) => [
        queueId,
        { slots, running, meanMs: meanMs === null ? null : Math.round(meanMs) },
      ]),
    );
  }
}
