/** One run as its thread sees it: the context that the agent gets, each part of it a message over the run's port. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { BOUNDS, type JsonValue, jsonObjectSchema } from '../../tasks/model.js';
import type { AgentResult, InputFile, OutputFile, RunContext } from '../contract.js';
import { type FromThread, LENGTHS, LOG_DETAIL_BYTES, type ToThread } from './messages.js';

/** Milliseconds between two messages of progress. */
const PROGRESS_MS = 50;
/** Log lines in one second at most; what is more is counted and said with the next line. */
const LOGS_PER_SECOND = 100;
/** Files on their way at the same time at most. */
const ATTACH_TOGETHER = 2;
/** A longer timer of Node would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Asked {
  resolve(bytes: Uint8Array | undefined): void;
  reject(error: Error): void;
}

export class ThreadRun {
  readonly files: readonly InputFile[];
  readonly context: RunContext;
  readonly #port: MessagePort;
  readonly #controller = new AbortController();
  readonly #asked = new Map<number, Asked>();
  readonly #attaching = new Set<Promise<void>>();
  #lastId = 0;
  #over = false;
  #newest: Extract<FromThread, { kind: 'progress' }> | undefined;
  #progressAt = Number.NEGATIVE_INFINITY;
  #progressTimer: NodeJS.Timeout | undefined;
  #logsFrom = 0;
  #logs = 0;
  #dropped = 0;

  constructor(port: MessagePort, files: readonly { name: string; contentType: string; size: number }[]) {
    this.#port = port;
    this.files = files.map((file, index) => ({ ...file, read: () => this.#read(index) }));
    const { signal } = this.#controller;
    this.context = {
      signal,
      progress: (percent, step, description = '') => this.#progress(percent, step, description),
      log: (message, details) => this.#log(message, details),
      attach: (file) => this.#attach(file),
      wait: async (ms) => {
        signal.throwIfAborted();
        // The promise of timers rejects with an error of its own; the reason of the signal says why.
        await sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal }).catch(() => signal.throwIfAborted());
      },
    };
    port.on('message', (message: ToThread) => this.#hear(message));
  }

  /** Whether its end has been told. */
  get over(): boolean {
    return this.#over;
  }

  begin(): void {
    this.#say({ kind: 'started' });
  }

  /** Tells the result; what is no result is told as such. */
  finish(result: AgentResult): void {
    this.#end(() => ({ kind: 'result', result: readResult(result) }));
  }

  /** Tells an error of whatever kind. */
  fail(error: unknown, uncaught: boolean): void {
    this.#end(() => ({ kind: 'threw', error: wordsOf(error), uncaught }));
  }

  #end(last: () => FromThread): void {
    if (this.#over) return;
    this.#flush();
    this.#say(last());
    this.#over = true;
    clearTimeout(this.#progressTimer);
    // What is still asked for gets no answer any more; nobody may wait for it.
    for (const asked of this.#asked.values()) asked.reject(new Error('The run is over.'));
    this.#asked.clear();
  }

  #say(message: FromThread): void {
    if (!this.#over) this.#port.postMessage(message);
  }

  #hear(message: ToThread): void {
    if (message.kind === 'abort') {
      const { name, message: words, why } = message;
      this.#controller.abort(Object.assign(new Error(words), { name, why }));
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.ok) asked?.resolve(message.bytes);
    else asked?.reject(Object.assign(new Error(message.message), { name: message.name }));
  }

  #ask(message: (id: number) => FromThread): Promise<Uint8Array | undefined> {
    if (this.#over) return Promise.reject(new Error('The run is over.'));
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Uint8Array | undefined>((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    this.#say(message(id));
    return answer;
  }

  async #read(file: number): Promise<Buffer> {
    const bytes = (await this.#ask((id) => ({ kind: 'read', id, file }))) ?? new Uint8Array();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #attach(file: OutputFile): Promise<void> {
    const kept = this.#attachNow(file);
    // An agent that does not wait for it must not lose its run by it.
    kept.catch(() => undefined);
    return kept;
  }

  async #attachNow({ name, contentType, bytes: all }: OutputFile): Promise<void> {
    if (!(all instanceof Uint8Array)) throw new TypeError('The bytes of a file must be a Uint8Array.');
    // A copy: with a view of a larger buffer all of that would go over. One byte too many is enough to be refused.
    const bytes = Uint8Array.prototype.slice.call(all, 0, BOUNDS.fileBytes + 1);
    while (this.#attaching.size >= ATTACH_TOGETHER) await Promise.race(this.#attaching);
    const kept = this.#ask((id) => ({
      kind: 'attach',
      id,
      name: String(name).slice(0, LENGTHS.name),
      contentType: String(contentType).slice(0, LENGTHS.name),
      bytes,
    })).then(() => undefined);
    const settled = kept
      .catch(() => undefined)
      .finally(() => {
        this.#attaching.delete(settled);
      });
    this.#attaching.add(settled);
    await kept;
  }

  /** At once when the last one is long enough ago, which also a loop without a pause gets out; else the newest when it is time. */
  #progress(percent: number, step: string, description: string): void {
    this.#newest = {
      kind: 'progress',
      percent: Number.isFinite(percent) ? Number(percent) : 0,
      step: String(step).slice(0, LENGTHS.step),
      description: String(description).slice(0, LENGTHS.step),
    };
    const waitMs = this.#progressAt + PROGRESS_MS - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#progressTimer ??= setTimeout(() => this.#flush(), waitMs).unref();
  }

  #flush(): void {
    clearTimeout(this.#progressTimer);
    this.#progressTimer = undefined;
    if (this.#newest === undefined) return;
    this.#progressAt = performance.now();
    this.#say(this.#newest);
    this.#newest = undefined;
  }

  #log(message: string, details?: Record<string, unknown>): void {
    const now = performance.now();
    if (now - this.#logsFrom > 1000) {
      this.#logsFrom = now;
      this.#logs = 0;
    }
    this.#logs += 1;
    if (this.#logs > LOGS_PER_SECOND) {
      this.#dropped += 1;
      return;
    }
    const json = jsonOf(details);
    this.#say({
      kind: 'log',
      message: String(message).slice(0, LENGTHS.log),
      ...(json !== undefined && json.length <= LOG_DETAIL_BYTES ? { details: json } : {}),
      dropped: this.#dropped,
    });
    this.#dropped = 0;
  }
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // A circle, or a getter that throws: the line goes without its details.
    return undefined;
  }
}

/** Reads it as run.ts does, so that what can be told is told, and nothing that cannot. */
function readResult(result: unknown): Extract<FromThread, { kind: 'result' }>['result'] {
  try {
    const { text, data } = (result ?? {}) as AgentResult;
    if (typeof text !== 'string') return null;
    const cut = text.slice(0, LENGTHS.result);
    if (data === undefined) return { text: cut };
    const checked = jsonObjectSchema.safeParse({ data });
    return checked.success ? { text: cut, data: JSON.stringify(checked.data.data as JsonValue) } : { text: cut };
  } catch {
    // Its getters throw: it is no result.
    return null;
  }
}

/** Agents throw anything: what cannot be read says nothing. */
function wordsOf(error: unknown): Extract<FromThread, { kind: 'threw' }>['error'] {
  try {
    if (!(error instanceof Error)) return { name: 'Error', message: String(error).slice(0, LENGTHS.error) };
    const { name, message, stack } = error;
    return {
      name: String(name).slice(0, LENGTHS.name),
      message: String(message || name).slice(0, LENGTHS.error),
      ...(typeof stack === 'string' ? { stack: stack.slice(0, LENGTHS.stack) } : {}),
    };
  } catch {
    return { name: 'Error', message: '' };
  }
}
