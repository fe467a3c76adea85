import { type APIMessage, type APIPoll, MessageFlags, MessageType } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import type { AnyComponent } from '../validation/components.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import { findChannel, findPerson } from './lookup.js';
import { createScrubber, shownName } from './scrub.js';
import { componentLines, embedLines, indent } from './transcript-parts.js';

/** Characters of the replied message that the line above a reply shows. */
const PREVIEW = 60;

const hasFlag = (message: APIMessage, flag: MessageFlags) => ((message.flags ?? 0) & flag) !== 0;

function authorOf(core: Core, channel: ChannelRecord, message: APIMessage): string {
  return shownName(core, channel, message.author.id) ?? message.author.username;
}

/** What stands above a reply: who wrote the other message, and how it begins now, when the reader may see that. */
function replyLines(core: Core, channel: ChannelRecord, message: APIMessage, readerId: string | undefined): string[] {
  const id = message.message_reference?.message_id;
  if (!id || message.type !== MessageType.Reply) return [];
  const stored = core.world.message(id);
  if (!stored) return ['↪ a message that was deleted'];
  if (stored.ephemeralFor && stored.ephemeralFor !== readerId) return ['↪ a message that could not be loaded'];
  const replied = stored.message;
  const text = replied.content.replaceAll(/\s+/g, ' ');
  const preview = text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text || '(no text)';
  return [`↪ ${authorOf(core, channel, replied)}: ${preview}`];
}

/** Messages that Discord writes itself, in its words. */
function systemLines(core: Core, message: APIMessage): string[] {
  if (message.type === MessageType.ChannelPinnedMessage) return ['  (pinned a message to this channel)'];
  if (message.type === MessageType.ThreadCreated) return [`  (started a thread: ${message.content})`];
  if (message.type === MessageType.ThreadStarterMessage) {
    const start = core.world.message(message.message_reference?.message_id ?? '')?.message;
    return [`  (the thread began with: ${start?.content ?? 'a message that was deleted'})`];
  }
  return [];
}

function pollLines(poll: APIPoll | undefined): string[] {
  if (!poll) return [];
  return [`  (poll) ${poll.question.text ?? ''}`, ...poll.answers.map((one) => `  ( ) ${one.poll_media.text ?? ''}`)];
}

function threadLines(core: Core, message: APIMessage): string[] {
  const thread = hasFlag(message, MessageFlags.HasThread) ? core.world.channels.get(message.id) : undefined;
  if (!thread?.thread) return [];
  const { archived, locked, messageCount } = thread.thread;
  const notes = [`${messageCount} ${messageCount === 1 ? 'message' : 'messages'}`, archived && 'archived', locked && 'locked'];
  return [`  ⤷ thread ${thread.name} (${notes.filter(Boolean).join(', ')})`];
}

function reactionLines(message: APIMessage): string[] {
  const reactions = (message.reactions ?? []).map(({ emoji, count }) => {
    const name = emoji.id ? `:${emoji.name ?? 'unknown'}:` : (emoji.name ?? '');
    return `${name} ${count}`;
  });
  return reactions.length > 0 ? [`  ${reactions.join('  ')}`] : [];
}

/** Everything of a message but who wrote it. A message that was forwarded has the same parts. */
function bodyLines(core: Core, channel: ChannelRecord, message: Partial<APIMessage>): string[] {
  const { content, embeds = [], attachments = [], components = [], flags = 0 } = message;
  const isV2 = (flags & MessageFlags.IsComponentsV2) !== 0;
  const embedsShown = (flags & MessageFlags.SuppressEmbeds) === 0 ? embeds : [];
  const files = attachments.map((file) => {
    const alt = file.description ? `, ${JSON.stringify(file.description)}` : '';
    return `  (file ${file.filename}, ${file.content_type}${alt})`;
  });
  const parts = (components as unknown as AnyComponent[]).flatMap((one) => componentLines(core, channel, one));
  return [
    ...(content ? indent(content, '  ') : []),
    ...embedsShown.flatMap(embedLines),
    // With Components V2 a file is seen only where a component shows it.
    ...(isV2 ? [] : files),
    ...parts.map((line) => `  ${line}`.trimEnd()),
  ];
}

function messageLines(core: Core, channel: ChannelRecord, stored: StoredMessage, readerId: string | undefined): string[] {
  const { message, commandLine } = stored;
  const nameOf = (id: string) => shownName(core, channel, id) ?? id;
  const notes = [
    stored.ephemeralFor ? 'only visible to you' : '',
    message.edited_timestamp ? 'edited' : '',
    message.pinned ? 'pinned' : '',
    stored.notified.length > 0 ? `notifies ${stored.notified.map(nameOf).join(', ')}` : '',
  ].filter(Boolean);
  const system = systemLines(core, message);
  const forwarded = message.message_snapshots?.flatMap((one) => [
    '  (forwarded)',
    ...bodyLines(core, channel, one.message as Partial<APIMessage>),
  ]);
  return [
    ...replyLines(core, channel, message, readerId),
    ...(commandLine ? [`${nameOf(commandLine.userId)} used ${commandLine.name}`] : []),
    `${authorOf(core, channel, message)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}:`,
    ...(stored.thinking ? ['  is thinking…'] : []),
    ...(forwarded ?? []),
    ...(system.length > 0 ? system : bodyLines(core, channel, message)),
    ...pollLines(message.poll),
    ...reactionLines(message),
    ...threadLines(core, message),
  ];
}

/**
 * A channel as text: what a person sees (or everybody, without a person), oldest message first. The same happenings give the
 * same text in every run.
 */
export function transcriptOf(core: Core, channelName: string, who?: string): string {
  const userId = who === undefined ? undefined : findPerson(core, who).id;
  const channel = findChannel(core, channelName, userId);
  const messages =
    userId === undefined
      ? core.world.messagesIn(channel.id).filter((stored) => !stored.ephemeralFor)
      : core.world.messagesFor(channel, userId);
  const scrub = createScrubber(core, channel);
  return messages
    .flatMap((stored) => messageLines(core, channel, stored, userId))
    .map(scrub)
    .join('\n');
}
