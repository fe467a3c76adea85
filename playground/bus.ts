import type { APIInteraction } from 'discord-api-types/v10';
import type { ChannelRecord, StoredMessage } from './world/types.js';

/** What happened in the world. The gateway tells it to the bot, the page server to people, persistence writes it down. */
export type WorldEvent =
  | { type: 'message_create' | 'message_update'; stored: StoredMessage }
  | { type: 'message_delete'; channelId: string; removed: StoredMessage[]; bulk: boolean }
  | { type: 'channel_create' | 'channel_update' | 'channel_delete'; channel: ChannelRecord }
  | { type: 'guild_create' | 'guild_delete'; guildId: string }
  | { type: 'member_add' | 'member_update' | 'member_remove'; guildId: string; userId: string }
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
