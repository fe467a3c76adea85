import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import type { Gateway } from '../gateway/server.js';
import { refusalOf } from '../guard.js';
import { MAX_REQUEST_BYTES } from '../limits.js';
import { pipeline } from './pipeline.js';
import { applicationRoutes } from './routes/applications.js';
import { channelRoutes } from './routes/channels.js';
import { interactionRoutes } from './routes/interactions.js';
import { messageRoutes } from './routes/messages.js';
import { peopleRoutes } from './routes/people.js';

const ROUTES = [...applicationRoutes, ...interactionRoutes, ...channelRoutes, ...messageRoutes, ...peopleRoutes];

/** Refuses what does not come from this machine, as `onRequest` hook. */
export async function guardHook(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const refusal = refusalOf(request.raw);
  return refusal ? reply.code(403).send({ message: refusal, code: 0 }) : undefined;
}

/** What no route answers is remembered: a bot that needs it needs more of the playground. */
function notFound(core: Core) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const path = request.url.split('?')[0] ?? request.url;
    core.ledger.unknownRoute(`${request.method} ${path}`);
    core.ledger.record({ at: core.clock.now(), method: request.method, route: path, path, status: 404, code: 0 });
    return reply.code(404).send(new DiscordError('notFound').toBody());
  };
}

/** Registers the REST API under `/api/v10` and `/api`. */
export async function registerRest(app: FastifyInstance, core: Core, gateway: Gateway): Promise<void> {
  const plugin = async (scope: FastifyInstance) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_REQUEST_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.addHook('onRequest', guardHook);
    // A route, not a not-found handler: the page's own catch-all must not take these.
    scope.all('/*', notFound(core));
    scope.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
      if (error.statusCode === 413) return reply.code(413).send(new DiscordError('tooLarge').toBody());
      if (error.statusCode && error.statusCode < 500)
        return reply.code(error.statusCode).send({ message: error.message, code: 0 });
      core.log(`playground: ${(error as unknown as Error).stack ?? error.message}`);
      return reply.code(500).send({ message: '500: Internal Server Error', code: 0 });
    });
    for (const route of ROUTES) {
      scope.route({
        exposeHeadRoute: false,
        method: route.method,
        url: route.path,
        bodyLimit: MAX_REQUEST_BYTES,
        handler: pipeline(core, gateway, core.limiter, route),
      });
    }
  };
  await app.register(plugin, { prefix: '/api/v10' });
  await app.register(plugin, { prefix: '/api' });
}
