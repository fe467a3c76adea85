import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import { has } from '../world/permissions.js';
import type { ChannelRecord, GuildRecord, StoredMessage } from '../world/types.js';

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

/** Refuses with 50013 when the bot may not send here; a locked thread is refused with 160005. */
export function needSending(core: Core, channel: ChannelRecord): void {
  const { world, faults } = core;
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
