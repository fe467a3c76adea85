/** Runs bench/list.ts in a process of its own and takes its figures over. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiled } from './program.js';
import type { Section } from './report.js';
import type { BenchStores } from './stores.js';

const TASKS = 1_000_000;
const TARGET_MS = 50;
/** Lines of a plan that are shown. */
const PLAN_LINES = 40;

interface Asked {
  name: string;
  p50: number;
  p99: number;
  /** What EXPLAIN said of the statements of this question. */
  plan: string[];
}

export async function measureLists(stores: BenchStores, scale: number): Promise<Section> {
  const tasks = Math.ceil(TASKS * scale);
  const questions = await ask(stores, tasks);
  const worst = questions.reduce((a, b) => (b.p99 > a.p99 ? b : a));
  const plain = questions.find(({ name }) => name.startsWith('nothing asked')) ?? worst;
  const over = questions.filter(({ p99 }) => p99 >= TARGET_MS);
  return {
    title: `Lists and autocomplete in a guild with ${tasks.toLocaleString('en')} tasks`,
    how:
      `${questions.length} questions: each filter and many combinations, asked by somebody who sees 300 channels, one busy channel, or 20 quiet ones (bench/list.ts). ` +
      'Each is asked 30 times, turning the pages; the slowest of those counts as its p99.',
    figures: [
      { name: 'a list without filters, p99', unit: 'ms', values: [plain.p99], below: TARGET_MS },
      { name: `the slowest question (${worst.name}), p99`, unit: 'ms', values: [worst.p99], below: TARGET_MS },
      { name: 'p50, over all questions', unit: 'ms', values: questions.map(({ p50 }) => p50) },
      { name: `questions with a p99 of ${TARGET_MS} ms or more`, unit: '', values: [over.length], atMost: 0 },
    ],
    more: [planOf(plain), planOf(worst)].join('\n\n'),
  };
}

function planOf({ name, plan }: Asked): string {
  const shown = plan.slice(0, PLAN_LINES).map((line) => (line.length > 160 ? `${line.slice(0, 159)}…` : line));
  return [`EXPLAIN (analyze, buffers) of "${name}":`, '', '```', ...shown, '```'].join('\n');
}

async function ask(stores: BenchStores, tasks: number): Promise<Asked[]> {
  const child = spawn(process.execPath, [compiled('bench/list.js'), '--plans'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, BENCH_DATABASE_URL: stores.databaseUrl, BENCH_TASKS: String(tasks) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const questions: Asked[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^[ !] (\S.*?)\s+p50\s+([\d.]+)\s+p99\s+([\d.]+)\s+\d+ tasks$/.exec(line);
    if (found)
      questions.push({ name: (found[1] ?? '').replace(/\s{2,}/g, ', '), p50: Number(found[2]), p99: Number(found[3]), plan: [] });
    else questions.at(-1)?.plan.push(line);
  }
  const [code] = await ended;
  // Code 1 says that a target was missed, which the figures say too.
  if (questions.length === 0) throw new Error(`bench/list.ts ended with code ${code} and no figures`);
  return questions;
}
