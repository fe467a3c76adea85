/** A thousand tasks at once in one channel, which all end at the same time: what reaches Discord, when, and whether its limits are kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Playground } from '../playground/api.js';
import { createPlayground } from '../playground/index.js';
import { openDatabase } from '../src/store/database.js';
import { addPeople, giveTasks, whenRunning } from './crowd.js';
import { compiled, type Program, startProgram } from './program.js';
import type { Section } from './report.js';
import { type BenchStores, freshName } from './stores.js';

/** Of the whole flood; `--scale` takes a part of it. */
const TASKS = 1000;
/** Discord's window for posts and edits of a channel. */
const WINDOW_MS = 5000;
const PER_WINDOW = 5;
const TOLD_WITHIN_S = 100;
const FINAL_WITHIN_S = 1000;
/** By so much everything is faster in the short run. */
const SCALE = 20;
/** How long all run together before they end. */
const TOGETHER_MS = 10_000;

interface Delivered {
  /** Seconds from the first end to the last telling and to the last final card. */
  toldS: number;
  finalS: number;
  /** Messages that told requesters. */
  tellings: number;
  status429: number;
  /** Requesters whom no message notified. */
  untold: number;
  /** Cards that show something else than the end. */
  unfinished: number;
  refused: number;
}

export async function measureFlood(stores: BenchStores, { full, part }: { full: boolean; part: number }): Promise<Section> {
  const scale = full ? 1 : SCALE;
  const tasks = Math.ceil(TASKS * part);
  const limits = { identifyIntervalMs: 0, windowMs: WINDOW_MS / scale, oldEditWindowMs: 20_000 / scale };
  const playground = createPlayground({ page: false, limits });
  const people = addPeople(playground, tasks);
  const schema = freshName();
  let program: Program | undefined;
  try {
    const { apiUrl } = await playground.listen();
    program = await startProgram([compiled(full ? 'src/main.js' : 'bench/paced.js')], {
      DATABASE_URL: stores.databaseUrl,
      DATABASE_SCHEMA: schema,
      REDIS_URL: stores.redisUrl,
      REDIS_PREFIX: schema,
      DISCORD_TOKEN: 'bench',
      DISCORD_API_URL: apiUrl,
      AGENT_MODULES: compiled('bench/agents.js'),
      TASK_MAX_QUEUE_SIZE: '10000',
      TASK_CHANNEL_LIMIT: String(TASKS),
      MAX_COMPLETED_TASKS: '0',
      SHUTDOWN_GRACE_SECONDS: '0',
      BENCH_SCALE: String(scale),
    });
    await playground.botReady();
    await giveTasks(playground, 'tasks', people);
    await whenRunning(stores, schema, tasks, 60_000);
    await sleep(TOGETHER_MS);
    process.kill(program.pid, 'SIGUSR2');
    const delivered = await deliver(stores, schema, playground, people, (2 * FINAL_WITHIN_S * 1000) / scale);
    return sectionOf(delivered, tasks, scale);
  } finally {
    await program?.stop();
    await playground.close();
  }
}

/** Waits until everything is delivered and looks at what is there. */
async function deliver(
  stores: BenchStores,
  schema: string,
  playground: Playground,
  people: readonly string[],
  limitMs: number,
): Promise<Delivered> {
  const sql = openDatabase({ url: stores.databaseUrl, schema, max: 1 });
  try {
    for (let deadline = Number.POSITIVE_INFINITY; ; await sleep(200)) {
      const [left] = await sql<{ running: number; due: number }[]>`
        select (select count(*)::int from tasks where finished_at is null) as running,
          (select count(*)::int from cards where revision > shown_revision) + (select count(*)::int from completions where told_at is null) as due`;
      if (left?.running === 0 && deadline === Number.POSITIVE_INFINITY) deadline = performance.now() + limitMs;
      if ((left?.running === 0 && left.due === 0) || performance.now() > deadline) break;
    }
    const [times] = await sql<{ told: number; final: number; refused: number }[]>`
      with ended as (select min(finished_at) as at from tasks)
      select extract(epoch from (select coalesce(max(told_at), 'infinity') from completions) - at)::float8 as told,
        extract(epoch from (select max(shown_at) from cards) - at)::float8 as final,
        (select count(*)::int from cards where undeliverable is not null or revision > shown_revision)
          + (select count(*)::int from completions where told_how is distinct from 'channel') as refused
      from ended`;
    const messages = playground.messages('tasks');
    const tellings = messages.map((message) => playground.notified(message.id)).filter((ids) => ids.length > 0);
    const notified = new Set(tellings.flat());
    return {
      toldS: times?.told ?? Number.NaN,
      finalS: times?.final ?? Number.NaN,
      refused: times?.refused ?? Number.NaN,
      tellings: tellings.length,
      status429: playground.counts().status429,
      untold: people.filter((id) => !notified.has(id)).length,
      unfinished: messages.filter(({ components }) => JSON.stringify(components ?? []).includes(':cancel:')).length,
    };
  } finally {
    await sql.end();
  }
}

function sectionOf(delivered: Delivered, tasks: number, scale: number): Section {
  const { toldS, finalS, tellings, status429, untold, unfinished, refused } = delivered;
  // The last window begins when all others are over; what the program adds to each does not shrink with the window.
  const windows = (requests: number) => Math.max(0, Math.ceil(requests / PER_WINDOW) - 1);
  const windowS = WINDOW_MS / 1000;
  const asReal = (seconds: number, requests: number) => seconds + windows(requests) * (windowS - windowS / scale);
  const figures = [
    { name: 'responses with status 429', unit: '', values: [status429], atMost: 0 },
    { name: 'requesters whom no message notified', unit: '', values: [untold], atMost: 0 },
    { name: 'cards that do not show the end', unit: '', values: [unfinished], atMost: 0 },
    { name: 'cards and tellings not delivered', unit: '', values: [refused], atMost: 0 },
  ];
  const told = 'from the first end until every requester was told';
  const final = 'from the first end until every card was final';
  const title = `${tasks} tasks at once in one channel`;
  const how = `${tasks} people each give a task by \`/task create\` in one channel; all run at the same time, tell their progress every second and end together. `;
  if (scale === 1) {
    return {
      title: `${title}, with Discord's real limits`,
      how: `${how}The real program and the limits and clock as they are.`,
      figures: [
        ...figures,
        { name: told, unit: 's', values: [toldS], below: TOLD_WITHIN_S },
        { name: final, unit: 's', values: [finalS], below: FINAL_WITHIN_S },
      ],
    };
  }
  return {
    title: `${title}, ${scale} times as fast`,
    how:
      `${how}The local Discord's windows for posts and edits are ${WINDOW_MS / scale} ms instead of ${WINDOW_MS / 1000} s, and the announcer's pace is scaled the same way. ` +
      `Five requests a window make ${windows(tasks)} windows between the first and the last of ${tasks} final cards, and ${windows(tellings)} between the ${tellings} messages ` +
      'that tell; what the program needs in between does not shrink with them, so it is added to the windows as they really are. ' +
      '`npm run bench -- --only flood --full` measures with the real ones.',
    figures: [
      ...figures,
      { name: `${told}, as measured`, unit: 's', values: [toldS] },
      { name: `${told}, with real windows`, unit: 's', values: [asReal(toldS, tellings)], below: TOLD_WITHIN_S },
      { name: `${final}, as measured`, unit: 's', values: [finalS] },
      { name: `${final}, with real windows`, unit: 's', values: [asReal(finalS, tasks)], below: FINAL_WITHIN_S },
    ],
  };
}
