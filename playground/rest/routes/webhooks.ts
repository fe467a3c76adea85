import { randomBytes } from 'node:crypto';
import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiUser } from '../../gateway/payloads.js';
import { picture, snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { pictureOf } from '../../world/pictures.js';
import type { WebhookRecord } from '../../world/types.js';
import { guildChannel, memberGuild, need, needInGuild } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';
import { webhookByToken, webhookName } from './webhook-messages.js';

/** A webhook as bodies show it; who comes with its token is not told who made it. */
function apiWebhook(core: Core, hook: WebhookRecord, withUser = true) {
  return {
    id: hook.id,
    type: 1,
    guild_id: hook.guildId,
    channel_id: hook.channelId,
    name: hook.name,
    avatar: hook.picture?.hash ?? null,
    token: hook.token,
    application_id: core.world.botId,
    url: `${core.baseUrl()}/api/webhooks/${hook.id}/${hook.token}`,
    ...(withUser && { user: apiUser(core.world.user(hook.userId)) }),
  };
}

function tell(core: Core, hook: WebhookRecord): void {
  core.bus.publish({ type: 'webhooks_update', guildId: hook.guildId, channelId: hook.channelId });
}

/** Channels that can have webhooks: text, voice, announcements. */
function hookChannel(core: Core, channelId: string | undefined) {
  const { channel, guild } = guildChannel(core, channelId);
  if (channel.thread || channel.type === 4) throw new DiscordError('wrongChannelType');
  need(core, channel, P.ManageWebhooks);
  return { channel, guild };
}

const createBody = z.object({ name: webhookName, avatar: picture.nullish() });

function create({ core, params, body: input }: RestRequest) {
  const { channel, guild } = hookChannel(core, params.channelId);
  const { name, avatar } = parseForm(createBody, input);
  if (core.world.webhooksOf(guild.id, channel.id).length >= core.limits.webhooksPerChannel) throw new DiscordError('maxWebhooks');
  const hook: WebhookRecord = {
    id: core.ids.next(),
    guildId: guild.id,
    channelId: channel.id,
    name,
    token: randomBytes(51).toString('base64url'),
    userId: core.world.botId,
    ...(avatar && { picture: pictureOf(avatar) }),
  };
  core.world.webhooks.set(hook.id, hook);
  tell(core, hook);
  return ok(apiWebhook(core, hook));
}

function listOfChannel({ core, params }: RestRequest) {
  const { channel, guild } = hookChannel(core, params.channelId);
  return ok(core.world.webhooksOf(guild.id, channel.id).map((hook) => apiWebhook(core, hook)));
}

function listOfGuild({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.ManageWebhooks);
  return ok(core.world.webhooksOf(guild.id).map((hook) => apiWebhook(core, hook)));
}

/** A webhook by its id: 10015 when there is none. Every one is the application's own, which needs no permission to read it. */
function byId({ core, params }: RestRequest): WebhookRecord {
  const hook = core.world.webhooks.get(params.webhookId ?? '');
  if (!hook) throw new DiscordError('unknownWebhook');
  memberGuild(core, hook.guildId);
  return hook;
}

function toManage(request: RestRequest): WebhookRecord {
  const hook = byId(request);
  hookChannel(request.core, hook.channelId);
  return hook;
}

const patchBody = z.object({ name: webhookName.nullish(), avatar: picture.nullish() });
const movingBody = patchBody.extend({ channel_id: snowflake.nullish() });

function apply(core: Core, hook: WebhookRecord, patch: z.output<typeof patchBody>): void {
  hook.name = patch.name ?? hook.name;
  if (patch.avatar) hook.picture = pictureOf(patch.avatar);
  else if (patch.avatar === null) delete hook.picture;
  tell(core, hook);
}

function patch(request: RestRequest) {
  const { core, body } = request;
  const hook = toManage(request);
  const { channel_id: channelId, ...fields } = parseForm(movingBody, body);
  if (channelId) {
    const { channel } = hookChannel(core, channelId);
    if (channel.guildId !== hook.guildId) throw new DiscordError('unknownChannel');
    if (channel.id !== hook.channelId) tell(core, hook);
    hook.channelId = channel.id;
  }
  apply(core, hook, fields);
  return ok(apiWebhook(core, hook));
}

function remove(core: Core, hook: WebhookRecord) {
  core.world.webhooks.delete(hook.id);
  tell(core, hook);
  return noContent();
}

function patchByToken({ core, params, body }: RestRequest) {
  const hook = webhookByToken(core, params.webhookId, params.token);
  apply(core, hook, parseForm(patchBody, body));
  return ok(apiWebhook(core, hook, false));
}

const byToken = '/webhooks/:webhookId/:token';
const common = { auth: 'bot', bucket: 'general' } as const;
const withToken = { auth: 'token', bucket: 'webhooks', major: 'token', path: byToken } as const;

/** Incoming webhooks: making, finding, changing them (resources/webhook); `webhook-messages.ts` has what they post. */
export const webhookRoutes: Route[] = [
  { ...common, method: 'POST', path: '/channels/:channelId/webhooks', major: 'channelId', handle: create },
  { ...common, method: 'GET', path: '/channels/:channelId/webhooks', major: 'channelId', handle: listOfChannel },
  { ...common, method: 'GET', path: '/guilds/:guildId/webhooks', major: 'guildId', handle: listOfGuild },
  { ...common, method: 'GET', path: '/webhooks/:webhookId', handle: (request) => ok(apiWebhook(request.core, byId(request))) },
  { ...common, method: 'PATCH', path: '/webhooks/:webhookId', handle: patch },
  { ...common, method: 'DELETE', path: '/webhooks/:webhookId', handle: (request) => remove(request.core, toManage(request)) },
  {
    ...withToken,
    method: 'GET',
    handle: ({ core, params }) => ok(apiWebhook(core, webhookByToken(core, params.webhookId, params.token), false)),
  },
  { ...withToken, method: 'PATCH', handle: patchByToken },
  {
    ...withToken,
    method: 'DELETE',
    handle: ({ core, params }) => remove(core, webhookByToken(core, params.webhookId, params.token)),
  },
];
