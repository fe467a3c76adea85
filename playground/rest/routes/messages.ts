import { type APIMessage, MessageFlags, PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { deleteMessages, editMessage, postMessage, refuseAutoMod } from '../../messages/post.js';
import { timeOfSnowflake } from '../../snowflakes.js';
import { snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { type MessageBody, parseMessageBody, refuseEmpty, refuseFlags } from '../../validation/messages.js';
import { isSystemMessage } from '../../world/pins.js';
import { setArchived } from '../../world/threads.js';
import type { ChannelRecord, StoredMessage } from '../../world/types.js';
import { botHas, channelMessage, need, needSending, refuseCategory, visibleChannel } from '../access.js';
import { RateLimited } from '../pipeline.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

const HOUR_MS = 3_600_000;
const BULK_MAX_AGE_MS = 14 * 24 * HOUR_MS;
const CREATE_FLAGS = MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications | MessageFlags.IsComponentsV2;

/** The earlier message of the bot with this nonce, while `enforce_nonce` remembers it. */
function sameNonce(core: Core, channel: ChannelRecord, body: MessageBody): StoredMessage | undefined {
  if (!body.enforce_nonce || body.nonce === null || body.nonce === undefined) return undefined;
  const since = core.clock.now() - core.limits.nonceWindowMs;
  return core.world
    .messagesIn(channel.id)
    .findLast(
      ({ message }) =>
        message.nonce === body.nonce && message.author.id === core.world.botId && timeOfSnowflake(message.id) >= since,
    );
}

type Reference = NonNullable<MessageBody['message_reference']>;

/** Replying takes the history of this channel (160002), forwarding that of the other one (160009), which must be visible. */
function refuseReference(core: Core, channel: ChannelRecord, reference: Reference): void {
  if (reference.type !== 1) {
    if (!botHas(core, channel, P.ReadMessageHistory)) throw new DiscordError('replyUnreadable');
    return;
  }
  const source = reference.channel_id ? visibleChannel(core, reference.channel_id) : channel;
  if (!botHas(core, source, P.ReadMessageHistory)) throw new DiscordError('referenceUnreadable');
  if (isSystemMessage(channelMessage(core, source, reference.message_id))) throw new DiscordError('systemMessage');
}

function refuseByContent(core: Core, channel: ChannelRecord, body: MessageBody, fileCount: number): void {
  if ((body.embeds?.length ?? 0) > 0) need(core, channel, P.EmbedLinks);
  if (fileCount > 0) need(core, channel, P.AttachFiles);
  if (body.poll && channel.guildId !== null) need(core, channel, P.SendPolls);
  if (body.message_reference) refuseReference(core, channel, body.message_reference);
  refuseAutoMod(core, body);
}

function createMessage({ core, params, body: input, uploads }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  needSending(core, channel);
  const body = parseMessageBody(input);
  refuseFlags(body.flags, CREATE_FLAGS, ['flags']);
  refuseEmpty(body, uploads.length);
  refuseByContent(core, channel, body, uploads.length);
  const earlier = sameNonce(core, channel, body);
  if (earlier) return ok(earlier.message);
  if (channel.thread?.archived) setArchived(core, channel, false);
  return ok(postMessage(core, channel, core.world.botId, { body, uploads, mentionDefault: 'all' }).message);
}

function refuseOldEdit(core: Core, channel: ChannelRecord, stored: StoredMessage): void {
  if (core.clock.now() - timeOfSnowflake(stored.message.id) <= HOUR_MS) return;
  const wait = core.limiter.takeOldEdit(channel.id);
  if (wait !== undefined) throw new RateLimited(wait, 30046, new DiscordError('oldEdits').message);
}

function updateMessage({ core, params, body: input, uploads }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  const stored = channelMessage(core, channel, params.messageId);
  if (stored.message.author.id !== core.world.botId) throw new DiscordError('notAuthor');
  if (channel.thread?.archived) throw new DiscordError('threadArchived');
  const v2 = ((stored.message.flags ?? 0) & MessageFlags.IsComponentsV2) !== 0;
  const body = parseMessageBody(input, { v2 });
  refuseByContent(core, channel, { ...body, message_reference: undefined }, uploads.length);
  refuseOldEdit(core, channel, stored);
  return ok(editMessage(core, channel, stored, { body, uploads, mentionDefault: 'all' }).message);
}

function removeMessage({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  const stored = channelMessage(core, channel, params.messageId);
  if (stored.message.author.id !== core.world.botId) {
    if (channel.guildId === null) throw new DiscordError('notInDm');
    need(core, channel, P.ManageMessages);
  }
  deleteMessages(core, channel.id, [stored.message.id]);
  return noContent();
}

function getMessage({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  need(core, channel, P.ReadMessageHistory);
  return ok(channelMessage(core, channel, params.messageId).message);
}

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: snowflake.optional(),
  after: snowflake.optional(),
  around: snowflake.optional(),
});

/** Newest first, as Discord lists; `after` takes the oldest ones behind the id. */
function pageOf(messages: APIMessage[], query: z.output<typeof listQuery>): APIMessage[] {
  const { limit, before, after, around } = query;
  const newestFirst = messages.toReversed();
  if (around !== undefined) {
    const pivot = BigInt(around);
    const older = newestFirst.filter((one) => BigInt(one.id) <= pivot).slice(0, Math.ceil(limit / 2));
    const newer = messages.filter((one) => BigInt(one.id) > pivot).slice(0, limit - older.length);
    return [...newer.toReversed(), ...older];
  }
  if (after !== undefined)
    return messages
      .filter((one) => BigInt(one.id) > BigInt(after))
      .slice(0, limit)
      .toReversed();
  return newestFirst.filter((one) => before === undefined || BigInt(one.id) < BigInt(before)).slice(0, limit);
}

function listMessages({ core, params, query }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  refuseCategory(channel);
  const parsed = parseForm(listQuery, query);
  if (!botHas(core, channel, P.ReadMessageHistory)) return ok([]);
  const messages = core.world.messagesIn(channel.id).filter((stored) => !stored.ephemeralFor);
  return ok(
    pageOf(
      messages.map((stored) => stored.message),
      parsed,
    ),
  );
}

const bulkBody = z.object({ messages: z.array(snowflake) });

function bulkDelete({ core, params, body }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  if (channel.guildId === null) throw new DiscordError('notInDm');
  need(core, channel, P.ManageMessages);
  const ids = [...new Set(parseForm(bulkBody, body).messages)];
  if (ids.length < 2 || ids.length > 100) throw new DiscordError('bulkCount');
  const oldest = core.clock.now() - BULK_MAX_AGE_MS;
  if (ids.some((id) => timeOfSnowflake(id) < oldest)) throw new DiscordError('tooOld');
  const present = ids.filter((id) => {
    const stored = core.world.message(id);
    return stored?.message.channel_id === channel.id && !stored.ephemeralFor;
  });
  deleteMessages(core, channel.id, present);
  return noContent();
}

/** Publishes a message of an announcement channel to its followers, once (40033). */
function crosspost({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  if (channel.type !== 5) throw new DiscordError('wrongChannelType');
  const stored = channelMessage(core, channel, params.messageId);
  need(core, channel, P.SendMessages);
  if (stored.message.author.id !== core.world.botId) need(core, channel, P.ManageMessages);
  const flags = stored.message.flags ?? 0;
  if ((flags & MessageFlags.Crossposted) !== 0) throw new DiscordError('crossposted');
  stored.message.flags = flags | MessageFlags.Crossposted;
  core.bus.publish({ type: 'message_update', stored });
  return ok(stored.message);
}

function startTyping({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  needSending(core, channel);
  core.bus.publish({ type: 'typing', channelId: channel.id, userId: core.world.botId });
  return noContent();
}

const path = '/channels/:channelId/messages';

/** Messages of channels, for the bot. */
export const messageRoutes: Route[] = [
  { method: 'GET', path, auth: 'bot', bucket: 'general', major: 'channelId', handle: listMessages },
  { method: 'POST', path, auth: 'bot', bucket: 'messages', major: 'channelId', handle: createMessage },
  { method: 'GET', path: `${path}/:messageId`, auth: 'bot', bucket: 'general', major: 'channelId', handle: getMessage },
  { method: 'PATCH', path: `${path}/:messageId`, auth: 'bot', bucket: 'edits', major: 'channelId', handle: updateMessage },
  { method: 'DELETE', path: `${path}/:messageId`, auth: 'bot', bucket: 'deletes', major: 'channelId', handle: removeMessage },
  { method: 'POST', path: `${path}/bulk-delete`, auth: 'bot', bucket: 'general', major: 'channelId', handle: bulkDelete },
  { method: 'POST', path: `${path}/:messageId/crosspost`, auth: 'bot', bucket: 'general', major: 'channelId', handle: crosspost },
  {
    method: 'POST',
    path: '/channels/:channelId/typing',
    auth: 'bot',
    bucket: 'general',
    major: 'channelId',
    handle: startTyping,
  },
];
