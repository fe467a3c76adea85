import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import { acceptsToken, type Gateway } from '../gateway/server.js';
import { parseBody } from './body.js';
import type { RateLimiter, RateVerdict } from './ratelimits.js';
import type { RestAnswer, Route } from './route.js';

interface Result extends RestAnswer {
  headers?: Record<string, string>;
  /** The parsed body, for the ledger. */
  asked?: unknown;
}

type Fault = NonNullable<ReturnType<Core['faults']['takeRest']>>;

/** Thrown by handlers that meet a limit of their own (old edits, renames). */
export class RateLimited extends Error {
  constructor(
    readonly retryAfterMs: number,
    readonly code = 0,
    message = 'You are being rate limited.',
  ) {
    super(message);
  }
}

function limited(
  retryAfterMs: number,
  scope: 'user' | 'global' | 'shared',
  code = 0,
  message = 'You are being rate limited.',
): Result {
  const seconds = retryAfterMs / 1000;
  return {
    status: 429,
    body: { message, retry_after: Math.ceil(retryAfterMs) / 1000, global: scope === 'global', ...(code && { code }) },
    headers: { 'Retry-After': String(Math.ceil(seconds)), 'X-RateLimit-Scope': scope },
  };
}

/** Discord answers 403 through Cloudflare while an address is blocked for too many invalid requests. */
function blocked(ms: number): Result {
  return {
    status: 429,
    body: {
      message: 'You are being blocked from accessing our API temporarily due to exceeding our rate limits frequently.',
      code: 0,
    },
    headers: { 'Retry-After': String(Math.ceil(ms / 1000)) },
  };
}

function isAuthorized(core: Core, header: string | undefined): boolean {
  return header?.startsWith('Bot ') === true && acceptsToken(core, header.slice(4));
}

function errorResult(error: unknown): Result {
  if (error instanceof DiscordError) return { status: error.status, body: error.toBody() };
  if (error instanceof RateLimited) return limited(error.retryAfterMs, 'user', error.code, error.message);
  throw error;
}

/** What the handler answers, and what is refused before it runs. */
async function run(core: Core, gateway: Gateway, limiter: RateLimiter, route: Route, request: FastifyRequest): Promise<Result> {
  const blockedMs = limiter.blockedForMs();
  if (blockedMs > 0) return blocked(blockedMs);
  if (route.auth === 'bot' && !isAuthorized(core, request.headers.authorization))
    return errorResult(new DiscordError('unauthorized'));
  const params = request.params as Record<string, string>;
  const verdict: RateVerdict = limiter.take(route, params);
  if (verdict.refused) {
    const refusal = limited(verdict.refused.retryAfterMs, verdict.refused.scope);
    return { ...refusal, headers: { ...verdict.headers, ...refusal.headers } };
  }
  let asked: unknown;
  try {
    const { body, uploads } = await parseBody(request.body, request.headers['content-type']);
    asked = body;
    const query = request.query as Record<string, string | undefined>;
    const answer = route.handle({ core, gateway, params, query, body, uploads });
    return { ...answer, headers: verdict.headers, asked };
  } catch (error) {
    const failed = errorResult(error);
    return { ...failed, headers: { ...verdict.headers, ...failed.headers }, asked };
  }
}

async function delay(ms: number | undefined): Promise<void> {
  if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Gives the fault's answer, or undefined when the connection was cut or is left hanging. */
function faultResult(core: Core, fault: Fault, reply: FastifyReply): Result | undefined {
  const how = fault.how ?? 'status';
  if (how === 'status') {
    const status = fault.status ?? 500;
    return {
      status,
      body: { message: `${status}: injected fault`, code: 0 },
      headers: status === 429 ? { 'Retry-After': '1' } : {},
    };
  }
  reply.hijack();
  // A hanging connection ends when the client gives up or the server closes.
  if (how === 'cut') reply.raw.destroy();
  else core.faults.hold(reply.raw);
  return undefined;
}

function codeOf(body: unknown): number | undefined {
  const code = (body as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** Makes the Fastify handler of a route: faults, blocks, token, limits, body, handler, ledger, in this order. */
export function pipeline(core: Core, gateway: Gateway, limiter: RateLimiter, route: Route) {
  const routeName = route.path.replaceAll(/:[A-Za-z]+/g, ':id');
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const at = core.clock.now();
    const path = request.url.split('?')[0] ?? request.url;
    const fault = core.faults.takeRest(route.method, routeName, path.replace(/^\/api(\/v10)?/, ''));
    await delay(fault?.delayMs);
    const before = fault && fault.when !== 'after' && (fault.status || fault.how || !fault.delayMs);
    const done = before ? undefined : await run(core, gateway, limiter, route, request);
    const fails = before || (fault?.when === 'after' ? fault : undefined);
    const result = fails && fault ? faultResult(core, fault, reply) : done;
    const status = result?.status ?? 0;
    if (status === 401 || status === 403 || status === 429) limiter.noteInvalid();
    const code = status >= 400 ? codeOf(result?.body) : undefined;
    core.ledger.record({
      at,
      method: route.method,
      route: routeName,
      path,
      status,
      ...(code !== undefined && { code }),
      ...(done?.asked !== undefined && { body: done.asked }),
    });
    if (!result) return reply;
    reply.code(result.status).headers(result.headers ?? {});
    if (result.body === undefined) return reply.send();
    return reply.header('content-type', 'application/json').send(JSON.stringify(result.body));
  };
}
