/** How long the start takes, and what an idle bot holds in memory. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPlayground } from '../playground/index.js';
import { compiled, startProgram } from './program.js';
import type { Section } from './report.js';
import { type BenchStores, freshName, makeHome, removeHome } from './stores.js';

const REPETITIONS = 3;
/** How long the bot is left alone before its memory is read. */
const IDLE_MS = 10_000;

/** First start in an empty home, then further ones; milliseconds each. */
async function starts(): Promise<{ first: number; next: number[] }> {
  const home = await makeHome();
  try {
    const once = async () => {
      const program = await startProgram(['scripts/start.mjs'], { GUILDHALL_HOME: home });
      await program.stop();
      return program.readyMs;
    };
    const first = await once();
    const next: number[] = [];
    for (let repetition = 0; repetition < REPETITIONS; repetition += 1) next.push(await once());
    return { first, next };
  } finally {
    await removeHome(home);
  }
}

/** Megabytes (10^6) of resident memory. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  // Where there is no /proc, ps knows.
  const text =
    status?.match(/VmRSS:\s+(\d+)/)?.[1] ?? execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return (Number(text) * 1024) / 1e6;
}

/** The bot alone: stores and Discord are other processes. */
async function bot(stores: BenchStores, idleMs: number): Promise<{ readyMs: number; megabytes: number }> {
  const playground = createPlayground({ page: false, limits: { identifyIntervalMs: 0 } });
  const schema = freshName();
  try {
    const { apiUrl } = await playground.listen();
    const program = await startProgram([compiled('src/main.js')], {
      DATABASE_URL: stores.databaseUrl,
      DATABASE_SCHEMA: schema,
      REDIS_URL: stores.redisUrl,
      REDIS_PREFIX: schema,
      DISCORD_TOKEN: 'bench',
      DISCORD_API_URL: apiUrl,
    });
    await sleep(idleMs);
    const megabytes = await residentMegabytes(program.pid);
    await program.stop();
    return { readyMs: program.readyMs, megabytes };
  } finally {
    await playground.close();
  }
}

export async function measureStart(stores: BenchStores, scale: number): Promise<Section> {
  const { first, next } = await starts();
  const bots: Awaited<ReturnType<typeof bot>>[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) bots.push(await bot(stores, IDLE_MS * scale));
  return {
    title: 'Start and memory',
    how:
      'From the start of the process `node scripts/start.mjs` (what `npm start` runs) to its line `ready`, everything built: with embedded stores and the local Discord ' +
      `in one home. The bot process alone (configured Postgres, Redis and Discord in other processes): \`node dist/src/main.js\`, memory after ${IDLE_MS / 1000} s of idling.`,
    figures: [
      { name: 'second start to ready', unit: 's', values: next.map((ms) => ms / 1000), below: 5 },
      { name: 'first start to ready, in an empty home', unit: 's', values: [first / 1000] },
      { name: 'bot process to ready, in an empty database', unit: 's', values: bots.map(({ readyMs }) => readyMs / 1000) },
      { name: 'idle bot process, resident memory', unit: 'MB', values: bots.map(({ megabytes }) => megabytes), below: 200 },
    ],
  };
}
