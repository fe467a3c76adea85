/** Guilds, their channels and their emoji: resources/guild.mdx, resources/channel.mdx, resources/emoji.mdx. */
import { ChannelType, PermissionFlagsBits as P } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { expectForm, ground } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const BASE = P.ViewChannel | P.SendMessages | P.ReadMessageHistory;

const allow = (permissions: bigint) =>
  here().playground.setBotRole(here().ids.guild as string, { permissions: BASE | permissions, position: 5 });
afterEach(() => allow(0n));

const channels = '/guilds/{guild}/channels';
const make = (body: object) => here().bot('POST', channels, body);

describe('guilds', () => {
  it("are shown with counts, as a preview, in the bot's list, and changed with Manage Guild", async () => {
    expectShape('GuildWithCountsResponse', (await here().bot('GET', '/guilds/{guild}?with_counts=true')).body);
    expectShape('GuildPreviewResponse', (await here().bot('GET', '/guilds/{guild}/preview')).body);
    const own = await here().bot('GET', '/users/@me/guilds?with_counts=true&limit=1');
    expectShape('MyGuildResponse', own.body[0]);
    expect((await here().bot('GET', `/users/@me/guilds?after=${own.body[0].id}`)).body).toHaveLength(1);
    expectRefusal(await here().bot('PATCH', '/guilds/{guild}', { name: 'New' }), 403, 50013);
    allow(P.ManageGuild);
    const wanted = {
      name: 'New',
      description: 'What we do',
      verification_level: 2,
      preferred_locale: 'de',
      system_channel_id: here().ids.tasks,
    };
    const patched = await here().bot('PATCH', '/guilds/{guild}', wanted);
    expectShape('GuildResponse', patched.body);
    expect(patched.body).toMatchObject(wanted);
    expect((await here().bot('PATCH', '/guilds/{guild}', { system_channel_id: null })).body.system_channel_id).toBeNull();
    expectForm(await here().bot('PATCH', '/guilds/{guild}', { name: 'x' }), 'name');
    expectForm(await here().bot('PATCH', '/guilds/{guild}', { system_channel_id: here().ids.none }), 'system_channel_id');
  });
});

describe('channels of a guild', () => {
  it('are made in a category, whose overwrites they take, moved and deleted', async () => {
    expectRefusal(await make({ name: 'x' }), 403, 50013);
    allow(P.ManageChannels | P.ManageRoles);
    const overwrite = { id: here().ids.mia, type: 1, allow: '0', deny: P.SendMessages.toString() };
    const category = await make({ name: 'Work Here', type: ChannelType.GuildCategory, permission_overwrites: [overwrite] });
    expectShape('GuildChannelResponse', category.body);
    expect(category).toMatchObject({ status: 201, body: { name: 'Work Here', type: 4 } });
    const inCategory = `/channels/${category.body.id}/messages`;
    expectRefusal(await here().bot('POST', inCategory, { content: 'x' }), 400, 50024);
    expectRefusal(await here().bot('GET', inCategory), 400, 50024);
    await expect(here().playground.as('admin').say(category.body.id, 'x')).rejects.toThrow('cannot send');
    const room = await make({
      name: 'New Room',
      parent_id: category.body.id,
      topic: 'about',
      nsfw: true,
      rate_limit_per_user: 5,
    });
    expect(room.body).toMatchObject({
      name: 'new-room',
      type: 0,
      topic: 'about',
      nsfw: true,
      rate_limit_per_user: 5,
      parent_id: category.body.id,
      permission_overwrites: [overwrite],
    });
    const list = await here().bot('GET', channels);
    for (const one of list.body) expectShape('GuildChannelResponse', one);
    expect((await here().bot('PATCH', channels, [{ id: room.body.id, position: 9, parent_id: null }])).status).toBe(204);
    expect((await here().bot('GET', `/channels/${room.body.id}`)).body).toMatchObject({ position: 9, parent_id: null });
    const moved = await here().bot('PATCH', `/channels/${room.body.id}`, { parent_id: category.body.id });
    expect(moved.body.parent_id).toBe(category.body.id);
    expect((await here().bot('DELETE', `/channels/${category.body.id}`)).body.id).toBe(category.body.id);
    expect((await here().bot('GET', `/channels/${room.body.id}`)).body.parent_id).toBeNull();
  });

  it('need a name, a kind that there is, a category for a parent, and a slow mode of 6 hours at most', async () => {
    allow(P.ManageChannels);
    expectForm(await make({}), 'name', 'BASE_TYPE_REQUIRED');
    expectForm(await make({ name: 'x'.repeat(101) }), 'name');
    expectForm(await make({ name: 'x', parent_id: here().ids.tasks }), 'parent_id');
    expectForm(await make({ name: 'x', rate_limit_per_user: 21_601 }), 'rate_limit_per_user');
    expectForm(await here().bot('PATCH', '/channels/{lab}', { topic: 'x'.repeat(1025) }), 'topic');
    const patched = await here().bot('PATCH', '/channels/{lab}', { rate_limit_per_user: 10, default_auto_archive_duration: 60 });
    expect(patched.body).toMatchObject({ rate_limit_per_user: 10, default_auto_archive_duration: 60 });
  });

  it('guild.mdx, Create Guild Channel: only permissions that the bot has, and Manage Roles for administrators alone', async () => {
    const wish = (bits: bigint) => ({
      name: 'x',
      permission_overwrites: [{ id: here().ids.mia, type: 1, allow: bits.toString() }],
    });
    allow(P.ManageChannels | P.ManageRoles);
    expectRefusal(await make(wish(P.BanMembers)), 403, 50013);
    expectRefusal(await make(wish(P.ManageRoles)), 403, 50013);
    allow(P.Administrator);
    expect((await make(wish(P.ManageRoles))).status).toBe(201);
  });

  it('channel.mdx: slow mode is for people, not for bots', async () => {
    allow(P.ManageChannels);
    const { id } = (await make({ name: 'slow', rate_limit_per_user: 30 })).body;
    const mia = here().playground.as('member');
    await mia.say(id, 'one');
    await expect(mia.say(id, 'two')).rejects.toThrow('slowmode');
    for (const content of ['a', 'b'])
      expect((await here().bot('POST', `/channels/${id}/messages`, { content })).status).toBe(200);
    await here().playground.clock.advance(30_001);
    expect((await mia.say(id, 'two')).content).toBe('two');
  });

  it('opcodes 30013: a guild has so many channels', async () => {
    allow(P.ManageChannels);
    const { limits } = here().playground;
    limits.channelsPerGuild = (await here().bot('GET', channels)).body.length;
    expectRefusal(await make({ name: 'x' }), 400, 30013);
    limits.channelsPerGuild = 500;
  });

  it('are what discord.js makes of them', async () => {
    allow(P.ManageChannels);
    const guild = await here().client.guilds.fetch(here().ids.guild as string);
    const channel = await guild.channels.create({ name: 'made', type: ChannelType.GuildText, rateLimitPerUser: 3 });
    expect([channel.name, channel.rateLimitPerUser]).toEqual(['made', 3]);
    expect((await channel.edit({ topic: 't' })).topic).toBe('t');
    await channel.delete();
    expectRefusal(await here().bot('GET', `/channels/${channel.id}`), 404, 10003);
  });
});

describe('emoji', () => {
  it('are made with Create Expressions, renamed and deleted by who made them', async () => {
    const body = { name: 'wave', image: 'data:image/png;base64,iVBORw0KGgo=' };
    expectRefusal(await here().bot('POST', '/guilds/{guild}/emojis', body), 403, 50013);
    allow(P.CreateGuildExpressions);
    expectForm(await here().bot('POST', '/guilds/{guild}/emojis', { ...body, name: 'a-b' }), 'name');
    expectForm(await here().bot('POST', '/guilds/{guild}/emojis', { ...body, image: 'x' }), 'image');
    const made = await here().bot('POST', '/guilds/{guild}/emojis', body);
    expect(made.status).toBe(201);
    expectShape('EmojiResponse', made.body);
    const path = `/guilds/{guild}/emojis/${made.body.id}`;
    expect((await here().bot('PATCH', path, { name: 'hello' })).body.name).toBe('hello');
    expect((await here().bot('GET', '/guilds/{guild}/emojis')).body).toMatchObject([
      { name: 'hello', user: { id: here().ids.bot } },
    ]);
    expect((await here().bot('DELETE', path)).status).toBe(204);
    expectRefusal(await here().bot('GET', path), 404, 10014);
  });
});
