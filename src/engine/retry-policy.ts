/**
 * The one place that decides whether a failed run is tried again, and when.
 */
import { PermanentError } from '../agents/contract.js';
import type { Outcome } from '../store/tasks/run.js';
import { isStorable, type TaskError } from '../tasks/model.js';

export interface RetrySettings {
  baseRetryDelaySeconds: number;
  maxRetryDelaySeconds: number;
}

/** Longest error message kept, in characters. */
const MESSAGE_LENGTH = 500;

/** Why a run was aborted: the reason of its signal. */
export class RunAborted extends Error {
  override readonly name = 'AbortError';
  readonly why: 'cancelled' | 'soft_timeout' | 'hard_timeout' | 'shutdown' | 'stale' | 'lapsed';
  constructor(why: RunAborted['why']) {
    super(
      {
        cancelled: 'The task was cancelled.',
        soft_timeout: 'The task has used up its time; wind up now.',
        hard_timeout: 'The task has used up all its time.',
        shutdown: 'The process is stopping; the task is handed back.',
        stale: 'The task was taken back from this process.',
        lapsed: 'This process was held up for longer than its lease; the task is handed back.',
      }[why],
    );
    this.why = why;
  }
}

/**
 * Milliseconds until retry number `retry` (0 for the first): base × 2^retry, capped, of which the upper half is random, so that tasks that failed
 * together do not come back together.
 * @param random from 0 to 1.
 */
export function retryDelayMs(retry: number, settings: RetrySettings, random: number): number {
  const full = Math.min(settings.baseRetryDelaySeconds * 2 ** Math.min(retry, 30), settings.maxRetryDelaySeconds) * 1000;
  return Math.round(full / 2 + (full / 2) * random);
}

/** One readable line about an error, without control characters or anything that cannot be stored. */
export function errorLine(error: unknown): string {
  const line =
    wordsOf(error)
      .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
      .trim() || 'The agent failed without saying why.';
  const cut = [...line].slice(0, MESSAGE_LENGTH).join('');
  return isStorable(cut) ? cut : 'The agent failed with a message that cannot be shown.';
}

/** Agents throw anything: an error whose message is no text, or what cannot be made text at all. */
function wordsOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message || error.name) : String(error);
  } catch {
    // Nothing to log: the line below says that the agent gave no reason.
    return '';
  }
}

/** The outcome of a failed run. `failures`: before this run. */
export function afterFailure(
  error: TaskError,
  task: { failures: number; maxRetries: number },
  settings: RetrySettings,
  random: number,
  permanent: boolean,
): Outcome {
  if (permanent || task.failures >= task.maxRetries) return { kind: 'failed', error };
  return { kind: 'retry', error, delayMs: retryDelayMs(task.failures, settings, random) };
}

/** Whether trying again cannot help. Known by name too, because an agent from another module may carry another copy of the class. */
export function isPermanent(error: unknown): boolean {
  return error instanceof PermanentError || (error instanceof Error && error.name === 'PermanentError');
}
