import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { World as WorldIds } from '../api.js';
import type { ChannelRecord, GuildRecord, OverwriteRecord, RoleRecord, UserRecord } from './types.js';
import { World } from './world.js';

/** Fixed ids, so that tests and saved worlds agree; all look like Discord's of late 2024. */
const id = (n: number) => (1_300_000_000_000_000_000n + BigInt(n)).toString();
const FOUNDED = '2025-01-01T00:00:00.000Z';

/** Ids of the world that a new playground starts with. The bot user and its application share an id, as at Discord. */
export const WORLD_IDS: WorldIds = {
  bot: id(1),
  application: id(1),
  guild: id(100),
  otherGuild: id(200),
  people: { admin: id(11), moderator: id(12), member: id(13), secondMember: id(14), stranger: id(15) },
  channels: { general: id(101), tasks: id(102), lab: id(103), staff: id(104) },
  otherChannels: { general: id(201) },
};

const ROLES = { moderator: id(110), bot: id(111), otherBot: id(211) };

const EVERYONE =
  P.ViewChannel |
  P.SendMessages |
  P.SendMessagesInThreads |
  P.CreatePublicThreads |
  P.EmbedLinks |
  P.AttachFiles |
  P.AddReactions |
  P.ReadMessageHistory |
  P.UseExternalEmojis |
  P.UseApplicationCommands |
  P.ChangeNickname;

const BOT =
  P.ViewChannel |
  P.SendMessages |
  P.SendMessagesInThreads |
  P.CreatePublicThreads |
  P.EmbedLinks |
  P.AttachFiles |
  P.ReadMessageHistory |
  P.UseExternalEmojis;

/** A person's record; the display name is the user name with a capital. */
export function person(userId: string, username: string, role: string, color: string): UserRecord {
  const displayName = username[0]?.toUpperCase() + username.slice(1);
  return { id: userId, username, displayName, bot: false, role, color, locale: 'en-US' };
}

function role(roleId: string, name: string, permissions: bigint, position: number, extra: Partial<RoleRecord> = {}): RoleRecord {
  return { id: roleId, name, color: 0, permissions: permissions.toString(), position, ...extra };
}

/** What the world calls the bot, and the guild that everybody but the stranger is in. */
export interface WorldNames {
  bot: string;
  guild: string;
}

/** Names that suit any bot. */
export const NEUTRAL_NAMES: WorldNames = { bot: 'Bot', guild: 'Workshop' };

/** The role that Discord makes for a bot when it joins; it has the bot's name. */
export function botRole(roleId: string, bot: { id: string; name: string }): RoleRecord {
  return role(roleId, bot.name, BOT, 1, { botId: bot.id });
}

/** The role that everybody in a guild has; its id is the guild's. */
export function everyoneRole(guildId: string): RoleRecord {
  return role(guildId, '@everyone', EVERYONE, 0);
}

function member(userId: string, roles: string[] = []) {
  return { userId, roles, joinedAt: FOUNDED };
}

/** A text channel without messages. */
export function textChannel(
  channelId: string,
  guildId: string,
  name: string,
  position: number,
  topic = '',
  overwrites: OverwriteRecord[] = [],
): ChannelRecord {
  return { id: channelId, type: 0, guildId, parentId: null, name, topic, position, overwrites, lastMessageId: null };
}

/** The DM of the bot and a person. */
export function dmChannel(channelId: string, botId: string, userId: string): ChannelRecord {
  return {
    id: channelId,
    type: 1,
    guildId: null,
    parentId: null,
    name: '',
    topic: '',
    position: 0,
    overwrites: [],
    lastMessageId: null,
    recipientIds: [botId, userId],
  };
}

function mainGuild(names: WorldNames): GuildRecord {
  const { admin, moderator, member: mia, secondMember } = WORLD_IDS.people;
  return {
    id: WORLD_IDS.guild,
    name: names.guild,
    ownerId: admin,
    locale: 'en-US',
    roles: [
      everyoneRole(WORLD_IDS.guild),
      botRole(ROLES.bot, { id: WORLD_IDS.bot, name: names.bot }),
      role(ROLES.moderator, 'Moderator', P.ManageMessages | P.ManageThreads | P.PinMessages, 2, { color: 0x3498db }),
    ],
    members: [
      member(WORLD_IDS.bot, [ROLES.bot]),
      member(admin),
      member(moderator, [ROLES.moderator]),
      member(mia),
      member(secondMember),
    ],
  };
}

function otherGuild(names: WorldNames): GuildRecord {
  return {
    id: WORLD_IDS.otherGuild,
    name: 'Northwind Studio',
    ownerId: WORLD_IDS.people.admin,
    locale: 'en-US',
    roles: [everyoneRole(WORLD_IDS.otherGuild), botRole(ROLES.otherBot, { id: WORLD_IDS.bot, name: names.bot })],
    members: [member(WORLD_IDS.bot, [ROLES.otherBot]), member(WORLD_IDS.people.admin), member(WORLD_IDS.people.stranger)],
  };
}

function staffOverwrites(): OverwriteRecord[] {
  const view = P.ViewChannel.toString();
  return [
    { id: WORLD_IDS.guild, type: 0, allow: '0', deny: view },
    { id: ROLES.moderator, type: 0, allow: view, deny: '0' },
    { id: ROLES.bot, type: 0, allow: view, deny: '0' },
  ];
}

/** A world as it is before anybody said anything: two guilds, five people, one bot. `now` is the playground's clock. */
export function createWorld(options: { names?: Partial<WorldNames>; now?: () => number } = {}): World {
  const names = { ...NEUTRAL_NAMES, ...options.names };
  const world = new World(WORLD_IDS.bot, options.now);
  const { people, channels, otherChannels, guild, otherGuild: other } = WORLD_IDS;
  const users = [
    { ...person(WORLD_IDS.bot, names.bot, 'The bot', '#5865f2'), bot: true },
    person(people.admin, 'ada', 'Owner and administrator', '#eb459e'),
    person(people.moderator, 'mo', 'Moderator: may manage messages', '#3ba55d'),
    person(people.member, 'mia', 'Member', '#faa61a'),
    person(people.secondMember, 'max', 'Member', '#00a8fc'),
    person(people.stranger, 'sam', 'Stranger: only in the other server', '#99aab5'),
  ];
  for (const user of users) world.users.set(user.id, user);
  for (const one of [mainGuild(names), otherGuild(names)]) world.guilds.set(one.id, one);
  const list = [
    textChannel(channels.general, guild, 'general', 0, 'Talk about anything'),
    textChannel(channels.tasks, guild, 'tasks', 1, 'Give agents their tasks here'),
    textChannel(channels.lab, guild, 'agents-lab', 2, 'Try things out'),
    textChannel(channels.staff, guild, 'staff', 3, 'For the staff only', staffOverwrites()),
    textChannel(otherChannels.general, other, 'general', 0, 'Another server'),
    ...Object.values(people).map((userId, index) => dmChannel(id(301 + index), WORLD_IDS.bot, userId)),
  ];
  for (const channel of list) world.channels.set(channel.id, channel);
  return world;
}
