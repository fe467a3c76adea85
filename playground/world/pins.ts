import { type Core, isoNow } from '../core.js';
import { DiscordError } from '../errors.js';
import { postMessage } from '../messages/post.js';
import type { ChannelRecord, StoredMessage } from './types.js';

/** MessageType of "… pinned a message to this channel". */
const PINNED_MESSAGE = 6;
/** Types that a person or an app has written; all others are the system's (resources/message, Message Types). */
const WRITTEN = new Set([0, 19, 20, 23]);

/** Whether Discord itself wrote the message. */
export function isSystemMessage(stored: StoredMessage): boolean {
  return !WRITTEN.has(stored.message.type);
}

/** Pinned messages of a channel, the one pinned last first. */
export function pinnedIn(core: Core, channelId: string): StoredMessage[] {
  return core.world
    .messagesIn(channelId)
    .filter((stored) => stored.pinnedAt !== undefined)
    .toSorted((a, b) => Date.parse(b.pinnedAt ?? '') - Date.parse(a.pinnedAt ?? '') || (a.message.id < b.message.id ? 1 : -1));
}

function tellPins(core: Core, channel: ChannelRecord): void {
  const lastPinAt = pinnedIn(core, channel.id)[0]?.pinnedAt;
  if (lastPinAt) channel.lastPinAt = lastPinAt;
  else delete channel.lastPinAt;
  core.bus.publish({ type: 'pins_update', channelId: channel.id, lastPinAt: lastPinAt ?? null });
}

/** Pins a message and says so in the channel; one that is pinned stays as it is. 30003 when there are too many. */
export function pinMessage(core: Core, channel: ChannelRecord, stored: StoredMessage, userId: string): void {
  if (stored.pinnedAt !== undefined) return;
  if (pinnedIn(core, channel.id).length >= core.limits.pinsPerChannel) throw new DiscordError('maxPins');
  stored.pinnedAt = isoNow(core);
  stored.message.pinned = true;
  core.bus.publish({ type: 'message_update', stored });
  tellPins(core, channel);
  const reference = { type: 0, channel_id: channel.id, message_id: stored.message.id };
  postMessage(core, channel, userId, {
    body: { allowed_mentions: { parse: [] } },
    type: PINNED_MESSAGE,
    mentionDefault: 'users',
    extra: { message_reference: { ...reference, ...(channel.guildId !== null && { guild_id: channel.guildId }) } },
  });
}

/** Takes a pin off; a message that is not pinned stays as it is. */
export function unpinMessage(core: Core, channel: ChannelRecord, stored: StoredMessage): void {
  if (stored.pinnedAt === undefined) return;
  delete stored.pinnedAt;
  stored.message.pinned = false;
  core.bus.publish({ type: 'message_update', stored });
  tellPins(core, channel);
}
