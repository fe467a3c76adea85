/** The gateway: the handshake, close codes and what they mean for the session, intents, shards, resuming, compression. */
import { GatewayIntentBits as Intent } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground, type PlaygroundOptions } from '../../../playground/index.js';
import { identify, RawGateway } from '../gateway-client.js';
import { asBot, FAST } from '../support.js';
import { each, type Row } from './ground.js';

const GATEWAY = 'gateway.mdx';
const EVENTS = 'gateway-events.mdx';
const CODES = 'opcodes-and-status-codes.mdx';
const FACTS = 'facts 1.5';

const playgrounds: Playground[] = [];
const clients: RawGateway[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  for (const playground of playgrounds.splice(0)) await playground.close();
});

async function stage(options: PlaygroundOptions = {}) {
  const clock = createClock({ frozen: true });
  const playground = createPlayground({
    page: false,
    clock,
    token: 'secret',
    ...options,
    limits: { ...FAST, ...options.limits },
  });
  playgrounds.push(playground);
  const { url, apiUrl } = await playground.listen();
  const connect = async (where: { path?: string; query?: string } = {}) => {
    const client = new RawGateway(url, where);
    clients.push(client);
    await client.next((frame) => frame.op === 10);
    return client;
  };
  const ready = async (intents: number, more: object = {}, where = {}) => {
    const client = await connect(where);
    client.send(2, hello(intents, more));
    const { d } = await client.event('READY');
    if ((intents & 1) !== 0 && d.guilds.length > 0)
      await client.next((frame) => frame.t === 'GUILD_CREATE' && frame.d.id === d.guilds.at(-1).id);
    return Object.assign(client, { session: d.session_id as string, resumeUrl: d.resume_gateway_url as string });
  };
  return { playground, url, connect, ready, bot: asBot(apiUrl, 'secret') };
}

const hello = (intents: number, more: object = {}) => identify(intents, { token: 'secret', ...more });

describe('the handshake', () => {
  it(`${GATEWAY}: HELLO comes first, with the heartbeat interval`, async () => {
    const client = await (await stage()).connect();
    expect(client.frames[0]).toMatchObject({ op: 10, s: null, t: null, d: { heartbeat_interval: 41_250 } });
  });

  it(`${GATEWAY}: a heartbeat is acknowledged, before and after IDENTIFY`, async () => {
    const { connect, ready } = await stage();
    for (const client of [await connect(), await ready(1)]) {
      client.send(1, null);
      await client.next((frame) => frame.op === 11);
    }
  });

  it(`${EVENTS}: READY tells version, user, guilds as unavailable, session, resume URL, shard and application`, async () => {
    const { ready, playground } = await stage();
    const client = await ready(1, { shard: [0, 1] });
    expect((await client.event('READY')).d).toMatchObject({
      v: 10,
      user: { id: playground.world.bot, bot: true },
      guilds: expect.arrayContaining([{ id: playground.world.guild, unavailable: true }]),
      session_id: expect.any(String),
      resume_gateway_url: expect.stringMatching(/^ws:/),
      shard: [0, 1],
      application: { id: playground.world.application, flags: expect.any(Number) },
    });
  });

  it(`${EVENTS}: a GUILD_CREATE follows for each guild, with channels, roles and the bot's member`, async () => {
    const { ready, playground } = await stage();
    const client = await ready(1);
    const { d } = await client.next((frame) => frame.t === 'GUILD_CREATE' && frame.d.id === playground.world.guild);
    expect(d).toMatchObject({
      unavailable: false,
      member_count: 5,
      channels: expect.any(Array),
      roles: expect.any(Array),
      threads: [],
    });
    expect(d.members).toHaveLength(1);
  });

  it(`${GATEWAY}: Get Gateway Bot tells url, shards and session_start_limit, which an IDENTIFY lowers`, async () => {
    const { bot, ready } = await stage();
    const before = (await bot('GET', '/gateway/bot')).body;
    expect(before).toMatchObject({
      url: expect.stringMatching(/^ws:/),
      shards: 1,
      session_start_limit: { total: 1000, remaining: 1000, max_concurrency: 1, reset_after: expect.any(Number) },
    });
    await ready(1);
    expect((await bot('GET', '/gateway/bot')).body.session_start_limit.remaining).toBe(999);
  });

  it(`${GATEWAY}: one IDENTIFY per 5 s: the second is answered with op 9`, async () => {
    const { playground, ready, connect } = await stage({ limits: { identifyIntervalMs: 5_000 } });
    await ready(1);
    const second = await connect();
    second.send(2, hello(1));
    expect((await second.next((frame) => frame.op === 9)).d).toBe(false);
    await playground.clock.advance(5_001);
    await ready(1);
  });
});

type Client = RawGateway & { session: string };
type Stage = Awaited<ReturnType<typeof stage>>;

/** What a client does, and with which code it is closed. */
const CLOSES: Row<[code: number, act: (client: RawGateway) => void, options?: PlaygroundOptions]>[] = [
  [CODES, '4001 for an opcode that there is not', 4001, (client) => client.send(99, {})],
  [CODES, '4002 for what is no JSON', 4002, (client) => client.socket.send('{')],
  [CODES, '4002 for JSON without an opcode', 4002, (client) => client.socket.send('{"d":1}')],
  [
    GATEWAY,
    '4002 for a payload over 4,096 bytes',
    4002,
    (client) => client.send(2, hello(1, { properties: { os: 'x'.repeat(4096) } })),
  ],
  [
    CODES,
    '4003 for a payload before IDENTIFY',
    4003,
    (client) => client.send(3, { since: null, activities: [], status: 'online', afk: false }),
  ],
  [CODES, '4004 for a wrong token', 4004, (client) => client.send(2, hello(1, { token: 'wrong' }))],
  [CODES, '4004 for a wrong token in a RESUME', 4004, (client) => client.send(6, { token: 'wrong', session_id: 'x', seq: 1 })],
  [CODES, '4005 for a second IDENTIFY', 4005, (client) => [1, 2].map(() => client.send(2, hello(1)))],
  [FACTS, '4008 for more than 120 payloads in 60 s', 4008, (client) => Array.from({ length: 121 }, () => client.send(1, null))],
  [CODES, '4010 for a shard that there is not', 4010, (client) => client.send(2, hello(1, { shard: [2, 2] }))],
  [
    CODES,
    '4011 for too many guilds without shards',
    4011,
    (client) => client.send(2, hello(1)),
    { limits: { guildsPerShard: 1 } },
  ],
  [CODES, '4013 for intents that there are not', 4013, (client) => client.send(2, hello(1 << 30))],
];

describe('a connection is closed with', () => {
  each(CLOSES, async (code, act, options) => {
    const client = await (await stage(options)).connect();
    act(client);
    expect(await client.closeCode()).toBe(code);
  });

  it(`${CODES}: 4012 for another version of the API`, async () => {
    const { url } = await stage();
    const client = new RawGateway(url, { query: 'v=5&encoding=json' });
    clients.push(client);
    expect(await client.closeCode()).toBe(4012);
  });

  it(`${GATEWAY}: a code that lets it resume, when its heartbeats stop`, async () => {
    const { connect, playground } = await stage();
    const client = await connect();
    await playground.clock.advance(2 * playground.limits.heartbeatIntervalMs);
    expect(await client.closeCode()).toBeGreaterThanOrEqual(4000);
  });
});

/** Leaves a session with something missed, and gives how a RESUME of it ends. */
async function resume(where: Stage, client: Client, seq: number): Promise<{ kind: string; missed: string[] }> {
  const again = await where.connect();
  again.send(6, { token: 'secret', session_id: client.session, seq });
  await expect
    .poll(() => again.closed ?? again.frames.some((frame) => frame.op === 9 || frame.t === 'RESUMED'), {
      timeout: 15_000,
      interval: 5,
    })
    .toBeTruthy();
  const kind =
    again.closed !== undefined ? String(again.closed) : again.frames.some((frame) => frame.op === 9) ? 'invalid' : 'resumed';
  return { kind, missed: again.names().filter((name) => name !== 'RESUMED') as string[] };
}

const messages = Intent.Guilds | Intent.GuildMessages;

describe('a session', () => {
  /** How the connection ends, and whether the session lives on. */
  const ENDS: Row<[end: (where: Stage, client: Client) => void, kind: string]>[] = [
    [GATEWAY, 'that the client closed with 1000 is over', (_where, client) => client.socket.close(1000), 'invalid'],
    [GATEWAY, 'that the client closed with 1001 is over', (_where, client) => client.socket.close(1001), 'invalid'],
    [GATEWAY, 'that the client closed with another code is resumed', (_where, client) => client.socket.close(4200), 'resumed'],
    [CODES, 'that Discord closed with 4000 is resumed', (where) => where.playground.faults.dropGateway(4000), 'resumed'],
    [CODES, 'that was cut is resumed', (where) => where.playground.faults.dropGateway(0), 'resumed'],
    [CODES, 'that Discord closed with 4008 is resumed', (where) => where.playground.faults.dropGateway(4008), 'resumed'],
    [CODES, 'that Discord closed with 4007 starts anew', (where) => where.playground.faults.dropGateway(4007), 'invalid'],
    [CODES, 'that Discord closed with 4009 starts anew', (where) => where.playground.faults.dropGateway(4009), 'invalid'],
  ];
  each(ENDS, async (end, kind) => {
    const where = await stage();
    const client = await where.ready(messages);
    const seq = client.lastSequence();
    end(where, client);
    await client.closeCode();
    await where.playground.as('member').say('tasks', 'missed');
    const found = await resume(where, client, seq);
    expect(found.kind).toBe(kind);
    if (kind === 'resumed') expect(found.missed).toEqual(['MESSAGE_CREATE']);
  });

  it(`${GATEWAY}: op 7 asks to reconnect, and the session goes on`, async () => {
    const where = await stage();
    const client = await where.ready(messages);
    where.playground.faults.reconnectGateway();
    await client.next((frame) => frame.op === 7);
    client.socket.close(4200);
    expect((await resume(where, client, client.lastSequence())).kind).toBe('resumed');
  });

  it.each([
    [false, 'invalid'],
    [true, 'resumed'],
  ] as const)(`${GATEWAY}: op 9 with d %s leaves it %s`, async (resumable, kind) => {
    const where = await stage();
    const client = await where.ready(messages);
    where.playground.faults.invalidateGateway(resumable);
    expect((await client.next((frame) => frame.op === 9)).d).toBe(resumable);
    client.socket.close(4200);
    await client.closeCode();
    expect((await resume(where, client, client.lastSequence())).kind).toBe(kind);
  });

  it(`${CODES}: a sequence that never was is refused with 4007`, async () => {
    const where = await stage();
    const client = await where.ready(messages);
    client.socket.close(4200);
    await client.closeCode();
    expect((await resume(where, client, 9_999)).kind).toBe('4007');
  });

  it(`${GATEWAY}: is unknown after the time in which it may be resumed`, async () => {
    const where = await stage();
    const client = await where.ready(messages);
    client.socket.close(4200);
    await client.closeCode();
    await where.playground.clock.advance(where.playground.limits.resumableMs + 1);
    expect((await resume(where, client, client.lastSequence())).kind).toBe('invalid');
  });

  it(`${GATEWAY}: is resumed at the URL that READY told`, async () => {
    const where = await stage();
    const client = await where.ready(messages);
    client.socket.close(4200);
    await client.closeCode();
    const again = await where.connect({ path: new URL(client.resumeUrl).pathname });
    again.send(6, { token: 'secret', session_id: client.session, seq: client.lastSequence() });
    await again.event('RESUMED');
  });
});

const thumb = '%F0%9F%91%8D';

/** What happens, which event tells of it, and the intents that bring it. */
const INTENTS: Row<[act: (where: Stage) => Promise<unknown>, event: string, intents: number]>[] = [
  [
    GATEWAY,
    "a member's message",
    (where) => where.playground.as('member').say('tasks', 'x'),
    'MESSAGE_CREATE',
    Intent.GuildMessages,
  ],
  [
    GATEWAY,
    'a direct message',
    (where) => where.playground.as('member').say(where.playground.as('member').dm(), 'x'),
    'MESSAGE_CREATE',
    Intent.DirectMessages,
  ],
  [GATEWAY, 'an edited message', async (where) => edited(where), 'MESSAGE_UPDATE', Intent.GuildMessages],
  [GATEWAY, 'a deleted message', async (where) => deleted(where), 'MESSAGE_DELETE', Intent.GuildMessages],
  [GATEWAY, 'a reaction', async (where) => reacted(where), 'MESSAGE_REACTION_ADD', Intent.GuildMessageReactions],
  [
    GATEWAY,
    'typing',
    (where) => where.bot('POST', `/channels/${where.playground.world.channels.tasks}/typing`),
    'TYPING_START',
    Intent.GuildMessageTyping,
  ],
  [
    GATEWAY,
    'a new channel',
    async ({ playground }) => playground.addChannel(playground.world.guild, 'new'),
    'CHANNEL_CREATE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a deleted channel',
    async ({ playground }) => playground.faults.deleteChannel(playground.world.channels.lab),
    'CHANNEL_DELETE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a new thread',
    async ({ playground }) => playground.addThread(playground.world.channels.tasks, 't'),
    'THREAD_CREATE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a changed role',
    async ({ playground }) => playground.faults.denyRole(playground.world.guild, playground.world.guild, 1n << 6n),
    'GUILD_ROLE_UPDATE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a guild that the bot leaves',
    async ({ playground }) => playground.faults.removeBot(playground.world.otherGuild),
    'GUILD_DELETE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a new member',
    async ({ playground }) => playground.addMember(playground.world.guild, playground.addPerson('zoe')),
    'GUILD_MEMBER_ADD',
    Intent.GuildMembers,
  ],
  [
    GATEWAY,
    'a member that leaves',
    async ({ playground }) => playground.removeMember(playground.world.guild, playground.world.people.member),
    'GUILD_MEMBER_REMOVE',
    Intent.GuildMembers,
  ],
];

const own = async (where: Stage) => {
  const path = `/channels/${where.playground.world.channels.tasks}/messages`;
  return `${path}/${(await where.bot('POST', path, { content: 'x' })).body.id}`;
};
const edited = async (where: Stage) => where.bot('PATCH', await own(where), { content: 'y' });
const deleted = async (where: Stage) => where.bot('DELETE', await own(where));
const reacted = async (where: Stage) => {
  where.playground.setBotRole(where.playground.world.guild, { permissions: 8n });
  return where.bot('PUT', `${await own(where)}/reactions/${thumb}/@me`);
};

describe('an intent brings', () => {
  each(INTENTS, async (act, event, intents) => {
    const where = await stage();
    // The members intent needs no guild event to be there, but what it tells does.
    const having = await where.ready(intents);
    const lacking = await where.ready(
      (Intent.Guilds | Intent.GuildMessages | Intent.DirectMessages | Intent.GuildMembers) & ~intents,
    );
    await act(where);
    await having.event(event);
    // Frames come in order: what a later one says shows that the earlier ones are there.
    lacking.send(1, null);
    await lacking.next((frame) => frame.op === 11);
    expect(lacking.names()).not.toContain(event);
  });

  it(`${FACTS}: interactions need none`, async () => {
    const where = await stage();
    await where.bot('POST', `/applications/${where.playground.world.application}/commands`, { name: 'say', description: 'D' });
    const client = await where.ready(0);
    void where.playground
      .as('member')
      .command('tasks', 'say')
      .catch(() => {});
    expect((await client.event('INTERACTION_CREATE')).d).toMatchObject({ type: 2, data: { name: 'say' } });
  });

  /** Who writes what, and whether a bot without the message content intent sees it. */
  const CONTENT: Row<[say: (where: Stage) => Promise<unknown>, seen: boolean]>[] = [
    [
      GATEWAY,
      "content of a member's message is hidden",
      ({ playground }) => playground.as('member').say('tasks', 'words'),
      false,
    ],
    [
      GATEWAY,
      'content that mentions the bot is shown',
      ({ playground }) => playground.as('member').say('tasks', `<@${playground.world.bot}> words`),
      true,
    ],
    [
      GATEWAY,
      'content of a direct message is shown',
      ({ playground }) => playground.as('member').say(playground.as('member').dm(), 'words'),
      true,
    ],
    [
      GATEWAY,
      "content of the bot's own message is shown",
      ({ bot, playground }) => bot('POST', `/channels/${playground.world.channels.tasks}/messages`, { content: 'words' }),
      true,
    ],
  ];
  each(CONTENT, async (act, seen) => {
    const where = await stage();
    const intents = Intent.Guilds | Intent.GuildMessages | Intent.DirectMessages;
    const [without, having] = [await where.ready(intents), await where.ready(intents | Intent.MessageContent)];
    await act(where);
    expect((await having.event('MESSAGE_CREATE')).d.content).toContain('words');
    expect((await without.event('MESSAGE_CREATE')).d.content.includes('words')).toBe(seen);
  });
});

describe('shards', () => {
  it(`${GATEWAY}: have the guilds with (id >> 22) % count, direct messages go to shard 0`, async () => {
    const where = await stage({ limits: { maxConcurrency: 4 } });
    const guilds = Array.from(
      { length: 8 },
      (_, n) => where.playground.addGuild(`g${n}`, [where.playground.world.people.member]).guildId,
    );
    const shards = [
      await where.ready(messages | Intent.DirectMessages, { shard: [0, 2] }),
      await where.ready(messages | Intent.DirectMessages, { shard: [1, 2] }),
    ];
    for (const [n, shard] of shards.entries()) {
      const { d } = await shard.event('READY');
      const ids: string[] = d.guilds.map((guild: { id: string }) => guild.id);
      expect(ids.every((id) => Number((BigInt(id) >> 22n) % 2n) === n)).toBe(true);
      for (const id of guilds.filter((one) => Number((BigInt(one) >> 22n) % 2n) === n)) expect(ids).toContain(id);
    }
    await where.playground.as('member').say(where.playground.as('member').dm(), 'x');
    await shards[0]?.event('MESSAGE_CREATE');
    expect(shards[1]?.names()).not.toContain('MESSAGE_CREATE');
  });
});

describe('compression', () => {
  it.each([
    ['zlib-stream for the transport', { query: 'v=10&encoding=json&compress=zlib-stream' }, {}],
    ['zlib for large payloads', {}, { compress: true }],
  ])(`${GATEWAY}: %s is given when asked for`, async (_kind, where, more) => {
    const client = await (await stage()).ready(messages, more, where);
    expect(client.binary.length).toBeGreaterThan(0);
    expect((await client.event('READY')).d.v).toBe(10);
  });
});
