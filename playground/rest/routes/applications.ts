import { z } from 'zod';
import type { Core } from '../../core.js';
import { applicationFlags } from '../../gateway/identify.js';
import { apiUser } from '../../gateway/payloads.js';
import { picture } from '../../validation/fields.js';
import { parseForm, refuseFaults } from '../../validation/form.js';
import { pictureOf } from '../../world/pictures.js';
import { ok, type RestRequest, type Route } from '../route.js';

function application(core: Core) {
  const { bot, botId } = core.world;
  return {
    id: botId,
    name: bot.username,
    icon: null,
    description: '',
    summary: '',
    type: null,
    bot: apiUser(bot),
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: applicationFlags(core),
    flags_new: String(applicationFlags(core)),
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    eligible_oauth2_scopes: [],
    owner: apiUser(core.world.user(core.applicationOwnerId)),
    team: null,
    redirect_uris: [],
    approximate_guild_count: core.world.guildsOf(botId).length,
    integration_types_config: { 0: {} },
    ...core.world.application,
  };
}

const tag = z.string().trim().min(1).max(20);
const applicationPatch = z.object({
  description: z.string().trim().max(400).optional(),
  icon: picture.nullish(),
  tags: z.array(tag).max(5).nullish(),
  custom_install_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .nullish(),
  role_connections_verification_url: z
    .url({ protocol: /^https$/ })
    .max(2048)
    .nullish(),
  interactions_endpoint_url: z.string().max(2048).nullish(),
});

/** What a bot may change of its application (resources/application, Edit Current Application); other fields are not kept. */
function patchApplication({ core, body }: RestRequest) {
  const { icon, ...patch } = parseForm(applicationPatch, body);
  // Discord asks the address for an answer before it takes it; here interactions come over the gateway only.
  const message = 'The specified interactions endpoint URL could not be verified.';
  const code = 'APPLICATION_INTERACTIONS_ENDPOINT_VERIFICATION_FAILED';
  refuseFaults(patch.interactions_endpoint_url ? [{ path: ['interactions_endpoint_url'], code, message }] : []);
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  core.world.application = {
    ...core.world.application,
    ...Object.fromEntries(given),
    ...(icon !== undefined && { icon: icon ? pictureOf(icon).hash : null }),
  };
  return ok(application(core));
}

function gatewayBot({ core, gateway }: RestRequest) {
  return ok({
    url: `${core.baseUrl().replace('http', 'ws')}/gateway`,
    shards: gateway.recommendedShards(),
    session_start_limit: gateway.startLimit(),
  });
}

/** The application, and where its gateway is (resources/application, events/gateway). */
export const applicationRoutes: Route[] = [
  {
    method: 'GET',
    path: '/gateway',
    auth: 'token',
    bucket: 'gateway',
    handle: ({ core }) => ok({ url: `${core.baseUrl().replace('http', 'ws')}/gateway` }),
  },
  { method: 'GET', path: '/gateway/bot', auth: 'bot', bucket: 'gateway', handle: gatewayBot },
  { method: 'GET', path: '/applications/@me', auth: 'bot', bucket: 'general', handle: ({ core }) => ok(application(core)) },
  { method: 'PATCH', path: '/applications/@me', auth: 'bot', bucket: 'general', handle: patchApplication },
  {
    method: 'GET',
    path: '/oauth2/applications/@me',
    auth: 'bot',
    bucket: 'general',
    handle: ({ core }) => ok(application(core)),
  },
];
