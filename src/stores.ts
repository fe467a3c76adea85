/**
 * Where the stores are: those that the settings name, else embedded ones in GUILDHALL_HOME.
 */
import type { Logger } from 'pino';
import type { RedisAddress, Settings } from './config.js';
import type { Home } from './embedded/home.js';

export interface Stores {
  databaseUrl: string;
  postgres: 'configured' | 'embedded';
  /** Null: database-only mode. */
  redis: Extract<RedisAddress, { kind: 'single' | 'sentinel' | 'cluster' }> | null;
  redisKind: 'configured' | 'embedded' | 'off' | 'unavailable';
  /** Why there is no Redis and what to do, for people; null when there is one. */
  redisAbsence: string | null;
  /** Tells a second start in the same home where this one serves. */
  announce(url: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens them. Throws HomeInUseError when another Guildhall runs in the same home, and Error when no embedded Postgres can be started. */
export async function openStores(settings: Settings['stores'], log: Logger): Promise<Stores> {
  const { databaseUrl, redis } = settings;
  const needsHome = databaseUrl === undefined || redis.kind === 'embedded';
  const home = needsHome ? await (await import('./embedded/home.js')).openHome(settings.home) : null;
  try {
    const [database, memory] = await Promise.all([openPostgres(databaseUrl, home, log), openRedis(redis, home, log)]);
    return {
      ...database.stores,
      ...memory.stores,
      announce: async (url) => home?.announce(url),
      async close() {
        await Promise.all([database.stop(), memory.stop()]);
        await home?.release();
      },
    };
  } catch (error) {
    await home?.release();
    throw error;
  }
}

const nothing = async () => undefined;

async function openPostgres(url: string | undefined, home: Home | null, log: Logger) {
  if (url !== undefined || home === null)
    return { stores: { databaseUrl: url ?? '', postgres: 'configured' as const }, stop: nothing };
  const { startEmbeddedPostgres } = await import('./embedded/postgres.js');
  const embedded = await startEmbeddedPostgres({ home: home.path, log });
  return { stores: { databaseUrl: embedded.url, postgres: 'embedded' as const }, stop: () => embedded.stop() };
}

async function openRedis(address: RedisAddress, home: Home | null, log: Logger) {
  const none = (redisKind: 'off' | 'unavailable', redisAbsence: string) => ({
    stores: { redis: null, redisKind, redisAbsence },
    stop: nothing,
  });
  if (address.kind === 'off') return none('off', 'switched off by REDIS_URL');
  if (address.kind !== 'embedded')
    return { stores: { redis: address, redisKind: 'configured' as const, redisAbsence: null }, stop: nothing };
  const { startEmbeddedRedis } = await import('./embedded/redis.js');
  const embedded = await startEmbeddedRedis({ home: home?.path ?? '', log });
  if ('unavailable' in embedded) return none('unavailable', `${embedded.unavailable}; ${embedded.howTo}`);
  const redis = { kind: 'single' as const, url: embedded.url };
  return { stores: { redis, redisKind: 'embedded' as const, redisAbsence: null }, stop: () => embedded.stop() };
}
