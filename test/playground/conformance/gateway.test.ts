/** The gateway: the handshake, close codes, and what they mean for the session. */
import { describe, expect, it } from 'vitest';
import type { PlaygroundOptions } from '../../../playground/index.js';
import { RawGateway } from '../gateway-client.js';
import { clients, hello, messages, type Stage, stage } from './gateway-stage.js';
import { each, type Row } from './ground.js';

const GATEWAY = 'gateway.mdx';
const EVENTS = 'gateway-events.mdx';
const CODES = 'opcodes-and-status-codes.mdx';
const FACTS = 'facts 1.5';

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
