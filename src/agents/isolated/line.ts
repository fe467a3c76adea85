/** A line to where runs take place: a thread of this process, or a process of its own that holds one thread. One run at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type Transferable, Worker } from 'node:worker_threads';
import { agentEnvironment } from './environment.js';
import { endSchema, LENGTHS, type LineEnd, RETIRE, type RunMessage, type ToThread } from './messages.js';

/** Hears what comes back during one run. */
export interface Listener {
  message(message: unknown): void;
  ended(end: LineEnd): void;
}

/** Says something to the run. */
export type Say = (message: ToThread, transfer?: readonly Transferable[]) => void;

export interface Line {
  /** Begins a run. Call it again only when the last one is over and the line is `fit`. */
  open(run: RunMessage, listener: Listener): Say;
  /** The run is over, by itself. */
  release(): void;
  /** Whether another run may use it. */
  readonly fit: boolean;
  /** Ends it by force, whatever it is doing. */
  kill(): Promise<void>;
  /** Called once, when it is gone. */
  onGone(hear: () => void): void;
}

/** A thread that can be terminated, for the agents of one module. */
export class ThreadLine implements Line {
  readonly #worker: Worker;
  #listener: Listener | undefined;
  #port: MessageChannel['port1'] | undefined;
  #fit = true;
  #end: LineEnd | undefined;

  constructor(module: string, memoryMb: number) {
    this.#worker = new Worker(new URL('./thread.js', import.meta.url), {
      name: 'agent',
      workerData: { module },
      env: agentEnvironment(process.env),
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    this.#worker.on('message', (message: unknown) => {
      if (message === RETIRE) this.#fit = false;
    });
    // What does not cross (an agent's own message with something in it that cannot be read here) is nothing that we sent.
    this.#worker.on('messageerror', () => undefined);
    this.#worker.on('error', (error: unknown) => {
      this.#end ??= endOfError(error);
    });
    this.#worker.on('exit', (code) => {
      this.#fit = false;
      this.#end ??= { kind: 'ended', cause: 'exit', detail: String(code) };
      this.#listener?.ended(this.#end);
      this.#port?.close();
    });
  }

  get fit(): boolean {
    return this.#fit;
  }

  open(run: RunMessage, listener: Listener): Say {
    const { port1, port2 } = new MessageChannel();
    this.#listener = listener;
    this.#port = port1;
    this.#worker.ref();
    port1.on('message', (message: unknown) => listener.message(message));
    port1.on('messageerror', () => listener.message(undefined));
    this.#worker.postMessage({ ...run, port: port2 }, [port2]);
    return (message, transfer = []) => port1.postMessage(message, transfer);
  }

  release(): void {
    this.#port?.close();
    this.#listener = undefined;
    // A thread that waits for its next run must not keep the process alive.
    this.#worker.unref();
  }

  async kill(): Promise<void> {
    this.#fit = false;
    await this.#worker.terminate();
  }

  onGone(hear: () => void): void {
    this.#worker.once('exit', hear);
  }
}

function endOfError(error: unknown): LineEnd {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { kind: 'ended', cause: 'memory', detail: '' };
  const words = typeof message === 'string' && message !== '' ? message : safeText(error);
  return { kind: 'ended', cause: 'error', detail: words.slice(0, LENGTHS.error) };
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    // What cannot be made text says nothing.
    return '';
  }
}

/** A process of its own for one run. Its main thread only passes messages on, so it notices when this process is gone, whatever the agent does. */
export class ProcessLine implements Line {
  readonly #child: ChildProcess;
  #killed = false;

  constructor(module: string, memoryMb: number) {
    // Another process cannot have our debugger's port.
    const execArgv = process.execArgv.filter((word) => !word.startsWith('--inspect'));
    this.#child = fork(fileURLToPath(new URL('./child.js', import.meta.url)), [module, String(memoryMb)], {
      serialization: 'advanced',
      env: agentEnvironment(process.env),
      execArgv,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  get fit(): boolean {
    return false;
  }

  open(run: RunMessage, listener: Listener): Say {
    let ended = false;
    const end = (how: LineEnd) => {
      if (ended) return;
      ended = true;
      listener.ended(how);
    };
    this.#child.on('message', (message: unknown) => {
      const over = endSchema.safeParse(message);
      if (over.success) end(over.data);
      else listener.message(message);
    });
    this.#child.once('error', (error) => end({ kind: 'ended', cause: 'error', detail: error.message.slice(0, LENGTHS.error) }));
    this.#child.once('exit', (code, signal) =>
      end({ kind: 'ended', cause: this.#killed ? 'exit' : 'crash', detail: signal ?? `exit code ${code}` }),
    );
    this.#send(run);
    return (message) => this.#send(message);
  }

  #send(message: RunMessage | ToThread): void {
    // A child that is gone is told of by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  release(): void {
    void this.kill();
  }

  async kill(): Promise<void> {
    this.#killed = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await gone;
  }

  onGone(hear: () => void): void {
    this.#child.once('exit', hear);
  }
}
