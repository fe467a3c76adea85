import { performance } from 'node:perf_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import type { Gateway } from '../gateway/server.js';
import { acceptsToken } from '../gateway/sessions.js';
import { refuseBadIds } from './access.js';
import { blocked, errorResult, limited, type Result } from './answers.js';
import { bodyReader } from './body.js';
import { fails, mishap, nameOf } from './mishaps.js';
import type { RateVerdict } from './ratelimits.js';
import type { Route } from './route.js';

export { RateLimited } from './answers.js';

/** A route with what is made for it once. */
interface Prepared {
  route: Route;
  meter: (params: Record<string, string>) => RateVerdict;
  read: ReturnType<typeof bodyReader>;
}

/** `X-Audit-Log-Reason` comes URL-encoded; one that is not is taken as it is. */
function reasonOf(request: FastifyRequest): { reason?: string } {
  const header = request.headers['x-audit-log-reason'];
  if (typeof header !== 'string') return {};
  try {
    return { reason: decodeURIComponent(header) };
  } catch {
    return { reason: header }; // not URL-encoded: a stray percent sign
  }
}

function isAuthorized(core: Core, header: string | undefined): boolean {
  return header?.startsWith('Bot ') === true && acceptsToken(core, header.slice(4));
}

/** What the handler answers, and what is refused before it runs. */
async function run(core: Core, gateway: Gateway, { route, meter, read }: Prepared, request: FastifyRequest): Promise<Result> {
  const blockedMs = core.limiter.blockedForMs();
  if (blockedMs > 0) return blocked(blockedMs);
  if (route.auth === 'bot' && !isAuthorized(core, request.headers.authorization))
    return errorResult(new DiscordError('unauthorized'));
  const params = request.params as Record<string, string>;
  const { headers, bucket, refused } = meter(params);
  if (refused) {
    const refusal = limited(refused.retryAfterMs, refused.scope, refused.code);
    return { ...refusal, bucket, headers: { ...headers, ...refusal.headers } };
  }
  let asked: unknown;
  let violations: string[] = [];
  try {
    const given = await read(request.body, request.headers['content-type'], core.limits);
    const { body, uploads } = given;
    asked = body;
    violations = given.violations;
    const query = request.query as Record<string, string | undefined>;
    refuseBadIds(params);
    const answer = route.handle({ core, gateway, params, query, body, uploads, ...reasonOf(request) });
    const json = answer.body === undefined ? undefined : JSON.stringify(answer.body);
    return { ...answer, json, headers, bucket, asked, violations };
  } catch (error) {
    const failed = errorResult(error);
    return { ...failed, headers: { ...headers, ...failed.headers }, bucket, asked, violations };
  }
}

function codeOf(body: unknown): number | undefined {
  const code = (body as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** What was sent, for those who watch. */
function answerOf(result: Result | undefined): unknown {
  if (result?.json !== undefined) return JSON.parse(result.json);
  return result?.text?.body ?? result?.body;
}

/** A 401, 403 or 429 counts as invalid, but for limits that others may have used up, and while Discord does not see it at all. */
function countInvalid(core: Core, result: Result): void {
  const { status, scope, text } = result;
  if ((status === 401 || status === 403 || status === 429) && scope !== 'shared' && !text) core.limiter.noteInvalid();
}

function send(reply: FastifyReply, result: Result): unknown {
  reply.code(result.status).headers(result.headers ?? {});
  if (result.text) return reply.header('content-type', result.text.contentType).send(result.text.body);
  if (result.body === undefined) return reply.send();
  return reply.header('content-type', 'application/json').send(result.json ?? JSON.stringify(result.body));
}

/** The route as it is counted: `/channels/:id/messages/:id`. */
export const routeNameOf = (path: string) => path.replaceAll(/:[A-Za-z]+/g, ':id');

/** Makes the Fastify handler of a route: faults, blocks, token, limits, body, handler, ledger, in this order. */
export function pipeline(core: Core, gateway: Gateway, route: Route) {
  const routeName = routeNameOf(route.path);
  const prepared = { route, meter: core.limiter.meterOf(route, routeName), read: bodyReader(route) };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const at = core.clock.now();
    const startedAt = performance.now();
    const path = request.url.split('?')[0] ?? request.url;
    const fault = core.faults.takeRest(route.method, routeName, path.replace(/^\/api(\/v10)?/, ''));
    const isAfter = fault?.when === 'after';
    if (fault) core.faults.tell(`${route.method} ${routeName}: ${nameOf(fault)}`);
    if (fault?.delayMs && !isAfter) await core.faults.pause(core.clock, fault.delayMs);
    const refusing = fault && fails(fault) ? fault : undefined;
    const done = refusing && !isAfter ? undefined : await run(core, gateway, prepared, request);
    if (fault?.delayMs && isAfter) await core.faults.pause(core.clock, fault.delayMs);
    const result = refusing ? mishap(core, refusing, reply, done) : done;
    if (result) countInvalid(core, result);
    const code = result && result.status >= 400 ? codeOf(result.body) : undefined;
    core.ledger.record(
      {
        at,
        method: route.method,
        route: routeName,
        path,
        status: result?.status ?? 0,
        durationMs: performance.now() - startedAt,
        ...(code !== undefined && { code }),
        ...(done?.asked !== undefined && { body: done.asked }),
        ...(done?.violations?.length && { violations: done.violations }),
        ...(result?.bucket && { bucket: result.bucket }),
        ...(result?.retryAfterMs !== undefined && { retryAfterMs: result.retryAfterMs }),
        ...(result?.scope && { scope: result.scope }),
        ...(fault && { fault: nameOf(fault) }),
      },
      () => ({ headers: result?.headers ?? {}, answer: answerOf(result) }),
    );
    return result ? send(reply, result) : reply;
  };
}
