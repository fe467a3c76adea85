import { GatewayIntentBits as Intent } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { PlaygroundOptions } from '../../playground/index.js';
import { type GatewayStage, identify, RawGateway, stageGateway } from './gateway-client.js';

/** topics/opcodes-and-status-codes.mdx, Gateway Close Event Codes; the sentences behind the codes are quoted from it. */
describe('close codes of the gateway', () => {
  const stages: GatewayStage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });
  const stageOf = async (options: PlaygroundOptions = {}) => {
    const stage = await stageGateway(options);
    stages.push(stage);
    return stage;
  };

  const tooLong = { since: null, activities: [{ name: 'x'.repeat(100), type: 0, state: 'y'.repeat(4_096) }], status: 'online' };
  const cases: [code: number, says: string, act: (client: RawGateway) => void, options?: PlaygroundOptions][] = [
    [4001, 'sent an invalid Gateway opcode', (client) => client.send(99, {})],
    [4002, 'sent an invalid payload: no JSON', (client) => client.socket.send('{')],
    [4002, 'sent an invalid payload: no object', (client) => client.socket.send('[1]')],
    [4002, 'IDENTIFY without properties', (client) => client.send(2, { token: 'x', intents: 1 })],
    [4002, 'large_threshold is between 50 and 250', (client) => client.send(2, identify(1, { large_threshold: 251 }))],
    [4002, 'more than 4,096 bytes (gateway.mdx, Sending Events)', (client) => client.send(3, tooLong)],
    [4003, 'sent a payload prior to identifying', (client) => client.send(3, {})],
    [4004, 'the account token is incorrect', (client) => client.send(2, identify(1, { token: 'other' })), { token: 'x' }],
    [4010, 'sent an invalid shard', (client) => client.send(2, identify(1, { shard: [2, 2] }))],
    [4011, 'would have handled too many guilds', (client) => client.send(2, identify(1)), { limits: { guildsPerShard: 1 } }],
    [4013, 'sent an invalid intent', (client) => client.send(2, identify(1 << 30))],
    [4013, 'sent an invalid intent of a gap', (client) => client.send(2, identify(1 << 17))],
    [4014, 'a disallowed intent', (client) => client.send(2, identify(Intent.GuildPresences))],
    [
      4014,
      'an intent that is not enabled',
      (client) => client.send(2, identify(Intent.MessageContent)),
      { privilegedIntents: 0 },
    ],
  ];
  it.each(cases)('%i: %s', async (code, _says, act, options) => {
    const client = await (await stageOf(options)).connect();
    act(client);
    expect(await client.closeCode()).toBe(code);
  });

  it('4002: a wrong payload of an operation; 4005: more than one identify; 4008: too many payloads', async () => {
    const stage = await stageOf();
    for (const [op, data] of [
      [3, { status: 'asleep' }],
      [4, { guild_id: '1' }],
      [8, { guild_id: '1' }],
      [31, {}],
    ] as const) {
      const wrong = await stage.ready(1);
      wrong.send(op, data);
      expect(await wrong.closeCode()).toBe(4002);
    }
    for (const op of [2, 6]) {
      const twice = await stage.ready(1);
      twice.send(op, identify(1));
      expect(await twice.closeCode()).toBe(4005);
    }
    const chatty = await stage.ready(1);
    for (let n = 0; n < 120; n++) chatty.send(1, null);
    expect(await chatty.closeCode()).toBe(4008);
  });

  it.each(['v=9', 'v=6', 'encoding=json', 'v=ten'])('4012: sent an invalid version (%s)', async (query) => {
    const { url } = await stageOf();
    const client = new RawGateway(url, { query });
    expect(await client.closeCode()).toBe(4012);
    expect(client.frames).toEqual([]);
  });

  it.each(['encoding=etf', 'compress=zstd-stream', 'compress=gzip'])(
    'refuses with 4002 what cannot be read or made: %s',
    async (more) => {
      const { url } = await stageOf();
      expect(await new RawGateway(url, { query: `v=10&${more}` }).closeCode()).toBe(4002);
    },
  );

  it('4012 and 4014 reach what the application has: privileged intents that are enabled pass and show in its flags', async () => {
    const stage = await stageOf({ privilegedIntents: Intent.GuildPresences });
    const client = await stage.ready(Intent.Guilds | Intent.GuildPresences);
    expect((await client.event('READY')).d.application.flags).toBe(1 << 13);
    const response = await fetch(`${stage.url}/api/v10/applications/@me`, { headers: { authorization: 'Bot x' } });
    expect(((await response.json()) as { flags: number }).flags).toBe(1 << 13);
  });

  const resume = async (stage: GatewayStage, sessionId: string, seq: number, token = 'x') => {
    const client = await stage.connect({ path: '/gateway/resume' });
    client.send(6, { token, session_id: sessionId, seq });
    const answer = await client.next((frame) => frame.t === 'RESUMED' || frame.op === 9);
    return answer.t ?? { op: answer.op, d: answer.d };
  };
  const INVALID = { op: 9, d: false };

  it.each([0, 1005, 1006, 1011, 4000, 4001, 4002, 4003, 4005, 4008, 4900])(
    '%i leaves the session to be resumed',
    async (code) => {
      const stage = await stageOf();
      const client = await stage.ready(1);
      stage.gateway.drop(code);
      expect(await client.closeCode()).toBe([0, 1005, 1006].includes(code) ? 1006 : code);
      expect(await resume(stage, client.sessionId, client.lastSequence())).toBe('RESUMED');
    },
  );

  it.each([
    [1000, 'gateway.mdx, Initiating a Disconnect'],
    [1001, 'gateway.mdx, Initiating a Disconnect'],
    [4004, 'Reconnect: false'],
    [4007, 'Reconnect and start a new session'],
    [4009, 'Reconnect and start a new one'],
    [4010, 'Reconnect: false'],
    [4011, 'Reconnect: false'],
    [4012, 'Reconnect: false'],
    [4013, 'Reconnect: false'],
    [4014, 'Reconnect: false'],
  ])('%i ends the session (%s)', async (code) => {
    const stage = await stageOf();
    const client = await stage.ready(1);
    stage.gateway.drop(code);
    expect(await client.closeCode()).toBe(code);
    expect(await resume(stage, client.sessionId, client.lastSequence())).toEqual(INVALID);
  });

  it.each([
    [1000, INVALID],
    [1001, INVALID],
    [4000, 'RESUMED'],
    [4200, 'RESUMED'],
  ])('a client that closes with %i finds its session: %o (gateway.mdx, Initiating a Disconnect)', async (code, expected) => {
    const stage = await stageOf();
    const client = await stage.ready(1);
    client.socket.close(code);
    await client.closeCode();
    await expect.poll(() => stage.gateway.online(), { timeout: 15_000 }).toBe(false);
    expect(await resume(stage, client.sessionId, client.lastSequence())).toEqual(expected);
  });

  it('4007: an invalid sequence when resuming starts a new session; a connection of that session is closed', async () => {
    const stage = await stageOf();
    const first = await stage.ready(1);
    const second = await stage.connect();
    second.send(6, { token: 'x', session_id: first.sessionId, seq: 999 });
    expect(await second.closeCode()).toBe(4007);
    expect(await first.closeCode()).toBe(4000);
    expect(await resume(stage, first.sessionId, 1)).toEqual(INVALID);
  });

  it('op 9 false for a session that was left too long, missed too much, or is of another token (gateway.mdx, Preparing to Resume)', async () => {
    const stage = await stageOf({ limits: { resumableMs: 60_000, eventsKept: 4 } });
    const late = await stage.ready(1);
    stage.gateway.drop(4000);
    await late.closeCode();
    await stage.core.clock.advance(60_001);
    expect(await resume(stage, late.sessionId, late.lastSequence())).toEqual(INVALID);

    const busy = await stage.ready(1);
    stage.gateway.drop(4000);
    await busy.closeCode();
    const [guildId] = stage.core.world.guilds.keys();
    for (let n = 0; n < 20; n++) stage.core.bus.publish({ type: 'guild_update', guildId: guildId as string });
    expect(await resume(stage, busy.sessionId, busy.lastSequence())).toEqual(INVALID);

    const own = await stage.ready(1);
    expect(await resume(stage, own.sessionId, own.lastSequence(), 'another')).toEqual(INVALID);
    expect(await resume(stage, own.sessionId, own.lastSequence())).toBe('RESUMED');
    expect(await own.closeCode()).toBe(4000);
  });

  it('op 9 of both kinds, after which the same connection may go on (gateway-events.mdx, Invalid Session; discord-api-docs#1805)', async () => {
    const stage = await stageOf();
    const client = await stage.ready(1);
    stage.gateway.signal(9, true);
    expect((await client.next((frame) => frame.op === 9)).d).toBe(true);
    client.send(6, { token: 'x', session_id: client.sessionId, seq: client.lastSequence() });
    await client.event('RESUMED');
    stage.gateway.signal(9, false);
    await client.next((frame) => frame.op === 9 && frame.d === false);
    client.send(6, { token: 'x', session_id: client.sessionId, seq: client.lastSequence() });
    await expect.poll(() => client.frames.filter((frame) => frame.op === 9).length, { timeout: 15_000 }).toBe(3);
    client.send(2, identify(1));
    await expect.poll(() => client.frames.filter((frame) => frame.t === 'READY').length, { timeout: 15_000 }).toBe(2);
  });

  it('op 7 closes a few seconds later when the client stays (gateway-events.mdx, Reconnect), and the session can be resumed', async () => {
    const stage = await stageOf();
    const client = await stage.ready(1);
    stage.gateway.signal(7);
    expect((await client.next((frame) => frame.op === 7)).d).toBeNull();
    expect(client.closed).toBeUndefined();
    await stage.core.clock.advance(5_000);
    expect(await client.closeCode()).toBe(4000);
    expect(await resume(stage, client.sessionId, client.lastSequence())).toBe('RESUMED');
  });
});
