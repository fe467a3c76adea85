import { type APIEmbed, type APIMessage, type APIUser, MessageFlags, type MessageType } from 'discord-api-types/v10';
import { type Core, isoNow } from '../core.js';
import { DiscordError } from '../errors.js';
import { apiUser } from '../gateway/payloads.js';
import { type AnyComponent, numberComponents } from '../validation/components.js';
import type { MessageBody } from '../validation/messages.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import { editedAttachments, newAttachments, type Upload } from './attachments.js';
import { type MentionDefault, type Mentions, mentionsOf, notifiedBy } from './mentions.js';

/** What a message is besides its body. */
export interface PostOptions {
  body: MessageBody;
  uploads?: Upload[];
  type?: MessageType;
  mentionDefault: MentionDefault;
  ephemeralFor?: string;
  thinking?: boolean;
  commandLine?: { userId: string; name: string };
  /** Further fields of the message object (interaction metadata, webhook id …). */
  extra?: Partial<APIMessage>;
}

/** Flags that come from the body and stay on the message. */
const KEPT_FLAGS = MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications | MessageFlags.IsComponentsV2;

function usersOf(core: Core, ids: string[]): APIUser[] {
  return ids.map((id) => apiUser(core.world.user(id)));
}

/** Puts the URL of an attachment where an embed names it with `attachment://`. */
function embedsOf(body: MessageBody, attachments: APIMessage['attachments']): APIEmbed[] {
  const resolve = (url: string) => {
    const name = url.startsWith('attachment://') ? url.slice('attachment://'.length) : undefined;
    return attachments.find((one) => name !== undefined && one.filename === name)?.url ?? url;
  };
  return (body.embeds ?? []).map((one) => {
    const embed: APIEmbed = { type: 'rich' as never, ...one };
    for (const key of ['image', 'thumbnail'] as const) {
      const media = one[key];
      if (media) embed[key] = { url: resolve(media.url) };
    }
    return JSON.parse(JSON.stringify(embed)) as APIEmbed;
  });
}

function componentsOf(body: MessageBody): APIMessage['components'] {
  const components = JSON.parse(JSON.stringify(body.components ?? [])) as AnyComponent[];
  numberComponents(components);
  return components as unknown as APIMessage['components'];
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

function referenceOf(core: Core, channel: ChannelRecord, body: MessageBody): Partial<APIMessage> & { repliedTo?: StoredMessage } {
  const reference = body.message_reference;
  if (!reference) return {};
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
  if (replied && pingsReplied) mentions.userIds = [...new Set([...mentions.userIds, replied.message.author.id])];
  return mentions;
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
    author: apiUser(core.world.user(authorId)),
    content: body.content ?? '',
    timestamp: isoNow(core),
    edited_timestamp: null,
    tts: body.tts ?? false,
    mention_everyone: mentions.everyone,
    mentions: usersOf(core, mentions.userIds),
    mention_roles: mentions.roleIds,
    attachments,
    embeds: embedsOf(body, attachments),
    components: componentsOf(body),
    pinned: false,
    type: options.type ?? ((reference.message_reference ? 19 : 0) as MessageType),
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
    if (!channel.thread.memberIds.includes(authorId)) channel.thread.memberIds.push(authorId);
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
  options: { body: MessageBody; uploads?: Upload[]; mentionDefault: MentionDefault },
): StoredMessage {
  const { body, uploads = [] } = options;
  const { message } = stored;
  const attachments = editedAttachments(core, channel.id, message.attachments, body, uploads);
  const after = {
    content: body.content === undefined ? message.content : (body.content ?? ''),
    embeds: body.embeds === undefined ? message.embeds : embedsOf(body, attachments),
    components: body.components === undefined ? message.components : componentsOf(body),
  };
  const something = after.content || after.embeds.length || after.components?.length || attachments.length;
  if (!something) throw new DiscordError('emptyMessage');
  const mentions = mentionsOf(core, channel, message.author.id, after.content, body.allowed_mentions, options.mentionDefault);
  for (const old of message.attachments) if (!attachments.some((one) => one.id === old.id)) core.files.delete(old.id);
  const flags = message.flags ?? 0;
  const bodyFlags = body.flags === undefined || body.flags === null ? flags & KEPT_FLAGS : body.flags & KEPT_FLAGS;
  Object.assign(message, after, {
    attachments,
    mentions: usersOf(core, mentions.userIds),
    mention_roles: mentions.roleIds,
    mention_everyone: mentions.everyone,
    flags: bodyFlags | (flags & (MessageFlags.Ephemeral | MessageFlags.IsComponentsV2 | MessageFlags.HasThread)),
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
  for (const stored of removed) for (const file of stored.message.attachments) core.files.delete(file.id);
  if (removed.length > 0) core.bus.publish({ type: 'message_delete', channelId, removed, bulk: ids.length > 1 });
}
