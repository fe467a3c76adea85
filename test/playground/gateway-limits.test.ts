import { GatewayIntentBits as Intent } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { PlaygroundOptions } from '../../playground/index.js';
import { type GatewayStage, identify, stageGateway } from './gateway-client.js';
import { asBot, type Stage, setStage } from './support.js';

const DAY_MS = 24 * 60 * 60_000;

describe('limits of the gateway', () => {
  const stages: (GatewayStage | Stage)[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });
  const stageOf = async (options: PlaygroundOptions = {}) => {
    const stage = await stageGateway(options);
    stages.push(stage);
    return stage;
  };
  /** What an IDENTIFY is answered with. */
  const start = async (stage: GatewayStage, more = {}) => {
    const client = await stage.connect();
    client.send(2, identify(1, more));
    await expect.poll(() => client.closed ?? client.frames.length > 1, { timeout: 15_000, interval: 5 }).toBeTruthy();
    return client.closed ?? client.frames[1]?.t ?? client.frames[1];
  };
  const gatewayBot = async (stage: GatewayStage, token = 'x') => asBot(`${stage.url}/api`, token)('GET', '/gateway/bot');

  it('one IDENTIFY per 5 s and shard_id % max_concurrency (gateway.mdx, Max Concurrency); op 9 for one too many (Rate Limiting)', async () => {
    const stage = await stageOf({ limits: { identifyIntervalMs: 5_000, maxConcurrency: 2 } });
    expect(await start(stage, { shard: [0, 4] })).toBe('READY');
    expect(await start(stage, { shard: [2, 4] })).toMatchObject({ op: 9, d: false });
    expect(await start(stage, { shard: [1, 4] })).toBe('READY');
    await stage.core.clock.advance(4_999);
    expect(await start(stage, { shard: [3, 4] })).toMatchObject({ op: 9, d: false });
    await stage.core.clock.advance(1);
    expect(await start(stage, { shard: [2, 4] })).toBe('READY');
    expect((await gatewayBot(stage)).body.session_start_limit).toMatchObject({ max_concurrency: 2, remaining: 997 });
  });

  it('1,000 IDENTIFYs in 24 h over all shards, without RESUMEs (gateway.mdx, Identifying); reset_after tells when they are back', async () => {
    const stage = await stageOf({ limits: { identifiesPerDay: 3 } });
    expect((await gatewayBot(stage)).body).toEqual({
      url: `${stage.url.replace('http', 'ws')}/gateway`,
      shards: 1,
      session_start_limit: { total: 3, remaining: 3, reset_after: 0, max_concurrency: 1 },
    });
    for (let n = 0; n < 3; n++) {
      expect(await start(stage)).toBe('READY');
      await stage.core.clock.advance(1_000);
    }
    expect((await gatewayBot(stage)).body.session_start_limit).toMatchObject({ remaining: 0, reset_after: DAY_MS - 3_000 });
    await stage.core.clock.advance(DAY_MS - 3_001);
    expect(stage.gateway.startLimit()).toMatchObject({ remaining: 0, reset_after: 1 });
    await stage.core.clock.advance(1);
    expect(stage.gateway.startLimit()).toMatchObject({ remaining: 3, reset_after: 0 });
    expect(await start(stage)).toBe('READY');
  });

  it('one more ends all sessions and resets the token: 4004 and 401 from then on (gateway.mdx, Identifying)', async () => {
    const logged: string[] = [];
    const stage = await stageOf({ token: 'x', limits: { identifiesPerDay: 2 }, log: (line) => logged.push(line) });
    const first = await stage.ready(1);
    await stage.ready(1);
    expect(await start(stage)).toBe(4004);
    expect(await first.closeCode()).toBe(4004);
    expect(await start(stage)).toBe(4004);
    expect((await gatewayBot(stage)).status).toBe(401);
    const renewed = /the new one is (\w+)/.exec(logged.join('\n'))?.[1] ?? '';
    expect((await gatewayBot(stage, renewed)).status).toBe(200);
    expect(await start(stage, { token: renewed })).toBe('READY');
  });

  it('without a configured token the one that was used is refused', async () => {
    const stage = await stageOf({ limits: { identifiesPerDay: 1 } });
    await stage.ready(1);
    expect(await start(stage)).toBe(4004);
    expect((await gatewayBot(stage)).status).toBe(401);
    expect(await start(stage, { token: 'renewed' })).toBe('READY');
  });

  it('120 payloads per 60 s and connection, heartbeats among them (gateway.mdx, Rate Limiting); can be set', async () => {
    const stage = await stageOf({ limits: { gatewaySendsPerWindow: 4, gatewaySendWindowMs: 60_000 } });
    const client = await stage.ready(1);
    for (let n = 0; n < 3; n++) client.send(1, null);
    await expect.poll(() => client.frames.filter((frame) => frame.op === 11).length, { timeout: 15_000 }).toBe(3);
    await stage.core.clock.advance(60_000);
    for (let n = 0; n < 4; n++) client.send(1, null);
    await expect.poll(() => client.frames.filter((frame) => frame.op === 11).length, { timeout: 15_000 }).toBe(7);
    const other = await stage.ready(1);
    client.send(1, null);
    expect(await client.closeCode()).toBe(4008);
    expect(other.closed).toBeUndefined();
  });

  it('recommends shards, and never fewer than the guilds need (gateway.mdx, Sharding: 2,500 guilds a shard)', async () => {
    const stage = await stageOf({ limits: { guildsPerShard: 1 } });
    expect((await gatewayBot(stage)).body.shards).toBe(2);
    stage.core.limits.shards = 7;
    expect((await gatewayBot(stage)).body.shards).toBe(7);
  });

  it('splits guilds by (guild_id >> 22) % num_shards; what has no guild goes to shard 0 (gateway.mdx, Sharding)', async () => {
    const stage = await stageOf();
    const shards = [await stage.ready(1 | Intent.DirectMessages, { shard: [0, 2] }), await stage.ready(1, { shard: [1, 2] })];
    const { world, bus } = stage.core;
    const guildIds = [...world.guilds.keys()];
    for (const guildId of guildIds) bus.publish({ type: 'guild_update', guildId });
    bus.publish({ type: 'user_update', userId: world.botId });
    const shardOf = (id: string) => Number((BigInt(id) >> 22n) % 2n);
    await shards[0]?.event('USER_UPDATE');
    shards.forEach((client, index) => {
      const told = client.frames.filter((frame) => frame.t === 'GUILD_UPDATE').map((frame) => frame.d.id);
      expect(told).toEqual(guildIds.filter((id) => shardOf(id) === index));
    });
    expect(shards[1]?.names()).not.toContain('USER_UPDATE');
  });
});

describe('heartbeats', () => {
  const stages: (GatewayStage | Stage)[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });

  it('a missing one is asked for with op 1 (gateway.mdx, Heartbeat Requests); without an answer the client is "forced to Resume"', async () => {
    const stage = await stageGateway({ limits: { heartbeatGraceMs: 50 } });
    stages.push(stage);
    const client = await stage.ready(1);
    await stage.core.clock.advance(41_250 * 1.5 - 1);
    expect(client.frames.some((frame) => frame.op === 1)).toBe(false);
    await stage.core.clock.advance(1);
    await client.next((frame) => frame.op === 1);
    expect(await client.closeCode()).toBe(4000);
    const again = await stage.connect();
    again.send(6, { token: 'x', session_id: client.sessionId, seq: client.lastSequence() });
    await again.event('RESUMED');
  });

  it('an answer keeps the connection, and 4009 meets who never identified', async () => {
    const stage = await stageGateway({ limits: { heartbeatGraceMs: 300 } });
    stages.push(stage);
    const client = await stage.ready(1);
    const idle = await stage.connect();
    client.socket.on('message', (raw) => JSON.parse(String(raw)).op === 1 && client.send(1, null));
    await stage.core.clock.advance(62_000);
    expect(await idle.closeCode()).toBe(4009);
    expect(client.closed).toBeUndefined();
    expect(client.frames.filter((frame) => frame.op === 11)).toHaveLength(1);
  });

  it('the real client answers op 1 at once, and survives that a test moves the clock by hours', async () => {
    const stage = await setStage();
    stages.push(stage);
    const { playground, client } = stage;
    const beats: number[] = [];
    playground.gateway.onFrame((frame) => frame.kind === 'frame' && frame.direction === 'in' && beats.push(frame.op));
    for (let hour = 0; hour < 3; hour++) await playground.clock.advance(3_600_000);
    playground.faults.askForHeartbeat();
    await expect.poll(() => beats.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(2);
    expect(new Set(beats)).toEqual(new Set([1]));
    expect(playground.gateway.connections()).toHaveLength(1);
    expect(client.ws.shards.first()?.status).toBe(0);
  });
});

describe('REQUEST_GUILD_MEMBERS (op 8; gateway-events.mdx, Request Guild Members)', () => {
  const stages: GatewayStage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });
  /** A guild with 2,500 people, of whom every tenth is called `tess…`. */
  const crowd = async () => {
    const stage = await stageGateway();
    stages.push(stage);
    const { world } = stage.core;
    const guild = [...world.guilds.values()][0];
    if (!guild) throw new Error('no guild');
    const joinedAt = new Date(stage.core.clock.now()).toISOString();
    for (let n = guild.members.length; n < 2_500; n++) {
      const id = stage.core.ids.next();
      const username = n % 10 === 0 ? `tess${n}` : `user${n}`;
      world.users.set(id, { id, username, displayName: username, bot: false, role: '', color: '#ffffff', locale: 'en-US' });
      guild.members.push({ userId: id, roles: [], joinedAt });
    }
    return { stage, guild };
  };
  const chunksOf = (client: { frames: { t: string | null; d: { members: unknown[] } }[] }) =>
    client.frames.filter((frame) => frame.t === 'GUILD_MEMBERS_CHUNK').map((frame) => frame.d);

  it('all members come in chunks of 1,000; a second request within 30 s gets RATE_LIMITED (change log 2025-08-14)', async () => {
    const { stage, guild } = await crowd();
    const client = await stage.ready(Intent.Guilds | Intent.GuildMembers);
    client.send(8, { guild_id: guild.id, query: '', limit: 0, nonce: 'n-1' });
    await expect.poll(() => chunksOf(client).length, { timeout: 15_000 }).toBe(3);
    expect(chunksOf(client).map((chunk) => chunk.members.length)).toEqual([1_000, 1_000, 500]);
    expect(chunksOf(client)[2]).toMatchObject({ guild_id: guild.id, chunk_index: 2, chunk_count: 3, nonce: 'n-1' });
    await stage.core.clock.advance(10_000);
    client.send(8, { guild_id: [guild.id], query: '', limit: 0, nonce: 'n-2' });
    expect((await client.event('RATE_LIMITED')).d).toEqual({
      opcode: 8,
      retry_after: 20,
      meta: { guild_id: guild.id, nonce: 'n-2' },
    });
    await stage.core.clock.advance(20_000);
    client.send(8, { guild_id: guild.id, query: '', limit: 0, nonce: 'x'.repeat(33) });
    await expect.poll(() => chunksOf(client).length, { timeout: 15_000 }).toBe(6);
    expect(chunksOf(client)[5]).not.toHaveProperty('nonce');
  });

  it('a prefix and ids find 100 at most, unknown ids are told; all members need the members intent', async () => {
    const { stage, guild } = await crowd();
    const client = await stage.ready(Intent.Guilds);
    client.send(8, { guild_id: guild.id, query: '', limit: 0 });
    client.send(8, { guild_id: '1', query: 'x', limit: 1 });
    client.send(8, { guild_id: guild.id, query: 'TESS', limit: 0 });
    client.send(8, { guild_id: guild.id, query: 'tess', limit: 3 });
    const ids = guild.members.map((member) => member.userId);
    client.send(8, { guild_id: guild.id, user_ids: [...ids.slice(0, 60), '1'] });
    client.send(8, { guild_id: guild.id, user_ids: ids.slice(0, 150) });
    await expect.poll(() => chunksOf(client).length, { timeout: 15_000 }).toBe(4);
    expect(chunksOf(client).map((chunk) => chunk.members.length)).toEqual([100, 3, 60, 100]);
    expect(chunksOf(client)[2]).toMatchObject({ not_found: ['1'] });
    expect(chunksOf(client)[1]).not.toHaveProperty('not_found');
  });

  it('the real client fetches all members', async () => {
    const stage = await setStage({}, [Intent.GuildMembers]);
    const guild = await stage.client.guilds.fetch(stage.playground.world.guild);
    expect((await guild.members.fetch()).map((member) => member.user.username).sort()).toEqual(
      expect.arrayContaining(['ada', 'max', 'mia', 'mo']),
    );
    await stage.close();
  });
});
