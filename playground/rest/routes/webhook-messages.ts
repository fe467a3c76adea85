import { type APIUser, MessageFlags } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { deleteMessages, editMessage, postMessage, refuseAutoMod } from '../../messages/post.js';
import { snowflake, webUrl } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { parseMessageBody, refuseEmpty, refuseFlags } from '../../validation/messages.js';
import { setArchived } from '../../world/threads.js';
import type { ChannelRecord, StoredMessage, WebhookRecord } from '../../world/types.js';
import { noContent, ok, type RestRequest } from '../route.js';

/** Names that a webhook may not have (resources/webhook, Create Webhook). */
export const webhookName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .refine((name) => !/clyde|discord/i.test(name), {
    message: 'Username cannot contain "discord" or "clyde"',
    params: { code: 'USERNAME_INVALID_CONTAINS' },
  });

const POST_FLAGS = MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications | MessageFlags.IsComponentsV2;

/** The webhook with this id and token: 10015 when there is none, 50027 for a wrong token. */
export function webhookByToken(core: Core, webhookId: string | undefined, token: string | undefined): WebhookRecord {
  const hook = core.world.webhooks.get(webhookId ?? '');
  if (!hook) throw new DiscordError('unknownWebhook');
  if (hook.token !== token) throw new DiscordError('invalidWebhookToken');
  return hook;
}

/** Whether `/webhooks/:applicationId/:token` is about a webhook and not about an interaction. */
export function isWebhook({ core, params }: RestRequest): boolean {
  return core.world.webhooks.has(params.applicationId ?? '');
}

const threadQuery = z.object({ thread_id: snowflake.optional(), wait: z.enum(['true', 'false', '1', '0']).optional() });

/** Where the webhook posts: its channel, or the thread of that channel which the query names (10003 for any other). */
function placeOf(core: Core, hook: WebhookRecord, threadId: string | undefined): ChannelRecord {
  const channel = core.world.channels.get(threadId ?? hook.channelId);
  const fits = channel && (threadId === undefined || (channel.thread && channel.parentId === hook.channelId));
  if (!fits) throw new DiscordError('unknownChannel');
  return channel;
}

const postBody = z.object({
  username: webhookName.nullish(),
  avatar_url: webUrl.nullish(),
  thread_name: z.string().max(100).nullish(),
});

function authorOf(hook: WebhookRecord, username: string | null | undefined): APIUser {
  return {
    id: hook.id,
    username: username ?? hook.name,
    avatar: hook.picture?.hash ?? null,
    discriminator: '0000',
    public_flags: 0,
    flags: 0,
    bot: true,
    global_name: null,
    clan: null,
    primary_guild: null,
  } as unknown as APIUser;
}

/** `POST /webhooks/:id/:token`: 204, or the message with `wait`. A thread wakes when it is posted to. */
export function executeWebhook({ core, params, query, body: input, uploads }: RestRequest) {
  const hook = webhookByToken(core, params.applicationId, params.token);
  const { thread_id: threadId, wait } = parseForm(threadQuery, query);
  const channel = placeOf(core, hook, threadId);
  const { username, thread_name: threadName } = parseForm(postBody, input);
  // Only forums take new threads by a webhook, and there are none here.
  if (threadName) throw new DiscordError('threadNameNotForum');
  const body = { ...parseMessageBody(input), message_reference: undefined };
  refuseFlags(body.flags, POST_FLAGS, ['flags']);
  refuseEmpty(body, uploads.length);
  refuseAutoMod(core, body);
  if (channel.thread?.locked) throw new DiscordError('threadLocked');
  if (channel.thread?.archived) setArchived(core, channel, false);
  const { message } = postMessage(core, channel, hook.id, {
    body,
    uploads,
    mentionDefault: 'users',
    author: authorOf(hook, username),
    extra: { webhook_id: hook.id, application_id: core.world.botId },
  });
  return wait === 'true' || wait === '1' ? ok(message) : noContent();
}

/** A message that this webhook posted; one in a thread is found with `thread_id` only. 10008 otherwise. */
function ownMessage({ core, params, query }: RestRequest): { channel: ChannelRecord; stored: StoredMessage } {
  const hook = webhookByToken(core, params.applicationId, params.token);
  const channel = placeOf(core, hook, parseForm(threadQuery, query).thread_id);
  const stored = core.world.message(params.messageId ?? '');
  const isOwn = stored?.message.webhook_id === hook.id && stored.message.channel_id === channel.id;
  if (!stored || !isOwn) throw new DiscordError('unknownMessage');
  return { channel, stored };
}

export function getWebhookMessage(request: RestRequest) {
  return ok(ownMessage(request).stored.message);
}

export function editWebhookMessage(request: RestRequest) {
  const { core, body: input, uploads } = request;
  const { channel, stored } = ownMessage(request);
  if (channel.thread?.archived) throw new DiscordError('threadArchived');
  const body = parseMessageBody(input, { v2: ((stored.message.flags ?? 0) & MessageFlags.IsComponentsV2) !== 0 });
  refuseAutoMod(core, body);
  return ok(editMessage(core, channel, stored, { body, uploads, mentionDefault: 'users' }).message);
}

export function deleteWebhookMessage(request: RestRequest) {
  const { channel, stored } = ownMessage(request);
  deleteMessages(request.core, channel.id, [stored.message.id]);
  return noContent();
}
