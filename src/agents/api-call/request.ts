/** One HTTP call with its redirects, every connection under the address guard, bounded in time, bytes and hops. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Agent as Connections, type Dispatcher, request } from 'undici';
import { PermanentError } from '../contract.js';
import { formatBytes } from '../markdown.js';
import { type AddressGuard, AddressRefusedError } from '../net/guard.js';
import { isSecretName } from '../net/secrets.js';
import type { METHODS } from './input.js';

const MOST_REDIRECTS = 5;

export interface Call {
  url: URL;
  method: (typeof METHODS)[number];
  /** By lower-case name. */
  headers: Map<string, string>;
  body: Buffer | undefined;
  maxBytes: number;
  /** Cancel and time limit together. */
  signal: AbortSignal;
  /** A redirect status that is expected is an answer, not a redirect. */
  isAnswer(status: number): boolean;
}

export interface Answer {
  status: number;
  /** Where the answer came from, after redirects. */
  url: URL;
  redirects: number;
  contentType: string;
  body: Buffer;
}

/**
 * @throws PermanentError for a refused address, too many redirects or an answer that is too large;
 * `signal.reason` when aborted; anything else is trouble on the way and worth another attempt.
 */
export async function performCall(call: Call, guard: AddressGuard): Promise<Answer> {
  let hop = call;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const received = await send(hop, guard);
    const target = received.redirect;
    if (target === undefined || call.isAnswer(received.status)) return { ...received, url: hop.url, redirects };
    if (!URL.canParse(target, hop.url.href)) throw new PermanentError('The server redirects to something that is not a URL.');
    hop = follow(hop, received.status, new URL(target, hop.url));
  }
  throw new PermanentError(`The server redirected more than ${MOST_REDIRECTS} times.`);
}

interface Received {
  status: number;
  contentType: string;
  body: Buffer;
  redirect: string | undefined;
}

async function send(call: Call, guard: AddressGuard): Promise<Received> {
  // A fresh agent for each hop: a connection that another request opened was checked for another host.
  const connections = new Connections({ connect: { lookup: guard.lookupFor(call.url) }, pipelining: 0 });
  try {
    guard.check(call.url);
    const response = await request(call.url.href, {
      dispatcher: connections,
      method: call.method,
      headers: { 'user-agent': 'Guildhall api-call agent', 'accept-encoding': 'identity', ...Object.fromEntries(call.headers) },
      body: call.body,
      signal: call.signal,
    });
    const status = response.statusCode;
    const redirect = status >= 300 && status < 400 ? first(response.headers.location) : undefined;
    const raw = await readBounded(response.body, call.maxBytes);
    const body = await decode(raw, first(response.headers['content-encoding']), call.maxBytes);
    return { status, redirect, body, contentType: first(response.headers['content-type']) ?? '' };
  } catch (error) {
    call.signal.throwIfAborted();
    throw refusalIn(error) ?? error;
  } finally {
    await connections.destroy();
  }
}

/** The guard's refusal, also from inside of what the client wrapped around it. */
function refusalIn(error: unknown): PermanentError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof AddressRefusedError) return new PermanentError(at.message, { cause: error });
  }
  return undefined;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

async function readBounded(stream: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): PermanentError {
  return new PermanentError(`The answer is larger than maxBytes (${formatBytes(maxBytes)}).`);
}

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Some servers compress although asked not to. The bound holds for what comes out, too. */
async function decode(raw: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === 'identity' || name === '' || raw.length === 0) return raw;
  if (!(name in DECODERS)) throw new PermanentError(`The answer is encoded as "${name.slice(0, 40)}", which cannot be read.`);
  try {
    return await DECODERS[name as keyof typeof DECODERS](raw, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw error;
  }
}

/** The next hop by the rules of fetch: 303 and POST on 301/302 become GET; to another origin, no secrets go along. */
function follow(call: Call, status: number, url: URL): Call {
  const becomesGet = (status === 303 && call.method !== 'HEAD') || (status <= 302 && call.method === 'POST');
  const sameOrigin = url.origin === call.url.origin;
  const headers = new Map(
    [...call.headers].filter(([name]) => (sameOrigin || !isSecretName(name)) && !(becomesGet && name.startsWith('content-'))),
  );
  return { ...call, url, headers, method: becomesGet ? 'GET' : call.method, body: becomesGet ? undefined : call.body };
}
