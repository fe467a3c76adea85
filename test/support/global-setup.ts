/**
 * One Postgres and one Redis for the whole run, in a home of its own that goes at its end, so that several runs fit side by side; a
 * fetched Redis is kept for the next run. TEST_DATABASE_URL and TEST_REDIS_URL name other stores to use instead.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { HomeInUseError, openHome } from '../../src/embedded/home.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { type EmbeddedRedis, type RedisUnavailable, startEmbeddedRedis } from '../../src/embedded/redis.js';

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string;
    redis: { url: string } | { unavailable: string };
  }
}

const base = fileURLToPath(new URL('../../.guildhall/test', import.meta.url));
const RUN = 'run-';

/** The data go after the run, so nothing has to survive a power cut. */
const FAST = {
  fsync: 'off',
  synchronous_commit: 'on',
  full_page_writes: 'off',
  max_connections: '300',
  log_min_messages: 'error',
};

const log = {
  info: (details: object, message: string) => process.stdout.write(`${message} ${JSON.stringify(details)}\n`),
  warn: (details: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(details)}\n`),
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await mkdir(base, { recursive: true, mode: 0o711 });
  await removeAbandoned();
  const home = await mkdtemp(join(base, RUN));
  // mkdtemp makes it private; the user that runs Postgres has to pass through.
  await chmod(home, 0o711);
  const held = await openHome(home);
  const [database, redis] = await Promise.all([openDatabase(home), openRedis(home)]);
  project.provide('databaseUrl', database.url);
  project.provide(
    'redis',
    'url' in redis ? { url: redis.url } : { unavailable: `${redis.unavailable}. To have one: ${redis.howTo}` },
  );
  return async () => {
    await Promise.all([database.stop(), 'url' in redis ? redis.stop() : undefined]);
    await held.release();
    await removeHome(home);
  };
}

async function openDatabase(home: string): Promise<Pick<EmbeddedPostgres, 'url' | 'stop'>> {
  const url = process.env.TEST_DATABASE_URL;
  return url ? { url, stop: async () => undefined } : startEmbeddedPostgres({ home, log, settings: FAST });
}

async function openRedis(home: string): Promise<Pick<EmbeddedRedis, 'url' | 'stop'> | RedisUnavailable> {
  const url = process.env.TEST_REDIS_URL;
  return url ? { url, stop: async () => undefined } : startEmbeddedRedis({ home, log, programs: base });
}

/** Homes of runs that were killed; their servers ended with them. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(base)) {
    if (!name.startsWith(RUN)) continue;
    try {
      const held = await openHome(join(base, name));
      await removeHome(held.path);
    } catch (error) {
      // A run that is under way.
      if (!(error instanceof HomeInUseError)) throw error;
    }
  }
}

/** Below a folder that only root can enter, the data of Postgres are elsewhere (src/embedded/place.ts). */
async function removeHome(home: string): Promise<void> {
  const elsewhere = await readFile(join(home, 'postgres-place'), 'utf8').catch(() => undefined);
  if (elsewhere !== undefined) await rm(elsewhere.trim(), { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}
