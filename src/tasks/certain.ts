/**
 * A change that a person asked for, made certain. When the connection is lost after the statement was sent, nobody knows whether it was committed: "nothing
 * was changed" may be a lie, and to send it again may answer "it is cancelled already" to the one who cancelled it.
 *
 * Invariant: the answer is what happened. The audit event of a change is part of its statement, so the history tells: an event of this kind, by this actor,
 * that was not there before. If it is there, the change is done; if not, it is sent again.
 */
import type postgres from 'postgres';
import { available, isConnectionError } from '../store/database.js';
import { readHistory, readTask } from '../store/tasks/read.js';
import type { TaskRow } from '../store/tasks/row.js';
import { UnavailableError } from './errors.js';
import type { Task } from './model.js';

/** Milliseconds before each look. An interaction is answered within 3 s. */
const PAUSES_MS = [100, 300, 900];
/** Newest events that are looked through. */
const EVENTS = 10;

export interface Asked {
  /** The task as it was when the change was allowed. */
  task: Task;
  /** Name and actor of the audit event that the change makes. */
  event: string;
  actor: string;
}

/**
 * Makes the change. Undefined: it did not apply.
 * @throws UnavailableError when the database does not come back in time; its message says that the outcome is not known if it was sent.
 */
export async function certainly(
  sql: postgres.Sql,
  { task, event, actor }: Asked,
  change: () => Promise<TaskRow | undefined>,
): Promise<TaskRow | undefined> {
  const before = await available(() => readHistory(sql, task.id, EVENTS));
  const known = before.at(-1)?.id ?? '0';
  const made = async () => {
    const events = await readHistory(sql, task.id, EVENTS);
    return events.some((each) => BigInt(each.id) > BigInt(known) && each.event === event && each.actor === actor);
  };
  for (const pauseMs of [...PAUSES_MS, null]) {
    try {
      return await available(change);
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      if (pauseMs === null) throw new UnavailableError(UNKNOWN, error);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const done = await made().catch((lost: unknown) => {
        if (isConnectionError(lost)) return false;
        throw lost;
      });
      if (done) return readTask(sql, task.id);
    }
  }
  throw new UnavailableError(UNKNOWN);
}

const UNKNOWN =
  'The database was lost just now, so it is not known whether this was done. Please look at the task again in a minute.';
