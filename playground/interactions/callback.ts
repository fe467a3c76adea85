import { type APIMessage, MessageFlags, MessageType } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import { apiUser } from '../gateway/payloads.js';
import type { Upload } from '../messages/attachments.js';
import { editMessage, postMessage, refuseAutoMod } from '../messages/post.js';
import { parseCallback, parseChoices, parseDeferred } from '../validation/callbacks.js';
import { formTree } from '../validation/form.js';
import { isV2, parseMessageBody, refuseEmpty, refuseFlags } from '../validation/messages.js';
import { parseModal } from '../validation/modals.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import type { InteractionRecord } from './registry.js';

/** Flags that an interaction's answer may have. */
export const ANSWER_FLAGS =
  MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications | MessageFlags.IsComponentsV2;

const COMMAND = 2;
const COMPONENT = 3;
const AUTOCOMPLETE = 4;
const MODAL_SUBMIT = 5;

function wrongType(message: string): DiscordError {
  return new DiscordError('invalidForm', formTree([{ path: ['type'], code: 'INTERACTION_CALLBACK_TYPE_INVALID', message }]));
}

/**
 * Which callback types answer which interactions (receiving-and-responding.mdx, interaction callback type): PONG answers
 * pings, which never come over the gateway, and activities are for applications that have one.
 */
function refuseWrongType(record: InteractionRecord, type: number): void {
  if (type === 1) throw wrongType('Only a ping is answered with a pong');
  if (record.type === AUTOCOMPLETE ? type !== 8 : type === 8) throw wrongType('This callback type does not fit the interaction');
  if ((type === 6 || type === 7) && !record.sourceMessageId) throw wrongType('There is no message to update');
  if (type === 9 && record.type === MODAL_SUBMIT) throw wrongType('A modal cannot be answered with a modal');
  if (type === 12) throw wrongType('This application has no activity');
}

/** Where a message comes from, as `interaction_metadata` tells it; a submitted modal tells what opened it, too. */
function metadataOf(core: Core, record: InteractionRecord): Record<string, unknown> {
  const opener = core.interactions.byId(record.openedById ?? '');
  return {
    id: record.id,
    type: record.type,
    user: apiUser(core.world.user(record.userId)),
    authorizing_integration_owners: record.payload.authorizing_integration_owners,
    ...(record.commandName && { name: record.commandName, command_type: record.commandType }),
    ...(record.type === COMPONENT && { interacted_message_id: record.sourceMessageId }),
    ...(opener && { triggering_interaction_metadata: metadataOf(core, opener) }),
  };
}

/** Fields that tie an answer to its interaction; a public answer does not carry along an ephemeral message that it replies to. */
function answerFields(
  core: Core,
  record: InteractionRecord,
  { asFollowUp, isEphemeral }: { asFollowUp: boolean; isEphemeral: boolean },
): { type: MessageType; extra: Partial<APIMessage> } {
  const user = apiUser(core.world.user(record.userId));
  const metadata = {
    ...metadataOf(core, record),
    ...(asFollowUp && record.originalId && { original_response_message_id: record.originalId }),
  };
  const replyTo = asFollowUp ? record.originalId : record.type === COMMAND ? undefined : record.sourceMessageId;
  const replied = replyTo ? core.world.message(replyTo) : undefined;
  const commandType = record.commandType === 1 ? MessageType.ChatInputCommand : MessageType.ContextMenuCommand;
  return {
    type: record.type === COMMAND && !asFollowUp ? commandType : replied ? MessageType.Reply : MessageType.Default,
    extra: {
      application_id: core.world.botId,
      webhook_id: core.world.botId,
      interaction_metadata: metadata as unknown as APIMessage['interaction_metadata'],
      ...(record.type === COMMAND &&
        !asFollowUp && { interaction: { id: record.id, type: record.type, name: record.commandName ?? '', user } }),
      ...(replied && {
        message_reference: { type: 0, channel_id: replied.message.channel_id, message_id: replied.message.id },
        // One level deep, as Discord gives it.
        ...((isEphemeral || !replied.ephemeralFor) && {
          referenced_message: { ...structuredClone(replied.message), referenced_message: undefined },
        }),
      }),
    },
  };
}

/** Posts an answer or follow-up of an interaction. */
export function postAnswer(
  core: Core,
  record: InteractionRecord,
  channel: ChannelRecord,
  options: { data: unknown; uploads: Upload[]; flags?: number; thinking?: boolean; asFollowUp?: boolean; prefix?: string[] },
): StoredMessage {
  const body = parseMessageBody(options.data ?? {}, { prefix: options.prefix, isAnswer: true });
  refuseFlags(body.flags, ANSWER_FLAGS, [...(options.prefix ?? []), 'flags']);
  if (!options.thinking) refuseEmpty(body, options.uploads.length);
  refuseAutoMod(core, body);
  const isEphemeral = ((options.flags ?? body.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
  const stored = postMessage(core, channel, core.world.botId, {
    body,
    uploads: options.uploads,
    prefix: options.prefix,
    mentionDefault: 'users',
    ...answerFields(core, record, { asFollowUp: options.asFollowUp ?? false, isEphemeral }),
    ...(isEphemeral && { ephemeralFor: record.userId }),
    ...(options.thinking && { thinking: true }),
    ...(record.commandName && !options.asFollowUp && { commandLine: { userId: record.userId, name: record.commandName } }),
  });
  record.messageIds.add(stored.message.id);
  return stored;
}

function sourceOf(core: Core, record: InteractionRecord): StoredMessage {
  const stored = core.world.message(record.sourceMessageId ?? '');
  if (!stored) throw new DiscordError('unknownMessage');
  return stored;
}

function answerWithMessage(
  core: Core,
  record: InteractionRecord,
  channel: ChannelRecord,
  type: number,
  data: unknown,
  uploads: Upload[],
) {
  if (type === 5) {
    const { flags } = parseDeferred(data);
    // Only Ephemeral may be set now; what else is there belongs to the edit that follows.
    refuseFlags(flags, MessageFlags.Ephemeral, ['data', 'flags']);
    const stored = postAnswer(core, record, channel, { data: {}, uploads: [], flags, thinking: true });
    return { kind: 'deferred' as const, stored };
  }
  if (type === 4)
    return { kind: 'message' as const, stored: postAnswer(core, record, channel, { data, uploads, prefix: ['data'] }) };
  const stored = sourceOf(core, record);
  const v2 = isV2(stored.message.flags);
  const prefix = ['data'];
  const body = parseMessageBody(data ?? {}, { v2, prefix, isAnswer: true });
  if (type === 6) return { kind: 'deferred_update' as const, stored };
  refuseAutoMod(core, body);
  const edited = editMessage(core, channel, stored, { body, uploads, mentionDefault: 'users', prefix });
  return { kind: 'update' as const, stored: edited };
}

function callbackResource(record: InteractionRecord, type: number, stored: StoredMessage | undefined) {
  return {
    interaction: {
      id: record.id,
      type: record.type,
      ...(stored && {
        response_message_id: stored.message.id,
        response_message_loading: stored.thinking ?? false,
        response_message_ephemeral: stored.ephemeralFor !== undefined,
      }),
      channel_id: record.channelId,
      guild_id: record.payload.guild_id,
    },
    resource: { type, ...(stored && { message: stored.message }) },
  };
}

/**
 * `POST /interactions/:id/:token/callback`. Gives the body for `with_response`.
 * Throws 10062 (unknown, or 3 s are over), 40060 (answered before), 50035.
 */
export function answerInteraction(core: Core, id: string, token: string, input: unknown, uploads: Upload[]) {
  const record = core.interactions.byId(id);
  if (!record || record.token !== token) throw new DiscordError('unknownInteraction');
  if (record.state === 'answered') throw new DiscordError('acknowledged');
  if (record.state === 'failed') throw new DiscordError('unknownInteraction');
  const { type, data } = parseCallback(input);
  refuseWrongType(record, type);
  if (type === 8) {
    record.settle({ kind: 'choices', choices: parseChoices(data) as never });
    return callbackResource(record, type, undefined);
  }
  if (type === 9) {
    record.settle({ kind: 'modal', modal: parseModal(data) as never });
    return callbackResource(record, type, undefined);
  }
  const channel = core.world.channels.get(record.channelId);
  if (!channel) throw new DiscordError('unknownChannel');
  const { kind, stored } = answerWithMessage(core, record, channel, type, data, uploads);
  record.originalId = stored.message.id;
  record.messageIds.add(stored.message.id);
  // Through JSON, which costs a third of structuredClone: a thousand answers come at once.
  const message: APIMessage = JSON.parse(JSON.stringify(stored.message));
  record.settle({ kind, messageId: stored.message.id, message });
  return callbackResource(record, type, stored);
}
