import type { APIMessage } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import type { Upload } from '../messages/attachments.js';
import { deleteMessages, editMessage, refuseAutoMod } from '../messages/post.js';
import { isV2, parseMessageBody } from '../validation/messages.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import { postAnswer } from './callback.js';
import type { InteractionRecord } from './registry.js';

/**
 * The interaction behind `/webhooks/:application/:token`: 10015 for a token that was never given or is not answered yet,
 * 50027 once its 15 minutes are over.
 */
function recordOf(core: Core, applicationId: string, token: string): InteractionRecord {
  if (applicationId !== core.world.botId) throw new DiscordError('unknownWebhook');
  const record = core.interactions.byToken(token);
  if (!record) throw new DiscordError('unknownWebhook');
  if (core.interactions.expired(record)) throw new DiscordError('invalidWebhookToken');
  if (record.state !== 'answered') throw new DiscordError('unknownWebhook');
  return record;
}

function channelOf(core: Core, record: InteractionRecord): ChannelRecord {
  const channel = core.world.channels.get(record.channelId);
  if (!channel) throw new DiscordError('unknownChannel');
  return channel;
}

function messageOf(core: Core, record: InteractionRecord, messageId: string): StoredMessage {
  const id = messageId === '@original' ? record.originalId : messageId;
  const stored = id !== undefined && record.messageIds.has(id) ? core.world.message(id) : undefined;
  if (!stored) throw new DiscordError('unknownMessage');
  return stored;
}

/** `GET /webhooks/:application/:token/messages/:message`. */
export function fetchAnswer(core: Core, applicationId: string, token: string, messageId: string): APIMessage {
  return messageOf(core, recordOf(core, applicationId, token), messageId).message;
}

function edit(core: Core, record: InteractionRecord, stored: StoredMessage, input: unknown, uploads: Upload[]): APIMessage {
  const body = parseMessageBody(input, { v2: isV2(stored.message.flags), isAnswer: true });
  refuseAutoMod(core, body);
  return editMessage(core, channelOf(core, record), stored, { body, uploads, mentionDefault: 'users' }).message;
}

/** `PATCH /webhooks/:application/:token/messages/:message`. */
export function editAnswer(
  core: Core,
  applicationId: string,
  token: string,
  messageId: string,
  input: unknown,
  uploads: Upload[],
): APIMessage {
  const record = recordOf(core, applicationId, token);
  return edit(core, record, messageOf(core, record, messageId), input, uploads);
}

/** `DELETE /webhooks/:application/:token/messages/:message`. */
export function deleteAnswer(core: Core, applicationId: string, token: string, messageId: string): void {
  const record = recordOf(core, applicationId, token);
  const stored = messageOf(core, record, messageId);
  deleteMessages(core, stored.message.channel_id, [stored.message.id]);
}

/**
 * `POST /webhooks/:application/:token`: a further message. The first one after a deferred answer becomes that answer,
 * which keeps being ephemeral or not as it was deferred.
 */
export function followUp(core: Core, applicationId: string, token: string, input: unknown, uploads: Upload[]): APIMessage {
  const record = recordOf(core, applicationId, token);
  const original = record.originalId ? core.world.message(record.originalId) : undefined;
  if (original?.thinking) return edit(core, record, original, input, uploads);
  return postAnswer(core, record, channelOf(core, record), { data: input, uploads, asFollowUp: true }).message;
}
