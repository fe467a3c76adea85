/** The engine's side of one run over a line: what the run tells goes to its context, what it asks for is answered, and its end becomes a value or an error. */

import type { JsonObject, JsonValue } from '../../tasks/model.js';
import { type AgentResult, PermanentError, type RunContext, type RunningTask } from '../contract.js';
import { CrashedAloneError, RunLostError } from '../runner.js';
import type { Line, Say } from './line.js';
import { type FromThread, fromThreadSchema, type LineEnd } from './messages.js';

/** Messages of one run in one second at most; our own side of the thread stays far below. */
const MESSAGES_PER_SECOND = 2000;
/** Milliseconds in which a thread that was used before has to begin. */
const BEGIN_MS = 2000;

export interface SessionTask {
  agentId: string;
  task: RunningTask<Record<string, unknown>>;
  stored: JsonObject;
  context: RunContext;
  over: AbortSignal;
  memoryMb: number;
}

/** The thread was used before and did not begin: something that an earlier run left behind holds it up. Nothing of the run has happened. */
export class DeafLineError extends Error {
  override readonly name = 'DeafLineError';
}

/** Performs one run. When it rejects or resolves, the line is released, or killed where it cannot be used again. */
export function perform(line: Line, asked: SessionTask, used: boolean): Promise<AgentResult> {
  return new Session(line, asked).run(used);
}

class Session {
  readonly #line: Line;
  readonly #asked: SessionTask;
  #say: Say = () => undefined;
  #end: (error: Error | undefined, result?: AgentResult) => void = () => undefined;
  #begun: () => void = () => undefined;
  #from = 0;
  #messages = 0;

  constructor(line: Line, asked: SessionTask) {
    this.#line = line;
    this.#asked = asked;
  }

  async run(used: boolean): Promise<AgentResult> {
    const { context, over } = this.#asked;
    let keep = false;
    let timer: NodeJS.Timeout | undefined;
    const aborted = () => this.#abort(context.signal);
    const ended = () => this.#end(new RunLostError('The run was ended.'));
    try {
      return await new Promise<AgentResult>((resolve, reject) => {
        this.#end = (error, result) => {
          if (result !== undefined) resolve(result);
          else reject(error);
          // Thrown by the agent, or given back: the thread itself is as good as before.
          keep = result !== undefined || (error instanceof AgentError && !error.uncaught);
          this.#end = () => undefined;
        };
        if (over.aborted) return ended();
        this.#begun = () => clearTimeout(timer);
        if (used) timer = setTimeout(() => this.#end(new DeafLineError()), BEGIN_MS);
        this.#open();
        context.signal.addEventListener('abort', aborted, { once: true });
        over.addEventListener('abort', ended, { once: true });
        if (context.signal.aborted) aborted();
      });
    } catch (error) {
      throw error instanceof AgentError ? error.original : error;
    } finally {
      clearTimeout(timer);
      context.signal.removeEventListener('abort', aborted);
      over.removeEventListener('abort', ended);
      if (keep) this.#line.release();
      else void this.#line.kill();
    }
  }

  #open(): void {
    const { agentId, task, stored } = this.#asked;
    const files = task.files.map(({ name, contentType, size }) => ({ name, contentType, size }));
    this.#say = this.#line.open(
      { agentId, task: { ...task, input: stored, files } },
      { message: (message) => this.#hear(message), ended: (end) => this.#end(errorOfEnd(end, this.#asked.memoryMb)) },
    );
  }

  #abort(signal: AbortSignal): void {
    const { name, message, why } = signal.reason as Error & { why?: string };
    this.#say({ kind: 'abort', why, name: String(name), message: String(message) });
  }

  #hear(raw: unknown): void {
    const now = performance.now();
    if (now - this.#from > 1000) {
      this.#from = now;
      this.#messages = 0;
    }
    this.#messages += 1;
    try {
      if (this.#messages > MESSAGES_PER_SECOND) throw new Error('too many messages');
      this.#follow(fromThreadSchema.parse(raw));
    } catch {
      // What is wrong with it may hold anything at all: it is not repeated.
      this.#end(new RunLostError('The agent’s thread said something that cannot be understood, or far too much.'));
    }
  }

  #follow(message: FromThread): void {
    const { context, task } = this.#asked;
    switch (message.kind) {
      case 'started':
        this.#begun();
        break;
      case 'progress':
        context.progress(message.percent, message.step, message.description);
        break;
      case 'log': {
        const { details, dropped } = message;
        const told = details === undefined ? {} : detailsOf(details);
        context.log(message.message, dropped > 0 ? { ...told, linesLeftOut: dropped } : told);
        break;
      }
      case 'attach': {
        const { name, contentType, bytes } = message;
        this.#answer(message.id, async () => {
          await context.attach({ name, contentType, bytes });
          return undefined;
        });
        break;
      }
      case 'read':
        this.#answer(message.id, async () => {
          const file = task.files[message.file];
          if (file === undefined) throw new Error('There is no such file.');
          return file.read();
        });
        break;
      case 'result':
        // What is no result is judged where all results are (engine/run.ts).
        this.#end(undefined, message.result === null ? ({} as AgentResult) : resultOf(message.result));
        break;
      case 'threw':
        this.#end(new AgentError(errorOf(message.error), message.uncaught));
    }
  }

  #answer(id: number, work: () => Promise<Uint8Array | undefined>): void {
    work().then(
      (bytes) => this.#say({ kind: 'answer', id, ok: true, ...(bytes ? { bytes } : {}) }),
      (error: unknown) => {
        const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
        this.#say({ kind: 'answer', id, ok: false, name, message });
      },
    );
  }
}

/** What the agent threw, and whether its thread can be used again. */
class AgentError extends Error {
  constructor(
    readonly original: Error,
    readonly uncaught: boolean,
  ) {
    super();
  }
}

function errorOf({ name, message, stack }: Extract<FromThread, { kind: 'threw' }>['error']): Error {
  const error: Error = name === 'PermanentError' ? new PermanentError(message) : Object.assign(new Error(message), { name });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function resultOf({ text, data }: { text: string; data?: string | undefined }): AgentResult {
  return data === undefined ? { text } : { text, data: JSON.parse(data) as JsonValue };
}

function detailsOf(json: string): Record<string, unknown> {
  const details: unknown = JSON.parse(json);
  return details !== null && typeof details === 'object' ? (details as Record<string, unknown>) : { details };
}

function errorOfEnd({ cause, detail }: LineEnd, memoryMb: number): Error {
  switch (cause) {
    case 'memory':
      return new RunLostError(`The agent needed more than the ${memoryMb} MB of memory that a run may use (AGENT_MEMORY_MB).`);
    case 'exit':
      return new RunLostError(`The agent ended its own thread (exit code ${detail}).`);
    case 'error':
      return new RunLostError(detail === '' ? 'The agent’s thread ended in an error.' : detail);
    case 'crash':
      return new CrashedAloneError(detail);
  }
}
