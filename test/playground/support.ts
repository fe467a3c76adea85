import { type Client, Client as DiscordClient, GatewayIntentBits, type Interaction, Options } from 'discord.js';
import { expect } from 'vitest';
import { createClock, createPlayground, type Playground, type PlaygroundOptions } from '../../playground/index.js';

/** Short waits of the playground that would only slow tests down. */
export const FAST = { identifyIntervalMs: 0 };

export const COMMANDS = [
  {
    name: 'echo',
    description: 'Says it again',
    options: [
      { type: 3, name: 'text', description: 'What', required: true, max_length: 50 },
      { type: 3, name: 'how', description: 'How', choices: [{ name: 'Loud', value: 'loud' }] },
      { type: 11, name: 'file', description: 'A file' },
      { type: 6, name: 'who', description: 'Whom' },
      { type: 7, name: 'where', description: 'Where' },
    ],
  },
  {
    name: 'task',
    description: 'Tasks',
    options: [
      {
        type: 1,
        name: 'create',
        description: 'Creates one',
        options: [
          { type: 3, name: 'agent', description: 'Which', required: true, autocomplete: true },
          { type: 4, name: 'priority', description: 'n', min_value: 1, max_value: 5 },
        ],
      },
    ],
  },
  { name: 'admin', description: 'For admins', default_member_permissions: '32', contexts: [0] },
  { name: 'Make task', type: 3 },
];

/** An answer of the REST API; bodies are looked at freely in tests. */
export interface RestReply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare whatever came
  body: any;
}

export interface Stage {
  playground: Playground;
  url: string;
  api: string;
  client: Client<true>;
  /** Handles interactions from now on. */
  on(handler: (interaction: Interaction) => unknown): void;
  /** A request with the bot's token. */
  fetch(method: string, path: string, body?: unknown): Promise<RestReply>;
  close(): Promise<void>;
}

/** A request with the bot's token against any playground. */
export function asBot(api: string, token = 'test') {
  return async (method: string, path: string, body?: unknown) => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${api}/v10${path}`, {
      method,
      headers: { authorization: `Bot ${token}`, ...(body !== undefined && !isForm && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    // While an address is blocked, what answers is no JSON.
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text || undefined };
  };
}

export function newClient(api: string, intents: number[] = []): Client {
  return new DiscordClient({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages, ...intents],
    rest: { api, timeout: 5_000 },
    makeCache: Options.cacheWithLimits({}),
    waitGuildTimeout: 1_000,
  });
}

/** Logs the client in and waits until it is ready. */
export async function login(client: Client): Promise<Client<true>> {
  const ready = new Promise<void>((resolve) => client.once('clientReady', () => resolve()));
  await client.login('test');
  await ready;
  return client as Client<true>;
}

/** Fails when the playground took a body that Discord's own schemas refuse, or met a route that it does not have. */
function refuseLeniency(playground: Playground): void {
  const taken = playground.ledger().filter(({ status, violations }) => status < 400 && violations);
  expect(taken.map(({ method, route, violations }) => `${method} ${route}: ${violations?.join('; ')}`)).toEqual([]);
  expect(playground.counts().unknownRoutes).toEqual([]);
}

/** A playground with a logged-in client that has registered `COMMANDS`. */
export async function setStage(options: PlaygroundOptions = {}, intents: number[] = []): Promise<Stage> {
  // A frozen clock: a busy machine must not make the bot late.
  const playground = createPlayground({
    page: false,
    clock: createClock({ frozen: true }),
    ...options,
    limits: { ...FAST, ...options.limits },
  });
  const { url, apiUrl: api } = await playground.listen();
  const client = await login(newClient(api, intents));
  await client.application.commands.set(COMMANDS);
  await playground.botReady();
  let handler: (interaction: Interaction) => unknown = () => {};
  client.on('interactionCreate', (interaction) => void handler(interaction));
  return {
    playground,
    url,
    api,
    client,
    on: (next) => {
      handler = next;
    },
    fetch: asBot(api),
    async close() {
      await client.destroy();
      await playground.close();
      refuseLeniency(playground);
    },
  };
}
