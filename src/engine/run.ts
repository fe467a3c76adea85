/**
 * One run of one task: gives the agent its context, watches the time, and turns what happens into an outcome. It writes nothing itself.
 *
 * Ends: the agent returns → completed · throws → retry or failed · soft time-out → told to wind up; its result still counts, its error is a time-out · hard
 * time-out → failed at once · shutdown, or a process that could not renew its lease → handed back · cancelled or stale → nothing is settled any more ·
 * brought down a process of its own → failed as poison. What still runs of a run that has ended is ended by force, where it runs apart (agents/runner.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent, AgentResult, InputFile, OutputFile, RunContext } from '../agents/contract.js';
import { parseInput } from '../agents/input.js';
import { type AgentRunner, CrashedAloneError } from '../agents/runner.js';
import type { Outcome } from '../store/tasks/run.js';
import { type JsonValue, jsonObjectSchema, POISON, type Task, type TaskError } from '../tasks/model.js';
import { afterFailure, errorLine, isPermanent, type RetrySettings, RunAborted } from './retry-policy.js';

/** Milliseconds that a cancelled run may take to end before its slot is given away. */
const ABORT_GRACE_MS = 5000;
/** A longer timer of Node would end at once; no run may last that long. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Longest result text kept, in characters. */
const RESULT_LENGTH = 200_000;

export interface RunDeps {
  retry: RetrySettings;
  /** 0–1. */
  random: () => number;
  progress(percent: number, step: string, description: string): void;
  log(message: string, details?: Record<string, unknown>): void;
  attach(file: OutputFile): Promise<void>;
  files: readonly InputFile[];
  runner: AgentRunner;
  /** In a process of its own. */
  alone: boolean;
}

/** Runs the agent. Resolves with the outcome, or with null when there is nothing to settle (cancelled, stale). Never rejects. */
export async function runTask(agent: Agent, task: Task, deps: RunDeps, controller: AbortController): Promise<Outcome | null> {
  const input = parseInput(agent, task.input);
  if (!input.ok) {
    const problem = [
      ...input.missing.map((field) => `${field} is required`),
      ...input.problems.map((p) => `${p.field} ${p.problem}`),
    ].join('; ');
    return {
      kind: 'failed',
      error: { reason: 'invalid_input', message: errorLine(`The input no longer fits ${agent.name}: ${problem}.`) },
    };
  }
  const { signal } = controller;
  // Plain timers: those of promises make an error with a stack for each that is taken back, a seventh of the work of a short run.
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, work: () => void) => timers.add(setTimeout(work, ms).unref());
  after(task.softTimeoutSeconds * 1000, () => controller.abort(new RunAborted('soft_timeout')));
  const timeOut = new Promise<End>((resolve) => {
    after(task.hardTimeoutSeconds * 1000, () => {
      controller.abort(new RunAborted('hard_timeout'));
      resolve({ kind: 'hard_timeout' });
    });
  });
  // Resolves when a run that was cancelled or taken back has had its time to end.
  const stopped = new Promise<End>((resolve) => {
    signal.addEventListener('abort', () => {
      const why = whyAborted(signal);
      if (why === 'cancelled' || why === 'stale' || why === 'lapsed') after(ABORT_GRACE_MS, () => resolve({ kind: 'stopped' }));
    });
  });
  const over = new AbortController();
  try {
    const work = execute(agent, task, input.value, deps, { signal, over: over.signal });
    return judge(await Promise.race([work, timeOut, stopped]), task, deps, signal);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    over.abort();
  }
}

type End =
  | { kind: 'returned'; result: AgentResult }
  | { kind: 'threw'; error: unknown }
  | { kind: 'hard_timeout' }
  | { kind: 'stopped' };

/** Calls the agent; its errors become values, so that an abandoned run cannot end the process later. */
async function execute(
  agent: Agent,
  task: Task,
  input: Record<string, unknown>,
  deps: RunDeps,
  { signal, over }: { signal: AbortSignal; over: AbortSignal },
): Promise<End> {
  const context: RunContext = {
    signal,
    progress: (percent, step, description = '') => deps.progress(percent, step, description),
    log: deps.log,
    attach: deps.attach,
    wait: async (ms) => {
      signal.throwIfAborted();
      await sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal }).catch(() => {
        // The promise of timers rejects with an error of its own; the reason of the signal says why.
        signal.throwIfAborted();
      });
    },
  };
  const { id, title, description, type, metadata, guildId, channelId, requesterId, attempt, failures } = task;
  try {
    const running = {
      id,
      title,
      description,
      type,
      input,
      metadata,
      guildId,
      channelId,
      requesterId,
      attempt,
      failures,
      files: deps.files,
    };
    const manner = { stored: task.input, over, alone: deps.alone };
    return { kind: 'returned', result: await deps.runner.execute(agent, running, context, manner) };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

function judge(end: End, task: Task, deps: RunDeps, signal: AbortSignal): Outcome | null {
  const why = whyAborted(signal);
  if (why === 'cancelled' || why === 'stale') return null;
  const fail = (error: TaskError, permanent = false) => afterFailure(error, task, deps.retry, deps.random(), permanent);
  switch (end.kind) {
    case 'returned': {
      const result = readResult(end.result);
      if (result === null) return fail({ reason: 'error', message: 'The agent gave back something that is not a result.' }, true);
      return { kind: 'completed', result };
    }
    case 'hard_timeout':
      return fail({ reason: 'timeout', message: `It did not finish within ${duration(task.hardTimeoutSeconds)}.` });
    case 'threw':
      if (why === 'shutdown' || why === 'lapsed') return { kind: 'returned' };
      // The soft limit is our own warning before the one that the person set: only that one means something to them.
      if (why === 'soft_timeout' || why === 'hard_timeout') {
        return fail({ reason: 'timeout', message: `It did not finish within ${duration(task.hardTimeoutSeconds)}.` });
      }
      if (end.error instanceof CrashedAloneError) return { kind: 'failed', error: { reason: 'poison', message: POISON } };
      return fail({ reason: 'error', message: errorLine(end.error) }, isPermanent(end.error));
    case 'stopped':
      return why === 'lapsed' ? { kind: 'returned' } : null;
  }
}

/** Why the run was told to stop; null while it was not. */
export function whyAborted(signal: AbortSignal): RunAborted['why'] | null {
  return signal.aborted && signal.reason instanceof RunAborted ? signal.reason.why : null;
}

/** What an agent gave back, made storable: bounded text, JSON data only. Null when it is no result at all. */
function readResult(result: unknown): { text: string; data?: JsonValue } | null {
  if (result === null || typeof result !== 'object' || typeof (result as AgentResult).text !== 'string') return null;
  const { text, data } = result as AgentResult;
  const clean = text.replaceAll('\u0000', '\uFFFD').replace(/\p{Cs}/gu, '\uFFFD');
  const bounded = clean.length > RESULT_LENGTH ? `${clean.slice(0, RESULT_LENGTH).replace(/[\uD800-\uDBFF]$/, '')}…` : clean;
  if (data === undefined) return { text: bounded };
  const checked = jsonObjectSchema.safeParse({ data });
  return checked.success ? { text: bounded, data: checked.data.data as JsonValue } : { text: bounded };
}

/** The limit that was asked for: "1 second", "2 minutes", "1 hour 30 minutes". */
function duration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ];
  const words = parts.filter(([number]) => number > 0).map(([number, unit]) => `${number} ${unit}${number === 1 ? '' : 's'}`);
  return words.join(' ');
}
