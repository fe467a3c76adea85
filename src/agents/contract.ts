/**
 * The agent contract: an agent is an id, a description, a schema of its input, and `run`.
 * Everything else (queue, retries, time-outs, progress to Discord, files, history) is the engine's.
 */
import type { z } from 'zod';
import type { JsonObject, JsonValue } from '../tasks/model.js';

/** A file that came with the task. */
export interface InputFile {
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Reads the whole file (at most 10 MiB) from the store. */
  read(): Promise<Buffer>;
}

/** A file made by the run. At most 10 files of 10 MiB a task. */
export interface OutputFile {
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

/** What an agent can read of its task. It cannot change it. */
export interface RunningTask<Input> {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly type: string | null;
  readonly input: Input;
  readonly metadata: JsonObject;
  readonly guildId: string | null;
  readonly channelId: string;
  readonly requesterId: string;
  /** This run, counted from 1; counts on over retries. */
  readonly attempt: number;
  /** Failures before this run. */
  readonly failures: number;
  readonly files: readonly InputFile[];
}

/** What the engine gives to a run. */
export interface RunContext {
  /** Aborted on cancel, time-out, shutdown or a lost lease: stop soon. `signal.reason` is an Error that says which. */
  readonly signal: AbortSignal;
  /**
   * Tells where the run stands; cheap, may be called as often as one likes (only the newest reaches the card).
   * @param percent 0–100, @param step a short name, @param description one line.
   */
  progress(percent: number, step: string, description?: string): void;
  /** Structured log line, with the task's id in it. */
  log(message: string, details?: Record<string, unknown>): void;
  /** Keeps a file with the result. Kept only if this run's result is accepted. */
  attach(file: OutputFile): Promise<void>;
  /** Waits; rejects as soon as `signal` is aborted. */
  wait(ms: number): Promise<void>;
}

/** What a run gives back: Markdown for people and, if useful, data for programs. */
export interface AgentResult {
  text: string;
  data?: JsonValue;
}

/** Fields of one form are strings, numbers, booleans or one of a list, so that Discord can ask for them in a modal. */
export interface Agent<Schema extends z.ZodObject = z.ZodObject> {
  /** `^[a-z0-9][a-z0-9_-]{0,99}$`, unique in the process. */
  readonly id: string;
  /** Shown to people, 1–80 characters. */
  readonly name: string;
  /** One or two sentences: what it does. */
  readonly description: string;
  readonly inputSchema: Schema;
  /** Whether it wants a file with the task. */
  readonly files?: 'none' | 'optional' | 'required';
  /** Overrides of the settings, in seconds. */
  readonly softTimeoutSeconds?: number;
  readonly hardTimeoutSeconds?: number;
  /** Tasks at once in one process; absent: the setting. */
  readonly concurrency?: number;
  /**
   * Address (`file:` URL) of the module that exports this agent, most often `import.meta.url`. With it, runs happen in a thread apart from Discord's, where an
   * endless loop hurts nobody else. Agents of AGENT_MODULES have it already; without it an agent given in code runs in the main thread.
   */
  readonly module?: string;
  /** `none`: run in the main thread all the same, together with whatever else lives there. Default `thread`. */
  readonly isolation?: 'thread' | 'none';
  run(task: RunningTask<z.output<Schema>>, context: RunContext): Promise<AgentResult>;
}

/** Helper that infers the input's type from the schema. */
export function defineAgent<Schema extends z.ZodObject>(agent: Agent<Schema>): Agent<Schema> {
  return agent;
}

/** Thrown by an agent when trying again cannot help (bad input, 404): the task fails at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}
