/** Runs an agent as the engine would, with a real AbortController and real timers, and keeps what it reports. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Agent, AgentResult, InputFile, OutputFile, RunContext, RunningTask } from '../../src/agents/contract.js';
import { parseInput } from '../../src/agents/input.js';
import type { JsonObject } from '../../src/tasks/model.js';

export interface AgentRun {
  result: Promise<AgentResult>;
  abort(reason?: Error): void;
  progress: { percent: number; step: string; description: string | undefined }[];
  logs: { message: string; details: Record<string, unknown> | undefined }[];
  files: OutputFile[];
}

export interface RunOptions {
  input?: JsonObject;
  files?: InputFile[];
  failures?: number;
  attempt?: number;
  onProgress?: (step: string, run: AgentRun) => void;
}

/** Starts a run; input goes through the agent's schema first, and bad input throws at once. */
export function startAgent<Schema extends z.ZodObject>(agent: Agent<Schema>, options: RunOptions = {}): AgentRun {
  const parsed = parseInput(agent, options.input ?? {});
  if (!parsed.ok) throw new Error(`bad input: ${JSON.stringify(parsed)}`);
  const controller = new AbortController();
  const run: AgentRun = {
    result: Promise.resolve({ text: '' }),
    abort: (reason = new Error('cancelled')) => controller.abort(reason),
    progress: [],
    logs: [],
    files: [],
  };
  const task: RunningTask<z.output<Schema>> = {
    id: '0193a3f0-0000-7000-8000-000000000000',
    title: 'A test',
    description: '',
    type: null,
    input: parsed.value as z.output<Schema>,
    metadata: {},
    guildId: null,
    channelId: '10000000000000001',
    requesterId: '10000000000000002',
    attempt: options.attempt ?? 1,
    failures: options.failures ?? 0,
    files: options.files ?? [],
  };
  run.result = agent.run(task, createContext(run, controller.signal, options));
  return run;
}

function createContext(run: AgentRun, signal: AbortSignal, options: RunOptions): RunContext {
  return {
    signal,
    progress(percent, step, description) {
      run.progress.push({ percent, step, description });
      options.onProgress?.(step, run);
    },
    log: (message, details) => void run.logs.push({ message, details }),
    attach: async (file) => void run.files.push(file),
    wait: async (ms) => {
      signal.throwIfAborted();
      await sleep(ms, undefined, { signal }).catch((error) => {
        throw signal.aborted ? signal.reason : error;
      });
    },
  };
}

/** An input file that holds these bytes. */
export function fileOf(name: string, content: string | Uint8Array, contentType = 'application/octet-stream'): InputFile {
  const bytes = Buffer.from(content as Uint8Array);
  return { name, contentType, size: bytes.length, read: async () => bytes };
}
