/** Calls an HTTP API and reports its answer. What people ask for runs with the bot's network, hence the guard in net/guard.ts. */
import type { JsonObject } from '../../tasks/model.js';
import { type Agent, defineAgent, PermanentError, type RunContext } from '../contract.js';
import { createAddressGuard, type GuardOptions } from '../net/guard.js';
import { createRedactor, displayUrl, type Redactor } from '../net/secrets.js';
import { type CallInput, encodeBody, formatStatuses, inputSchema, isExpected } from './input.js';
import { describeAnswer, extensionFor } from './report.js';
import { type Answer, performCall } from './request.js';

/** `allowedHosts`: hosts that may be called although their addresses are not public. */
export function createApiCallAgent(options: GuardOptions = {}): Agent<typeof inputSchema> {
  const guard = createAddressGuard(options);
  return defineAgent({
    id: 'api-call',
    name: 'API call',
    description: 'Sends an HTTP request and reports the answer. Only public addresses can be reached.',
    inputSchema,
    files: 'none',
    async run({ input }, context) {
      const url = new URL(input.url);
      url.hash = '';
      const redactor = createRedactor(Object.entries(input.headers), url);
      context.progress(10, 'Sending', redactor.text(`${input.method} ${displayUrl(url)}`));
      const startedAt = performance.now();
      const answer = await callOrExplain(url, input, context, guard, redactor);
      const elapsedMs = Math.round(performance.now() - startedAt);
      context.log('answer', { status: answer.status, bytes: answer.body.length, elapsedMs, redirects: answer.redirects });
      if (!isExpected(answer.status, input.expectStatus)) throw unexpected(answer.status, input);
      context.progress(90, 'Reading the answer');
      return report(answer, elapsedMs, input, context, redactor);
    },
  });
}

async function callOrExplain(
  url: URL,
  input: CallInput,
  context: RunContext,
  guard: ReturnType<typeof createAddressGuard>,
  redactor: Redactor,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(Math.round(input.timeoutSeconds * 1000));
  const body = encodeBody(input.body);
  const headers = new Map(Object.entries(input.headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (body && !headers.has('content-type')) headers.set('content-type', body.contentType);
  try {
    return await performCall(
      {
        url,
        method: input.method,
        headers,
        body: body?.bytes,
        maxBytes: input.maxBytes,
        signal: AbortSignal.any([context.signal, timeout]),
        isAnswer: (status) => isExpected(status, input.expectStatus),
      },
      guard,
    );
  } catch (error) {
    context.signal.throwIfAborted();
    if (timeout.aborted) throw new Error(`${url.host} did not answer within ${input.timeoutSeconds} s.`);
    if (error instanceof PermanentError) throw new PermanentError(redactor.text(error.message));
    throw new Error(redactor.text(`The call to ${url.host} did not work: ${messageOf(error)}`));
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** 5xx and 429 pass with time; any other unexpected status would be the same again. */
function unexpected(status: number, input: CallInput): Error {
  const message = `The server answered with status ${status}; expected was ${formatStatuses(input.expectStatus)}.`;
  return status >= 500 || status === 429 ? new Error(message) : new PermanentError(message);
}

async function report(answer: Answer, elapsedMs: number, input: CallInput, context: RunContext, redactor: Redactor) {
  const bytes = redactor.bytes(answer.body);
  const shownUrl = redactor.text(displayUrl(answer.url));
  const contentType = redactor.text(answer.contentType);
  const described = describeAnswer({ ...answer, body: bytes, contentType }, { method: input.method, shownUrl, elapsedMs });
  if (!described.complete)
    await context.attach({ name: `answer${extensionFor(contentType)}`, contentType: plainType(contentType), bytes });
  const data: JsonObject = {
    status: answer.status,
    url: shownUrl,
    redirects: answer.redirects,
    contentType,
    bytes: answer.body.length,
    elapsedMs,
  };
  return { text: described.text, data };
}

function plainType(contentType: string): string {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) && type.length <= 100 ? type : 'application/octet-stream';
}
