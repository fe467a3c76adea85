import { type APIMessage, ChannelType, GatewayIntentBits as Intent, MessageFlags, PermissionFlagsBits as P } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorldEvent } from '../../playground/bus.js';
import { addPerson, addThread } from '../../playground/world/additions.js';
import { WORLD_IDS } from '../../playground/world/seed.js';
import { type GatewayStage, type RawGateway, stageGateway } from './gateway-client.js';

const { guild: GUILD, channels: CHANNELS, people: PEOPLE, bot: BOT } = WORLD_IDS;
const VIEW = P.ViewChannel.toString();
const EMOJI = { id: null, name: '👍' };
/** All intents that there are. */
const EVERYTHING = Object.values(Intent).reduce((all: number, bit) => (typeof bit === 'number' ? all | bit : all), 0);

/** gateway-events.mdx has the fields of each event, gateway.mdx (List of Intents) which intent it needs. */
describe('events of the gateway', () => {
  let stage: GatewayStage;
  beforeEach(async () => {
    stage = await stageGateway({ privilegedIntents: Intent.GuildMembers | Intent.GuildPresences | Intent.MessageContent });
  });
  afterEach(() => stage.close());

  const publish = (event: WorldEvent) => stage.core.bus.publish(event);
  /** What this client was told before a mark that every client gets. */
  const told = async (client: RawGateway) => {
    const before = client.frames.filter((frame) => frame.t === 'USER_UPDATE').length;
    publish({ type: 'user_update', userId: BOT });
    const marks = () => client.frames.filter((frame) => frame.t === 'USER_UPDATE').length;
    await expect.poll(marks, { timeout: 15_000, interval: 5 }).toBe(before + 1);
    return client.names().filter((name) => name !== 'USER_UPDATE' && name !== 'GUILD_MEMBER_UPDATE');
  };
  /** The data that a client with these intents gets of an event, and that one with all others gets nothing. */
  const only = async (intents: number, t: string, ...events: WorldEvent[]) => {
    const client = await stage.ready(intents);
    const others = await stage.ready(EVERYTHING & ~intents);
    for (const event of events) publish(event);
    expect(await told(client)).toContain(t);
    if (intents !== 0) expect(await told(others)).not.toContain(t);
    return client.frames.filter((frame) => frame.t === t).map((frame) => frame.d);
  };
  const channel = (id: string) => {
    const found = stage.core.world.channels.get(id);
    if (!found) throw new Error(`no channel ${id}`);
    return found;
  };
  const hide = (id: string) => {
    channel(id).overwrites = [{ id: BOT, type: 1, allow: '0', deny: VIEW }];
  };
  /** Puts a message of a person into the world and tells of it. */
  const say = (
    channelId: string,
    more: Partial<APIMessage> = {},
    type: 'message_create' | 'message_update' = 'message_create',
  ) => {
    const id = stage.core.ids.next();
    const author = { id: PEOPLE.member, username: 'mia', discriminator: '0', global_name: 'Mia', avatar: null };
    const message = {
      id,
      channel_id: channelId,
      author,
      content: 'secret',
      timestamp: new Date(stage.core.clock.now()).toISOString(),
      attachments: [{ id: '1' }],
      embeds: [{ title: 'T' }],
      components: [{ type: 1, components: [] }],
      mentions: [],
      ...more,
    } as unknown as APIMessage;
    const stored = { message, notified: [] };
    stage.core.world.addMessage(stored);
    publish({ type, stored });
    return stored;
  };

  it('GUILD_ROLE_CREATE, UPDATE and DELETE, GUILD_UPDATE (GUILDS)', async () => {
    const roleId = stage.core.world.guilds.get(GUILD)?.roles.at(-1)?.id ?? '';
    const role = { guild_id: GUILD, role: { id: roleId, name: 'Moderator' } };
    const client = await stage.ready(Intent.Guilds);
    const quiet = await stage.ready(Intent.GuildMembers);
    publish({ type: 'role_create', guildId: GUILD, roleId });
    publish({ type: 'role_update', guildId: GUILD, roleId });
    publish({ type: 'role_delete', guildId: GUILD, roleId });
    publish({ type: 'guild_update', guildId: GUILD });
    expect(await told(client)).toEqual(['GUILD_ROLE_CREATE', 'GUILD_ROLE_UPDATE', 'GUILD_ROLE_DELETE', 'GUILD_UPDATE']);
    expect((await client.event('GUILD_ROLE_CREATE')).d).toMatchObject(role);
    expect((await client.event('GUILD_ROLE_UPDATE')).d).toMatchObject(role);
    expect((await client.event('GUILD_ROLE_DELETE')).d).toEqual({ guild_id: GUILD, role_id: roleId });
    expect((await client.event('GUILD_UPDATE')).d).toMatchObject({ id: GUILD, name: stage.core.world.guilds.get(GUILD)?.name });
    expect(await told(quiet)).toEqual([]);
  });

  it('GUILD_MEMBER_ADD, UPDATE and REMOVE (GUILD_MEMBERS); of its own member the bot is always told (gateway.mdx, Caveats)', async () => {
    const client = await stage.ready(Intent.GuildMembers);
    const quiet = await stage.ready(Intent.Guilds);
    const guildId = GUILD;
    publish({ type: 'member_add', guildId, userId: PEOPLE.member });
    publish({ type: 'member_update', guildId, userId: PEOPLE.member });
    publish({ type: 'member_remove', guildId, userId: PEOPLE.stranger });
    publish({ type: 'member_update', guildId, userId: BOT });
    const update = await quiet.event('GUILD_MEMBER_UPDATE');
    expect(update.d).toMatchObject({ guild_id: GUILD, user: { id: BOT } });
    expect(quiet.names()).toEqual(['GUILD_MEMBER_UPDATE']);
    await expect.poll(() => client.names().length, { timeout: 15_000 }).toBe(4);
    expect(client.names()).toEqual(['GUILD_MEMBER_ADD', 'GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE', 'GUILD_MEMBER_UPDATE']);
    expect((await client.event('GUILD_MEMBER_REMOVE')).d).toMatchObject({ guild_id: GUILD, user: { id: PEOPLE.stranger } });
  });

  it('GUILD_BAN_ADD and REMOVE (GUILD_MODERATION), only with the permission BAN_MEMBERS', async () => {
    const client = await stage.ready(Intent.GuildModeration);
    publish({ type: 'ban_add', guildId: GUILD, userId: PEOPLE.member });
    expect(await told(client)).toEqual([]);
    const role = stage.core.world.guilds.get(GUILD)?.roles.find((one) => one.botId);
    if (role) role.permissions = (BigInt(role.permissions) | P.BanMembers).toString();
    const remove = { type: 'ban_remove', guildId: GUILD, userId: PEOPLE.member } as const;
    const [data] = await only(Intent.GuildModeration, 'GUILD_BAN_ADD', { ...remove, type: 'ban_add' }, remove);
    expect(data).toMatchObject({ guild_id: GUILD, user: { id: PEOPLE.member } });
    expect(await told(client)).toEqual(['GUILD_BAN_ADD', 'GUILD_BAN_REMOVE']);
  });

  it('GUILD_EMOJIS_UPDATE (GUILD_EXPRESSIONS)', async () => {
    const guild = stage.core.world.guilds.get(GUILD);
    if (guild) guild.emojis = [{ id: '77', name: 'wave', animated: false, userId: BOT }];
    const [data] = await only(Intent.GuildExpressions, 'GUILD_EMOJIS_UPDATE', { type: 'emojis_update', guildId: GUILD });
    expect(data).toMatchObject({ guild_id: GUILD, emojis: [{ id: '77', name: 'wave', available: true }] });
  });

  it('USER_UPDATE for the bot itself, GUILD_MEMBER_UPDATE for others', async () => {
    const client = await stage.ready(Intent.GuildMembers);
    publish({ type: 'user_update', userId: PEOPLE.member });
    expect((await client.event('GUILD_MEMBER_UPDATE')).d).toMatchObject({ guild_id: GUILD, user: { id: PEOPLE.member } });
    expect(client.names()).toEqual(['GUILD_MEMBER_UPDATE']);
    publish({ type: 'user_update', userId: BOT });
    expect((await client.event('USER_UPDATE')).d).toMatchObject({ id: BOT });
  });

  it('MESSAGE_REACTION_ADD, REMOVE, REMOVE_ALL and REMOVE_EMOJI (GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS)', async () => {
    const { message } = say(CHANNELS.tasks);
    const where = { channelId: CHANNELS.tasks, messageId: message.id };
    const client = await stage.ready(Intent.GuildMessageReactions);
    const direct = await stage.ready(Intent.DirectMessageReactions);
    const act = (place: { channelId: string; messageId: string }) => {
      publish({ type: 'reaction_add', ...place, userId: PEOPLE.member, emoji: EMOJI });
      publish({ type: 'reaction_remove', ...place, userId: PEOPLE.member, emoji: EMOJI });
      publish({ type: 'reaction_remove_emoji', ...place, emoji: EMOJI });
      publish({ type: 'reaction_remove_all', ...place });
    };
    const names = ['ADD', 'REMOVE', 'REMOVE_EMOJI', 'REMOVE_ALL'].map((name) => `MESSAGE_REACTION_${name}`);
    act(where);
    expect(await told(client)).toEqual(names);
    expect(await told(direct)).toEqual([]);
    const ids = { channel_id: CHANNELS.tasks, message_id: message.id, guild_id: GUILD };
    const who = { user_id: PEOPLE.member, emoji: EMOJI, burst: false, type: 0 };
    expect((await client.event('MESSAGE_REACTION_ADD')).d).toMatchObject({
      ...ids,
      ...who,
      message_author_id: PEOPLE.member,
      member: { user: { id: PEOPLE.member } },
    });
    expect((await client.event('MESSAGE_REACTION_REMOVE')).d).toEqual({ ...ids, ...who });
    expect((await client.event('MESSAGE_REACTION_REMOVE_EMOJI')).d).toEqual({ ...ids, emoji: EMOJI });
    expect((await client.event('MESSAGE_REACTION_REMOVE_ALL')).d).toEqual(ids);
    act({ channelId: stage.core.world.findDm(PEOPLE.member)?.id ?? '', messageId: '1' });
    expect(await told(direct)).toEqual(names);
    expect((await direct.event('MESSAGE_REACTION_ADD')).d).not.toHaveProperty('guild_id');
    hide(CHANNELS.tasks);
    act(where);
    expect(await told(client)).toHaveLength(4);
  });

  it('CHANNEL_PINS_UPDATE (GUILDS in a guild, DIRECT_MESSAGES in a DM)', async () => {
    const lastPinAt = '2026-01-02T03:04:05.000Z';
    const pins = { type: 'pins_update', channelId: CHANNELS.tasks, lastPinAt } as const;
    expect(await only(Intent.Guilds, 'CHANNEL_PINS_UPDATE', pins)).toEqual([
      { guild_id: GUILD, channel_id: CHANNELS.tasks, last_pin_timestamp: lastPinAt },
    ]);
    const dm = stage.core.world.findDm(PEOPLE.member)?.id ?? '';
    expect(await only(Intent.DirectMessages, 'CHANNEL_PINS_UPDATE', { ...pins, channelId: dm, lastPinAt: null })).toEqual([
      { channel_id: dm, last_pin_timestamp: null },
    ]);
  });

  it('WEBHOOKS_UPDATE (GUILD_WEBHOOKS), APPLICATION_COMMAND_PERMISSIONS_UPDATE (no intent)', async () => {
    const data = { guildId: GUILD, channelId: CHANNELS.tasks };
    expect(await only(Intent.GuildWebhooks, 'WEBHOOKS_UPDATE', { type: 'webhooks_update', ...data })).toEqual([
      { guild_id: GUILD, channel_id: CHANNELS.tasks },
    ]);
    const permissions = [{ id: PEOPLE.member, type: 2, permission: false }];
    const event = { type: 'command_permissions', guildId: GUILD, commandId: '5', permissions } as const;
    expect(await only(0, 'APPLICATION_COMMAND_PERMISSIONS_UPDATE', event)).toEqual([
      { id: '5', application_id: BOT, guild_id: GUILD, permissions },
    ]);
  });

  it('TYPING_START has the clock’s time in seconds and the member (GUILD_MESSAGE_TYPING, DIRECT_MESSAGE_TYPING)', async () => {
    const event = { type: 'typing', channelId: CHANNELS.tasks, userId: PEOPLE.member } as const;
    await stage.core.clock.advance(3_600_000);
    const timestamp = Math.floor(stage.core.clock.now() / 1000);
    const member = expect.objectContaining({ user: expect.objectContaining({ id: PEOPLE.member }) });
    const said = { channel_id: CHANNELS.tasks, user_id: PEOPLE.member, timestamp };
    expect(await only(Intent.GuildMessageTyping, 'TYPING_START', event)).toEqual([{ ...said, guild_id: GUILD, member }]);
    const dm = stage.core.world.findDm(PEOPLE.member)?.id ?? '';
    expect(await only(Intent.DirectMessageTyping, 'TYPING_START', { ...event, channelId: dm })).toEqual([
      { ...said, channel_id: dm },
    ]);
  });

  it('THREAD_CREATE is newly_created and followed by THREAD_MEMBER_UPDATE; private ones of others are not told of', async () => {
    const client = await stage.ready(Intent.Guilds);
    const id = addThread(stage.core, CHANNELS.tasks, 'talk');
    addThread(stage.core, CHANNELS.tasks, 'hidden', { private: true, memberIds: [PEOPLE.member] });
    expect(await told(client)).toEqual(['THREAD_CREATE', 'THREAD_MEMBER_UPDATE']);
    expect((await client.event('THREAD_CREATE')).d).toMatchObject({ id, newly_created: true, member: { user_id: BOT } });
    expect((await client.event('THREAD_MEMBER_UPDATE')).d).toMatchObject({ id, user_id: BOT, guild_id: GUILD });
  });

  it('THREAD_MEMBERS_UPDATE tells of others only with GUILD_MEMBERS; when the bot is added THREAD_CREATE comes first', async () => {
    const thread = channel(addThread(stage.core, CHANNELS.tasks, 'talk', { private: true, memberIds: [PEOPLE.member] }));
    const plain = await stage.ready(Intent.Guilds);
    const full = await stage.ready(Intent.Guilds | Intent.GuildMembers);
    publish({ type: 'thread_members_update', threadId: thread.id, addedIds: [PEOPLE.admin], removedIds: [] });
    expect(await told(full)).toEqual([]);
    thread.thread?.memberIds.push(BOT);
    publish({
      type: 'thread_members_update',
      threadId: thread.id,
      addedIds: [PEOPLE.moderator, BOT],
      removedIds: [PEOPLE.member],
    });
    const names = ['THREAD_CREATE', 'THREAD_MEMBER_UPDATE', 'THREAD_MEMBERS_UPDATE'];
    expect(await told(plain)).toEqual(names);
    expect((await plain.event('THREAD_CREATE')).d).toMatchObject({ id: thread.id, member: { user_id: BOT } });
    expect((await plain.event('THREAD_CREATE')).d).not.toHaveProperty('newly_created');
    const update = (await plain.event('THREAD_MEMBERS_UPDATE')).d;
    expect(update).toMatchObject({ id: thread.id, guild_id: GUILD, added_members: [{ user_id: BOT, presence: null }] });
    expect(update.added_members[0].member.user.id).toBe(BOT);
    expect(update).not.toHaveProperty('removed_member_ids');
    expect((await full.event('THREAD_MEMBERS_UPDATE')).d).toMatchObject({
      added_members: [{ user_id: PEOPLE.moderator }, { user_id: BOT }],
      removed_member_ids: [PEOPLE.member],
    });
    if (thread.thread) thread.thread.memberIds = thread.thread.memberIds.filter((id) => id !== BOT);
    publish({ type: 'thread_members_update', threadId: thread.id, addedIds: [], removedIds: [BOT] });
    expect(await told(plain)).toEqual([...names, 'THREAD_MEMBERS_UPDATE']);
  });

  it('THREAD_LIST_SYNC when the bot gains access to a channel, with the active threads and its memberships', async () => {
    const client = await stage.ready(Intent.Guilds);
    const id = addThread(stage.core, CHANNELS.lab, 'talk');
    const archived = channel(addThread(stage.core, CHANNELS.lab, 'old'));
    if (archived.thread) archived.thread.archived = true;
    stage.core.world.channels.noteArchived(archived);
    const lab = channel(CHANNELS.lab);
    hide(lab.id);
    publish({ type: 'channel_update', channel: lab });
    expect(await told(client)).not.toContain('THREAD_LIST_SYNC');
    lab.overwrites = [];
    publish({ type: 'channel_update', channel: lab });
    publish({ type: 'channel_update', channel: lab });
    const names = await told(client);
    expect(names.filter((name) => name === 'THREAD_LIST_SYNC')).toHaveLength(1);
    expect((await client.event('THREAD_LIST_SYNC')).d).toMatchObject({
      guild_id: GUILD,
      channel_ids: [lab.id],
      threads: [{ id }],
      members: [{ id, user_id: BOT }],
    });
    const roles = stage.core.world.guilds.get(GUILD)?.roles ?? [];
    const before = roles.map((role) => role.permissions);
    const setAll = (permissions: (index: number) => string) => {
      for (const [index, role] of roles.entries()) role.permissions = permissions(index);
      publish({ type: 'role_update', guildId: GUILD, roleId: GUILD });
    };
    setAll(() => '0');
    setAll((index) => before[index] ?? '0');
    expect((await told(client)).filter((name) => name === 'THREAD_LIST_SYNC')).toHaveLength(2);
  });

  it('no CHANNEL_CREATE for a DM: it is for "a new guild channel" (gateway-events.mdx, Channel Create)', async () => {
    const client = await stage.ready(Intent.Guilds | Intent.DirectMessages);
    const dm = stage.core.world.findDm(addPerson(stage.core, 'zoe'));
    if (!dm) throw new Error('no DM');
    publish({ type: 'channel_create', channel: dm });
    expect(await told(client)).toEqual([]);
  });

  it('message content without its intent: empty content, embeds, attachments and components, no poll, hidden snapshots and replies', async () => {
    const client = await stage.ready(Intent.GuildMessages);
    const reader = await stage.ready(Intent.GuildMessages | Intent.MessageContent);
    const forwarded = { content: 'forwarded', embeds: [{}], attachments: [{}], components: [{}], type: 0 };
    const more = {
      poll: { question: { text: '?' } },
      message_snapshots: [{ message: forwarded }],
      referenced_message: { author: { id: PEOPLE.admin }, content: 'older', mentions: [], embeds: [], attachments: [] },
    } as unknown as Partial<APIMessage>;
    say(CHANNELS.tasks, more);
    const { d } = await client.event('MESSAGE_CREATE');
    const empty = { content: '', embeds: [], attachments: [], components: [] };
    expect(d).toMatchObject({ ...empty, message_snapshots: [{ message: { ...empty, type: 0 } }], referenced_message: empty });
    expect(d).not.toHaveProperty('poll');
    expect((await reader.event('MESSAGE_CREATE')).d).toMatchObject({ ...more, content: 'secret', embeds: [{ title: 'T' }] });
    say(CHANNELS.tasks, { mentions: [{ id: BOT, username: 'Guildhall' }] as APIMessage['mentions'], content: 'to you' });
    say(CHANNELS.tasks, { content: 'edited' }, 'message_update');
    const mention = await client.next((frame) => frame.d?.content === 'to you');
    expect(mention.d).toMatchObject({ guild_id: GUILD, member: { roles: [] }, channel_type: ChannelType.GuildText });
    expect(mention.d.mentions[0]).toMatchObject({ id: BOT, member: { roles: [expect.any(String)] } });
    expect((await client.event('MESSAGE_UPDATE')).d.content).toBe('');
  });

  it('ephemeral messages of the bot belong to DIRECT_MESSAGES, without guild_id and member (Message Create); others never come', async () => {
    const client = await stage.ready(Intent.DirectMessages);
    const guilds = await stage.ready(Intent.GuildMessages);
    const { message } = say(CHANNELS.tasks);
    const flags = MessageFlags.Ephemeral;
    const own = { ...message, id: stage.core.ids.next(), author: { ...message.author, id: BOT }, flags };
    publish({ type: 'message_create', stored: { message: own, ephemeralFor: PEOPLE.member, notified: [] } });
    publish({ type: 'message_create', stored: { message, ephemeralFor: PEOPLE.member, notified: [] } });
    expect(await told(client)).toEqual(['MESSAGE_CREATE']);
    const { d } = await client.event('MESSAGE_CREATE');
    expect(d).toMatchObject({ id: own.id, content: 'secret', channel_id: CHANNELS.tasks });
    expect(d).not.toHaveProperty('guild_id');
    expect(d).not.toHaveProperty('member');
    expect(await told(guilds)).toEqual(['MESSAGE_CREATE']);
  });

  it('MESSAGE_DELETE and MESSAGE_DELETE_BULK, not for channels that the bot cannot see', async () => {
    const client = await stage.ready(Intent.GuildMessages);
    const removed = [say(CHANNELS.tasks), say(CHANNELS.tasks)];
    const ids = removed.map((stored) => stored.message.id);
    const channelId = CHANNELS.tasks;
    publish({ type: 'message_delete', channelId, removed: removed.slice(1), bulk: false });
    publish({ type: 'message_delete', channelId, removed, bulk: true });
    expect((await client.event('MESSAGE_DELETE')).d).toEqual({ id: ids[1], channel_id: channelId, guild_id: GUILD });
    expect((await client.event('MESSAGE_DELETE_BULK')).d).toEqual({ ids, channel_id: channelId, guild_id: GUILD });
    hide(channelId);
    publish({ type: 'message_delete', channelId, removed, bulk: false });
    publish({ type: 'message_delete', channelId, removed, bulk: true });
    say(channelId);
    expect(await told(client)).toHaveLength(4);
  });

  it('GUILD_CREATE lists members only with GUILD_PRESENCES, and in large guilds those with a role or nickname (Request Guild Members)', async () => {
    const guildOf = async (intents: number, more = {}) => {
      const client = await stage.ready(Intent.Guilds | intents, more);
      return (await client.next((frame) => frame.t === 'GUILD_CREATE' && frame.d.id === GUILD)).d;
    };
    expect(await guildOf(Intent.GuildMembers)).toMatchObject({ members: [{ user: { id: BOT } }], member_count: 5, large: false });
    expect((await guildOf(Intent.GuildPresences)).members).toHaveLength(5);
    const guild = stage.core.world.guilds.get(GUILD);
    for (let n = 0; n < 60; n++) {
      const userId = addPerson(stage.core, `crowd${n}`);
      guild?.members.push({ userId, roles: [], joinedAt: new Date(0).toISOString(), ...(n === 0 && { nick: 'First' }) });
    }
    const large = await guildOf(Intent.GuildPresences);
    expect(large).toMatchObject({ large: true, member_count: 65 });
    // The bot, the moderator and who has a nickname.
    expect(large.members).toHaveLength(3);
    expect((await guildOf(Intent.GuildPresences, { large_threshold: 100 })).members).toHaveLength(65);
  });

  it('nothing of a guild that the bot left', async () => {
    const client = await stage.ready(Intent.Guilds | Intent.GuildMembers | Intent.GuildMessages);
    const guild = stage.core.world.guilds.get(GUILD);
    if (guild) guild.members = guild.members.filter((member) => member.userId !== BOT);
    publish({ type: 'guild_delete', guildId: GUILD });
    publish({ type: 'guild_update', guildId: GUILD });
    publish({ type: 'role_update', guildId: GUILD, roleId: GUILD });
    publish({ type: 'member_update', guildId: GUILD, userId: PEOPLE.member });
    publish({ type: 'channel_update', channel: channel(CHANNELS.tasks) });
    say(CHANNELS.tasks);
    expect(await told(client)).toEqual(['GUILD_DELETE']);
    expect((await client.event('GUILD_DELETE')).d).toEqual({ id: GUILD });
  });

  it('op 31 is answered with SOUNDBOARD_SOUNDS for each guild of the bot', async () => {
    const client = await stage.ready(Intent.Guilds);
    client.send(31, { guild_ids: [GUILD, '1'] });
    expect((await client.event('SOUNDBOARD_SOUNDS')).d).toEqual({ guild_id: GUILD, soundboard_sounds: [] });
  });
});
