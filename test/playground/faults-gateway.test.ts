/** Faults of the gateway and of interactions, with the real client. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './support.js';

describe('faults of the gateway', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await setStage();
  });
  afterEach(() => stage.close());

  it('delay every event, in order, on the clock', async () => {
    const { playground, client } = stage;
    const heard: string[] = [];
    client.on('messageCreate', (message) => void heard.push(message.id));
    playground.faults.delayGateway(4_000);
    const first = await playground.as('member').say('tasks', 'one');
    await playground.clock.advance(1_000);
    const second = await playground.as('member').say('tasks', 'two');
    // The connection answers heartbeats and REST all the while.
    await stage.fetch('GET', '/users/@me');
    expect(heard).toEqual([]);
    await playground.clock.advance(3_000);
    await expect.poll(() => heard, { timeout: 15_000 }).toEqual([first.id]);
    // The end of the fault sends what is late at once, before what comes now.
    playground.faults.clear();
    const third = await playground.as('member').say('tasks', 'three');
    await expect.poll(() => heard, { timeout: 15_000 }).toEqual([first.id, second.id, third.id]);
  });

  it('hang the connection, which stays open and silent, and give back what was held when it ends', async () => {
    const { playground, client } = stage;
    const heard: string[] = [];
    client.on('messageCreate', (message) => void heard.push(message.content || message.id));
    playground.faults.hangGateway();
    await playground.as('member').say('tasks', 'unheard');
    await stage.fetch('GET', '/users/@me');
    expect(heard).toHaveLength(0);
    expect(playground.gateway.connections()).toHaveLength(1);
    playground.faults.clear();
    await expect.poll(() => heard.length, { timeout: 15_000 }).toBe(1);
  });

  it("are answered by a zombie's way: no ACK, and the client comes back with RESUME by itself", async () => {
    const stage2 = await setStage({ limits: { heartbeatIntervalMs: 200 } });
    const { playground } = stage2;
    const opcodes: number[] = [];
    playground.gateway.onFrame((frame) => {
      if (frame.kind === 'frame' && frame.direction === 'in') opcodes.push(frame.op);
    });
    playground.faults.withholdAcks(true);
    await expect.poll(() => opcodes.includes(6), { timeout: 20_000 }).toBe(true);
    playground.faults.clear();
    await stage2.close();
  });

  it('deliver an interaction late: the person has failed by then, and the bot gets 10062', async () => {
    const { playground } = stage;
    const codes: unknown[] = [];
    stage.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.reply('too late').catch((error: { code?: number }) => codes.push(error.code));
    });
    playground.faults.delayInteractions({ times: 1, delayMs: 5_000 });
    const answer = playground.as('member').command('tasks', 'echo', { text: 'x' });
    await playground.clock.advance(3_000);
    expect((await answer).kind).toBe('failed');
    expect(codes).toEqual([]);
    await playground.clock.advance(2_000);
    await expect.poll(() => codes, { timeout: 15_000 }).toEqual([10062]);
    expect((await playground.as('member').command('tasks', 'echo', { text: 'y' })).kind).toBe('message');
  });

  it('deliver an interaction again later: the second answer is refused with 40060', async () => {
    const { playground } = stage;
    const seen: [id: string, code: unknown][] = [];
    stage.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.reply('once').then(
        () => seen.push([interaction.id, 'ok']),
        (error: { code?: number }) => seen.push([interaction.id, error.code]),
      );
    });
    await playground.as('member').command('tasks', 'echo', { text: 'x' });
    await expect.poll(() => seen, { timeout: 15_000 }).toHaveLength(1);
    playground.faults.redeliver(seen[0]?.[0] ?? '', 1_000);
    await playground.clock.advance(999);
    expect(seen).toHaveLength(1);
    await playground.clock.advance(1);
    await expect.poll(() => seen.map(([, code]) => code), { timeout: 15_000 }).toEqual(['ok', 40060]);
    expect(() => playground.faults.redeliver('1')).toThrow('no interaction');
  });
});
