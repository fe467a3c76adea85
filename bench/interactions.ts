/** From the dispatch of an interaction to the bot's callback, through the local Discord and the real program in a process of its own. */
import type { APIMessage } from 'discord-api-types/v10';
import type { Answer, Playground } from '../playground/api.js';
import { createPlayground } from '../playground/index.js';
import { addPeople, giveTasks, whenRunning } from './crowd.js';
import { compiled, type Program, startProgram } from './program.js';
import { type Figure, median, quantile, type Section, spread } from './report.js';
import { type BenchStores, freshName } from './stores.js';

const REPETITIONS = 3;
const RUNNING = 1000;

type Kind = 'create' | 'list' | 'help' | 'suggest an agent' | 'suggest a task' | 'details button';

/** What a person does, by name; each gives the bot's answer. `card` is that of the newest task. */
function kinds(playground: Playground, card: () => APIMessage): Record<Kind, (n: number) => Promise<Answer>> {
  const member = playground.as('member');
  return {
    create: (n) => member.command('tasks', 'task create', { agent: 'sample', title: `Held ${n}`, hold: true }),
    list: () => member.command('tasks', 'task list', { mine: true }),
    help: () => member.command('tasks', 'help'),
    'suggest an agent': () => member.autocomplete('tasks', 'task create', 'agent', { agent: 'sa' }),
    'suggest a task': () => member.autocomplete('tasks', 'task show', 'id', { id: 'held' }),
    'details button': () => member.click(card().id, 'Details'),
  };
}

/** One repetition: each kind so many times, taking turns, one at a time. */
async function round(playground: Playground, times: number): Promise<Map<Kind, number[]>> {
  let card: APIMessage | undefined;
  const acts = kinds(playground, () => card as APIMessage);
  const latencies = new Map<Kind, number[]>();
  for (let n = 0; n < times; n += 1) {
    for (const [kind, act] of Object.entries(acts) as [Kind, (n: number) => Promise<Answer>][]) {
      const answer = await act(n);
      if (answer.kind === 'failed') throw new Error(`no answer to ${kind}`);
      latencies.set(kind, [...(latencies.get(kind) ?? []), answer.latencyMs]);
      const message = answer.kind === 'choices' || answer.kind === 'modal' ? undefined : await answer.settled();
      if (kind === 'create') card = message;
    }
  }
  return latencies;
}

async function rounds(playground: Playground, times: number): Promise<Map<Kind, number[]>[]> {
  // The first interactions find no compiled code and no open connections; a person meets that once a start.
  await round(playground, Math.min(10, times));
  const all: Map<Kind, number[]>[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) all.push(await round(playground, times));
  return all;
}

function figures(name: string, all: readonly Map<Kind, number[]>[], below: number): Figure[] {
  const together = all.map((round) => [...round.values()].flat());
  return spread(name, together, below);
}

/** `create p99 12 ms`, for each kind. */
function byKind(all: readonly Map<Kind, number[]>[]): string {
  const names = [...(all[0]?.keys() ?? [])];
  const worst = (kind: Kind) => median(all.map((round) => quantile(round.get(kind) ?? [], 0.99)));
  return names.map((kind) => `${kind} ${worst(kind).toFixed(1)}`).join(', ');
}

export async function measureInteractions(stores: BenchStores, scale: number): Promise<Section> {
  const playground = createPlayground({ page: false, limits: { identifyIntervalMs: 0 } });
  const schema = freshName();
  const running = Math.ceil(RUNNING * scale);
  const times = Math.max(2, Math.ceil(40 * scale));
  const people = addPeople(playground, 50);
  let program: Program | undefined;
  try {
    const { apiUrl } = await playground.listen();
    program = await startProgram([compiled('src/main.js')], {
      DATABASE_URL: stores.databaseUrl,
      DATABASE_SCHEMA: schema,
      REDIS_URL: stores.redisUrl,
      REDIS_PREFIX: schema,
      DISCORD_TOKEN: 'bench',
      DISCORD_API_URL: apiUrl,
      AGENT_MODULES: compiled('bench/agents.js'),
      TASK_MAX_QUEUE_SIZE: '10000',
      TASK_CHANNEL_LIMIT: '1000',
      SHUTDOWN_GRACE_SECONDS: '0',
    });
    await playground.botReady();
    const idle = await rounds(playground, times);
    const givers = Array.from({ length: running }, (_, n) => people[n % people.length] as string);
    await giveTasks(playground, playground.world.channels.lab, givers);
    await whenRunning(stores, schema, running, 60_000);
    const busy = await rounds(playground, times);
    return {
      title: 'Interactions: from dispatch to callback',
      how:
        `The local Discord dispatches, the real program (a process of its own) answers: ${times} times a repetition each of \`/task create\`, \`/task list\`, \`/help\`, ` +
        `both kinds of autocomplete and a button, one at a time. Busy: ${running} tasks run in one channel of the same process and tell their progress every second.`,
      figures: [
        ...figures('idle bot', idle, 100),
        ...figures(`${running} tasks running`, busy, 500),
        { name: 'responses with status 429', unit: '', values: [playground.counts().status429], atMost: 0 },
      ],
      more: `p99 in ms by kind: idle ${byKind(idle)}; busy ${byKind(busy)}.`,
    };
  } finally {
    await program?.stop();
    await playground.close();
  }
}
