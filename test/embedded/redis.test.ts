import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/embedded/processes.js';
import { type EmbeddedRedis, type EmbeddedRedisOptions, startEmbeddedRedis } from '../../src/embedded/redis.js';
import { redisUrl } from '../support/stores.js';
import { until } from '../support/until.js';
import { keepLog, newHome, PROGRAMS } from './homes.js';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function home(): Promise<string> {
  const made = await newHome();
  cleanups.push(made.remove);
  return made.home;
}

async function start(options: Pick<EmbeddedRedisOptions, 'home'> & Partial<EmbeddedRedisOptions>): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ log: keepLog(), programs: PROGRAMS, ...options });
  if ('unavailable' in redis) throw new Error(redis.unavailable);
  cleanups.push(() => redis.stop());
  return redis;
}

async function ask<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** A folder for PATH with one program in it: a shell script. */
async function pathWith(name: string, script: string): Promise<string> {
  const folder = join(await home(), 'bin');
  await mkdir(folder);
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
  return folder;
}

async function pidOf(path: string): Promise<number> {
  return Number(await readFile(join(path, 'redis', 'redis.pid'), 'utf8'));
}

describe('the embedded Redis', () => {
  beforeAll(() => {
    // Says why when there is no Redis for this run.
    redisUrl();
  });

  it('keeps its data over a restart and stops for good', async () => {
    const path = await home();
    const first = await start({ home: path });
    await ask(first.url, (redis) => redis.set('kept', 'yes'));
    const pid = await pidOf(path);
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    const second = await start({ home: path });
    expect(await ask(second.url, (redis) => redis.get('kept'))).toBe('yes');
  });

  it('evicts nothing, syncs every second, and lets nobody in without the password', async () => {
    const redis = await start({ home: await home() });
    const names = ['appendfsync', 'appendonly', 'maxmemory-policy', 'bind'];
    const pairs = (await ask(redis.url, (client) => client.config('GET', ...(names as ['bind'])))) as string[];
    const settingOf = (name: string) => pairs[pairs.indexOf(name) + 1];
    expect(names.map(settingOf)).toEqual(['everysec', 'yes', 'noeviction', '127.0.0.1']);
    const open = new URL(redis.url);
    open.password = '';
    await expect(ask(open.toString(), (client) => client.get('x'))).rejects.toThrow();
  });

  it('is started again in the same place when it dies', async () => {
    const path = await home();
    const redis = await start({ home: path });
    const pid = await pidOf(path);
    process.kill(pid, 'SIGKILL');
    await until('the server is gone', () => !isAlive(pid));
    const answers = () => ask(redis.url, (client) => client.ping()).catch(() => undefined);
    expect(await until('it answers again', answers)).toBe('PONG');
  });

  it('sets data aside that it cannot read', async () => {
    const path = await home();
    const first = await start({ home: path });
    await ask(first.url, (redis) => redis.set('kept', 'yes'));
    await first.stop();
    const folder = join(path, 'redis', 'appendonlydir');
    for (const file of await readdir(folder)) await writeFile(join(folder, file), 'not what Redis writes');
    const log = keepLog();
    const second = await start({ home: path, log });
    expect(await ask(second.url, (redis) => redis.get('kept'))).toBeNull();
    expect(log.messages).toContain('the embedded Redis starts with no data; the old ones were set aside');
  });

  it('refuses a redis-server on PATH that is too old and takes the next source', async () => {
    const path = await pathWith(
      'redis-server',
      'echo "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=0"',
    );
    const none = await startEmbeddedRedis({ home: await home(), log: keepLog(), path });
    expect(none).toMatchObject({ unavailable: expect.stringContaining('version 6.0.16, older than 7') });
    const tools = process.env.PATH ?? '';
    const redis = await start({ home: await home(), path: `${path}:${tools}` });
    expect(Number(redis.version.split('.')[0])).toBeGreaterThanOrEqual(7);
  });

  it('takes a valkey-server on PATH', async () => {
    const path = await pathWith(
      'valkey-server',
      'echo "Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"; exit 0',
    );
    const outcome = await startEmbeddedRedis({ home: await home(), log: keepLog(), path, programs: await home() });
    // The script is no server, but it was taken for one and started.
    expect(outcome).toMatchObject({ unavailable: expect.stringMatching(/^the embedded Redis ended with code 0/) });
  });

  it('does without when there is neither a Redis nor apt', async () => {
    const outcome = await startEmbeddedRedis({ home: await home(), log: keepLog(), path: await home() });
    expect(outcome).toEqual({
      unavailable: 'no redis-server or valkey-server on PATH; there is no apt here to fetch one with',
      howTo: expect.stringContaining('apt install redis-server'),
    });
  });

  it('does without when apt fails', async () => {
    const path = await pathWith('apt-get', 'echo "E: Could not resolve the mirror" >&2; exit 100');
    const outcome = await startEmbeddedRedis({ home: await home(), log: keepLog(), path });
    expect(outcome).toMatchObject({ unavailable: expect.stringContaining('E: Could not resolve the mirror') });
  });

  it('does without when apt hangs, and leaves no process and no file of it', async () => {
    const pidFile = join(await home(), 'pid');
    const path = await pathWith('apt-get', `echo $$ > ${pidFile}; /bin/sleep 600`);
    const where = await home();
    const outcome = await startEmbeddedRedis({ home: where, log: keepLog(), path, fetchLimitMs: 500 });
    expect(outcome).toMatchObject({ unavailable: expect.stringContaining('apt did not finish within 0.5 s') });
    const pid = Number(await readFile(pidFile, 'utf8'));
    await until('apt is gone', () => !isAlive(pid));
    expect(await readdir(where)).toEqual([]);
  });
});
