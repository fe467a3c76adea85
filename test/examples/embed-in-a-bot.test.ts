/** The example as a program of its own, and what an embedder may count on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Client, Events, GatewayIntentBits } from 'discord.js';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlayground, type Playground } from '../../playground/index.js';
import { readSettings } from '../../src/config.js';
import { createGuildhall, type Guildhall, type GuildhallOptions } from '../../src/guildhall.js';
import { bundle } from '../support/bundle.js';
import { type TestStores, testStores } from '../support/stores.js';
import { until } from '../support/until.js';

let stores: TestStores;
let playground: Playground;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  stores = testStores();
  playground = createPlayground({ page: false, log: () => undefined });
  await playground.listen();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await playground.close();
  await stores.dispose();
});

function environment(): Record<string, string> {
  return {
    DISCORD_TOKEN: 'secret',
    DISCORD_API_URL: playground.apiUrl(),
    DATABASE_URL: stores.databaseUrl,
    DATABASE_SCHEMA: stores.schema,
    REDIS_URL: stores.redisUrl,
    REDIS_PREFIX: stores.prefix,
  };
}

/** What a member reads in answer to a command. */
async function answers(name: string, options: Record<string, string> = {}): Promise<string | undefined> {
  const answer = await playground.as('member').command('tasks', name, options);
  const message = answer.kind === 'deferred' ? await answer.settled() : answer.message;
  return message && [message.content, message.embeds[0]?.title, message.embeds[0]?.description].filter(Boolean).join(' ');
}

/** A bot with the commands `/ping` and `/help` of its own, logged in unless told otherwise. */
async function existingBot(login = true): Promise<Client> {
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: playground.apiUrl() }, waitGuildTimeout: 300 });
  cleanups.push(() => client.destroy());
  client.on(Events.InteractionCreate, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    if (interaction.commandName === 'ping') await interaction.reply('Pong!');
    if (interaction.commandName === 'help') await interaction.reply('Help of the bot');
  });
  client.once(Events.ClientReady, async ({ application }) => {
    await application.commands.create({ name: 'ping', description: 'Answers at once' });
    await application.commands.create({ name: 'help', description: 'What this bot can do' });
  });
  if (login) await client.login('secret');
  return client;
}

async function embed(client: Client, more: Partial<GuildhallOptions> = {}): Promise<Guildhall> {
  const guildhall = createGuildhall({ client, settings: readSettings(environment()), log: pino({ level: 'silent' }), ...more });
  cleanups.push(() => guildhall.stop(0));
  return guildhall;
}

async function commandNames(client: Client): Promise<string[]> {
  const commands = await client.application?.commands.fetch();
  return [...(commands?.values() ?? [])].map(({ name }) => name).sort();
}

/** Counts of all listeners that a client has. */
function listeners(client: Client): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const emitter of [client, client.ws])
    for (const event of emitter.eventNames())
      counts[`${emitter.constructor.name} ${String(event)}`] = emitter.listenerCount(event as never);
  return counts;
}

describe('examples/embed-in-a-bot.ts', () => {
  let program: ChildProcess;

  it('answers its own command and those of Guildhall, and ends when told to', async () => {
    const file = await bundle('examples/embed-in-a-bot.ts');
    cleanups.push(() => rm(file, { force: true }));
    let output = '';
    program = spawn(process.execPath, [file], { env: { ...process.env, ...environment() } });
    cleanups.push(() => program.kill('SIGKILL'));
    program.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    program.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    await until(
      'the commands of both',
      async () => {
        if (program.exitCode !== null) throw new Error(output);
        // The person's client knows only commands that are registered.
        const found = await Promise.all([answers('ping'), answers('help')]).catch(() => undefined);
        return found?.[0] === 'Pong!' && found[1]?.startsWith('Guildhall') ? found : undefined;
      },
      60_000,
    );
    expect(await answers('task create', { agent: 'sample', title: 'A short one', input: 'delayMs=200 steps=2' })).toContain(
      'A short one',
    );
    const told = await playground.waitFor('tasks', ({ content }) => content.includes(playground.world.people.member), 20_000);
    expect(told.embeds[0]?.description).toContain('Waited 0.2 s in 2 steps');
    const closed = once(program, 'exit');
    program.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
  }, 120_000);
});

describe('Guildhall in a client of somebody else', () => {
  it('leaves the client and its commands alone when it stops', async () => {
    const client = await existingBot();
    await until('ready', () => client.isReady());
    await until('its own commands', async () => (await commandNames(client)).length === 2);
    const before = listeners(client);
    const guildhall = await embed(client, { omit: ['help'] });
    expect(await guildhall.start()).toBe(guildhall);
    expect(await commandNames(client)).toEqual(['Create task', 'admin', 'agent', 'help', 'ping', 'settings', 'task']);
    expect(await answers('help')).toBe('Help of the bot');
    expect(await answers('agent list')).toContain('Sample');
    await guildhall.stop(0);
    expect(client.isReady()).toBe(true);
    expect(listeners(client)).toEqual(before);
    expect(await answers('ping')).toBe('Pong!');
    expect(await commandNames(client)).toContain('task');
  });

  it('waits for a client that is logged in later', async () => {
    const client = await existingBot(false);
    const guildhall = await embed(client, { omit: ['help'] });
    const starting = guildhall.start();
    await client.login('secret');
    await starting;
    await answers('task create', { agent: 'sample', title: 'Later', input: 'delayMs=0 steps=1' });
    await playground.waitFor('tasks', ({ content }) => content.includes(playground.world.people.member), 20_000);
    expect(playground.counts().errors).toEqual({});
  });

  it('gives up waiting when it is stopped', async () => {
    const client = await existingBot(false);
    const guildhall = await embed(client);
    const starting = guildhall.start();
    starting.catch(() => undefined); // Looked at below; it may be rejected before.
    await until('it waits', () => client.listenerCount(Events.ClientReady) === 2);
    await guildhall.stop();
    await expect(starting).rejects.toThrow('stopped before its client was ready');
    expect(client.listenerCount(Events.ClientReady)).toBe(1);
  });
});
