/**
 * The whole bot on the local Discord and real stores: what a person does there, as a test does it. Each hall has a playground, a schema and a
 * key prefix of its own.
 */

import { Client, GatewayIntentBits } from 'discord.js';
import type { APIMessage } from 'discord-api-types/v10';
import { pino } from 'pino';
import type { Answer, Playground } from '../../playground/api.js';
import { createPlayground } from '../../playground/index.js';
import type { Agent } from '../../src/agents/contract.js';
import { readSettings, type Settings } from '../../src/config.js';
import type { Core } from '../../src/core.js';
import { createGuildhall, type Guildhall } from '../../src/guildhall.js';
import type { Actor } from '../../src/tasks/actor.js';
import { expectConforming } from '../support/conformance.js';
import { testStores } from '../support/stores.js';
import { until } from '../support/until.js';

export interface HallOptions {
  /** Besides the built-in ones. */
  agents?: Agent[];
  tasks?: Partial<Settings['tasks']>;
  /** Address of a fault proxy instead of Postgres. */
  databaseUrl?: string;
  /** Default true: agents run here. */
  worker?: boolean;
  /** Folder of the built page, for tests in a browser; absent: no page. */
  pageDir?: string;
  /** Runs on a client of the test, through which payloads can be changed on their way (`tamper`). */
  tampering?: boolean;
  /** What is to be so on the local Discord before the bot starts. */
  before?: (playground: Playground) => Promise<void>;
}

export interface Hall {
  /** Address of the local Discord. */
  url: string;
  playground: Playground;
  guildhall: Guildhall;
  core: Core;
  logged: { level: number; msg: string; err?: { message: string } }[];
  /** Changes each payload before the router sees it, as somebody who forges would. */
  tamper(change: (payload: Record<string, unknown>) => void): void;
  /** The card whose embed's title contains the text, once the test holds. */
  card(title: string, test?: (message: APIMessage) => boolean, channel?: string): Promise<APIMessage>;
  /** Somebody who sees everything in the first guild, for looking at what is stored. */
  overseer: Actor;
  /** Stored tasks whose title has these words. */
  stored(search: string): ReturnType<Core['tasks']['list']>;
  close(): Promise<void>;
}

export async function openHall(options: HallOptions = {}): Promise<Hall> {
  const stores = testStores();
  const logged: Hall['logged'] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const limits = { messagesPerWindow: 1000, editsPerWindow: 1000, globalPerSecond: 1000 };
  const page = options.pageDir === undefined ? { page: false } : { pageDir: options.pageDir };
  const playground = createPlayground({ ...page, log: () => undefined, limits });
  const { url } = await playground.listen();
  await options.before?.(playground);
  const settings = readSettings({
    DATABASE_SCHEMA: stores.schema,
    REDIS_PREFIX: stores.prefix,
    LEASE_SECONDS: '5',
    DISCORD_API_URL: playground.apiUrl(),
    AGENTS: options.worker === false ? 'none' : 'all',
  });
  Object.assign(settings.tasks, { baseRetryDelaySeconds: 0.1, maxRetryDelaySeconds: 1, ...options.tasks });
  let change: (payload: Record<string, unknown>) => void = () => undefined;
  const client = options.tampering
    ? new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: playground.apiUrl() }, waitGuildTimeout: 300 })
    : undefined;
  client?.ws.on('INTERACTION_CREATE' as never, (payload: Record<string, unknown>) => change(payload));
  await client?.login('secret');
  const guildhall = createGuildhall({
    ...(client ? { client } : { token: 'secret' }),
    settings,
    agents: options.agents ?? [],
    log,
    stores: {
      databaseUrl: options.databaseUrl ?? stores.databaseUrl,
      postgres: 'configured',
      redis: { kind: 'single', url: stores.redisUrl },
      redisKind: 'configured',
      redisAbsence: null,
      announce: async () => undefined,
      close: async () => undefined,
    },
  });
  await guildhall.start();
  const { people, guild, channels } = playground.world;
  const overseer: Actor = {
    userId: people.admin,
    guildId: guild,
    scopes: Object.values(channels),
    moderates: () => true,
    isAdmin: true,
    isOwner: true,
  };
  return {
    url,
    playground,
    guildhall,
    core: guildhall.core,
    logged,
    tamper(next) {
      change = next;
    },
    card: (title, test = () => true, channel = 'tasks') =>
      playground.waitFor(
        channel,
        (message) => (message.embeds[0]?.title ?? '').includes(title) && buttons(message).length > 0 && test(message),
        20_000,
      ),
    overseer,
    stored: (search) => guildhall.tasks.list({ search }, overseer),
    async close() {
      await guildhall.stop(0);
      await client?.destroy();
      await playground.close();
      await stores.dispose();
      expectConforming(playground);
    },
  };
}

/** What the person reads in an answer, embeds included, once it is there. */
export async function words(answer: Answer): Promise<string> {
  const message = answer.message ?? (await answer.settled());
  return textOf(message);
}

export function textOf(message: APIMessage | undefined): string {
  const embeds = (message?.embeds ?? []).flatMap(({ title, description, fields, footer }) => [
    title,
    description,
    ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
    footer?.text,
  ]);
  return [message?.content, ...embeds].filter((each) => each !== undefined && each !== '').join('\n');
}

/** Labels of the buttons of a message, disabled ones in brackets. */
export function buttons(message: APIMessage | undefined): string[] {
  const rows = (message?.components ?? []) as {
    components: { type: number; label?: string; emoji?: { name: string }; disabled?: boolean }[];
  }[];
  return rows
    .flatMap(({ components }) => components)
    .filter(({ type }) => type === 2)
    .map(({ label, emoji, disabled }) => (disabled ? `[${label}]` : (label ?? emoji?.name ?? '')));
}

/** custom_id of the button with this label or emoji. */
export function idOf(message: APIMessage | undefined, label: string): string {
  const rows = (message?.components ?? []) as {
    components: { custom_id?: string; label?: string; emoji?: { name: string } }[];
  }[];
  const found = rows.flatMap(({ components }) => components).find((each) => each.label === label || each.emoji?.name === label);
  if (!found?.custom_id) throw new Error(`no button ${label} among ${buttons(message).join(', ')}`);
  return found.custom_id;
}

export { until };
