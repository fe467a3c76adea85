import { Events, GatewayIntentBits } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClock, createPlayground, type Playground } from '../../playground/index.js';
import { type Stage, setStage } from './support.js';

interface Frame {
  op: number;
  t: string | null;
  s: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  d: any;
}

/** A gateway client without a library, to see every frame. */
class RawGateway {
  readonly frames: Frame[] = [];
  closed: number | undefined;
  readonly socket: WebSocket;

  constructor(url: string) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/gateway?v=10&encoding=json`);
    this.socket.on('message', (raw) => this.frames.push(JSON.parse(String(raw))));
    // A refused upgrade ends with an error and close code 1006.
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closed = code;
    });
  }

  send(op: number, d: unknown): void {
    this.socket.send(JSON.stringify({ op, d }));
  }

  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    await expect.poll(() => this.frames.some(fits), { timeout: 15_000, interval: 5 }).toBe(true);
    return this.frames.find(fits) as Frame;
  }

  async closeCode(): Promise<number> {
    await expect.poll(() => this.closed, { timeout: 15_000, interval: 5 }).toBeDefined();
    return this.closed as number;
  }
}

const identify = (intents: number, more = {}) => ({ token: 'x', intents, properties: {}, ...more });

describe('the gateway', () => {
  const playgrounds: Playground[] = [];
  const stages: Stage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
    for (const playground of playgrounds.splice(0)) await playground.close();
  });

  const open = async (options: Parameters<typeof createPlayground>[0] = {}) => {
    const playground = createPlayground({ page: false, ...options, limits: { identifyIntervalMs: 0, ...options.limits } });
    playgrounds.push(playground);
    const { url } = await playground.listen();
    const connect = async () => {
      const gateway = new RawGateway(url);
      await gateway.next((frame) => frame.op === 10);
      return gateway;
    };
    return { playground, connect };
  };
  const stageWith = async (...args: Parameters<typeof setStage>) => {
    const stage = await setStage(...args);
    stages.push(stage);
    return stage;
  };

  it('greets, acknowledges heartbeats and sends the guilds', async () => {
    const { playground, connect } = await open();
    const gateway = await connect();
    expect(gateway.frames[0]).toMatchObject({ op: 10, d: { heartbeat_interval: 41_250 } });
    gateway.send(1, null);
    await gateway.next((frame) => frame.op === 11);
    gateway.send(2, identify(1));
    const ready = await gateway.next((frame) => frame.t === 'READY');
    expect(ready).toMatchObject({
      s: 1,
      d: { v: 10, user: { id: playground.world.bot }, application: { id: playground.world.application } },
    });
    const guild = await gateway.next((frame) => frame.t === 'GUILD_CREATE' && frame.d.id === playground.world.guild);
    expect(guild.d.channels).toHaveLength(4);
    expect(guild.d.members).toHaveLength(1);
  });

  it('closes with the code that fits', async () => {
    const { connect, playground } = await open({ token: 'secret' });
    const code = async (act: (gateway: RawGateway) => void) => {
      const gateway = await connect();
      act(gateway);
      return gateway.closeCode();
    };
    expect(await code((gateway) => gateway.send(2, identify(1)))).toBe(4004);
    expect(await code((gateway) => gateway.send(2, identify(1 << 30, { token: 'secret' })))).toBe(4013);
    expect(await code((gateway) => gateway.send(2, identify(1, { token: 'secret', shard: [3, 2] })))).toBe(4010);
    expect(await code((gateway) => gateway.send(99, {}))).toBe(4001);
    expect(await code((gateway) => gateway.send(3, {}))).toBe(4003);
    expect(await code((gateway) => gateway.socket.send('{'))).toBe(4002);
    const twice = await connect();
    twice.send(2, identify(1, { token: 'secret' }));
    twice.send(2, identify(1, { token: 'secret' }));
    expect(await twice.closeCode()).toBe(4005);
    const chatty = await connect();
    for (let n = 0; n <= 120; n++) chatty.send(1, null);
    expect(await chatty.closeCode()).toBe(4008);
    const free = createPlayground({ page: false });
    playgrounds.push(free);
    const anonymous = new RawGateway((await free.listen()).url);
    await anonymous.next((frame) => frame.op === 10);
    anonymous.send(2, identify(1, { token: 'invalid' }));
    expect(await anonymous.closeCode()).toBe(4004);
    playground.faults.refuseGateway(true);
    expect(await new RawGateway(playground.apiUrl().replace('/api', '')).closeCode()).toBe(1006);
  });

  it('ends the connection of a client that falls silent', async () => {
    const { connect } = await open({ limits: { heartbeatIntervalMs: 60 } });
    expect(await (await connect()).closeCode()).toBe(4009);
  });

  it('allows one IDENTIFY per interval', async () => {
    const { playground, connect } = await open({ clock: createClock({ frozen: true }), limits: { identifyIntervalMs: 5_000 } });
    const first = await connect();
    first.send(2, identify(1));
    await first.next((frame) => frame.t === 'READY');
    const second = await connect();
    second.send(2, identify(1));
    expect((await second.next((frame) => frame.op === 9)).d).toBe(false);
    await playground.clock.advance(5_000);
    const third = await connect();
    third.send(2, identify(1));
    await third.next((frame) => frame.t === 'READY');
  });

  it('replays what a session missed, and refuses sessions it does not know', async () => {
    const { playground, connect } = await open();
    const first = await connect();
    first.send(2, identify(GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages));
    const { session_id: id } = (await first.next((frame) => frame.t === 'READY')).d;
    await expect.poll(() => first.frames.filter((frame) => frame.t === 'GUILD_CREATE').length, { timeout: 15_000 }).toBe(2);
    const seq = Math.max(...first.frames.map((frame) => frame.s ?? 0));
    playground.faults.dropGateway(0);
    await first.closeCode();
    await playground.as('member').say('tasks', 'one');
    await playground.as('member').say('tasks', 'two');
    const second = await connect();
    second.send(6, { token: 'x', session_id: id, seq });
    await second.next((frame) => frame.t === 'RESUMED');
    const dispatched = second.frames.filter((frame) => frame.op === 0).map((frame) => frame.t);
    expect(dispatched).toEqual(['MESSAGE_CREATE', 'MESSAGE_CREATE', 'RESUMED']);
    const unknown = await connect();
    unknown.send(6, { token: 'x', session_id: 'nope', seq: 1 });
    expect((await unknown.next((frame) => frame.op === 9)).d).toBe(false);
    const ahead = await connect();
    ahead.send(6, { token: 'x', session_id: id, seq: 999 });
    expect(await ahead.closeCode()).toBe(4007);
  });

  it('sends only what intents and permissions allow', async () => {
    const { playground, connect } = await open();
    const { world } = playground;
    const quiet = await connect();
    quiet.send(2, identify(GatewayIntentBits.Guilds));
    const blind = await connect();
    blind.send(2, identify(GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.DirectMessages));
    const reader = await connect();
    reader.send(2, identify(GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.MessageContent));
    for (const one of [quiet, blind, reader]) await one.next((frame) => frame.t === 'READY');
    const mia = playground.as('member');
    await mia.say('tasks', 'private');
    await mia.say('tasks', `<@${world.bot}> look`);
    await mia.say(mia.dm(), 'direct');
    playground.faults.overwrite(world.channels.lab, world.bot, 0n, 1n << 10n);
    await mia.say('agents-lab', 'hidden from the bot');
    playground.faults.deleteChannel(world.channels.lab);
    for (const one of [quiet, blind, reader]) await one.next((frame) => frame.t === 'CHANNEL_DELETE');
    const contents = (one: RawGateway) =>
      one.frames.filter((frame) => frame.t === 'MESSAGE_CREATE').map((frame) => frame.d.content);
    expect(contents(quiet)).toEqual([]);
    expect(contents(blind)).toEqual(['', `<@${world.bot}> look`, 'direct']);
    expect(contents(reader)).toEqual(['private', `<@${world.bot}> look`]);
  });

  it('gives each shard its guilds', async () => {
    const { playground, connect } = await open();
    const shards = [await connect(), await connect()];
    shards.forEach((gateway, index) => {
      gateway.send(2, identify(1, { shard: [index, 2] }));
    });
    const readies = await Promise.all(shards.map((gateway) => gateway.next((frame) => frame.t === 'READY')));
    const expected = (id: string) => Number((BigInt(id) >> 22n) % 2n);
    for (const id of [playground.world.guild, playground.world.otherGuild])
      expect(readies.map((ready) => ready.d.guilds.some((guild: { id: string }) => guild.id === id))).toEqual(
        [0, 1].map((n) => n === expected(id)),
      );
  });

  it('lets the real client resume and answer what it missed', async () => {
    const stage = await stageWith();
    stage.on((interaction) => interaction.isChatInputCommand() && interaction.reply('late but there'));
    const resumed = new Promise((resolve) => stage.client.once(Events.ShardResume, (_id, replayed) => resolve(replayed)));
    stage.playground.faults.dropGateway(4000);
    const answer = stage.playground.as('member').command('tasks', 'echo', { text: 'x' });
    expect(await resumed).toBeGreaterThanOrEqual(1);
    expect(await answer).toMatchObject({ kind: 'message', message: { content: 'late but there' } });
    const again = new Promise((resolve) => stage.client.once(Events.ShardResume, resolve));
    stage.playground.faults.reconnectGateway();
    await again;
  });

  it('tells the real client of channels, threads, members, guilds and being removed', async () => {
    const stage = await stageWith({}, [GatewayIntentBits.MessageContent]);
    const { client, playground } = stage;
    const { world, faults } = playground;
    const seen: string[] = [];
    client.on(Events.ChannelCreate, (channel) => seen.push(`+${channel.name}`));
    client.on(Events.ChannelDelete, (channel) => seen.push(`-${channel.isDMBased() ? 'dm' : channel.name}`));
    client.on(Events.ThreadCreate, (thread) => seen.push(`thread ${thread.name}`));
    client.on(Events.GuildCreate, (guild) => seen.push(`guild ${guild.name}`));
    client.on(Events.GuildDelete, (guild) => seen.push(`left ${guild.name}`));
    client.on(Events.MessageCreate, (message) => seen.push(message.content));
    client.on(Events.MessageDelete, () => seen.push('deleted'));
    const added = playground.addChannel(world.guild, 'added');
    playground.addThread(world.channels.tasks, 'talk');
    playground.addGuild('Third', [world.people.stranger]);
    const said = await playground.as('member').say('tasks', 'hello');
    faults.deleteMessage(world.channels.tasks, said.id);
    faults.deleteChannel(added);
    faults.removeBot(world.otherGuild);
    const all = ['+added', 'thread talk', 'guild Third', 'hello', 'deleted', '-added', 'left Northwind Studio'];
    await expect.poll(() => seen, { timeout: 15_000 }).toEqual(all);
  });
});
