/** The stores of a benchmark: an embedded Postgres and Redis with the settings that users get, in a home that goes afterwards. */
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type postgres from 'postgres';
import type { Agent } from '../src/agents/contract.js';
import { createRegistry } from '../src/agents/registry.js';
import { readSettings } from '../src/config.js';
import { type Core, createCore } from '../src/core.js';
import { openHome } from '../src/embedded/home.js';
import { startEmbeddedPostgres } from '../src/embedded/postgres.js';
import { startEmbeddedRedis } from '../src/embedded/redis.js';
import { openDatabase } from '../src/store/database.js';

/** Homes of benchmarks, and the Redis that was fetched for them. */
const BASE = join('.guildhall', 'bench');

export interface BenchStores {
  databaseUrl: string;
  redisUrl: string;
  /** `Postgres 18.4, Redis 7.0.15` */
  versions: string;
  /** Stops both and removes their data. */
  close(): Promise<void>;
}

const log = {
  info: () => undefined,
  warn: (details: object, message: string) => void process.stderr.write(`${message} ${JSON.stringify(details)}\n`),
};

/** Makes an empty home, with a fetched Redis in it if there is one. The caller removes it with `removeHome`. */
export async function makeHome(): Promise<string> {
  await mkdir(BASE, { recursive: true, mode: 0o711 });
  const home = await mkdtemp(join(BASE, 'run-'));
  // mkdtemp makes it private; the user that runs Postgres has to pass through.
  await chmod(home, 0o711);
  await cp(join(BASE, 'redis-program'), join(home, 'redis-program'), { recursive: true, verbatimSymlinks: true }).catch(
    (error: NodeJS.ErrnoException) => {
      // Nothing was fetched: Redis is on PATH, or will be fetched now.
      if (error.code !== 'ENOENT') throw error;
    },
  );
  return home;
}

/** Removes a home, also the data that are elsewhere because the home's folder is closed to the user that runs Postgres. */
export async function removeHome(home: string): Promise<void> {
  const elsewhere = await readFile(join(home, 'postgres-place'), 'utf8').catch(() => undefined);
  if (elsewhere !== undefined) await rm(elsewhere.trim(), { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}

/** Starts the stores. Throws when there is no Redis, or when one of them would not keep what it acknowledged. */
export async function openStores(): Promise<BenchStores> {
  const home = await makeHome();
  const held = await openHome(home);
  const database = await startEmbeddedPostgres({ home, log });
  const redis = await startEmbeddedRedis({ home, log, programs: BASE });
  const close = async () => {
    await Promise.all([database.stop(), 'url' in redis ? redis.stop() : undefined]);
    await held.release();
    await removeHome(home);
  };
  try {
    if ('unavailable' in redis) throw new Error(`The benchmark needs Redis: ${redis.unavailable}. ${redis.howTo}`);
    const server = await assertDurable(database.url, redis.url);
    return { databaseUrl: database.url, redisUrl: redis.url, versions: `Postgres ${server}, Redis ${redis.version}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Throws unless a commit is on the disk when it is acknowledged, and Redis writes its log every second. Gives the version of Postgres. */
async function assertDurable(databaseUrl: string, redisUrl: string): Promise<string> {
  const sql = openDatabase({ url: databaseUrl, schema: 'public', max: 1 });
  const redis = new Redis(redisUrl);
  try {
    const rows = await sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')`;
    const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
    const kept = await redis.config('GET', 'append*');
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes'])
      if (settings.get(name) !== 'on') throw new Error(`Postgres has ${name} ${settings.get(name)}`);
    const answers = kept as string[];
    const value = (name: string) => answers[answers.indexOf(name) + 1];
    if (value('appendonly') !== 'yes' || value('appendfsync') !== 'everysec') throw new Error('Redis does not keep its log');
    return (settings.get('server_version') ?? '').split(' ')[0] ?? '';
  } finally {
    await sql.end();
    redis.disconnect();
  }
}

/** A name that no other benchmark of these stores uses: for a schema and a key prefix. */
export function freshName(): string {
  return `b_${randomBytes(4).toString('hex')}`;
}

/** One process' core, without Discord, in this process. `run` none: it only takes orders. */
export interface CoreAsked {
  schema: string;
  redis: boolean;
  agents: readonly Agent[];
  run: 'all' | 'none';
}

export async function openCore(stores: BenchStores, asked: CoreAsked): Promise<Core> {
  const settings = readSettings({ DATABASE_SCHEMA: asked.schema, REDIS_PREFIX: asked.schema });
  const core = createCore({
    settings,
    databaseUrl: stores.databaseUrl,
    redis: asked.redis ? { kind: 'single', url: stores.redisUrl } : null,
    agents: createRegistry(asked.agents, { run: asked.run }),
    log: pino({ level: 'error' }, pino.destination(2)),
  });
  await core.start();
  return core;
}

export async function closeCore(core: Core): Promise<void> {
  await core.stopWork(1000);
  await core.close();
}

/** Removes a schema that is no longer used. */
export async function dropSchema(sql: postgres.Sql, schema: string): Promise<void> {
  await sql`drop schema if exists ${sql(schema)} cascade`;
}
