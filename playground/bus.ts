import type { APIApplicationCommandPermission, APIInteraction } from 'discord-api-types/v10';
import type { ChannelRecord, StoredMessage } from './world/types.js';

/** The emoji of a reaction: `id` null and the character as `name` for a Unicode one, both for a custom one. */
export interface ReactionEmoji {
  id: string | null;
  name: string | null;
  animated?: boolean;
}

/** What happened in the world. The gateway tells it to the bot, the page server to people, persistence writes it down. */
export type WorldEvent =
  | { type: 'message_create' | 'message_update'; stored: StoredMessage }
  | { type: 'message_delete'; channelId: string; removed: StoredMessage[]; bulk: boolean }
  | { type: 'channel_create' | 'channel_update' | 'channel_delete'; channel: ChannelRecord }
  | { type: 'guild_create' | 'guild_update' | 'guild_delete'; guildId: string }
  | { type: 'member_add' | 'member_update' | 'member_remove'; guildId: string; userId: string }
  | { type: 'ban_add' | 'ban_remove'; guildId: string; userId: string }
  | { type: 'role_create' | 'role_update' | 'role_delete'; guildId: string; roleId: string }
  /** The custom emoji of a guild changed. */
  | { type: 'emojis_update'; guildId: string }
  /** The bot's own user changed (`PATCH /users/@me`). */
  | { type: 'user_update'; userId: string }
  | {
      type: 'reaction_add' | 'reaction_remove';
      channelId: string;
      messageId: string;
      userId: string;
      emoji: ReactionEmoji;
      /** A super reaction. */
      burst?: boolean;
    }
  /** All reactions of a message went. */
  | { type: 'reaction_remove_all'; channelId: string; messageId: string }
  /** All reactions of a message with this emoji went. */
  | { type: 'reaction_remove_emoji'; channelId: string; messageId: string; emoji: ReactionEmoji }
  /** A message was pinned or is no longer; `lastPinAt` (ISO) is when the newest pin that is left was made, null for none. */
  | { type: 'pins_update'; channelId: string; lastPinAt: string | null }
  /** Published after `memberIds` of the thread changed. */
  | { type: 'thread_members_update'; threadId: string; addedIds: string[]; removedIds: string[] }
  | { type: 'webhooks_update'; guildId: string; channelId: string }
  | { type: 'command_permissions'; guildId: string; commandId: string; permissions: APIApplicationCommandPermission[] }
  | { type: 'typing'; channelId: string; userId: string }
  | { type: 'read'; channelId: string; userId: string }
  | { type: 'commands' }
  | { type: 'bot'; online: boolean }
  | { type: 'interaction'; payload: APIInteraction };

/** Tells every listener, in the order they came. */
export interface Bus {
  publish(event: WorldEvent): void;
  subscribe(listener: (event: WorldEvent) => void): () => void;
}

/** A bus in memory; delivery is synchronous, so whoever publishes knows that all have seen it. */
export function createBus(): Bus {
  const listeners = new Set<(event: WorldEvent) => void>();
  return {
    publish(event) {
      for (const listener of [...listeners]) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
