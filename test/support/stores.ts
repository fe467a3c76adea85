/** The stores of the run: one Postgres and one Redis for all tests, each test with a schema and a key prefix of its own. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { inject } from 'vitest';

/** Address of the run's Postgres. */
export function databaseUrl(): string {
  return inject('databaseUrl');
}

/** Address of the run's Redis. Throws, with the reason, when there is none: tests that need Redis fail, they are never skipped. */
export function redisUrl(): string {
  const redis = inject('redis');
  if ('unavailable' in redis) throw new Error(`this test needs Redis, and there is none: ${redis.unavailable}`);
  return redis.url;
}

/** A name for a schema, a key prefix or a folder that no other test has: `prefix_` and 12 characters, lower case. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** What one test file works on. */
export interface TestStores {
  databaseUrl: string;
  /** Not made yet: the migrations make it. */
  schema: string;
  redisUrl: string;
  prefix: string;
  /** Drops the schema and deletes every key that has the prefix, also inside a hash tag (`prefix:…` and `{prefix…`). */
  dispose(): Promise<void>;
}

/** Stores for one test or test file; call `dispose` at its end. Throws when there is no Redis. */
export function testStores(): TestStores {
  const stores = { databaseUrl: databaseUrl(), schema: uniqueName('t'), redisUrl: redisUrl(), prefix: uniqueName('t') };
  return { ...stores, dispose: () => dispose(stores) };
}

async function dispose(stores: Omit<TestStores, 'dispose'>): Promise<void> {
  const sql = postgres(stores.databaseUrl, { max: 1, onnotice: () => undefined });
  const redis = new Redis(stores.redisUrl);
  try {
    await sql`drop schema if exists ${sql(stores.schema)} cascade`;
    await deleteKeys(redis, `${stores.prefix}*`);
    await deleteKeys(redis, `{${stores.prefix}*`);
  } finally {
    await sql.end();
    redis.disconnect();
  }
}

async function deleteKeys(redis: Redis, pattern: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: pattern, count: 500 })) {
    if (keys.length > 0) await redis.unlink(...(keys as string[]));
  }
}
