import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Playground } from '../../../playground/api.js';
import { createPlayground } from '../../../playground/index.js';
import { loadSchemas } from '../../../playground/validation/spec.js';
import { systemClock } from '../../../src/discord/rest/clock.js';
import { createRest, type DiscordRest, type RestOptions } from '../../../src/discord/rest/rest.js';
import { type TestStores, testStores } from '../../support/stores.js';

let playground: Playground;
let stores: TestStores;
let path: `/${string}`;
const open: (() => void)[] = [];
const lines: string[] = [];

// The local Discord loads Discord's schemas at its first request; the short time-outs here are not for that.
beforeAll(async () => void (await loadSchemas()));
beforeEach(async () => {
  stores = testStores();
  playground = createPlayground({ page: false, log: () => {}, token: 'secret-token', limits: { windowMs: 300 } });
  await playground.listen();
  path = `/channels/${playground.world.channels.tasks}/messages`;
});
afterEach(async () => {
  for (const end of open.splice(0)) end();
  await playground.close();
  await stores.dispose();
});

function rest(over: Partial<RestOptions> = {}): DiscordRest {
  const log = pino({ level: 'debug' }, { write: (text: string) => void lines.push(text) });
  const made = createRest({
    token: 'secret-token',
    api: playground.apiUrl(),
    clock: systemClock(),
    log,
    prefix: stores.prefix,
    timeoutMs: 1_000,
    ...over,
  });
  open.push(() => made.close());
  return made;
}

function redis(): Redis {
  const client = new Redis(stores.redisUrl);
  open.push(() => client.disconnect());
  return client;
}

const post = (client: DiscordRest, n = 0, to = path) =>
  client.request<{ id: string }>('POST', to, { body: { content: `message ${n}` } });

describe('buckets', () => {
  it('are kept by the headers: many requests at once, none is limited', async () => {
    const client = rest();
    const outcomes = await Promise.all(Array.from({ length: 23 }, (_, n) => post(client, n)));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array.from({ length: 23 }, () => 'ok'));
    expect(playground.counts().status429).toBe(0);
    expect(playground.messages(playground.world.channels.tasks).map((message) => message.content)).toEqual(
      Array.from({ length: 23 }, (_, n) => `message ${n}`),
    );
  });

  it('tell how long to wait, and how long when some room is to be left', async () => {
    const client = rest();
    expect(client.delayMs('POST', path)).toBe(0);
    for (let n = 0; n < 4; n += 1) await post(client, n);
    expect(client.delayMs('POST', path)).toBe(0);
    expect(client.delayMs('POST', path, 1)).toBeGreaterThan(0);
    expect(client.delayMs('PATCH', `${path}/100000000000000001`)).toBe(0);
    await post(client, 4);
    expect(client.delayMs('POST', path)).toBeGreaterThan(0);
  });

  it('honour what Discord limits all the same', async () => {
    const [one, two] = [rest(), rest()];
    await Promise.all(Array.from({ length: 5 }, (_, n) => post(one, n)));
    const limited = await post(two);
    expect(limited.kind).toBe('rate_limited');
    expect(two.delayMs('POST', path)).toBeGreaterThan(0);
    expect((await post(two)).kind).toBe('ok');
    expect(two.counts().status429).toBe(1);
  });

  it('are waited for no longer when stopped, and a released permit lets the next one pass', async () => {
    const client = rest();
    const permit = await client.permit('POST', path);
    const stop = new AbortController();
    const waiting = client.permit('POST', path, stop.signal);
    stop.abort();
    permit?.release();
    expect(await waiting).toBeNull();
    expect((await post(client)).kind).toBe('ok');
  });
});

describe('the budget of all requests', () => {
  const flood = async (clients: DiscordRest[], ms: number) => {
    const end = performance.now() + ms;
    let sent = 0;
    await Promise.all(
      clients.flatMap((client, index) =>
        Array.from({ length: 8 }, async (_, lane) => {
          const user = `/users/${playground.world.people.member}?lane=${index}-${lane}` as const;
          while (performance.now() < end) {
            await client.request('GET', user);
            sent += 1;
          }
        }),
      ),
    );
    return sent;
  };

  it('is shared by two processes through Redis', async () => {
    const sent = await flood([rest({ redis: redis() }), rest({ redis: redis() })], 2_000);
    expect(playground.counts().status429).toBe(0);
    expect(sent).toBeGreaterThan(70);
  });

  it('is divided by the number of processes without Redis', async () => {
    const sent = await flood([rest({ processes: () => 2 }), rest({ processes: () => 2 })], 2_000);
    expect(playground.counts().status429).toBe(0);
    expect(sent).toBeGreaterThan(70);
  });

  it('goes on without Redis when Redis goes away', async () => {
    const client = redis();
    const made = rest({ redis: client });
    expect((await post(made)).kind).toBe('ok');
    client.disconnect();
    expect((await post(made)).kind).toBe('ok');
  });
});

describe('outcomes', () => {
  it('tell a refusal by its code', async () => {
    const outcome = await rest().request('GET', `${path}/100000000000000001`);
    expect(outcome).toMatchObject({ kind: 'refused', status: 404, code: 10008 });
  });

  it('tell what is unknown from what never left', async () => {
    const client = rest();
    for (const fault of [{ how: 'cut' }, { how: 'hang' }, { status: 500 }, { status: 503 }] as const) {
      playground.faults.failRest({ times: 1, when: 'after', ...fault });
      expect((await post(client)).kind).toBe('unknown');
    }
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect((await post(rest({ api: `http://127.0.0.1:${port}/api` }))).kind).toBe('unreachable');
  });

  it('are not repeated: each request is sent once', async () => {
    playground.faults.failRest({ times: 5, status: 502 });
    const client = rest();
    await post(client);
    expect(playground.counts().requests).toBe(1);
  });

  it('the same nonce makes one message', async () => {
    const client = rest();
    const body = { content: 'once', nonce: 'c-abc', enforce_nonce: true };
    const [a, b] = [
      await client.request<{ id: string }>('POST', path, { body }),
      await client.request<{ id: string }>('POST', path, { body }),
    ];
    expect(a.kind === 'ok' && b.kind === 'ok' && a.body.id === b.body.id).toBe(true);
  });

  it('a refused token is fatal, told once, ends all sending, and is never logged', async () => {
    const reasons: string[] = [];
    const client = rest({ token: 'wrong-token', onFatal: (reason) => reasons.push(reason) });
    expect(await post(client)).toMatchObject({ kind: 'refused', status: 401 });
    expect(await post(client)).toMatchObject({ kind: 'refused', status: 401 });
    expect(reasons).toHaveLength(1);
    expect(playground.counts().requests).toBe(1);
    expect(lines.join('')).not.toMatch(/wrong-token|secret-token/);
  });
});
