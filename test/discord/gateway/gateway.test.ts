import { Client, GatewayIntentBits } from 'discord.js';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createPlayground, type Playground } from '../../../playground/index.js';
import { fatalClose, fatalLogin, GatewayError } from '../../../src/discord/gateway/errors.js';
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/discord/gateway/gateway.js';
import { registerCommands, removeElsewhere } from '../../../src/discord/router/registration.js';
import { until } from '../../support/until.js';

const log = pino({ level: 'silent' });
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function local(): Promise<Playground> {
  const playground = createPlayground({ page: false, log: () => undefined });
  await playground.listen();
  closing.push(() => playground.close());
  return playground;
}

function connect(source: GatewayOptions['source'], more: Partial<GatewayOptions> = {}): Gateway {
  const gateway = createGateway({
    source,
    ownerIds: [],
    onInteraction: () => undefined,
    onFatal: () => undefined,
    log,
    monotonic: () => performance.now(),
    ...more,
  });
  closing.push(() => gateway.stop());
  return gateway;
}

const source = (playground: Playground, token = 'secret') => ({ token, apiUrl: playground.apiUrl(), waitGuildTimeoutMs: 300 });
const PING = {
  slash: [{ name: 'ping', description: 'Ping', directMessages: true, actions: new Map() }],
  messageMenu: [],
  components: new Map(),
  forms: new Map(),
};

describe('an own client', () => {
  it('connects, knows its guilds and owners, and hands interactions on', async () => {
    const playground = await local();
    const seen: unknown[] = [];
    const gateway = connect(source(playground), {
      onInteraction: (payload) => seen.push(payload),
      ownerIds: ['300000000000000009'],
    });
    const started = await gateway.start();
    expect(started).toEqual({ applicationId: playground.world.application });
    expect(gateway.health()).toMatchObject({ ok: true });
    expect(gateway.guild(playground.world.guild)?.channel(playground.world.channels.tasks)).toMatchObject({ type: 0 });
    expect(gateway.guild('100000000000000000')).toBeUndefined();
    expect(gateway.isMember(playground.world.guild)).toBe(true);
    expect(gateway.isOwner(playground.world.people.admin)).toBe(true);
    expect(gateway.isOwner('300000000000000009')).toBe(true);
    expect(gateway.isOwner(playground.world.people.member)).toBe(false);
    const applicationId = playground.world.application;
    const registration = { rest: gateway.rest(), applicationId, commands: PING, mode: 'replace' as const };
    expect(await registerCommands(registration)).toBe('registered');
    expect(await registerCommands(registration)).toBe('unchanged');
    void playground.as('member').command('tasks', 'ping');
    await until('the interaction', () => seen.length === 1);
    expect(seen[0]).toMatchObject({ data: { name: 'ping' } });
    expect(playground.counts().unknownRoutes).toEqual([]);
  });

  it('removes its commands where an earlier setting had registered them, and no others', async () => {
    const playground = await local();
    const { gateway, other } = { gateway: connect(source(playground)), other: playground.world.otherGuild };
    await gateway.start();
    const { application: applicationId, guild } = playground.world;
    const rest = gateway.rest();
    const at = (guildId?: string): `/${string}` =>
      guildId === undefined
        ? `/applications/${applicationId}/commands`
        : `/applications/${applicationId}/guilds/${guildId}/commands`;
    const names = async (guildId?: string) =>
      ((await rest.get(at(guildId))) as { name: string }[]).map(({ name }) => name).sort();
    const clean = (guildId: string | undefined, guilds: readonly string[] = gateway.guilds()) =>
      removeElsewhere({ rest, applicationId, guildId, commands: PING, guilds, log, signal: new AbortController().signal });
    const theirs = { name: 'theirs', description: 'x', type: 1 };

    await registerCommands({ rest, applicationId, commands: PING, mode: 'replace' });
    await rest.post(at(), { body: theirs });
    await registerCommands({ rest, applicationId, guildId: guild, commands: PING, mode: 'replace' });
    expect(await clean(guild)).toBe(1);
    expect([await names(), await names(guild)]).toEqual([['theirs'], ['ping']]);
    expect(await clean(guild)).toBe(0);

    await registerCommands({ rest, applicationId, commands: PING, mode: 'replace' });
    await rest.post(at(guild), { body: theirs });
    await registerCommands({ rest, applicationId, guildId: other, commands: PING, mode: 'merge' });
    // A guild that refuses does not keep the others from being cleaned.
    expect(await clean(undefined, ['100000000000000000', ...gateway.guilds()])).toBe(2);
    expect([await names(), await names(guild), await names(other)]).toEqual([['ping'], ['theirs'], []]);
  });

  it('says that a wrong token is wrong', async () => {
    const playground = await local();
    const error = await connect(source(playground, 'invalid'))
      .start()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ reason: 'token' });
    expect(String(error)).toContain('DISCORD_TOKEN');
  });

  it('tells once of a close that never mends', async () => {
    const playground = await local();
    const fatal: GatewayError[] = [];
    const gateway = connect(source(playground), { onFatal: (error) => fatal.push(error) });
    await gateway.start();
    playground.faults.dropGateway(4004);
    await until('the fatal error', () => fatal.length > 0);
    expect(fatal.map(({ reason }) => reason)).toEqual(['token']);
    expect(gateway.health().ok).toBe(false);
  });

  it('notices a dropped connection, and that it is back', async () => {
    const playground = await local();
    const gateway = connect(source(playground));
    await gateway.start();
    playground.faults.dropGateway();
    await until('the loss', () => !gateway.health().ok);
    await until('the return', () => gateway.health().ok, 20_000);
  });

  it('waits for a Discord that cannot be reached, and stops while it waits', async () => {
    const gateway = connect({ token: 'secret', apiUrl: 'http://127.0.0.1:9/api', waitGuildTimeoutMs: 300 });
    const started = gateway.start();
    await new Promise((resolve) => setImmediate(resolve));
    await gateway.stop();
    expect(await started).toBeNull();
  });

  it('makes a new connection when the old one does not come back', async () => {
    const playground = await local();
    const gateway = connect(source(playground), { replaceAfterMs: 1000 });
    await gateway.start();
    playground.faults.refuseGateway(true);
    playground.faults.dropGateway(4000);
    await until('the loss', () => !gateway.health().ok);
    const lost = performance.now();
    await until('the time to be over', () => performance.now() - lost > 1500);
    playground.faults.refuseGateway(false);
    await until('the return', () => gateway.health().ok, 25_000);
  });
});

describe("somebody else's client", () => {
  it('is listened to, and left as it was', async () => {
    const playground = await local();
    const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: playground.apiUrl() }, waitGuildTimeout: 300 });
    closing.push(() => client.destroy());
    const seen: unknown[] = [];
    const gateway = connect({ client }, { onInteraction: (payload) => seen.push(payload) });
    const started = gateway.start();
    await client.login('secret');
    await started;
    expect(gateway.health().ok).toBe(true);
    const applicationId = playground.world.application;
    await gateway.rest().post(`/applications/${applicationId}/commands`, { body: { name: 'theirs', description: 'x', type: 1 } });
    const registration = { rest: gateway.rest(), applicationId, commands: PING, mode: 'merge' as const };
    expect(await registerCommands(registration)).toBe('registered');
    expect(await registerCommands(registration)).toBe('unchanged');
    const names = (await gateway.rest().get(`/applications/${applicationId}/commands`)) as { name: string }[];
    expect(names.map(({ name }) => name).sort()).toEqual(['ping', 'theirs']);
    void playground.as('member').command('tasks', 'ping');
    await until('the interaction', () => seen.length === 1);
    const listeners = client.listenerCount('shardReady');
    await gateway.stop();
    expect(client.isReady()).toBe(true);
    expect(client.listenerCount('shardReady')).toBe(listeners - 1);
  });

  it('may be connected already', async () => {
    const playground = await local();
    const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: playground.apiUrl() }, waitGuildTimeout: 300 });
    closing.push(() => client.destroy());
    await client.login('secret');
    await until('ready', () => client.isReady());
    const gateway = connect({ client });
    expect(await gateway.start()).toEqual({ applicationId: playground.world.application });
    expect(gateway.health().ok).toBe(true);
  });
});

describe('fatal errors', () => {
  it.each([
    [4004, 'token'],
    [4014, 'intents'],
    [4013, 'intents'],
    [4011, 'sharding'],
    [4012, 'version'],
  ])('%i', (code, reason) => {
    expect(fatalClose(code)?.reason).toBe(reason);
  });
  it('everything else can mend', () => {
    for (const code of [1000, 1006, 4000, 4008, 4009]) expect(fatalClose(code)).toBeNull();
    for (const error of [new Error('x'), null, 'x', { status: 500 }, { code: 'ECONNREFUSED' }])
      expect(fatalLogin(error)).toBeNull();
    expect(fatalLogin({ status: 401 })?.reason).toBe('token');
    expect(fatalLogin(new Error('Used disallowed intents'))?.reason).toBe('intents');
  });
});
