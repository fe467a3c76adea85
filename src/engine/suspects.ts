/**
 * Suspects: tasks that were aboard of two processes that died. One of them may be what brought the processes down; most of them were only neighbours.
 *
 * Invariant: only a crash alone puts a task aside. A suspect whose agent has a module runs in a process of its own: if that one crashes, this worker is alive to say so
 * (`poison`), and if it does not, the task is done like any other, however often its workers die through others' fault. The alternative, an allowance of
 * crashes, fails the long-running neighbours of a poison task together with it.
 *
 * An agent given in code cannot be had in another process. Its suspects run here, one at a time, and each notes that before it begins; a worker that dies then
 * leaves one culprit, which the rescuer puts aside (store/tasks/keep.ts).
 */
import type postgres from 'postgres';
import { noteAlone } from '../store/tasks/alone.js';
import type { Task } from '../tasks/model.js';
import { persistently } from './settler.js';

/** Deaths of workers after which a task is a suspect. */
const SUSPECT_AFTER = 2;

export class Suspects {
  readonly #sql: postgres.Sql;
  readonly #workerId: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(sql: postgres.Sql, workerId: string) {
    this.#sql = sql;
    this.#workerId = workerId;
  }

  /**
   * Runs the task as it must be run: `run(true)` is in a process of its own. `stale` when the task is no longer this worker's.
   * @param isolates whether its agent can be had in another process.
   */
  async run<T>(task: Task, isolates: boolean, run: (alone: boolean) => Promise<T>): Promise<T | 'stale'> {
    if (task.recoveries < SUSPECT_AFTER) return run(false);
    if (isolates) return (await this.#note(task, 'isolated')) ? run(true) : 'stale';
    const mine = this.#turn.then(async () => ((await this.#note(task, 'ran_alone')) ? run(false) : ('stale' as const)));
    // The next one waits for the end of this, whatever it is.
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #note({ id, attempt }: Task, note: 'isolated' | 'ran_alone'): Promise<boolean> {
    return persistently(() => noteAlone(this.#sql, this.#workerId, { taskId: id, attempt }, note));
  }
}
