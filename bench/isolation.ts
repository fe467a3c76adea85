/** What it costs that agents run apart: the start of a thread and of a process, a run in a thread that waits, and memory; beside the same run in the main thread. */
import { pino } from 'pino';
import { batchAgent } from '../src/agents/batch/index.js';
import type { Agent } from '../src/agents/contract.js';
import { createIsolatedRunner, type IsolatedRunner } from '../src/agents/isolated/pool.js';
import { type AgentRunner, inThisThread } from '../src/agents/runner.js';
import type { Section } from './report.js';

const STARTS = 7;
const RUNS = 2000;
const REPETITIONS = 3;
const TOGETHER = 10;

const INPUT = { items: ['one'], operation: 'uppercase' as const, itemDelayMs: 0, failItems: [] };
const agent = batchAgent as unknown as Agent;

const openRunner = () =>
  createIsolatedRunner({ moduleOf: ({ module }) => module, memoryMb: 512, log: pino({ level: 'error' }, pino.destination(2)) });

/** Runs it once; milliseconds. */
async function once(runner: AgentRunner, alone = false): Promise<number> {
  const context = {
    signal: new AbortController().signal,
    progress: () => undefined,
    log: () => undefined,
    attach: async () => undefined,
    wait: async () => undefined,
  };
  const ids = { id: '0193a3f0-0000-7000-8000-000000000000', guildId: null, channelId: '1', requesterId: '2' };
  const task = {
    ...ids,
    title: 'x',
    description: '',
    type: null,
    metadata: {},
    attempt: 1,
    failures: 0,
    input: INPUT,
    files: [],
  };
  const startedAt = performance.now();
  await runner.execute(agent, task, context, { stored: INPUT, over: new AbortController().signal, alone });
  return performance.now() - startedAt;
}

async function starts(alone: boolean): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < STARTS; n += 1) {
    const runner = openRunner();
    times.push(await once(runner, alone));
    await runner.close();
  }
  return times;
}

/** The mean of many runs one after another, each time. */
async function means(runner: AgentRunner, runs: number): Promise<number[]> {
  const times: number[] = [];
  await once(runner);
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const startedAt = performance.now();
    for (let n = 0; n < runs; n += 1) await once(runner);
    times.push((performance.now() - startedAt) / runs);
  }
  return times;
}

/** Megabytes of each further thread. */
async function memory(runner: IsolatedRunner): Promise<number> {
  const before = process.memoryUsage.rss();
  await Promise.all(Array.from({ length: TOGETHER + 1 }, () => once(runner)));
  return (process.memoryUsage.rss() - before) / (runner.counts().threads - 1) / 2 ** 20;
}

export async function measureIsolation(_stores: unknown, scale: number): Promise<Section> {
  const runs = Math.max(1, Math.round(RUNS * scale));
  const runner = openRunner();
  const figures = [
    { name: 'first run in a new thread, its start included', unit: 'ms', values: await starts(false) },
    { name: 'run in a new process, its start included', unit: 'ms', values: await starts(true) },
    { name: 'run in a thread that waits (mean)', unit: 'ms', values: await means(runner, runs) },
    { name: 'the same run in the main thread (mean)', unit: 'ms', values: await means(inThisThread, runs) },
    { name: 'memory of a thread', unit: 'MB', values: [await memory(runner)] },
  ];
  await runner.close();
  return {
    title: 'Agents in threads of their own',
    how: `The built-in batch agent with one item and no delay, called as the engine calls it, without stores: ${STARTS} starts, then ${REPETITIONS} × ${runs} runs one after another; memory from ${TOGETHER} more threads.`,
    figures,
  };
}
