/** Many people who each give a long task in one channel of the local Discord, so that a thousand of them run at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Playground } from '../playground/api.js';
import { openDatabase } from '../src/store/database.js';
import { inFlight } from './orders.js';
import type { BenchStores } from './stores.js';

/** Commands under way at once. */
const AT_ONCE = 8;

/** Adds people to the first guild; gives their ids. Before the bot connects, or it hears of each. */
export function addPeople(playground: Playground, count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const id = playground.addPerson(`person${n}`);
    playground.addMember(playground.world.guild, id);
    return id;
  });
}

/** Each person gives a task that works until it is released (agents.ts). Throws when one is refused. */
export async function giveTasks(playground: Playground, channel: string, people: readonly string[]): Promise<void> {
  await inFlight(people.length, AT_ONCE, async (n) => {
    const person = playground.as(people[n] as string);
    const answer = await person.command(channel, 'task create', { agent: 'bench-busy', title: `Work ${n}` });
    if (answer.kind === 'failed') throw new Error(`the bot did not answer in time when task ${n} was given`);
    const message = await answer.settled();
    if (message.embeds.length === 0) throw new Error(`task ${n} was not created: ${message.content}`);
  });
}

/** Resolves when so many tasks of the schema run. */
export async function whenRunning(stores: BenchStores, schema: string, count: number, limitMs: number): Promise<void> {
  const sql = openDatabase({ url: stores.databaseUrl, schema, max: 1 });
  try {
    for (const deadline = performance.now() + limitMs; ; await sleep(100)) {
      const [row] = await sql<{ running: number }[]>`select count(*)::int as running from tasks where status = 'in_progress'`;
      if ((row?.running ?? 0) >= count) return;
      if (performance.now() > deadline) throw new Error(`only ${row?.running} of ${count} tasks run after ${limitMs} ms`);
    }
  } finally {
    await sql.end();
  }
}
