/** The local Discord by itself: how fast it starts, answers, greets a large bot, and whether its page stays responsive. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Client, GatewayIntentBits, Options } from 'discord.js';
import { createPlayground, type Playground } from '../playground/index.js';
import { measurePage } from './page.js';
import { compiled } from './program.js';
import type { Figure, Section } from './report.js';
import type { BenchStores } from './stores.js';

const REPETITIONS = 3;
const INTERACTIONS = 1_000;
/** As many as one shard may have; the two of a new world count. */
const GUILDS = 2_500;
const CHANNELS_PER_GUILD = 10;
/** A machine that is busy with something else should show as a late figure, not as an interaction that failed. */
const FAST = { identifyIntervalMs: 0, interactionDeadlineMs: 60_000 };

async function login(apiUrl: string): Promise<Client<true>> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: { api: apiUrl },
    makeCache: Options.cacheWithLimits({}),
  });
  const ready = once(client, 'clientReady');
  await client.login('bench');
  await ready;
  return client as Client<true>;
}

/** Milliseconds that the work takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function withPlayground<T>(
  prepare: (playground: Playground) => void,
  use: (playground: Playground, apiUrl: string) => Promise<T>,
): Promise<T> {
  const playground = createPlayground({ page: false, limits: FAST });
  try {
    prepare(playground);
    const { apiUrl } = await playground.listen();
    return await use(playground, apiUrl);
  } finally {
    await playground.close();
  }
}

/** All at once, each with a reply of its own; a real client in the same process. */
function interactions(count: number): Promise<number> {
  return withPlayground(
    () => undefined,
    async (playground, apiUrl) => {
      const client = await login(apiUrl);
      await client.application.commands.set([{ name: 'ping', description: 'Answers' }]);
      await playground.botReady();
      client.on('interactionCreate', (interaction) => {
        // An answer that is refused shows as a failed one below.
        if (interaction.isChatInputCommand()) interaction.reply('pong').catch(() => undefined);
      });
      const member = playground.as('member');
      // The first ones find no compiled code and no open connections.
      await Promise.all(Array.from({ length: 20 }, () => member.command('agents-lab', 'ping')));
      const ms = await timed(async () => {
        const answers = await Promise.all(Array.from({ length: count }, () => member.command('tasks', 'ping')));
        if (answers.some((answer) => answer.kind !== 'message')) throw new Error('an interaction was not answered');
      });
      await client.destroy();
      return ms;
    },
  );
}

function guilds(count: number): Promise<number> {
  return withPlayground(
    (playground) => {
      for (let n = playground.world.otherGuild ? 2 : 0; n < count; n += 1) {
        const { guildId } = playground.addGuild(`Server ${n}`, [playground.world.people.member]);
        for (let more = 1; more < CHANNELS_PER_GUILD; more += 1) playground.addChannel(guildId, `channel-${more}`);
      }
    },
    async (_playground, apiUrl) => {
      let client: Client<true> | undefined;
      const ms = await timed(async () => {
        client = await login(apiUrl);
      });
      if (client?.guilds.cache.size !== count) throw new Error(`ready with ${client?.guilds.cache.size} of ${count} servers`);
      await client.destroy();
      return ms;
    },
  );
}

/** In a program that has loaded it: until it listens, the page included. */
async function listening(): Promise<number> {
  const startedAt = performance.now();
  const playground = createPlayground();
  await playground.listen();
  const ms = performance.now() - startedAt;
  await playground.close();
  return ms;
}

/** From the start of the process to the line that says where it is. */
async function start(): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [compiled('playground/alone/main.js')], {
    env: { PATH: process.env.PATH, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  const ms = performance.now() - startedAt;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return ms;
}

async function repeated(work: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) values.push(await work());
  return values;
}

export async function measurePlayground(_stores: BenchStores, scale: number): Promise<Section> {
  const answered = Math.ceil(INTERACTIONS * scale);
  const servers = Math.ceil(GUILDS * scale);
  const seconds = (values: number[]) => values.map((ms) => ms / 1000);
  const figures: Figure[] = [
    { name: 'start within a program', unit: 'ms', values: await repeated(listening), below: 300 },
    { name: 'start of the process to its first line', unit: 'ms', values: await repeated(start), below: 300 },
    {
      name: `${answered} interactions answered`,
      unit: 's',
      values: seconds(await repeated(() => interactions(answered))),
      below: 2,
    },
    {
      name: `${servers} servers, from login to ready`,
      unit: 's',
      values: seconds(await repeated(() => guilds(servers))),
      below: 3,
    },
    ...(await measurePage(scale)),
  ];
  return {
    title: 'The local Discord',
    how:
      '`node dist/playground/alone/main.js` (what `npm run playground` starts) by itself; discord.js and the playground in one process for interactions (all dispatched at once, each answered with a message) and for ' +
      `servers (${CHANNELS_PER_GUILD} channels each). The page in headless Chromium: the person goes up through all messages of a channel, then 20 messages a second are edited while they write; ` +
      'the longest task of the page counts. Chromium tells of tasks of 50 ms and more: 50 means that there was none.',
    figures,
  };
}
