import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiCallAgent } from '../../src/agents/api-call/index.js';
import { PermanentError } from '../../src/agents/contract.js';
import { parseInput } from '../../src/agents/input.js';
import type { JsonObject } from '../../src/tasks/model.js';
import { startAgent } from '../support/run-agent.js';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let other: Server;
let base: string;
let otherBase: string;
const seen: Seen[] = [];

const routes: Record<string, RequestListener> = {
  '/json': (_, response) => response.setHeader('content-type', 'application/json').end('{"hello":"world"}'),
  '/long': (_, response) => response.setHeader('content-type', 'text/plain').end('é'.repeat(5000)),
  '/binary': (_, response) => response.setHeader('content-type', 'image/png').end(Buffer.from([0x89, 0x50, 0, 1])),
  '/gzip': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('squeezed')),
  '/bomb': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(3_000_000))),
  '/fence': (_, response) => response.setHeader('content-type', 'text/plain').end('a ``` b'),
  '/echo': (request, response) => response.setHeader('content-type', 'text/plain').end(JSON.stringify(request.headers)),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/never': () => undefined,
  '/cut': (_, response) => response.socket?.destroy(),
  '/endless': (_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    };
    response.on('drain', more);
    more();
  },
};

function listen(): Promise<Server> {
  const created = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const url = new URL(request.url ?? '/', 'http://localhost');
      const status = /^\/status\/(\d+)$/.exec(url.pathname)?.[1];
      const target = url.searchParams.get('to');
      if (status) response.writeHead(Number(status), target ? { location: target } : {}).end(`status ${status}`);
      else (routes[url.pathname] ?? ((_, unknown) => unknown.writeHead(404).end()))(request, response);
    });
  });
  return new Promise((resolve) => created.listen(0, '127.0.0.1', () => resolve(created)));
}

beforeAll(async () => {
  server = await listen();
  other = await listen();
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  otherBase = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
});
beforeEach(() => void seen.splice(0));
afterAll(async () => {
  for (const running of [server, other]) {
    running.closeAllConnections();
    await new Promise((resolve) => running.close(resolve));
  }
});

const call = (input: JsonObject, allowedHosts = [new URL(base).host, new URL(otherBase).host]) =>
  startAgent(createApiCallAgent({ allowedHosts }), { input });
/** The error of a call that must not work. */
async function failure(input: JsonObject, allowedHosts?: string[]): Promise<Error> {
  return call(input, allowedHosts).result.then(
    () => expect.unreachable('the call worked'),
    (error) => error,
  );
}
/** Everything that a run shows to anybody. */
async function shown(run: ReturnType<typeof call>): Promise<string> {
  const outcome = await run.result.catch((error: Error) => `${error.message} ${error.stack} ${String(error.cause)}`);
  const files = run.files.map(({ bytes }) => Buffer.from(bytes).toString());
  return JSON.stringify([outcome, run.progress, run.logs, files]);
}

describe('the api-call agent', () => {
  it('sends what it is told and shows the answer', async () => {
    const run = call({ url: `${base}/json`, method: 'PUT', headers: { 'X-Thing': 'yes' }, body: { a: [1] } });
    const { text, data } = await run.result;
    expect(seen).toMatchObject([
      { method: 'PUT', url: '/json', body: '{"a":[1]}', headers: { 'x-thing': 'yes', 'content-type': 'application/json' } },
    ]);
    expect(text).toContain(`**200 OK** · \`PUT ${base}/json\``);
    expect(text).toContain('```json\n{"hello":"world"}\n```');
    expect(data).toMatchObject({ status: 200, bytes: 17, redirects: 0, contentType: 'application/json' });
    expect(run.files).toEqual([]);
  });

  it.each([
    ['{"a": 1}', 'application/json'],
    ['[not json', 'text/plain; charset=utf-8'],
    ['plain', 'text/plain; charset=utf-8'],
  ])('tells the type of the body %s', async (body, contentType) => {
    await call({ url: `${base}/json`, method: 'POST', body }).result;
    expect(seen[0]).toMatchObject({ body, headers: { 'content-type': contentType } });
  });

  it('attaches what is too long to show', async () => {
    const run = call({ url: `${base}/long` });
    const { text } = await run.result;
    expect(text.match(/é/g)).toHaveLength(1499);
    expect(run.files).toMatchObject([{ name: 'answer.txt', contentType: 'text/plain' }]);
    expect(run.files[0]?.bytes).toHaveLength(10_000);
  });

  it('attaches what is not text, and unpacks what came packed', async () => {
    const run = call({ url: `${base}/binary` });
    expect((await run.result).text).toContain('not text; it is attached');
    expect(run.files).toMatchObject([{ name: 'answer.png', contentType: 'image/png' }]);
    expect((await call({ url: `${base}/gzip` }).result).text).toContain('squeezed');
    expect((await call({ url: `${base}/json`, method: 'HEAD' }).result).text).toContain('no body');
  });

  it('keeps fences in an answer from ending its block', async () => {
    expect((await call({ url: `${base}/fence` }).result).text.match(/```/g)).toHaveLength(2);
  });

  it.each<[number, JsonObject['x'] | undefined, 'done' | 'retry' | 'final']>([
    [204, undefined, 'done'],
    [404, undefined, 'final'],
    [401, undefined, 'final'],
    [429, undefined, 'retry'],
    [500, undefined, 'retry'],
    [503, undefined, 'retry'],
    [404, 404, 'done'],
    [404, '200, 404', 'done'],
    [418, [200, '400-499'], 'done'],
    [200, '404', 'final'],
    [302, '302', 'done'],
  ])('status %i with %j expected: %s', async (status, expectStatus, outcome) => {
    const run = call({ url: `${base}/status/${status}?to=/json`, ...(expectStatus === undefined ? {} : { expectStatus }) });
    const error = await run.result.then(
      () => undefined,
      (reason: Error) => reason,
    );
    if (outcome === 'done') return expect(error).toBeUndefined();
    expect(error?.message).toContain(`answered with status ${status}`);
    expect(error instanceof PermanentError).toBe(outcome === 'final');
  });

  it('follows redirects as browsers do, at most five', async () => {
    const { data } = await call({ url: `${base}/status/302?to=/json`, method: 'POST', body: 'x' }).result;
    expect(data).toMatchObject({ redirects: 1, url: `${base}/json` });
    expect(seen.map(({ method, body }) => `${method} ${body}`)).toEqual(['POST x', 'GET ']);
    seen.splice(0);
    await call({ url: `${base}/status/307?to=/json`, method: 'POST', body: 'x' }).result;
    expect(seen.map(({ method, body }) => `${method} ${body}`)).toEqual(['POST x', 'POST x']);
    seen.splice(0);
    const loop = await failure({ url: `${base}/loop` });
    expect(loop.message).toBe('The server redirected more than 5 times.');
    expect(seen).toHaveLength(6);
    expect(loop).toBeInstanceOf(PermanentError);
  });

  it('keeps secrets away from other origins', async () => {
    const headers = { Authorization: 'Bearer abcdef', 'X-Api-Key': 'k-12345', Cookie: 'a=b', 'X-Plain': 'stays' };
    await call({ url: `${base}/status/307?to=${otherBase}/json`, headers }).result;
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer abcdef', 'x-api-key': 'k-12345', cookie: 'a=b' });
    expect(seen[1]?.headers).toMatchObject({ 'x-plain': 'stays' });
    for (const name of ['authorization', 'x-api-key', 'cookie']) expect(seen[1]?.headers).not.toHaveProperty(name);
    seen.splice(0);
    await call({ url: `${base}/status/307?to=/json`, headers }).result;
    expect(seen[1]?.headers).toMatchObject({ authorization: 'Bearer abcdef' });
  });

  it('never shows secrets, not even when the server echoes them', async () => {
    const headers = {
      Authorization: `Basic ${Buffer.from('alice:open-sesame').toString('base64')}`,
      'X-Api-Key': 'k-12345',
      Cookie: 'sid=cookie-value; theme=dark-mode',
    };
    const runs = ['/echo', '/status/500', '/status/403', '/cut', '/binary'].map((path) =>
      call({ url: `${base}${path}?api_key=query-secret&x=1`, headers }),
    );
    for (const run of runs) {
      const everything = await shown(run);
      for (const secret of ['open-sesame', headers.Authorization.slice(6), 'k-12345', 'cookie-value', 'query-secret'])
        expect(everything).not.toContain(secret);
    }
    expect(seen.every(({ url }) => url?.includes('query-secret'))).toBe(true);
    expect((await runs[0]?.result)?.text).toContain('[hidden]');
  });

  it('does not accept more than maxBytes, packed or not', async () => {
    for (const path of ['/endless', '/bomb', '/long']) {
      const error = await failure({ url: `${base}${path}`, maxBytes: 9000 });
      expect(error).toBeInstanceOf(PermanentError);
      expect(error.message).toContain('larger than maxBytes (8.8 KiB)');
    }
  });

  it('gives up in time, and at once when it is told to', async () => {
    const late = await failure({ url: `${base}/never`, timeoutSeconds: 0.2 });
    expect(late.message).toContain('did not answer within 0.2 s');
    expect(late).not.toBeInstanceOf(PermanentError);
    const run = call({ url: `${base}/never` });
    await expect.poll(() => seen.length).toBe(2);
    run.abort(new Error('cancelled by a test'));
    await expect(run.result).rejects.toThrow('cancelled by a test');
  });

  it('leaves trouble on the way to a retry', async () => {
    for (const url of [`${base}/cut`, 'http://127.0.0.1:1/']) {
      const error = await failure({ url }, ['127.0.0.1']);
      expect(error.message).toMatch(/^The call to 127\.0\.0\.1:\d+ did not work: .+/);
      expect(error).not.toBeInstanceOf(PermanentError);
    }
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    const unknown = await startAgent(createApiCallAgent({ resolve }), {
      input: { url: 'http://no-such-host.invalid/' },
    }).result.catch((error) => error);
    expect(unknown.message).toContain('ENOTFOUND');
    expect(unknown).not.toBeInstanceOf(PermanentError);
  });
});

describe('the api-call agent refuses', () => {
  const port = () => new URL(base).port;

  it.each([
    (at: string) => `http://127.0.0.1:${at}/json`,
    (at: string) => `http://localhost:${at}/json`,
    (at: string) => `http://[::1]:${at}/json`,
    (at: string) => `http://[::ffff:127.0.0.1]:${at}/json`,
    (at: string) => `http://2130706433:${at}/json`,
    (at: string) => `http://0x7f000001:${at}/json`,
    (at: string) => `http://0177.0.0.1:${at}/json`,
    (at: string) => `http://127.1:${at}/json`,
    (at: string) => `http://0:${at}/json`,
    (at: string) => `http://⑫⑦.0.0.1:${at}/json`,
    () => 'http://169.254.169.254/latest/meta-data/',
    () => 'http://[64:ff9b::a9fe:a9fe]/',
    () => 'https://10.0.0.1/',
  ])('%s', async (url) => {
    const error = await failure({ url: url(port()) }, []);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain('is not a public address');
    expect(error.message).toContain('API_CALL_ALLOWED_HOSTS');
    expect(seen).toEqual([]);
  });

  it.each(['http://localhost', 'http://127.0.0.1', 'http://[::1]', 'http://2130706433'])('a redirect to %s', async (target) => {
    const to = encodeURIComponent(`${target}:${new URL(otherBase).port}/json`);
    const error = await failure({ url: `${base}/status/302?to=${to}` }, [new URL(base).host]);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain('is not a public address');
    expect(seen).toHaveLength(1);
  });

  it('a redirect to another scheme', async () => {
    const error = await failure({ url: `${base}/status/302?to=file:///etc/passwd` });
    expect(error.message).toContain('Only http and https are possible');
  });

  it.each<[string, JsonObject]>([
    ['url', { url: 'nonsense' }],
    ['url', { url: 'ftp://example.com/' }],
    ['url', { url: 'file:///etc/passwd' }],
    ['url', { url: 'http://user:password@example.com/' }],
    ['headers.Host', { url: 'http://example.com', headers: { Host: 'intern' } }],
    ['headers.X-A', { url: 'http://example.com', headers: { 'X-A': 'a\r\nX-B: secret' } }],
    ['headers.a b', { url: 'http://example.com', headers: { 'a b': 'c' } }],
    ['expectStatus', { url: 'http://example.com', expectStatus: '99' }],
    ['expectStatus', { url: 'http://example.com', expectStatus: '299-200' }],
    ['expectStatus', { url: 'http://example.com', expectStatus: 'ok' }],
    ['timeoutSeconds', { url: 'http://example.com', timeoutSeconds: 121 }],
    ['maxBytes', { url: 'http://example.com', maxBytes: 5 * 1024 * 1024 + 1 }],
    ['method', { url: 'http://example.com', method: 'CONNECT' }],
  ])('a bad %s: %j', (field, input) => {
    const parsed = parseInput(createApiCallAgent(), input);
    expect(parsed).toMatchObject({ ok: false, problems: [{ field }] });
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });
});
