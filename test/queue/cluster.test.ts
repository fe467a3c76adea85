/** One server of a Redis Cluster: first without its slots, then whole. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/embedded/redis.js';
import { RedisLink } from '../../src/queue/link.js';
import { Windows } from '../../src/queue/window.js';
import { uniqueName } from '../support/stores.js';
import { until } from '../support/until.js';

const base = fileURLToPath(new URL('../../.guildhall/test', import.meta.url));
const home = join(base, uniqueName('cluster'));
let server: EmbeddedRedis;
let client: Redis;

beforeAll(async () => {
  await mkdir(home, { recursive: true });
  const settings = { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' };
  const started = await startEmbeddedRedis({
    home,
    programs: base,
    settings,
    log: { info: () => undefined, warn: () => undefined },
  });
  if ('unavailable' in started) throw new Error(`this test needs Redis: ${started.unavailable}`);
  server = started;
  client = new Redis(server.url);
});
afterAll(async () => {
  client?.disconnect();
  await server?.stop();
  await rm(home, { recursive: true, force: true });
});

test('a cluster that is not whole does not hold up the start, and is used when it is', async () => {
  const url = new URL(server.url);
  const nodes = [{ host: url.hostname, port: Number(url.port) }];
  const login = { username: url.username || undefined, password: url.password || undefined, tls: false };
  const link = new RedisLink({ address: { kind: 'cluster', nodes, ...login }, prefix: 'c', log: pino({ level: 'silent' }) });
  const startedAt = performance.now();
  await link.start();
  expect(link.up).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await until('the cluster is used', () => link.up, 30_000);
  const windows = new Windows(link);
  const ids = ['0190a000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000002'];
  await windows.push(ids.map((taskId, index) => ({ taskId, queueId: `agent${index}`, priority: 1 })));
  const taken = await windows.take([
    { queueId: 'agent0', slots: 5 },
    { queueId: 'agent1', slots: 5 },
  ]);
  expect(taken?.map((queue) => queue.ids)).toEqual([[ids[0]], [ids[1]]]);
  const heard: string[] = [];
  link.subscribe('news', (message) => heard.push(message));
  await until('the subscription', async () => {
    await link.use((redis) => redis.publish(link.channel('news'), 'hello'));
    return heard.length > 0;
  });
  await link.stop();
}, 90_000);
