/**
 * How each state looks: the one table of colours, words and emoji. It is complete by type: a state added to states.ts must be added here.
 */
import type { Priority, Task } from '../../tasks/model.js';
import type { Status, WaitingReason } from '../../tasks/states.js';

export interface Look {
  emoji: string;
  /** As a status: "Running". */
  word: string;
  /** At the end of a count: "3 running". */
  counted: string;
  /** Colour of the embed, 0xRRGGBB. */
  colour: number;
}

export const STATUS_LOOKS: Readonly<Record<Status, Look>> = {
  pending: { emoji: '⏳', word: 'In the queue', counted: 'waiting', colour: 0x8d99ae },
  in_progress: { emoji: '🔵', word: 'Running', counted: 'running', colour: 0x3b82f6 },
  completed: { emoji: '✅', word: 'Done', counted: 'done', colour: 0x22a559 },
  failed: { emoji: '❌', word: 'Failed', counted: 'failed', colour: 0xda373c },
  cancelled: { emoji: '🚫', word: 'Cancelled', counted: 'cancelled', colour: 0x5c6470 },
};

/** Of pending tasks that wait for something else than their turn. `timed`: the words end with the time at which it is over. */
export const WAITING_LOOKS: Readonly<Record<WaitingReason, Look & { timed: boolean }>> = {
  hold: { emoji: '✋', word: 'On hold until someone presses Start', counted: 'on hold', colour: 0x9b8afb, timed: false },
  delay: { emoji: '🕒', word: 'Starts', counted: 'scheduled', colour: 0x9b8afb, timed: true },
  retry: { emoji: '🔁', word: 'Did not work; tries again', counted: 'waiting to try again', colour: 0xf0a020, timed: true },
  needs: { emoji: '🔗', word: 'Waiting for another task', counted: 'waiting for others', colour: 0x9b8afb, timed: false },
  answer: { emoji: '💬', word: 'Waiting for an answer', counted: 'waiting for an answer', colour: 0xf0a020, timed: false },
  sleep: { emoji: '💤', word: 'Resting; goes on', counted: 'resting', colour: 0x9b8afb, timed: true },
  child: { emoji: '🧩', word: 'Waiting for a part of its work', counted: 'waiting for a part', colour: 0x9b8afb, timed: false },
};

export const PRIORITY_LOOKS: Readonly<Record<Priority, { emoji: string; word: string }>> = {
  critical: { emoji: '🔴', word: 'Critical' },
  high: { emoji: '🟠', word: 'High' },
  medium: { emoji: '🟡', word: 'Medium' },
  low: { emoji: '⚪', word: 'Low' },
};

/** The look of a task as it stands. */
export function lookOf(task: Pick<Task, 'status' | 'waitingFor'>): Look {
  return task.waitingFor === null ? STATUS_LOOKS[task.status] : WAITING_LOOKS[task.waitingFor];
}
