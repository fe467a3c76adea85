import { type APIMessage, GatewayIntentBits as Intent } from 'discord-api-types/v10';
import type { WorldEvent } from '../bus.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import type { World } from '../world/world.js';
import { apiChannel, apiMember, apiUser, guildCreate } from './payloads.js';

/** One gateway event: `needs` are intents of which one must be set (0: none needed). */
export interface Dispatchable {
  t: string;
  guildId: string | null;
  needs: number;
  /** The data for a session with these intents. */
  data: (intents: number) => unknown;
}

function one(t: string, guildId: string | null, needs: number, data: unknown): Dispatchable[] {
  return [{ t, guildId, needs, data: () => data }];
}

/** Without the message content intent a bot sees contents only of its own messages, DMs and what mentions it. */
function visibleContent(world: World, message: APIMessage, guildId: string | null, intents: number): APIMessage {
  const open =
    (intents & Intent.MessageContent) !== 0 ||
    guildId === null ||
    message.author.id === world.botId ||
    message.mentions.some((user) => user.id === world.botId);
  return open ? message : { ...message, content: '', embeds: [], attachments: [], components: [] };
}

function messageEvent(world: World, t: string, stored: StoredMessage): Dispatchable[] {
  const { message } = stored;
  const channel = world.channels.get(message.channel_id);
  if (!channel || !world.canView(channel, world.botId)) return [];
  // Ephemeral messages of others never reach the bot; its own do.
  if (stored.ephemeralFor && message.author.id !== world.botId) return [];
  const { guildId } = channel;
  const member = world.guilds.get(guildId ?? '')?.members.find((each) => each.userId === message.author.id);
  const { user: _user, ...memberFields } = member ? apiMember(world, member) : { user: undefined };
  const snapshot = structuredClone(message);
  return [
    {
      t,
      guildId,
      needs: guildId === null ? Intent.DirectMessages : Intent.GuildMessages,
      data: (intents) => ({
        ...visibleContent(world, snapshot, guildId, intents),
        channel_type: channel.type,
        ...(guildId !== null && { guild_id: guildId, ...(member && { member: memberFields }) }),
      }),
    },
  ];
}

function messageDelete(world: World, channelId: string, removed: StoredMessage[], bulk: boolean): Dispatchable[] {
  const guildId = world.channels.get(channelId)?.guildId ?? null;
  const needs = guildId === null ? Intent.DirectMessages : Intent.GuildMessages;
  const ids = removed.filter((stored) => !stored.ephemeralFor).map((stored) => stored.message.id);
  const where = { channel_id: channelId, ...(guildId !== null && { guild_id: guildId }) };
  if (bulk) return one('MESSAGE_DELETE_BULK', guildId, needs, { ids, ...where });
  return ids.flatMap((id) => one('MESSAGE_DELETE', guildId, needs, { id, ...where }));
}

function channelEvent(world: World, kind: 'CREATE' | 'UPDATE' | 'DELETE', channel: ChannelRecord): Dispatchable[] {
  if (channel.guildId === null) return [];
  if (!channel.thread) return one(`CHANNEL_${kind}`, channel.guildId, Intent.Guilds, apiChannel(world, channel));
  const { id, guildId, parentId, type } = channel;
  // Hidden channels are told of, hidden threads are not.
  if (kind !== 'DELETE' && !world.canView(channel, world.botId)) return [];
  if (type === 12 && !channel.thread.memberIds.includes(world.botId)) return [];
  const data =
    kind === 'DELETE'
      ? { id, guild_id: guildId, parent_id: parentId, type }
      : { ...apiChannel(world, channel), ...(kind === 'CREATE' && { newly_created: true }) };
  return one(`THREAD_${kind}`, guildId, Intent.Guilds, data);
}

function memberEvent(
  world: World,
  event: WorldEvent & { type: 'member_add' | 'member_update' | 'member_remove' },
): Dispatchable[] {
  const { guildId, userId, type } = event;
  const member = world.guilds.get(guildId)?.members.find((each) => each.userId === userId);
  if (type === 'member_remove' || !member) {
    return one('GUILD_MEMBER_REMOVE', guildId, Intent.GuildMembers, { guild_id: guildId, user: apiUser(world.user(userId)) });
  }
  const t = type === 'member_add' ? 'GUILD_MEMBER_ADD' : 'GUILD_MEMBER_UPDATE';
  // A bot is always told about its own member.
  const needs = userId === world.botId ? 0 : Intent.GuildMembers;
  return one(t, guildId, needs, { ...apiMember(world, member), guild_id: guildId });
}

/** The gateway events that tell a bot what happened; none when it has no right to know. */
export function dispatchesOf(world: World, event: WorldEvent): Dispatchable[] {
  switch (event.type) {
    case 'message_create':
      return messageEvent(world, 'MESSAGE_CREATE', event.stored);
    case 'message_update':
      return messageEvent(world, 'MESSAGE_UPDATE', event.stored);
    case 'message_delete':
      return messageDelete(world, event.channelId, event.removed, event.bulk);
    case 'channel_create':
      return channelEvent(world, 'CREATE', event.channel);
    case 'channel_update':
      return channelEvent(world, 'UPDATE', event.channel);
    case 'channel_delete':
      return channelEvent(world, 'DELETE', event.channel);
    case 'guild_create': {
      const guild = world.guilds.get(event.guildId);
      if (!guild) return [];
      const data = (intents: number) =>
        guildCreate(world, guild, { allMembers: (intents & Intent.GuildPresences) !== 0, largeThreshold: 50 });
      return [{ t: 'GUILD_CREATE', guildId: guild.id, needs: Intent.Guilds, data }];
    }
    case 'guild_delete':
      // No `unavailable`: the bot was removed, it is not an outage.
      return one('GUILD_DELETE', event.guildId, Intent.Guilds, { id: event.guildId });
    case 'member_add':
    case 'member_update':
    case 'member_remove':
      return memberEvent(world, event);
    case 'typing':
      return typingEvent(world, event.channelId, event.userId);
    case 'interaction':
      return one('INTERACTION_CREATE', event.payload.guild_id ?? null, 0, event.payload);
    case 'guild_update':
    case 'role_create':
    case 'role_update':
    case 'role_delete':
    case 'user_update':
    case 'ban_add':
    case 'ban_remove':
    case 'reaction_add':
    case 'reaction_remove':
    case 'reaction_remove_all':
    case 'reaction_remove_emoji':
    case 'pins_update':
    case 'thread_members_update':
    case 'webhooks_update':
    case 'command_permissions':
    case 'read':
    case 'commands':
    case 'bot':
      return [];
  }
}

function typingEvent(world: World, channelId: string, userId: string): Dispatchable[] {
  const guildId = world.channels.get(channelId)?.guildId ?? null;
  const needs = guildId === null ? Intent.DirectMessageTyping : Intent.GuildMessageTyping;
  return one('TYPING_START', guildId, needs, {
    channel_id: channelId,
    user_id: userId,
    timestamp: Math.floor(Date.now() / 1000),
    ...(guildId !== null && { guild_id: guildId }),
  });
}
