import { GatewayIntentBits as Intent } from 'discord-api-types/v10';
import type { WorldEvent } from '../bus.js';
import type { World } from '../world/world.js';
import { type Dispatchable, one } from './dispatchable.js';
import { apiThreadMember, threadFor } from './payloads.js';

/** Notices when the bot gains access to a channel. */
export interface ThreadAccess {
  /** THREAD_LIST_SYNC for channels that the bot can see since this event and could not before. */
  gainedBy(event: WorldEvent): Dispatchable[];
}

/** Remembers of every channel with threads whether the bot sees it: of others there is nothing to sync. */
export function createThreadAccess(world: World): ThreadAccess {
  /** By guild: the channel and whether the bot could see it when it was last looked at. */
  const guilds = new Map<string, Map<string, boolean>>();

  const sees = (channelId: string) => {
    const channel = world.channels.get(channelId);
    return channel !== undefined && world.canView(channel, world.botId);
  };
  const note = (guildId: string, parentId: string) => {
    const known = guilds.get(guildId) ?? new Map<string, boolean>();
    guilds.set(guildId, known);
    if (!known.has(parentId)) known.set(parentId, sees(parentId));
  };
  for (const { thread, guildId, parentId } of world.channels.values()) if (thread && guildId && parentId) note(guildId, parentId);

  const gained = (guildId: string): Dispatchable[] => {
    const known = guilds.get(guildId) ?? new Map<string, boolean>();
    const channelIds: string[] = [];
    for (const [channelId, before] of known) {
      const now = sees(channelId);
      if (now && !before) channelIds.push(channelId);
      if (world.channels.has(channelId)) known.set(channelId, now);
      else known.delete(channelId);
    }
    if (channelIds.length === 0) return [];
    const threads = world
      .channelsOf(guildId)
      .filter((one) => one.thread && !one.thread.archived && channelIds.includes(one.parentId ?? ''))
      .filter((one) => world.canView(one, world.botId));
    const own = threads.filter((thread) => thread.thread?.memberIds.includes(world.botId));
    return one('THREAD_LIST_SYNC', guildId, Intent.Guilds, {
      guild_id: guildId,
      channel_ids: channelIds,
      threads: threads.map((thread) => threadFor(world, thread)),
      members: own.map((thread) => apiThreadMember(thread, world.botId)),
    });
  };

  return {
    gainedBy(event) {
      switch (event.type) {
        case 'channel_create':
          if (event.channel.thread && event.channel.guildId && event.channel.parentId)
            note(event.channel.guildId, event.channel.parentId);
          return [];
        case 'channel_update':
          return event.channel.thread || event.channel.guildId === null ? [] : gained(event.channel.guildId);
        case 'role_update':
        case 'role_delete':
        case 'guild_update':
          return gained(event.guildId);
        case 'member_update':
          return event.userId === world.botId ? gained(event.guildId) : [];
        default:
          return [];
      }
    },
  };
}
