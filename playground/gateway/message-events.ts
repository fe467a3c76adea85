import { type APIMessage, GatewayIntentBits as Intent } from 'discord-api-types/v10';
import type { WorldEvent } from '../bus.js';
import type { StoredMessage } from '../world/types.js';
import type { World } from '../world/world.js';
import { type Dispatchable, one } from './dispatchable.js';
import { apiMember } from './payloads.js';

/** A member without its user, as messages carry it; undefined for who is none. */
export function partialMember(world: World, guildId: string, userId: string) {
  const member = world.member(guildId, userId);
  if (!member) return undefined;
  const { user: _user, ...fields } = apiMember(world, member);
  return fields;
}

const HIDDEN = { content: '', embeds: [], attachments: [], components: [] };

/**
 * Without the message content intent a bot sees contents only of its own messages, of DMs and of what mentions it; empty are
 * content, embeds, attachments, components and poll, also of the message replied to and of forwarded ones (gateway.mdx, Message
 * Content Intent).
 */
function visibleContent(world: World, message: APIMessage, isDm: boolean, intents: number): APIMessage {
  if ((intents & Intent.MessageContent) !== 0 || isDm) return message;
  const { referenced_message: replied } = message;
  const referenced = replied ? { referenced_message: visibleContent(world, replied, isDm, intents) } : {};
  const own = message.author.id === world.botId || message.mentions.some((user) => user.id === world.botId);
  if (own) return { ...message, ...referenced };
  const { poll: _poll, message_snapshots: snapshots, ...rest } = message;
  const hidden = snapshots?.map((snapshot) => ({ ...snapshot, message: { ...snapshot.message, ...HIDDEN } }));
  return { ...rest, ...HIDDEN, ...referenced, ...(hidden && { message_snapshots: hidden }) };
}

/**
 * MESSAGE_CREATE or MESSAGE_UPDATE. Ephemeral messages of the bot come to it outside of the guild: they belong to the direct
 * messages intent and have neither guild_id nor member (gateway-events.mdx, Message Create); those of others never come.
 */
export function messageEvent(world: World, t: string, stored: StoredMessage): Dispatchable[] {
  const { message } = stored;
  const channel = world.channels.get(message.channel_id);
  if (!channel || !world.canView(channel, world.botId)) return [];
  if (stored.ephemeralFor && message.author.id !== world.botId) return [];
  const guildId = stored.ephemeralFor ? null : channel.guildId;
  if (guildId === null) {
    return one(t, null, Intent.DirectMessages, { ...message, channel_type: channel.type });
  }
  const member = message.webhook_id ? undefined : partialMember(world, guildId, message.author.id);
  const mentions = message.mentions.map((user) => ({ ...user, member: partialMember(world, guildId, user.id) }));
  const data = ({ intents }: { intents: number }) => ({
    // No copy: sessions make their text of it at once.
    ...visibleContent(world, message, false, intents),
    mentions,
    channel_type: channel.type,
    guild_id: guildId,
    ...(member && { member }),
  });
  return [{ t, guildId, needs: Intent.GuildMessages, data }];
}

/** MESSAGE_DELETE for each, or one MESSAGE_DELETE_BULK; nothing of channels that the bot cannot see. */
export function deleteEvent(world: World, channelId: string, removed: StoredMessage[], bulk: boolean): Dispatchable[] {
  const channel = world.channels.get(channelId);
  if (!channel || !world.canView(channel, world.botId)) return [];
  const { guildId } = channel;
  const needs = guildId === null ? Intent.DirectMessages : Intent.GuildMessages;
  const ids = removed.filter((stored) => !stored.ephemeralFor).map((stored) => stored.message.id);
  const where = { channel_id: channelId, ...(guildId !== null && { guild_id: guildId }) };
  if (bulk && ids.length > 0) return one('MESSAGE_DELETE_BULK', guildId, needs, { ids, ...where });
  return ids.flatMap((id) => one('MESSAGE_DELETE', guildId, needs, { id, ...where }));
}

type ReactionEvent = WorldEvent & {
  type: 'reaction_add' | 'reaction_remove' | 'reaction_remove_all' | 'reaction_remove_emoji';
};

/** The four MESSAGE_REACTION events (gateway-events.mdx, Message Reaction Add and following). */
export function reactionEvent(world: World, event: ReactionEvent): Dispatchable[] {
  const channel = world.channels.get(event.channelId);
  if (!channel || !world.canView(channel, world.botId)) return [];
  const { guildId } = channel;
  const needs = guildId === null ? Intent.DirectMessageReactions : Intent.GuildMessageReactions;
  const where = { channel_id: channel.id, message_id: event.messageId, ...(guildId !== null && { guild_id: guildId }) };
  const tell = (t: string, more: object) => one(t, guildId, needs, { ...where, ...more });
  if (event.type === 'reaction_remove_all') return tell('MESSAGE_REACTION_REMOVE_ALL', {});
  if (event.type === 'reaction_remove_emoji') return tell('MESSAGE_REACTION_REMOVE_EMOJI', { emoji: event.emoji });
  const { userId, emoji, burst = false } = event;
  const said = { user_id: userId, emoji, burst, type: burst ? 1 : 0 };
  if (event.type === 'reaction_remove') return tell('MESSAGE_REACTION_REMOVE', said);
  const member = guildId === null ? undefined : world.member(guildId, userId);
  const author = world.message(event.messageId)?.message.author.id;
  return tell('MESSAGE_REACTION_ADD', {
    ...said,
    ...(member && { member: apiMember(world, member) }),
    ...(author && { message_author_id: author }),
    ...(burst && { burst_colors: [] }),
  });
}
