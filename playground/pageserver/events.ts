import type { WorldEvent } from '../bus.js';
import type { Core } from '../core.js';
import type { PageEvent } from '../protocol.js';
import type { ChannelRecord } from '../world/types.js';
import { guildData, pageChannel, pageMessage, pageUsers } from './view.js';

/**
 * What the page of this person is told about an event at once; `snapshot` asks for everything anew, which is left to what
 * changes who may see what.
 */
export function eventsFor(core: Core, event: WorldEvent, userId: string): PageEvent[] | 'snapshot' {
  switch (event.type) {
    case 'message_create':
    case 'message_update': {
      const { stored, type } = event;
      if (!core.world.sees(stored, userId)) return [];
      const mentioned = type === 'message_create' && stored.notified.includes(userId);
      return [{ type, channelId: stored.message.channel_id, message: pageMessage(stored, userId), mentioned }];
    }
    case 'message_delete':
      return event.removed
        .filter((stored) => !stored.ephemeralFor || stored.ephemeralFor === userId)
        .map((stored) => ({ type: 'message_delete', channelId: event.channelId, messageId: stored.message.id }));
    case 'reaction_add':
    case 'reaction_remove':
    case 'reaction_remove_all':
    case 'reaction_remove_emoji':
      return updated(core, event.messageId, userId);
    case 'typing': {
      const channel = core.world.channels.get(event.channelId);
      return channel && core.world.canView(channel, userId)
        ? [{ type: 'typing', channelId: event.channelId, userId: event.userId }]
        : [];
    }
    case 'bot':
      return [{ type: 'bot', online: event.online }];
    case 'channel_create':
    case 'channel_update':
      return channelEvents(core, event.channel, userId);
    case 'channel_delete':
      return [{ type: 'channel_gone', channelId: event.channel.id }];
    case 'thread_members_update': {
      const thread = core.world.channels.get(event.threadId);
      return thread ? channelEvents(core, thread, userId) : [];
    }
    case 'member_add':
    case 'member_update':
    case 'member_remove':
      return event.userId === userId ? 'snapshot' : guildEvents(core, event.guildId, userId);
    case 'read':
    case 'interaction':
    case 'pins_update':
    case 'webhooks_update':
    case 'ban_add':
    case 'ban_remove':
      return [];
    case 'command_permissions':
    case 'guild_create':
    case 'guild_update':
    case 'emojis_update':
    case 'guild_delete':
    case 'role_create':
    case 'role_update':
    case 'role_delete':
    case 'user_update':
    case 'commands':
      return 'snapshot';
  }
}

/** A message whose reactions changed. */
function updated(core: Core, messageId: string, userId: string): PageEvent[] {
  const stored = core.world.message(messageId);
  if (!stored || !core.world.sees(stored, userId)) return [];
  const message = pageMessage(stored, userId);
  return [{ type: 'message_update', channelId: message.channel_id, message, mentioned: false }];
}

/** A channel that changed, with its threads: overwrites of the channel decide who sees those. */
function channelEvents(core: Core, channel: ChannelRecord, userId: string): PageEvent[] {
  const threads = channel.thread ? [] : [...core.world.channels.under(channel.id).values()].filter((one) => one.thread);
  return [channel, ...threads].map((one) =>
    core.world.canView(one, userId)
      ? { type: 'channel', channel: pageChannel(core, one, userId) }
      : { type: 'channel_gone', channelId: one.id },
  );
}

function guildEvents(core: Core, guildId: string, userId: string): PageEvent[] {
  const guild = core.world.guilds.get(guildId);
  if (!guild || !core.world.isMember(guildId, userId)) return [];
  return [{ type: 'guild', guild: guildData(guild), users: pageUsers(core) }];
}
