/** Threads: resources/channel.mdx, topics/threads.mdx. */
import { ChannelType, PermissionFlagsBits as P } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { expectForm, ground } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const MINUTE_MS = 60_000;

const inTasks = (allow: bigint, deny = 0n) =>
  here().playground.faults.overwrite(here().ids.tasks as string, here().ids.bot as string, allow, deny);
const start = async (body: object = {}) =>
  (await here().bot('POST', '/channels/{tasks}/threads', { name: 't', type: 11, ...body })).body;
const archive = (id: string) => here().bot('PATCH', `/channels/${id}`, { archived: true });
const get = async (id: string) => (await here().bot('GET', `/channels/${id}`)).body;

describe('a thread', () => {
  it("takes slow mode and whether it may be shared, and shows the bot's membership", async () => {
    inTasks(P.CreatePrivateThreads);
    const thread = await start({ type: 12, invitable: false, rate_limit_per_user: 7, auto_archive_duration: 60 });
    expectShape('CreatedThreadResponse', thread);
    expect(thread).toMatchObject({
      type: 12,
      rate_limit_per_user: 7,
      member: { user_id: here().ids.bot },
      thread_metadata: { invitable: false, auto_archive_duration: 60 },
    });
    const patched = await here().bot('PATCH', `/channels/${thread.id}`, { invitable: true, name: 'u' });
    expect(patched.body).toMatchObject({ name: 'u', thread_metadata: { invitable: true } });
    expectRefusal(await here().bot('PATCH', `/channels/${thread.id}`, { rate_limit_per_user: 9 }), 403, 50013);
    inTasks(P.ManageThreads);
    expect((await here().bot('PATCH', `/channels/${thread.id}`, { rate_limit_per_user: 9 })).body.rate_limit_per_user).toBe(9);
    expectForm(await here().bot('PATCH', `/channels/${thread.id}`, { rate_limit_per_user: 21_601 }), 'rate_limit_per_user');
    inTasks(0n);
  });

  it('is carried by the message that it began from, as it is now', async () => {
    const { id } = (await here().bot('POST', '/channels/{tasks}/messages', { content: 'start' })).body;
    await here().bot('POST', `/channels/{tasks}/messages/${id}/threads`, { name: 'first name' });
    const starter = async () => (await here().bot('GET', `/channels/{tasks}/messages/${id}`)).body;
    expectShape('MessageResponse', await starter());
    expect((await starter()).thread).toMatchObject({ id, name: 'first name', message_count: 0 });
    await here().bot('POST', `/channels/${id}/messages`, { content: 'in it' });
    await here().bot('PATCH', `/channels/${id}`, { name: 'second name' });
    expect((await starter()).thread).toMatchObject({ name: 'second name', message_count: 1 });
    inTasks(P.ManageThreads);
    await here().bot('DELETE', `/channels/${id}`);
    expect((await starter()).thread).toBeUndefined();
    inTasks(0n);
  });

  it('topics/threads.mdx: archives itself when nothing happened for its time, and wakes with a message', async () => {
    const { clock } = here().playground;
    const { id } = await start({ auto_archive_duration: 60 });
    await clock.advance(40 * MINUTE_MS);
    await here().bot('POST', `/channels/${id}/messages`, { content: 'still busy' });
    await clock.advance(40 * MINUTE_MS);
    expect((await get(id)).thread_metadata.archived).toBe(false);
    await clock.advance(21 * MINUTE_MS);
    expect((await get(id)).thread_metadata.archived).toBe(true);
    await here().bot('POST', `/channels/${id}/messages`, { content: 'awake' });
    expect((await get(id)).thread_metadata.archived).toBe(false);
    await clock.advance(61 * MINUTE_MS);
    expect((await get(id)).thread_metadata.archived).toBe(true);
  });

  it("counts against the guild's active threads (160006) until it is archived", async () => {
    const { limits, world } = here().playground;
    const active = await here().bot('GET', `/guilds/${world.guild}/threads/active`);
    expectShape('ThreadsResponse', active.body);
    limits.activeThreadsPerGuild = active.body.threads.length + 1;
    const { id } = await start();
    expectRefusal(await here().bot('POST', '/channels/{tasks}/threads', { name: 'x', type: 11 }), 400, 160006);
    await archive(id);
    expect((await start()).id).toBeDefined();
    limits.activeThreadsPerGuild = 1_000;
  });
});

describe('members of a thread', () => {
  it('join, are added, are listed alone and together, and leave', async () => {
    const { id } = await start();
    const members = `/channels/${id}/thread-members`;
    expect((await here().bot('PUT', `${members}/{mia}`)).status).toBe(204);
    const one = await here().bot('GET', `${members}/{mia}?with_member=true`);
    expectShape('ThreadMemberResponse', one.body);
    expect(one.body).toMatchObject({ user_id: here().ids.mia, member: { user: { username: 'mia' } } });
    const page = await here().bot('GET', `${members}?with_member=true&limit=1&after=${here().ids.bot}`);
    expect(page.body).toMatchObject([{ user_id: here().ids.mia }]);
    expectRefusal(await here().bot('PUT', `${members}/{stranger}`), 404, 10007);
    expectRefusal(await here().bot('GET', `${members}/{stranger}`), 404, 10007);
    expectRefusal(await here().bot('DELETE', `${members}/{mia}`), 403, 50013);
    expect((await here().bot('DELETE', `${members}/@me`)).status).toBe(204);
    expectRefusal(await here().bot('GET', `${members}/@me`), 404, 10007);
    await archive(id);
    expectRefusal(await here().bot('PUT', `${members}/@me`), 400, 50083);
  });
});

describe('archived threads', () => {
  it('are listed by the time of archiving, public and private and joined ones apart, in pages', async () => {
    const { clock } = here().playground;
    inTasks(P.CreatePrivateThreads | P.ManageThreads);
    const before = new Date(clock.now() + 1).toISOString();
    await clock.advance(1_000);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { id } = await start({ name });
      await archive(id);
      await clock.advance(1_000);
      ids.push(id);
    }
    const secret = (await start({ type: 12 })).id;
    await archive(secret);
    const path = '/channels/{tasks}/threads/archived';
    const first = await here().bot('GET', `${path}/public?limit=2`);
    expectShape('ThreadsResponse', first.body);
    expect(first.body).toMatchObject({
      has_more: true,
      threads: [{ id: ids[2] }, { id: ids[1] }],
      members: [{ id: ids[2] }, { id: ids[1] }],
    });
    const last = first.body.threads[1].thread_metadata.archive_timestamp;
    expect((await here().bot('GET', `${path}/public?before=${last}`)).body.threads[0].id).toBe(ids[0]);
    expect(
      (await here().bot('GET', `${path}/public?before=${before}`)).body.threads.some((one: { id: string }) =>
        ids.includes(one.id),
      ),
    ).toBe(false);
    expect((await here().bot('GET', `${path}/private`)).body.threads[0].id).toBe(secret);
    expect((await here().bot('GET', '/channels/{tasks}/users/@me/threads/archived/private')).body.threads[0].id).toBe(secret);
    inTasks(0n);
    expectRefusal(await here().bot('GET', `${path}/private`), 403, 50013);
    inTasks(0n, P.ReadMessageHistory);
    expectRefusal(await here().bot('GET', `${path}/public`), 403, 50013);
    inTasks(0n);
  });

  it('are what discord.js makes of them', async () => {
    const channel = await here().client.channels.fetch(here().ids.tasks as string);
    if (channel?.type !== ChannelType.GuildText) throw new Error('no channel');
    const thread = await channel.threads.create({ name: 'js', autoArchiveDuration: 60 });
    await thread.members.add(here().ids.mia as string);
    expect((await thread.members.fetch({ cache: false })).has(here().ids.mia as string)).toBe(true);
    await thread.setArchived(true);
    expect((await channel.threads.fetchArchived({ type: 'public' })).threads.has(thread.id)).toBe(true);
  });
});
