/**
 * The state machine of a task: the states, what a pending task may wait for, the legal moves and who may cause each.
 * The CHECK constraints of the schema, the cards, the documentation and the tests all derive from this file.
 */

/** Every status a task can have. */
export const STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

/** Statuses in which a task has ended; only a retry leaves them. */
export const FINAL_STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly Status[];

/** Why a pending task may not start yet. Waiting is a form of `pending`, never a status of its own. */
export const WAITING_REASONS = ['hold', 'delay', 'retry', 'needs', 'answer', 'sleep', 'child'] as const;
export type WaitingReason = (typeof WAITING_REASONS)[number];

/** Reasons that end by the clock alone, at the task's `readyAt`. */
export const TIMED_REASONS = ['delay', 'retry', 'sleep'] as const satisfies readonly WaitingReason[];

/** Who causes a move: a person (requester or moderator), the worker that runs the task, or the keeper (expiry, rescue, time-outs). */
export type Mover = 'person' | 'worker' | 'keeper';

interface Move {
  from: Status;
  to: Status;
  by: readonly Mover[];
}

/** All legal moves. Whatever is not listed is refused. */
export const MOVES = [
  { from: 'pending', to: 'pending', by: ['person', 'keeper'] },
  { from: 'pending', to: 'in_progress', by: ['worker'] },
  { from: 'pending', to: 'cancelled', by: ['person'] },
  { from: 'pending', to: 'failed', by: ['keeper'] },
  { from: 'in_progress', to: 'completed', by: ['worker'] },
  { from: 'in_progress', to: 'failed', by: ['worker', 'keeper', 'person'] },
  { from: 'in_progress', to: 'pending', by: ['worker', 'keeper'] },
  { from: 'in_progress', to: 'cancelled', by: ['person'] },
  { from: 'failed', to: 'pending', by: ['person'] },
  { from: 'cancelled', to: 'pending', by: ['person'] },
] as const satisfies readonly Move[];

/** Whether this mover may move a task from one status to another. */
export function mayMove(from: Status, to: Status, by: Mover): boolean {
  return MOVES.some((move) => move.from === from && move.to === to && (move.by as readonly Mover[]).includes(by));
}

/** Whether the task has ended. */
export function isFinal(status: Status): boolean {
  return (FINAL_STATUSES as readonly Status[]).includes(status);
}

/** Statuses from which a person may retry (`failed` and `cancelled`). */
export const RETRYABLE_STATUSES: readonly Status[] = STATUSES.filter(
  (status) => isFinal(status) && mayMove(status, 'pending', 'person'),
);

/** Statuses from which a person may cancel (`pending` and `in_progress`). */
export const CANCELLABLE_STATUSES: readonly Status[] = STATUSES.filter((status) => mayMove(status, 'cancelled', 'person'));
