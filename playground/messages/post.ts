import {
  type APIAttachment,
  type APIMessage,
  type APIPoll,
  type APIUser,
  MessageFlags,
  type MessageType,
} from 'discord-api-types/v10';
import { type Core, isoNow } from '../core.js';
import { DiscordError } from '../errors.js';
import { apiUser } from '../gateway/payloads.js';
import { refuseFaults } from '../validation/form.js';
import { isV2, legacyFaults, type MessageBody } from '../validation/messages.js';
import { changeThreadMembers } from '../world/threads.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import { editedAttachments, newAttachments, type Upload } from './attachments.js';
import { componentsOf, embedsOf } from './media.js';
import { type MentionDefault, type Mentions, mentionsOf, notifiedBy } from './mentions.js';

/** What a message is besides its body. */
export interface PostOptions {
  body: MessageBody;
  uploads?: Upload[];
  /** Where the body is in the request, for refusals: `['data']` for interaction callbacks. */
  prefix?: string[];
  type?: MessageType;
  mentionDefault: MentionDefault;
  ephemeralFor?: string;
  thinking?: boolean;
  commandLine?: { userId: string; name: string };
  /** The author as a webhook shows itself; `authorId` is the webhook's id then. */
  author?: APIUser;
  /** Further fields of the message object (interaction metadata, webhook id …). */
  extra?: Partial<APIMessage>;
}

/** How long a poll is open where nothing is said. */
const POLL_HOURS = 24;

/** Flags that come from the body and stay on the message. */
const KEPT_FLAGS = MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications | MessageFlags.IsComponentsV2;

/** Flags that an edit may set, and of these the one that it may take away: the first (resources/message.mdx, edit message). */
const EDITED_FLAGS = MessageFlags.SuppressEmbeds | MessageFlags.IsComponentsV2;

/** Flags that an edit does not take away. */
const FIXED_FLAGS =
  MessageFlags.SuppressNotifications |
  MessageFlags.Ephemeral |
  MessageFlags.IsComponentsV2 |
  MessageFlags.HasThread |
  MessageFlags.Crossposted |
  MessageFlags.HasSnapshot;

function usersOf(core: Core, ids: string[]): APIUser[] {
  return ids.map((id) => apiUser(core.world.user(id)));
}

/** The poll of a new message, as nobody has voted yet (resources/poll.mdx). */
function pollOf(core: Core, body: MessageBody): Pick<APIMessage, 'poll'> {
  if (!body.poll) return {};
  const { question, answers, duration, allow_multiselect: isMultiple } = body.poll;
  return {
    poll: {
      question,
      answers: answers.map(({ poll_media }, index) => ({ answer_id: index + 1, poll_media })) as APIPoll['answers'],
      expiry: new Date(core.clock.now() + (duration ?? POLL_HOURS) * 3_600_000).toISOString(),
      allow_multiselect: isMultiple ?? false,
      layout_type: 1,
      results: { is_finalized: false, answer_counts: [] },
    },
  };
}

/** What an edit leaves of the text and the embeds must be gone before a message can be made of components. */
function refuseLegacy(after: { content: string; embeds: unknown[] }, old: APIMessage, prefix: string[]): void {
  const isLeft = [after.content !== '' && 'content', after.embeds.length > 0 && 'embeds', old.poll && 'poll'];
  const keys = isLeft.filter((key) => typeof key === 'string');
  refuseFaults(legacyFaults(keys).map((fault) => ({ ...fault, path: [...prefix, ...fault.path] })));
}

/** Refuses what the AutoMod fault blocks (200000). */
export function refuseAutoMod(core: Core, body: MessageBody): void {
  const pattern = core.faults.autoMod;
  if (!pattern) return;
  const embeds = (body.embeds ?? []).flatMap((one) => [
    one.title,
    one.description,
    ...(one.fields ?? []).flatMap((f) => [f.name, f.value]),
  ]);
  // `search` ignores the state that global expressions carry.
  if ([body.content, ...embeds].some((text) => text && text.search(pattern) >= 0)) throw new DiscordError('autoMod');
}

/** A forward carries a copy of the message as it is now, without its author (resources/message, Message Snapshot Object). */
function forwardOf(core: Core, channelId: string, messageId: string): Partial<APIMessage> {
  const target = core.world.message(messageId);
  if (!target || target.message.channel_id !== channelId || target.ephemeralFor) throw new DiscordError('unknownMessage');
  const { type, content, mentions, mention_roles, attachments, embeds, timestamp, edited_timestamp, flags, components } =
    target.message;
  const copy = { type, content, mentions, mention_roles, attachments, embeds, timestamp, edited_timestamp, flags, components };
  const guildId = core.world.channels.get(channelId)?.guildId ?? undefined;
  return {
    message_reference: { type: 1, channel_id: channelId, message_id: messageId, ...(guildId && { guild_id: guildId }) },
    message_snapshots: [{ message: structuredClone(copy) }] as APIMessage['message_snapshots'],
    // A forward is not a reply, and none of its own files.
    flags: MessageFlags.HasSnapshot,
  };
}

function referenceOf(core: Core, channel: ChannelRecord, body: MessageBody): Partial<APIMessage> & { repliedTo?: StoredMessage } {
  const reference = body.message_reference;
  if (!reference) return {};
  if (reference.type === 1) return forwardOf(core, reference.channel_id ?? channel.id, reference.message_id);
  const target = core.world.message(reference.message_id);
  if (!target || target.message.channel_id !== channel.id || target.ephemeralFor) {
    if (reference.fail_if_not_exists === false) return {};
    throw new DiscordError('invalidForm', {
      message_reference: { _errors: [{ code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' }] },
    });
  }
  return {
    repliedTo: target,
    message_reference: {
      type: 0,
      message_id: reference.message_id,
      channel_id: channel.id,
      guild_id: channel.guildId ?? undefined,
    },
    referenced_message: structuredClone(target.message),
  };
}

function mentionsWithReply(
  core: Core,
  channel: ChannelRecord,
  authorId: string,
  options: PostOptions,
  replied?: StoredMessage,
): Mentions {
  const { body, mentionDefault } = options;
  const mentions = mentionsOf(core, channel, authorId, body.content ?? '', body.allowed_mentions, mentionDefault);
  const pingsReplied = body.allowed_mentions ? (body.allowed_mentions.replied_user ?? false) : true;
  // Nobody stands behind a webhook.
  if (replied && pingsReplied && core.world.users.has(replied.message.author.id))
    mentions.userIds = [...new Set([...mentions.userIds, replied.message.author.id])];
  return mentions;
}

/** Runs `make`; when it refuses, the files that were stored for it are forgotten. */
function forgettingFiles<T>(core: Core, attachments: APIAttachment[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    for (const { id } of attachments) core.files.delete(id);
    throw error;
  }
}

/** Text, embeds and components after an edit; throws 50035 or, when nothing would be left, 50006. */
function contentAfter(message: APIMessage, body: MessageBody, attachments: APIAttachment[], prefix: string[] = []) {
  const after = {
    content: body.content === undefined ? message.content : (body.content ?? ''),
    embeds: body.embeds === undefined ? message.embeds : embedsOf(body.embeds ?? [], attachments),
    components: body.components === undefined ? message.components : componentsOf(body.components ?? [], attachments, prefix),
  };
  const becomesV2 = isV2(body.flags);
  if (becomesV2) refuseLegacy(after, message, prefix);
  // Files of a message made of components show through these only.
  const files = becomesV2 || isV2(message.flags) ? 0 : attachments.length;
  const something = after.content || after.embeds.length || after.components?.length || files || message.poll;
  if (!something && !message.message_snapshots) throw new DiscordError('emptyMessage');
  return after;
}

/** Makes the message, keeps it and tells everybody who may see it. The body has been checked by the caller. */
export function postMessage(core: Core, channel: ChannelRecord, authorId: string, options: PostOptions): StoredMessage {
  const { body, uploads = [] } = options;
  const { repliedTo, ...reference } = referenceOf(core, channel, body);
  const mentions = mentionsWithReply(core, channel, authorId, options, repliedTo);
  const attachments = newAttachments(core, channel.id, body, uploads);
  const message: APIMessage = {
    id: core.ids.next(),
    channel_id: channel.id,
    author: options.author ?? apiUser(core.world.user(authorId)),
    content: body.content ?? '',
    timestamp: isoNow(core),
    edited_timestamp: null,
    tts: body.tts ?? false,
    mention_everyone: mentions.everyone,
    mentions: usersOf(core, mentions.userIds),
    mention_roles: mentions.roleIds,
    attachments,
    embeds: embedsOf(body.embeds ?? [], attachments),
    components: forgettingFiles(core, attachments, () => componentsOf(body.components ?? [], attachments, options.prefix)),
    ...pollOf(core, body),
    pinned: false,
    type: options.type ?? ((repliedTo ? 19 : 0) as MessageType),
    flags:
      ((body.flags ?? 0) & KEPT_FLAGS) |
      (options.ephemeralFor ? MessageFlags.Ephemeral : 0) |
      (options.thinking ? MessageFlags.Loading : 0),
    ...(body.nonce !== null && body.nonce !== undefined && { nonce: body.nonce }),
    ...reference,
    ...options.extra,
  };
  const notified = options.thinking ? [] : notifiedBy(core, channel, authorId, mentions, options.ephemeralFor);
  const stored: StoredMessage = {
    message,
    notified,
    ...(options.ephemeralFor && { ephemeralFor: options.ephemeralFor }),
    ...(options.thinking && { thinking: true }),
    ...(options.commandLine && { commandLine: options.commandLine }),
  };
  core.world.addMessage(stored);
  if (channel.thread) {
    channel.thread.messageCount++;
    if (!options.author) changeThreadMembers(core, channel, { add: [authorId] });
  }
  core.bus.publish({ type: 'message_create', stored });
  return stored;
}

/**
 * Changes a message: only fields that the body has. An edit notifies nobody, except the first content of a deferred
 * answer, which is its creation as people see it.
 */
export function editMessage(
  core: Core,
  channel: ChannelRecord,
  stored: StoredMessage,
  options: { body: MessageBody; uploads?: Upload[]; mentionDefault: MentionDefault; prefix?: string[] },
): StoredMessage {
  const { body, uploads = [] } = options;
  const { message } = stored;
  const attachments = editedAttachments(core, channel.id, message.attachments, body, uploads);
  const known = new Set(message.attachments.map((one) => one.id));
  const added = attachments.filter((one) => !known.has(one.id));
  const after = forgettingFiles(core, added, () => contentAfter(message, body, attachments, options.prefix));
  const mentions = mentionsOf(core, channel, message.author.id, after.content, body.allowed_mentions, options.mentionDefault);
  for (const old of message.attachments) if (!attachments.some((one) => one.id === old.id)) core.files.delete(old.id);
  const flags = message.flags ?? 0;
  Object.assign(message, after, {
    attachments,
    mentions: usersOf(core, mentions.userIds),
    mention_roles: mentions.roleIds,
    mention_everyone: mentions.everyone,
    flags: ((body.flags ?? flags) & EDITED_FLAGS) | (flags & FIXED_FLAGS),
    edited_timestamp: stored.thinking ? null : isoNow(core),
  });
  if (stored.thinking) {
    stored.thinking = false;
    stored.notified = notifiedBy(core, channel, message.author.id, mentions, stored.ephemeralFor);
  }
  core.bus.publish({ type: 'message_update', stored });
  return stored;
}

/** Takes messages away and tells everybody who saw them. */
export function deleteMessages(core: Core, channelId: string, ids: string[]): void {
  const removed = ids.map((id) => core.world.removeMessage(id)).filter((stored) => stored !== undefined);
  if (removed.length > 0) core.bus.publish({ type: 'message_delete', channelId, removed, bulk: ids.length > 1 });
}
