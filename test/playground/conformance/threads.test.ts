/** Threads: how they start, who may do what in them, archiving and locking. */
import { PermissionFlagsBits as P } from 'discord.js';
import { describe, expect } from 'vitest';
import { each, expectForm, ground, type Row, x } from './ground.js';

const here = ground();

const TOPIC = 'topics/threads.mdx';
const CHANNEL = 'channel.mdx';
const FACTS = 'facts 1.5';

const post = async (content = 'start') => (await here().bot('POST', '/channels/{tasks}/messages', { content })).body.id as string;
const start = async (name = 't') => {
  const id = await post();
  await here().bot('POST', `/channels/{tasks}/messages/${id}/threads`, { name });
  return id;
};
const patch = (id: string, body: object) => here().bot('PATCH', `/channels/${id}`, body);
const manage = (deny = 0n) =>
  here().playground.faults.overwrite(here().ids.tasks as string, here().ids.bot as string, P.ManageThreads, deny);
const plain = (deny = 0n) => here().playground.faults.overwrite(here().ids.tasks as string, here().ids.bot as string, 0n, deny);

describe('starting a thread', () => {
  each(
    [
      [CHANNEL, 'needs a name', { name: undefined }, 'name', 'BASE_TYPE_REQUIRED'],
      [FACTS, 'takes a name of at most 100', { name: x(101) }, 'name'],
      [CHANNEL, 'takes no empty name', { name: '' }, 'name'],
      [
        FACTS,
        'takes 60, 1440, 4320 or 10080 minutes',
        { name: 't', auto_archive_duration: 61 },
        'auto_archive_duration',
        'BASE_TYPE_CHOICES',
      ],
    ] as Row<[body: object, at: string, leaf?: string]>[],
    async (body, at, leaf) => {
      expectForm(await here().bot('POST', `/channels/{tasks}/messages/${await post()}/threads`, body), at, leaf);
      expectForm(await here().bot('POST', '/channels/{tasks}/threads', { type: 11, ...body }), at, leaf);
    },
  );

  each([[FACTS, 'from a message gives it the id of the message']] as Row<[]>[], async () => {
    const id = await post();
    expect(await here().bot('POST', `/channels/{tasks}/messages/${id}/threads`, { name: 't' })).toMatchObject({
      status: 201,
      body: {
        id,
        type: 11,
        parent_id: here().ids.tasks,
        name: 't',
        owner_id: here().ids.bot,
        thread_metadata: { archived: false, locked: false, auto_archive_duration: 1440 },
      },
    });
    expect((await here().bot('GET', `/channels/{tasks}/messages/${id}`)).body.flags & 32).toBe(32);
    expect(await here().bot('POST', `/channels/{tasks}/messages/${id}/threads`, { name: 't' })).toMatchObject({
      status: 400,
      body: { code: 160004 },
    });
  });

  each(
    [
      [CHANNEL, 'without a message makes a private one unless told otherwise', { name: 't' }, 12],
      [CHANNEL, 'without a message may be public', { name: 't', type: 11 }, 11],
    ] as Row<[body: object, type: number]>[],
    async (body, type) => {
      here().playground.faults.overwrite(here().ids.tasks as string, here().ids.bot as string, P.CreatePrivateThreads, 0n);
      expect(await here().bot('POST', '/channels/{tasks}/threads', body)).toMatchObject({ status: 201, body: { type } });
      plain();
    },
  );

  each(
    [
      [FACTS, 'in a thread is not possible', async () => start(), { name: 't', type: 11 }],
      [FACTS, 'in a direct message is not possible', async () => here().ids.dm as string, { name: 't', type: 11 }],
    ] as Row<[where: () => Promise<string>, body: object]>[],
    async (where, body) => {
      const reply = await here().bot('POST', `/channels/${await where()}/threads`, body);
      expect(reply.status, JSON.stringify(reply.body)).toBe(400);
      expect([50024, 50003]).toContain(reply.body.code);
    },
  );

  each([[FACTS, 'is refused with 160006 above the number of active threads']] as Row<[]>[], async () => {
    const { playground, bot } = here();
    const before = playground.limits.activeThreadsPerGuild;
    const id = await start();
    playground.limits.activeThreadsPerGuild = 1;
    expect(await bot('POST', `/channels/{tasks}/messages/${await post()}/threads`, { name: 't' })).toMatchObject({
      status: 400,
      body: { code: 160006 },
    });
    playground.limits.activeThreadsPerGuild = before;
    await patch(id, { archived: true });
  });
});

describe('an archived thread', () => {
  const archived = async () => {
    const id = await start();
    const inside = (await here().bot('POST', `/channels/${id}/messages`, { content: 'inside' })).body.id as string;
    expect((await patch(id, { archived: true })).body.thread_metadata.archived).toBe(true);
    return { id, inside };
  };

  each(
    [
      [FACTS, 'refuses edits of its messages with 50083', 'PATCH', (inside) => `/messages/${inside}`, { content: 'x' }],
      [TOPIC, 'refuses reactions with 50083', 'PUT', (inside) => `/messages/${inside}/reactions/%F0%9F%91%8D/@me`, undefined],
      [CHANNEL, 'refuses new members with 50083', 'PUT', () => '/thread-members/{mia}', undefined],
      [CHANNEL, 'refuses to lose members with 50083', 'DELETE', () => '/thread-members/{mia}', undefined],
      [CHANNEL, 'refuses another name with 50083', 'PATCH', () => '', { name: 'other' }],
    ] as Row<[method: string, path: (inside: string) => string, body: unknown]>[],
    async (method, path, body) => {
      manage(0n);
      const { id, inside } = await archived();
      expect(await here().bot(method, `/channels/${id}${path(inside)}`, body)).toMatchObject({
        status: 400,
        body: { code: 50083 },
      });
      plain();
    },
  );

  each([[FACTS, 'is opened by a new message']] as Row<[]>[], async () => {
    const { id } = await archived();
    expect((await here().bot('POST', `/channels/${id}/messages`, { content: 'x' })).status).toBe(200);
    expect((await here().bot('GET', `/channels/${id}`)).body.thread_metadata.archived).toBe(false);
  });

  each([[CHANNEL, 'is renamed by the same request that opens it']] as Row<[]>[], async () => {
    const { id } = await archived();
    expect((await patch(id, { archived: false, name: 'other' })).body).toMatchObject({
      name: 'other',
      thread_metadata: { archived: false },
    });
  });
});

describe('a locked thread', () => {
  const locked = async () => {
    const id = await start();
    manage();
    expect((await patch(id, { archived: true, locked: true })).status).toBe(200);
    plain();
    return id;
  };

  each([[FACTS, 'is not opened by a message of who may not manage threads']] as Row<[]>[], async () => {
    const id = await locked();
    const reply = await here().bot('POST', `/channels/${id}/messages`, { content: 'x' });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect([160005, 50083, 50013]).toContain(reply.body.code);
    expect((await patch(id, { archived: false })).body.code).toBe(50013);
  });

  each([[FACTS, 'is opened by who may manage threads']] as Row<[]>[], async () => {
    const id = await locked();
    manage();
    expect((await patch(id, { archived: false, locked: false })).status).toBe(200);
    plain();
  });

  each([[CHANNEL, 'is locked only by who may manage threads']] as Row<[]>[], async () => {
    expect(await patch(await start(), { locked: true })).toMatchObject({ status: 403, body: { code: 50013 } });
  });
});

describe('in a thread', () => {
  each(
    [
      [FACTS, 'Send Messages has no effect', P.SendMessages, 200],
      [FACTS, 'Send Messages In Threads counts', P.SendMessagesInThreads, 403],
    ] as Row<[deny: bigint, status: number]>[],
    async (deny, status) => {
      const id = await start();
      plain(deny);
      expect((await here().bot('POST', `/channels/${id}/messages`, { content: 'x' })).status).toBe(status);
      plain();
    },
  );

  each([[CHANNEL, 'members come and go']] as Row<[]>[], async () => {
    const id = await start();
    const path = `/channels/${id}/thread-members`;
    const members = async () => (await here().bot('GET', path)).body.map((one: { user_id: string }) => one.user_id);
    expect((await here().bot('PUT', `${path}/{mia}`)).status).toBe(204);
    expect(await members()).toContain(here().ids.mia);
    manage();
    expect((await here().bot('DELETE', `${path}/{mia}`)).status).toBe(204);
    plain();
    expect(await members()).not.toContain(here().ids.mia);
    expect(await here().bot('PUT', `${path}/{stranger}`)).toMatchObject({ status: 404, body: { code: 10007 } });
    expect((await here().bot('DELETE', `${path}/@me`)).status).toBe(204);
    expect((await here().bot('PUT', `${path}/@me`)).status).toBe(204);
  });

  each([[TOPIC, 'a private one is hidden from who is not in it']] as Row<[]>[], async () => {
    const { playground, ids } = here();
    const id = playground.addThread(ids.tasks as string, 'secret', { private: true, memberIds: [ids.mia as string] });
    expect(await here().bot('GET', `/channels/${id}`)).toMatchObject({ status: 403, body: { code: 50001 } });
  });
});
