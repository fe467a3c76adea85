import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/embedded/redis.js';
import type { RedisLink } from '../../src/queue/link.js';
import { openProxy, through } from '../support/proxy.js';
import { uniqueName } from '../support/stores.js';
import { until } from '../support/until.js';
import { openFaultyRedis } from './faulty-redis.js';
import { type Line, openLine } from './line.js';

let line: Line;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  line = openLine();
});
afterEach(async () => {
  await line.close();
  for (const close of closing.splice(0)) await close();
});

const down = (link: RedisLink) => until('down', () => !link.up);
const up = (link: RedisLink) => until('up again', () => link.up);
const write = (link: RedisLink) => link.use((redis) => redis.set(`${line.stores.prefix}:x`, '1'));
const changes = (link: RedisLink) => {
  const seen: boolean[] = [];
  link.onChange((now) => seen.push(now));
  return seen;
};
async function proxied() {
  const { hostname, port } = new URL(line.stores.redisUrl);
  const proxy = await openProxy({ host: hostname, port: Number(port) });
  closing.push(proxy.close);
  return { proxy, url: through(line.stores.redisUrl, proxy) };
}

test('a Redis that is not there at the start is used when it comes', async () => {
  const { proxy, url } = await proxied();
  proxy.cut();
  const link = await line.link(url);
  expect(link.up).toBe(false);
  expect(link.usable).toBeNull();
  expect(await write(link)).toBeUndefined();
  const heard: string[] = [];
  link.subscribe('news', (message) => heard.push(message));
  const seen = changes(link);
  proxy.heal();
  await up(link);
  expect(seen).toEqual([true]);
  expect(await write(link)).toBe('OK');
  await link.use((redis) => redis.publish(link.channel('news'), 'hello'));
  await until('the message', () => heard.length === 1);
});

test('an address where nothing listens is down with its reason, and never rejects', async () => {
  const link = await line.link('redis://127.0.0.1:1');
  expect([link.up, link.reason]).toEqual([false, expect.stringContaining('ECONNREFUSED')]);
});

test('the reason of a long outage stays one short line', async () => {
  const { proxy, url } = await proxied();
  const link = await line.link(url);
  proxy.hang();
  await down(link);
  const reasons = new Set<string>();
  const end = performance.now() + 3000;
  await until('several probes', () => {
    reasons.add(link.reason);
    return performance.now() > end;
  });
  expect(Math.max(...[...reasons].map((reason) => reason.length)), [...reasons].join(' | ')).toBeLessThan(60);
});

test('a line that is cut, and one that falls silent, open the breaker; both come back by themselves', async () => {
  const { proxy, url } = await proxied();
  const link = await line.link(url);
  const heard: string[] = [];
  link.subscribe('news', (message) => heard.push(message));
  const seen = changes(link);
  proxy.cut();
  await down(link);
  proxy.heal();
  await up(link);
  proxy.hang();
  await down(link);
  expect(await write(link)).toBeUndefined();
  proxy.heal();
  await up(link);
  expect(seen).toEqual([false, true, false, true]);
  const other = new Redis(line.stores.redisUrl);
  await other.publish(link.channel('news'), 'after all that');
  other.disconnect();
  await until('the message', () => heard.length === 1);
});

test('a command that fails opens the breaker for one probe, and nothing is thrown', async () => {
  const link = await line.link();
  await link.use((redis) => redis.set(`${line.stores.prefix}:text`, 'x'));
  expect(await link.use((redis) => redis.rpush(`${line.stores.prefix}:text`, 'y'))).toBeUndefined();
  expect([link.up, link.reason]).toEqual([false, expect.stringContaining('WRONGTYPE')]);
  await up(link);
});

test('after the stop nothing is called back, and nothing is sent', async () => {
  const link = await line.link();
  const seen = changes(link);
  await link.stop();
  expect(seen).toEqual([]);
  expect(await write(link)).toBeUndefined();
});

const ANSWERS = [
  'LOADING Redis is loading the dataset in memory',
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  'CLUSTERDOWN The cluster is down',
  'NOAUTH Authentication required.',
  'ERR max number of clients reached',
];
test('a Redis that answers with errors, at the start and later, is left alone until it is well', async () => {
  await Promise.all(
    ANSWERS.map(async (answer) => {
      const faulty = await openFaultyRedis(line.stores.redisUrl, answer);
      closing.push(faulty.close);
      const link = await line.link(faulty.url);
      expect(link.up, answer).toBe(false);
      faulty.heal();
      await up(link);
      expect(await write(link)).toBe('OK');
      faulty.say(answer, ['info', 'auth', 'client', 'select', 'hello']);
      await down(link);
      faulty.heal();
      await up(link);
    }),
  );
});

describe('a Redis of its own', () => {
  const programs = fileURLToPath(new URL('../../.guildhall/test', import.meta.url));
  const home = join(programs, uniqueName('link'));
  let server: EmbeddedRedis;
  let client: Redis;
  beforeAll(async () => {
    await mkdir(home, { recursive: true });
    const started = await startEmbeddedRedis({ home, programs, log: { info: () => undefined, warn: () => undefined } });
    if ('unavailable' in started) throw new Error(`this test needs Redis: ${started.unavailable}`);
    server = started;
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  test('that refuses the password is used when it accepts it', async () => {
    const url = new URL(server.url);
    const right = url.password;
    url.password = 'another';
    const link = await line.link(url.toString());
    expect([link.up, link.reason]).toEqual([false, expect.stringMatching(/WRONGPASS|invalid username-password/)]);
    await client.config('SET', 'requirepass', 'another');
    await up(link);
    await client.config('SET', 'requirepass', right);
  });

  test('that is a replica opens the breaker at the first write, and is used again as a master', async () => {
    const link = await line.link(server.url);
    await client.replicaof('127.0.0.1', '1');
    expect(await write(link)).toBeUndefined();
    expect(link.up).toBe(false);
    await expect.poll(() => link.reason, { timeout: 5000 }).toMatch(/READONLY/);
    await client.replicaof('NO', 'ONE');
    await up(link);
    expect(await write(link)).toBe('OK');
  });

  test('that is full opens the breaker, and is used again when it has room', async () => {
    const link = await line.link(server.url);
    expect(await link.evictionPolicy()).toBe('noeviction');
    await client.config('SET', 'maxmemory', '1');
    await down(link);
    expect(link.reason).toMatch(/OOM/);
    await client.config('SET', 'maxmemory', '0');
    await up(link);
  });

  test('whose clients are killed is connected to again', async () => {
    const link = await line.link(server.url);
    const seen = changes(link);
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes');
    await until('down and up', () => seen.length >= 2 && link.up);
    expect(seen[0]).toBe(false);
  });
});
