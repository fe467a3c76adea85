import type { WorldEvent } from '../bus.js';
import type { Core } from '../core.js';
import type { PageEvent } from '../protocol.js';
import { pageMessage } from './view.js';

/** What the page of this person is told about an event at once; `snapshot` asks for everything anew. */
export function eventsFor(core: Core, event: WorldEvent, userId: string): PageEvent[] | 'snapshot' {
  switch (event.type) {
    case 'message_create':
    case 'message_update': {
      const { stored, type } = event;
      if (!core.world.sees(stored, userId)) return [];
      const mentioned = type === 'message_create' && stored.notified.includes(userId);
      return [{ type, channelId: stored.message.channel_id, message: pageMessage(stored), mentioned }];
    }
    case 'message_delete':
      return event.removed
        .filter((stored) => !stored.ephemeralFor || stored.ephemeralFor === userId)
        .map((stored) => ({ type: 'message_delete', channelId: event.channelId, messageId: stored.message.id }));
    case 'typing': {
      const channel = core.world.channels.get(event.channelId);
      return channel && core.world.canView(channel, userId)
        ? [{ type: 'typing', channelId: event.channelId, userId: event.userId }]
        : [];
    }
    case 'bot':
      return [{ type: 'bot', online: event.online }];
    case 'read':
    case 'interaction':
    case 'reaction_add':
    case 'reaction_remove':
    case 'reaction_remove_all':
    case 'reaction_remove_emoji':
    case 'pins_update':
    case 'webhooks_update':
    case 'command_permissions':
    case 'ban_add':
    case 'ban_remove':
      return [];
    case 'channel_create':
    case 'channel_update':
    case 'channel_delete':
    case 'guild_create':
    case 'guild_update':
    case 'guild_delete':
    case 'role_create':
    case 'role_update':
    case 'role_delete':
    case 'user_update':
    case 'thread_members_update':
    case 'member_add':
    case 'member_update':
    case 'member_remove':
    case 'commands':
      return 'snapshot';
  }
}
