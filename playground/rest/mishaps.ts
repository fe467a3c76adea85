import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Core } from '../core.js';
import type { RestFault } from '../faults.js';
import type { Result } from './answers.js';

/** One line about a fault that met a request. */
export function nameOf(fault: RestFault): string {
  const when = fault.when === 'after' ? 'after its effect' : 'before its effect';
  const late = fault.delayMs ? `${fault.delayMs} ms late` : '';
  const how = fault.how ?? (fault.status ? 'status' : undefined);
  if (!how) return late || 'status 500 before its effect';
  return [how === 'status' ? `status ${fault.status ?? 500}` : how, when, late].filter(Boolean).join(', ');
}

/** Whether the fault makes the request fail; a delay alone does not. */
export function fails(fault: RestFault): boolean {
  return fault.status !== undefined || fault.how !== undefined || !fault.delayMs;
}

/** Sends the headers of an answer and half of its body; what has no body ends after the headers. */
function sendHalf(response: ServerResponse, result: Result, then: () => void): void {
  const body = Buffer.from(result.json ?? JSON.stringify(result.body ?? {}));
  response.writeHead(result.status === 204 ? 200 : result.status, {
    ...result.headers,
    'content-type': 'application/json',
    'content-length': String(body.length),
  });
  // Without the callback the connection could end before its first bytes are out.
  response.write(body.subarray(0, Math.max(1, body.length >> 1)), then);
}

/** The answer that the fault gives; undefined when it took the connection over and there will be none. */
export function mishap(core: Core, fault: RestFault, reply: FastifyReply, would: Result | undefined): Result | undefined {
  const { how = 'status', status = 500 } = fault;
  if (how === 'status') {
    const body = { message: `${status}: injected fault`, code: 0 };
    return {
      status,
      body,
      headers: status === 429 ? { 'Retry-After': '1' } : {},
      ...(status === 429 && { retryAfterMs: 1_000 }),
    };
  }
  reply.hijack();
  const { raw } = reply;
  const half = would ?? { status: 200, body: { message: 'cut off by an injected fault' } };
  if (how === 'cut') raw.destroy();
  else if (how === 'truncate') sendHalf(raw, half, () => raw.destroy());
  else {
    // It ends when the client gives up or the playground closes.
    core.faults.hold(raw);
    if (how === 'stall') sendHalf(raw, half, () => {});
  }
  return undefined;
}
