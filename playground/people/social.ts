import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import { deleteMessages, editMessage, postMessage, refuseAutoMod } from '../messages/post.js';
import { parseMessageBody, refuseEmpty } from '../validation/messages.js';
import { has } from '../world/permissions.js';
import { isSystemMessage, pinMessage, pinnedIn, unpinMessage } from '../world/pins.js';
import { addReaction, findEmoji, reactionOf, removeReaction } from '../world/reactions.js';
import { openThread, setArchived } from '../world/threads.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import { visibleMessage } from './actions.js';
import { Refused } from './refused.js';

/** Discord's limit for the name of a thread. */
const LONGEST_NAME = 100;
/** What a person's client proposes: three days. */
const ARCHIVE_MINUTES = 4_320;
/** MessageType of "… started a thread". */
const THREAD_CREATED = 18;

function needs(core: Core, channel: ChannelRecord, userId: string, right: bigint, what: string): void {
  if (!has(core.world.permissions(channel, userId), right))
    throw new Refused(`${core.world.user(userId).displayName} may not ${what} here`);
}

/** A message that all who see the channel see, in a channel that this person sees. */
function publicMessage(core: Core, userId: string, messageId: string): { stored: StoredMessage; channel: ChannelRecord } {
  const stored = visibleMessage(core, userId, messageId);
  const channel = core.world.channels.get(stored.message.channel_id);
  if (!channel || stored.ephemeralFor) throw new Refused('This is not possible with a message that only you can see');
  return { stored, channel };
}

/** Runs what the REST API would refuse with an error of Discord, and tells a person the reason. */
function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof DiscordError) throw new Refused(error.message);
    throw error;
  }
}

/** Changes the text of one's own message; throws `Refused`. */
export function editOwn(core: Core, userId: string, messageId: string, content: string): void {
  const { stored, channel } = publicMessage(core, userId, messageId);
  if (stored.message.author.id !== userId) throw new Refused('Only the author can edit a message');
  refusing(() => {
    const body = parseMessageBody({ content });
    refuseEmpty(body, stored.message.attachments.length);
    refuseAutoMod(core, body);
    editMessage(core, channel, stored, { body, mentionDefault: 'all' });
  });
}

/** Deletes one's own message, or another's with the right to manage messages; throws `Refused`. */
export function deleteOne(core: Core, userId: string, messageId: string): void {
  const { stored, channel } = publicMessage(core, userId, messageId);
  if (stored.message.author.id !== userId) needs(core, channel, userId, P.ManageMessages, 'delete messages of others');
  deleteMessages(core, channel.id, [messageId]);
}

/** Adds or takes away a person's reaction (`👍`, or `name:id`); doing it twice changes nothing. Throws `Refused`. */
export function react(core: Core, userId: string, messageId: string, text: string, on: boolean): void {
  const { stored, channel } = publicMessage(core, userId, messageId);
  const emoji = findEmoji(core, text);
  if (!emoji) throw new Refused('This is no emoji');
  if (!on) {
    removeReaction(core, stored, userId, emoji);
    return;
  }
  // Joining a reaction that is there needs no right to add new ones.
  if (!reactionOf(stored, emoji)) needs(core, channel, userId, P.AddReactions, 'add reactions');
  refusing(() => addReaction(core, stored, userId, emoji));
}

/** Pins a message or takes the pin away; throws `Refused`. */
export function pin(core: Core, userId: string, messageId: string, on: boolean): void {
  const { stored, channel } = publicMessage(core, userId, messageId);
  needs(core, channel, userId, P.PinMessages, 'pin messages');
  if (isSystemMessage(stored)) throw new Refused('This message cannot be pinned');
  refusing(() => (on ? pinMessage(core, channel, stored, userId) : unpinMessage(core, channel, stored)));
}

/** The pinned messages that this person sees, the newest pin first. */
export function pinned(core: Core, channel: ChannelRecord, userId: string): StoredMessage[] {
  if (!has(core.world.permissions(channel, userId), P.ReadMessageHistory)) return [];
  return pinnedIn(core, channel.id).filter((stored) => core.world.sees(stored, userId));
}

/** Opens a public thread, from a message when one is named; throws `Refused`. */
export function startThread(
  core: Core,
  userId: string,
  use: { channel: ChannelRecord; name: string; messageId?: string },
): ChannelRecord {
  const { channel, messageId } = use;
  const name = use.name.trim();
  if (channel.guildId === null || channel.thread) throw new Refused('There are no threads here');
  needs(core, channel, userId, P.CreatePublicThreads, 'start threads');
  if (name === '' || name.length > LONGEST_NAME) throw new Refused(`A thread's name has 1 to ${LONGEST_NAME} characters`);
  const from = messageId === undefined ? undefined : publicMessage(core, userId, messageId).stored;
  if (from && isSystemMessage(from)) throw new Refused('A thread cannot begin with this message');
  if (from && core.world.channels.has(from.message.id)) throw new Refused('This message has a thread already');
  const options = { name, type: 11, ownerId: userId, autoArchiveMinutes: ARCHIVE_MINUTES, ...(from && { from }) } as const;
  return refusing(() => {
    const thread = openThread(core, channel, options);
    if (!from) tellThread(core, channel, thread, userId);
    return thread;
  });
}

/** The channel's line about a thread that began with no message of it (resources/message, Message Types). */
function tellThread(core: Core, channel: ChannelRecord, thread: ChannelRecord, userId: string): void {
  const reference = { type: 0, channel_id: thread.id, ...(channel.guildId !== null && { guild_id: channel.guildId }) };
  postMessage(core, channel, userId, {
    body: { content: thread.name, allowed_mentions: { parse: [] } },
    type: THREAD_CREATED,
    mentionDefault: 'users',
    extra: { message_reference: reference },
  });
}

/** Puts a thread into the archive or takes it out; its maker and who manages threads may. Throws `Refused`. */
export function archive(core: Core, userId: string, channel: ChannelRecord, on: boolean): void {
  if (!channel.thread) throw new Refused('This is no thread');
  if (channel.thread.ownerId !== userId || channel.thread.locked) needs(core, channel, userId, P.ManageThreads, 'manage threads');
  refusing(() => setArchived(core, channel, on));
}
