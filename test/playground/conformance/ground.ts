import type { Client, Interaction } from 'discord.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createClock,
  createPlayground,
  type Person,
  type Playground,
  type PlaygroundOptions,
} from '../../../playground/index.js';
import { asBot, FAST, login, newClient, type RestReply } from '../support.js';

/** Limits that never stand in the way of a table of refusals. */
export const UNLIMITED = {
  ...FAST,
  messagesPerWindow: 1e6,
  editsPerWindow: 1e6,
  deletesPerWindow: 1e6,
  reactionsPerWindow: 1e6,
  webhooksPerWindow: 1e6,
  threadsPerWindow: 1e6,
  commandsPerWindow: 1e6,
  gatewayRequestsPerWindow: 1e6,
  generalPerWindow: 1e6,
  globalPerSecond: 1e6,
  renamesPerWindow: 1e6,
  oldEditsPerWindow: 1e6,
  dailyCommandCreates: 1e6,
  invalidRequestsPer10Minutes: 1e6,
};

/** Commands that the cases use. */
export const COMMANDS = [
  {
    name: 'say',
    description: 'Says it',
    options: [
      { type: 3, name: 'text', description: 'What', required: true },
      { type: 3, name: 'from', description: 'Whose', autocomplete: true },
    ],
  },
  { name: 'About message', type: 3 },
];

/** An open interaction, as the bot got it. */
export interface Opened {
  id: string;
  token: string;
}

/** A playground with a real client, a frozen clock and no limits in the way; `bot` sends raw requests. */
export interface Ground {
  playground: Playground;
  client: Client<true>;
  api: string;
  /** `{tasks}`, `{guild}`, `{app}`, `{mine}` and what `ids` holds are put into the path. */
  bot(method: string, path: string, body?: unknown): Promise<RestReply>;
  /** Without a token in the header. */
  anonymous(method: string, path: string, body?: unknown): Promise<RestReply>;
  ids: Record<string, string>;
  member: Person;
  /** Lets a person act and gives the interaction that reached the bot; nobody has answered it. */
  open(act: (member: Person) => Promise<unknown>): Promise<Opened>;
}

/** Builds the ground of a file before its tests and takes it down after them. */
export function ground(options: PlaygroundOptions = {}): () => Ground {
  let here: Ground | undefined;
  beforeAll(async () => {
    here = await build(options);
  });
  afterAll(async () => {
    await here?.client.destroy();
    await here?.playground.close();
  });
  return () => here as Ground;
}

async function build(options: PlaygroundOptions): Promise<Ground> {
  const clock = createClock({ frozen: true });
  const playground = createPlayground({ page: false, clock, ...options, limits: { ...UNLIMITED, ...options.limits } });
  const { apiUrl: api } = await playground.listen();
  const client = await login(newClient(api));
  await client.application.commands.set(COMMANDS);
  await playground.botReady();
  const { world } = playground;
  const member = playground.as('member');
  const outside = playground.addGuild('Outside', [world.people.stranger]);
  playground.faults.removeBot(outside.guildId);
  const raw = asBot(api);
  const ids: Record<string, string> = {
    ...world.channels,
    app: world.application,
    bot: world.bot,
    guild: world.guild,
    mia: world.people.member,
    stranger: world.people.stranger,
    none: '1300000000000009999',
    outside: outside.guildId,
    outsideChannel: outside.channelId,
    dm: member.dm(),
    hers: (await member.say('tasks', 'hers')).id,
  };
  const fill = (path: string) => path.replace(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? name);
  ids.mine = (await raw('POST', fill('/channels/{tasks}/messages'), { content: 'mine' })).body.id;
  return {
    playground,
    client,
    api,
    ids,
    member,
    bot: (method, path, body) => raw(method, fill(path), body),
    async anonymous(method, path, body) {
      const response = await fetch(`${api}/v10${fill(path)}`, {
        method,
        ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    async open(act) {
      const arrived = new Promise<Interaction>((resolve) => client.once('interactionCreate', resolve));
      // Settles when the interaction is answered or its time is over; whoever opened it looks at neither.
      act(member).catch(() => {});
      const { id, token } = await arrived;
      return { id, token };
    },
  };
}

/** Opens `/say` and gives its interaction. */
export const say = (member: Person): Promise<unknown> => member.command('tasks', 'say', { text: 'x' });

/** Codes of all leaves at or below a place of the tree of errors, like `embeds.0.title`. */
export function leafCodes(body: unknown, at: string): string[] {
  let node: unknown = (body as { errors?: unknown } | undefined)?.errors;
  for (const key of at === '' ? [] : at.split('.')) node = (node as Record<string, unknown> | undefined)?.[key];
  const below = (tree: unknown): string[] => {
    if (Array.isArray(tree)) return tree.map((leaf: { code: string }) => leaf.code);
    return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(below) : [];
  };
  return below(node);
}

/**
 * Looks at a refusal with 50035: the body, that the tree names this place (or one within it, where the document does not say
 * which), and the code of the leaf when it is known.
 */
export function expectForm(reply: RestReply, at: string, leaf?: string): void {
  expect(reply.body, JSON.stringify(reply.body)).toMatchObject({ code: 50035, message: 'Invalid Form Body' });
  expect(reply.status).toBe(400);
  const codes = leafCodes(reply.body, at);
  expect(codes, `nothing at ${at}: ${JSON.stringify(reply.body)}`).not.toEqual([]);
  if (leaf !== undefined) expect(codes, JSON.stringify(reply.body)).toContain(leaf);
}

/** Where a case comes from, what it says, and the case itself. */
export type Row<T extends unknown[]> = [from: string, says: string, ...rest: T];

type RestOf<R> = R extends [string, string, ...infer Rest] ? Rest : never;

/** One test for each row, named by the source and the sentence. */
export function each<R extends Row<unknown[]>>(rows: R[], prove: (...rest: RestOf<R>) => Promise<void>): void {
  for (const [from, says, ...rest] of rows) it(`${from}: ${says}`, () => prove(...(rest as RestOf<R>)));
}

export const x = (count: number): string => 'x'.repeat(count);
