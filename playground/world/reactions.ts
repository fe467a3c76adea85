import type { APIReaction } from 'discord-api-types/v10';
import type { ReactionEmoji } from '../bus.js';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import type { ReactionRecord, StoredMessage } from './types.js';

/** Emoji of Unicode's list for interchange, which is what Discord takes. Compiling it takes a tenth of the time of a start: the first question does. */
const unicodeEmoji = (() => {
  let compiled: RegExp | undefined;
  // biome-ignore lint/complexity/useRegexLiterals: a literal with the flag v takes a newer language than this project is compiled for
  return () => (compiled ??= new RegExp('^\\p{RGI_Emoji}$', 'v'));
})();

/** Discord takes ❤ for ❤️: the selector that asks for the coloured picture may be left out. */
function isUnicodeEmoji(text: string): boolean {
  return unicodeEmoji().test(text) || unicodeEmoji().test(`${text}\u{fe0f}`);
}

/**
 * The emoji that `name:id` or a character names; undefined when there is none that the bot could use: custom ones must be of
 * a guild that the bot is in.
 */
export function findEmoji(core: Core, text: string): ReactionEmoji | undefined {
  const customId = /^(?:a:)?\w{1,32}:(\d{17,19})$/.exec(text)?.[1];
  if (customId === undefined) return isUnicodeEmoji(text) ? { id: null, name: text } : undefined;
  for (const guild of core.world.guildsOf(core.world.botId)) {
    const emoji = guild.emojis?.find((one) => one.id === customId);
    if (emoji) return { id: emoji.id, name: emoji.name, ...(emoji.animated && { animated: true }) };
  }
  return undefined;
}

/** Whether two name the same emoji; the colour selector does not count. */
export function sameEmoji(a: ReactionEmoji, b: ReactionEmoji): boolean {
  const plain = (name: string | null) => name?.replaceAll('\u{fe0f}', '');
  return a.id === null ? b.id === null && plain(a.name) === plain(b.name) : a.id === b.id;
}

/** Who reacted to a message with this emoji. */
export function reactionOf(stored: StoredMessage, emoji: ReactionEmoji): ReactionRecord | undefined {
  return stored.reactions?.find((one) => sameEmoji(one.emoji, emoji));
}

/** `message.reactions` as the bot sees it; messages without any have no such field. */
function showReactions(core: Core, stored: StoredMessage): void {
  const reactions = (stored.reactions ?? []).map(({ emoji, userIds }) => ({
    emoji,
    count: userIds.length,
    count_details: { burst: 0, normal: userIds.length },
    burst_colors: [],
    me: userIds.includes(core.world.botId),
    me_burst: false,
  })) as unknown as APIReaction[];
  if (reactions.length > 0) stored.message.reactions = reactions;
  else delete stored.message.reactions;
}

/** Adds a person's reaction; a second one with the same emoji changes nothing. 30010 when there are too many emoji. */
export function addReaction(core: Core, stored: StoredMessage, userId: string, emoji: ReactionEmoji): void {
  const known = reactionOf(stored, emoji);
  if (known?.userIds.includes(userId)) return;
  if (!known && (stored.reactions?.length ?? 0) >= core.limits.reactionsPerMessage) throw new DiscordError('maxReactions');
  if (known) known.userIds.push(userId);
  else stored.reactions = [...(stored.reactions ?? []), { emoji, userIds: [userId] }];
  showReactions(core, stored);
  const { id: messageId, channel_id: channelId } = stored.message;
  core.bus.publish({ type: 'reaction_add', channelId, messageId, userId, emoji: known?.emoji ?? emoji });
}

/** Takes a person's reaction back, if it is there. */
export function removeReaction(core: Core, stored: StoredMessage, userId: string, emoji: ReactionEmoji): void {
  const known = reactionOf(stored, emoji);
  if (!known?.userIds.includes(userId)) return;
  known.userIds = known.userIds.filter((id) => id !== userId);
  stored.reactions = stored.reactions?.filter((one) => one.userIds.length > 0);
  showReactions(core, stored);
  const { id: messageId, channel_id: channelId } = stored.message;
  core.bus.publish({ type: 'reaction_remove', channelId, messageId, userId, emoji: known.emoji });
}

/** Takes all reactions of a message away, or all with one emoji. */
export function clearReactions(core: Core, stored: StoredMessage, emoji?: ReactionEmoji): void {
  const known = emoji && reactionOf(stored, emoji);
  if (emoji ? !known : (stored.reactions ?? []).length === 0) return;
  stored.reactions = known ? stored.reactions?.filter((one) => one !== known) : [];
  showReactions(core, stored);
  const { id: messageId, channel_id: channelId } = stored.message;
  if (known) core.bus.publish({ type: 'reaction_remove_emoji', channelId, messageId, emoji: known.emoji });
  else core.bus.publish({ type: 'reaction_remove_all', channelId, messageId });
}
