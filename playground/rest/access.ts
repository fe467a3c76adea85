import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import { refuseFaults } from '../validation/form.js';
import { has, isAbove } from '../world/permissions.js';
import type { ChannelRecord, GuildRecord, MemberRecord, RoleRecord, StoredMessage } from '../world/types.js';

/** Words that stand for an id in a path. */
const STAND_INS = new Set(['@me', '@original']);

/** Refuses an id in the path that is no snowflake (50035, named as Discord's routes name it). */
export function refuseBadIds(params: Record<string, string>): void {
  const bad = Object.entries(params).filter(
    ([name, value]) => name.endsWith('Id') && !STAND_INS.has(value) && !/^\d{1,20}$/.test(value),
  );
  refuseFaults(
    bad.map(([name, value]) => ({
      path: [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)],
      code: 'NUMBER_TYPE_COERCE',
      message: `Value ${JSON.stringify(value)} is not snowflake.`,
    })),
  );
}

/** A channel that the bot can see: 10003 when there is none, 50001 when it is hidden from the bot. */
export function visibleChannel(core: Core, channelId: string | undefined): ChannelRecord {
  const channel = core.world.channels.get(channelId ?? '');
  if (!channel) throw new DiscordError('unknownChannel');
  if (!core.world.canView(channel, core.world.botId)) throw new DiscordError('missingAccess');
  return channel;
}

/** Refuses with 50013 unless the bot has all these permissions in the channel. */
export function need(core: Core, channel: ChannelRecord, permissions: bigint): void {
  if (!has(core.world.permissions(channel, core.world.botId), permissions)) throw new DiscordError('missingPermissions');
}

/** Whether the bot has these permissions in the channel. */
export function botHas(core: Core, channel: ChannelRecord, permissions: bigint): boolean {
  return has(core.world.permissions(channel, core.world.botId), permissions);
}

/** Categories have no messages (50024). */
export function refuseCategory(channel: ChannelRecord): void {
  if (channel.type === 4) throw new DiscordError('wrongChannelType');
}

/** Refuses with 50013 when the bot may not send here; a locked thread is refused with 160005. */
export function needSending(core: Core, channel: ChannelRecord): void {
  const { world, faults } = core;
  refuseCategory(channel);
  if (channel.guildId === null) {
    const people = (channel.recipientIds ?? []).filter((id) => id !== world.botId);
    const shares = (userId: string) => world.guildsOf(world.botId).some((guild) => world.isMember(guild.id, userId));
    if (people.some((userId) => faults.closedDms.has(userId) || !shares(userId))) throw new DiscordError('cannotDm');
  }
  need(core, channel, channel.thread ? P.SendMessagesInThreads : P.SendMessages);
  if (channel.thread?.locked && !botHas(core, channel, P.ManageThreads)) throw new DiscordError('threadLocked');
}

/** A message of the channel that is not ephemeral; 10008 otherwise. */
export function channelMessage(core: Core, channel: ChannelRecord, messageId: string | undefined): StoredMessage {
  const stored = core.world.message(messageId ?? '');
  if (!stored || stored.message.channel_id !== channel.id || stored.ephemeralFor) throw new DiscordError('unknownMessage');
  return stored;
}

/** A guild that the bot is a member of: 10004 when there is none, 50001 when the bot is not in it. */
export function memberGuild(core: Core, guildId: string | undefined): GuildRecord {
  const guild = core.world.guilds.get(guildId ?? '');
  if (!guild) throw new DiscordError('unknownGuild');
  if (!core.world.isMember(guild.id, core.world.botId)) throw new DiscordError('missingAccess');
  return guild;
}

/** Refuses with 50013 unless the bot has all these permissions in the guild. */
export function needInGuild(core: Core, guild: GuildRecord, permissions: bigint): void {
  if (!has(core.world.guildPermissions(guild.id, core.world.botId), permissions)) throw new DiscordError('missingPermissions');
}

/** A guild channel that the bot can see; 50003 for a DM. */
export function guildChannel(core: Core, channelId: string | undefined): { channel: ChannelRecord; guild: GuildRecord } {
  const channel = visibleChannel(core, channelId);
  const guild = core.world.guilds.get(channel.guildId ?? '');
  if (!guild) throw new DiscordError('notInDm');
  return { channel, guild };
}

/** A member of the guild, `@me` for the bot: 10007 for a user who is none, 10013 when there is no such user. */
export function guildMember(core: Core, guild: GuildRecord, userId: string | undefined): MemberRecord {
  const id = userId === '@me' ? core.world.botId : (userId ?? '');
  const member = core.world.member(guild.id, id);
  if (!member) throw new DiscordError(core.world.users.has(id) ? 'unknownMember' : 'unknownUser');
  return member;
}

/** A role of the guild; 10011 otherwise. */
export function guildRole(guild: GuildRecord, roleId: string | undefined): RoleRecord {
  const role = guild.roles.find((one) => one.id === roleId);
  if (!role) throw new DiscordError('unknownRole');
  return role;
}

function highestRole(guild: GuildRecord, member: MemberRecord): RoleRecord | undefined {
  const own = guild.roles.filter((role) => role.id === guild.id || member.roles.includes(role.id));
  return own.reduce<RoleRecord | undefined>((high, role) => (high && isAbove(high, role) ? high : role), undefined);
}

/** Whether the bot's highest role stands above this role (topics/permissions, Permission Hierarchy). */
export function isBelowBot(core: Core, guild: GuildRecord, role: RoleRecord): boolean {
  if (guild.ownerId === core.world.botId) return true;
  const bot = core.world.member(guild.id, core.world.botId);
  const highest = bot && highestRole(guild, bot);
  return highest !== undefined && isAbove(highest, role);
}

/** Refuses with 50013 to touch the owner, or a member whose highest role is not below the bot's. */
export function needAboveMember(core: Core, guild: GuildRecord, member: MemberRecord): void {
  const highest = highestRole(guild, member);
  const isFree = member.userId !== guild.ownerId && (!highest || isBelowBot(core, guild, highest));
  if (!isFree) throw new DiscordError('missingPermissions');
}
