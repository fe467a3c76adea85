import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import type { Gateway } from '../gateway/server.js';
import { refusalOf } from '../guard.js';
import { pipeline, routeNameOf } from './pipeline.js';
import type { Route } from './route.js';
import { applicationRoutes } from './routes/applications.js';
import { banRoutes } from './routes/bans.js';
import { channelRoutes } from './routes/channels.js';
import { commandPermissionRoutes } from './routes/command-permissions.js';
import { commandRoutes } from './routes/commands.js';
import { emojiRoutes } from './routes/emojis.js';
import { guildChannelRoutes } from './routes/guild-channels.js';
import { guildRoutes } from './routes/guilds.js';
import { interactionRoutes } from './routes/interactions.js';
import { memberRoutes } from './routes/members.js';
import { messageRoutes } from './routes/messages.js';
import { overwriteRoutes } from './routes/overwrites.js';
import { peopleRoutes } from './routes/people.js';
import { pinRoutes } from './routes/pins.js';
import { reactionRoutes } from './routes/reactions.js';
import { roleRoutes } from './routes/roles.js';
import { threadRoutes } from './routes/threads.js';
import { webhookRoutes } from './routes/webhooks.js';

/** Every route there is. */
export const ROUTES: readonly Route[] = [
  ...applicationRoutes,
  ...commandRoutes,
  ...commandPermissionRoutes,
  ...interactionRoutes,
  ...webhookRoutes,
  ...channelRoutes,
  ...overwriteRoutes,
  ...threadRoutes,
  ...messageRoutes,
  ...reactionRoutes,
  ...pinRoutes,
  ...guildRoutes,
  ...guildChannelRoutes,
  ...memberRoutes,
  ...banRoutes,
  ...roleRoutes,
  ...emojiRoutes,
  ...peopleRoutes,
];

/** Refuses what does not come from this machine, as `onRequest` hook. */
export async function guardHook(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const refusal = refusalOf(request.raw);
  return refusal ? reply.code(403).send({ message: refusal, code: 0 }) : undefined;
}

/** The methods of the routes that have this path, for telling a wrong method from a wrong path. */
function methodsOf(): (path: string) => Set<string> {
  const patterns = ROUTES.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^/api(?:/v10)?${path.replaceAll(/:[A-Za-z]+/g, '[^/]+')}/?$`),
  }));
  return (path) => new Set(patterns.filter((one) => one.pattern.test(path)).map((one) => one.method));
}

/** What no route answers is remembered: a bot that needs it needs more of the playground. */
function notFound(core: Core) {
  // Made when it is first asked for: a good bot never does.
  let methods: ReturnType<typeof methodsOf> | undefined;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const path = request.url.split('?')[0] ?? request.url;
    methods ??= methodsOf();
    const error = new DiscordError(methods(path).size > 0 ? 'methodNotAllowed' : 'notFound');
    const { status, code } = error;
    const answer = error.toBody();
    core.ledger.unknownRoute(`${request.method} ${path}`);
    core.log(`playground: no route answers ${request.method} ${path}`);
    const entry = { at: core.clock.now(), method: request.method, route: path, path, status, code, durationMs: 0 };
    core.ledger.record(entry, () => ({ headers: {}, answer }));
    return reply.code(status).send(answer);
  };
}

/** What fails before a route's handler runs: a body that is too large, or trouble of the playground itself. */
function onError(core: Core) {
  return (error: { statusCode?: number; message: string; stack?: string }, request: FastifyRequest, reply: FastifyReply) => {
    const { statusCode: status = 500 } = error;
    if (status >= 500) core.log(`playground: ${error.stack ?? error.message}`);
    const said = status >= 500 ? '500: Internal Server Error' : error.message;
    const answer = status === 413 ? new DiscordError('tooLarge').toBody() : { message: said, code: 0 };
    const path = request.url.split('?')[0] ?? request.url;
    const route = routeNameOf((request.routeOptions.url ?? path).replace(/^\/api(\/v10)?/, ''));
    const { code } = answer;
    core.ledger.record({ at: core.clock.now(), method: request.method, route, path, status, code, durationMs: 0 }, () => ({
      headers: {},
      answer,
    }));
    return reply.code(status >= 500 ? 500 : status).send(answer);
  };
}

/** A path without a version as the one that answers it: an own server is asked before it looks for a route. */
export function versioned(url: string): string {
  return url.startsWith('/api/') && !/^\/api\/v\d/.test(url) ? `/api/v10${url.slice(4)}` : url;
}

/**
 * Registers the REST API under `/api/v10` and `/api`. Where the server turns paths by `versioned`, the routes are made once:
 * making them is a good part of the start.
 */
export async function registerRest(app: FastifyInstance, core: Core, gateway: Gateway, turnsPaths: boolean): Promise<void> {
  const plugin = async (scope: FastifyInstance, { routes }: { routes: readonly Route[] }) => {
    scope.removeAllContentTypeParsers();
    // What is larger is not even read; a limit that is set lower later on counts all the same, once the body is there.
    const bodyLimit = core.limits.maxRequestBytes;
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
    scope.addHook('onRequest', guardHook);
    // A route, not a not-found handler: the page's own catch-all must not take these.
    scope.all('/*', notFound(core));
    scope.setErrorHandler(onError(core));
    for (const route of routes) {
      scope.route({
        exposeHeadRoute: false,
        method: route.method,
        url: route.path,
        bodyLimit,
        handler: pipeline(core, gateway, route),
      });
    }
  };
  await app.register(plugin, { prefix: '/api/v10', routes: ROUTES });
  await app.register(plugin, { prefix: '/api', routes: turnsPaths ? [] : ROUTES });
}
