/**
 * Runs agents apart from the engine: each run has a thread of this process to itself, and a task that may be what brings processes down has a process to itself.
 *
 * Invariant: nothing that an agent's code does holds up this thread. An endless loop, memory without end, `process.exit`, an error that nobody caught or a message
 * made up by the agent ends one run. Threads rather than processes, because a thread starts in less than half of the time (`npm run bench -- --only isolation`) and a
 * third of the memory; what a thread cannot stop (a crash of native code, memory outside of the heap) is what the lone process is for. One run a thread at a time, rather than many: two
 * runs in one thread would share each other's endless loop.
 *
 * Threads are started when a run needs one, kept for the next run of the same module, and ended after half a minute without one. There are never more than
 * runs, so the slots of the agents bound them.
 */
import type { Logger } from 'pino';
import type { Agent, AgentResult, RunContext, RunningTask } from '../contract.js';
import { type AgentRunner, inThisThread, type Manner } from '../runner.js';
import { type Line, ProcessLine, ThreadLine } from './line.js';
import { DeafLineError, perform } from './session.js';

/** Milliseconds that a thread waits for its next run. */
const IDLE_MS = 30_000;

export interface IsolatedOptions {
  /** From which module a thread imports the agent; undefined: it runs in the main thread. */
  moduleOf(agent: Agent): string | undefined;
  /** Megabytes of JavaScript heap of one run. */
  memoryMb: number;
  log: Logger;
}

export interface IsolatedRunner extends AgentRunner {
  /** Threads and processes there are now, and how many were started since the start. */
  counts(): { threads: number; idle: number; processes: number; started: number };
}

export function createIsolatedRunner(options: IsolatedOptions): IsolatedRunner {
  return new Pool(options);
}

class Pool implements IsolatedRunner {
  readonly #options: IsolatedOptions;
  readonly #threads = new Set<Line>();
  readonly #processes = new Set<Line>();
  /** Threads without a run by module, the one used last at the end. */
  readonly #idle = new Map<string, { line: Line; timer: NodeJS.Timeout }[]>();
  #started = 0;
  #closed = false;

  constructor(options: IsolatedOptions) {
    this.#options = options;
  }

  isolates(agent: Agent): boolean {
    return this.#options.moduleOf(agent) !== undefined;
  }

  counts(): { threads: number; idle: number; processes: number; started: number } {
    const idle = [...this.#idle.values()].reduce((sum, lines) => sum + lines.length, 0);
    return { threads: this.#threads.size, idle, processes: this.#processes.size, started: this.#started };
  }

  async execute(
    agent: Agent,
    task: RunningTask<Record<string, unknown>>,
    context: RunContext,
    manner: Manner,
  ): Promise<AgentResult> {
    const module = this.#options.moduleOf(agent);
    if (module === undefined) return inThisThread.execute(agent, task, context, manner);
    if (this.#closed) throw new Error('The process is stopping.');
    const { memoryMb, log } = this.#options;
    const asked = { agentId: agent.id, task, stored: manner.stored, context, over: manner.over, memoryMb };
    if (manner.alone) return perform(this.#begin(new ProcessLine(module, memoryMb), this.#processes), asked, false);
    for (;;) {
      const idle = this.#take(module);
      const line = idle ?? this.#begin(new ThreadLine(module, memoryMb), this.#threads);
      try {
        return await perform(line, asked, idle !== undefined);
      } catch (error) {
        if (!(error instanceof DeafLineError)) throw error;
        log.warn({ agent: agent.id }, 'a thread was held up by what an earlier run left behind; the run begins in another one');
      } finally {
        this.#give(module, line);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const lines of this.#idle.values()) for (const { timer } of lines) clearTimeout(timer);
    this.#idle.clear();
    await Promise.all([...this.#threads, ...this.#processes].map((line) => line.kill()));
  }

  #begin(line: Line, among: Set<Line>): Line {
    this.#started += 1;
    among.add(line);
    line.onGone(() => {
      among.delete(line);
      for (const [module, lines] of this.#idle) {
        const left = lines.filter((each) => each.line !== line || clearTimeout(each.timer));
        if (left.length === 0) this.#idle.delete(module);
        else this.#idle.set(module, left);
      }
    });
    return line;
  }

  /** The one that was used last, so that those that are not needed any more grow old. */
  #take(module: string): Line | undefined {
    const lines = this.#idle.get(module) ?? [];
    for (let last = lines.pop(); last !== undefined; last = lines.pop()) {
      clearTimeout(last.timer);
      if (last.line.fit) return last.line;
      void last.line.kill();
    }
    return undefined;
  }

  #give(module: string, line: Line): void {
    if (!line.fit || this.#closed) return void line.kill();
    const timer = setTimeout(() => void line.kill(), IDLE_MS).unref();
    const lines = this.#idle.get(module) ?? [];
    lines.push({ line, timer });
    this.#idle.set(module, lines);
  }
}
