/** Faults of the REST API, of limits and of permissions: each can be set, is met, and is undone. */
import { PermissionFlagsBits as P } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../playground/index.js';
import { asBot, type Stage, setStage } from './support.js';

describe('faults of answers', () => {
  let playground: Playground;
  let bot: ReturnType<typeof asBot>;
  let messages: string;
  beforeEach(async () => {
    playground = createPlayground({ page: false, clock: createClock({ frozen: true }), limits: { messagesPerWindow: 100 } });
    bot = asBot((await playground.listen()).apiUrl);
    messages = `/channels/${playground.world.channels.tasks}/messages`;
  });
  afterEach(() => playground.close());

  const send = (content: string) => bot('POST', messages, { content });
  const contents = () => playground.messages('tasks').map((one) => one.content);
  const raw = (signal?: AbortSignal) =>
    fetch(`${playground.apiUrl()}/v10${messages}`, {
      method: 'POST',
      headers: { authorization: 'Bot x', 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'raw' }),
      ...(signal && { signal }),
    });

  it('cut an answer in its middle: the headers and half of the body have come, and the effect is there', async () => {
    playground.faults.failRest({ times: 1, how: 'truncate', when: 'after' });
    const response = await raw();
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(contents()).toEqual(['raw']);
    expect(playground.ledger().at(-1)).toMatchObject({ status: 0, fault: 'truncate, after its effect' });
    playground.faults.failRest({ times: 1, how: 'truncate' });
    await expect(raw().then((half) => half.text())).rejects.toThrow('terminated');
    expect(contents()).toEqual(['raw']);
  });

  it('end with the fault: a delayed request goes on, one that hangs is cut off', async () => {
    const { faults } = playground;
    faults.failRest({ route: '/users/@me', times: 1, delayMs: 60_000 });
    faults.failRest({ route: '/channels', times: 1, how: 'hang' });
    const delayed = bot('GET', '/users/@me');
    const hanging = raw().then(
      () => 'answered',
      () => 'cut off',
    );
    await expect.poll(() => playground.ledger().some((entry) => entry.fault?.startsWith('hang'))).toBe(true);
    faults.clear();
    expect((await delayed).status).toBe(200);
    expect(await hanging).toBe('cut off');
    expect(contents()).toEqual([]);
  });

  it('stall in the middle of an answer, which stays open', async () => {
    playground.faults.failRest({ times: 1, how: 'stall', when: 'after' });
    const abort = new AbortController();
    const response = await raw(abort.signal);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toMatch(/^\{"id":"\d+"/);
    let isOver = false;
    const rest = reader?.read().then(
      () => {
        isOver = true;
      },
      () => {},
    );
    expect((await send('meanwhile')).status).toBe(200);
    expect(isOver).toBe(false);
    abort.abort();
    await rest;
    expect(contents()).toEqual(['raw', 'meanwhile']);
  });

  it("come late on the playground's clock, before the effect or after it, and come at all when it closes", async () => {
    const lab = `/channels/${playground.world.channels.lab}/messages`;
    playground.faults.failRest({ route: lab, times: 1, delayMs: 60_000 });
    playground.faults.failRest({ route: messages, times: 1, delayMs: 60_000, when: 'after' });
    const before = bot('POST', lab, { content: 'before' });
    const after = send('after');
    await expect.poll(contents, { timeout: 15_000 }).toEqual(['after']);
    // Both are under way by then: REST goes on for everybody else.
    expect((await bot('GET', lab)).body).toEqual([]);
    await playground.clock.advance(60_000);
    expect([(await before).status, (await after).status]).toEqual([200, 200]);
    expect(playground.messages('agents-lab').map((one) => one.content)).toEqual(['before']);
    playground.faults.failRest({ times: 1, delayMs: 3_600_000, status: 503, when: 'after' });
    const never = send('last');
    await expect.poll(contents, { timeout: 15_000 }).toEqual(['after', 'last']);
    await playground.close();
    // Either the late answer or the end of the connection: it does not hang.
    await never.catch(() => {});
  });

  it('tighten limits, add one to a route, and block the address; `clear` sets all back', async () => {
    const { faults, limits } = playground;
    faults.setLimit('messagesPerWindow', 0);
    expect((await send('x')).status).toBe(429);
    faults.setLimit('messagesPerWindow', 7);
    faults.limitRoute({ route: '/channels/:id/messages', method: 'GET', limit: 1, windowMs: 1_000 });
    const statuses = [(await bot('GET', messages)).status, (await bot('GET', messages)).status, (await send('y')).status];
    expect(statuses).toEqual([200, 429, 200]);
    faults.blockAddress(5_000);
    expect((await bot('GET', '/users/@me')).body).toBe('error code: 1015');
    faults.clear();
    expect(limits.messagesPerWindow).toBe(100);
    expect([(await bot('GET', messages)).status, (await bot('GET', messages)).status]).toEqual([200, 200]);
  });
});

describe('faults of permissions', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await setStage({ limits: { messagesPerWindow: 100 } });
  });
  afterEach(() => stage.close());

  const send = () => stage.fetch('POST', `/channels/${stage.playground.world.channels.tasks}/messages`, { content: 'x' });

  it('take a permission from a role, from every role of a member, and by an overwrite of a role; the client hears of it', async () => {
    const { playground, client } = stage;
    const { faults, world } = playground;
    const guild = client.guilds.cache.get(world.guild);
    const mine = () => guild?.members.me?.permissionsIn(world.channels.tasks).has(P.SendMessages);
    expect([(await send()).status, mine()]).toEqual([200, true]);
    faults.denyMember(world.guild, P.SendMessages);
    expect((await send()).body.code).toBe(50013);
    await expect.poll(mine, { timeout: 15_000 }).toBe(false);
    faults.clear();
    expect((await send()).status).toBe(200);
    await expect.poll(mine, { timeout: 15_000 }).toBe(true);
    // View Channel of everybody, while the bot's own role does not give it either.
    for (const role of guild?.roles.cache.keys() ?? []) faults.denyRole(world.guild, role, P.ViewChannel | P.Administrator);
    expect((await send()).body.code).toBe(50001);
    faults.clear();
    faults.overwrite(world.channels.tasks, world.guild, 0n, P.SendMessages);
    expect((await send()).body.code).toBe(50013);
    const overwrites = () => guild?.channels.cache.get(world.channels.tasks);
    await expect
      .poll(
        () =>
          (overwrites() as { permissionOverwrites?: { cache: Map<string, { type: number }> } }).permissionOverwrites?.cache.get(
            world.guild,
          )?.type,
        {
          timeout: 15_000,
        },
      )
      .toBe(0);
    faults.clear();
    expect((await send()).status).toBe(200);
  });

  it('are undone one on top of the other: the state before the first is what comes back', async () => {
    const { faults, world } = stage.playground;
    const bits = () => stage.fetch('GET', `/channels/${world.channels.tasks}`).then((reply) => reply.body.permission_overwrites);
    const before = await bits();
    faults.overwrite(world.channels.tasks, world.bot, 0n, P.SendMessages);
    faults.overwrite(world.channels.tasks, world.bot, 0n, P.ViewChannel);
    faults.overwrite(world.channels.tasks, world.people.member, P.ManageMessages, 0n);
    expect((await send()).body.code).toBe(50001);
    faults.clear();
    expect(await bits()).toEqual(before);
    expect(() => faults.denyRole(world.guild, '1', 1n)).toThrow('no role');
    expect(() => faults.denyMember(world.guild, 1n, world.people.stranger)).toThrow('no member');
    expect(() => faults.overwrite('1', world.bot, 0n, 0n)).toThrow('no channel');
  });
});
