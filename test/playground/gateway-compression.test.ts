import { GatewayIntentBits as Intent } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { type GatewayStage, identify, stageGateway } from './gateway-client.js';

const FLUSHED = Buffer.from([0, 0, 0xff, 0xff]);
const STREAM = { query: 'v=10&encoding=json&compress=zlib-stream' };

describe('compression (gateway.mdx, Encoding and Compression)', () => {
  const stages: GatewayStage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });
  const stageOf = async () => {
    const stage = await stageGateway();
    stages.push(stage);
    return stage;
  };

  it('zlib-stream: one context for all messages, each ends with 00 00 FF FF, in the order of events', async () => {
    const stage = await stageOf();
    const client = await stage.connect(STREAM);
    client.send(2, identify(Intent.Guilds));
    await client.event('READY');
    const [guildId] = stage.core.world.guilds.keys();
    for (let n = 0; n < 200; n++) stage.core.bus.publish({ type: 'guild_update', guildId: guildId as string });
    await expect.poll(() => client.names().length, { timeout: 15_000 }).toBe(200);
    expect(client.frames.flatMap((frame) => frame.s ?? [])).toEqual(Array.from({ length: 203 }, (_, n) => n + 1));
    expect(client.binary).toHaveLength(client.frames.length);
    for (const message of client.binary) expect(message.subarray(-4)).toEqual(FLUSHED);
    const plain = client.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
    const sent = client.binary.reduce((sum, message) => sum + message.length, 0);
    expect(sent).toBeLessThan(plain / 10);
    expect(stage.gateway.connections()).toMatchObject([{ compression: 'zlib-stream' }]);
  });

  it('a close comes after what was sent before; each connection has its own context', async () => {
    const stage = await stageOf();
    const first = await stage.connect(STREAM);
    const second = await stage.connect(STREAM);
    first.send(2, identify(Intent.Guilds));
    first.send(99, {});
    expect(await first.closeCode()).toBe(4001);
    expect(first.frames.filter((frame) => frame.t === 'GUILD_CREATE')).toHaveLength(2);
    second.send(1, null);
    await second.next((frame) => frame.op === 11);
  });

  it('compress: true in IDENTIFY compresses some packets for themselves; transport compression takes its place', async () => {
    const stage = await stageOf();
    const client = await stage.ready(Intent.Guilds, { compress: true });
    expect(client.binary.length).toBeGreaterThan(0);
    expect(client.binary.length).toBeLessThan(client.frames.length);
    const both = await stage.connect(STREAM);
    both.send(2, identify(Intent.Guilds, { compress: true }));
    await both.event('READY');
    expect(stage.gateway.connections().map((one) => one.compression)).toEqual(['packets', 'zlib-stream']);

    stage.gateway.drop(4000);
    await client.closeCode();
    const [guildId] = stage.core.world.guilds.keys();
    stage.core.bus.publish({ type: 'guild_create', guildId: guildId as string });
    const again = await stage.connect();
    again.send(6, { token: 'x', session_id: client.sessionId, seq: client.lastSequence() });
    await again.event('RESUMED');
    expect(again.binary).toHaveLength(1);
  });
});
