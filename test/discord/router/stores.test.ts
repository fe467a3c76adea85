import { Redis } from 'ioredis';
import { pino } from 'pino';
import type postgres from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClaims } from '../../../src/discord/router/claims.js';
import { openDatabase } from '../../../src/store/database.js';
import { readDraft, saveDraft, takeDraft } from '../../../src/store/interactions/drafts.js';
import { readTimeZones, setGuildTimeZone, setUserTimeZone } from '../../../src/store/interactions/settings.js';
import { migrate } from '../../../src/store/migrate.js';
import { type TestStores, testStores } from '../../support/stores.js';

const log = pino({ level: 'silent' });
const USER = '300000000000000001';
const OTHER = '300000000000000002';
const GUILD = '100000000000000001';
let stores: TestStores;
let sql: postgres.Sql;
let redis: Redis;

beforeAll(async () => {
  stores = testStores();
  sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 4 });
  redis = new Redis(stores.redisUrl);
  await migrate(sql, stores.schema);
});
afterAll(async () => {
  redis.disconnect();
  await sql.end({ timeout: 1 });
  await stores.dispose();
});

describe('claims', () => {
  const snowflake = () => String(BigInt(Date.now()) * 100_000n + BigInt(Math.floor(Math.random() * 100_000)));

  it('are given once, in Redis and in Postgres', async () => {
    for (const connection of [redis, null]) {
      const claim = createClaims({ sql, redis: () => connection, prefix: stores.prefix, log });
      const id = snowflake();
      const answers = await Promise.all(Array.from({ length: 10 }, () => claim(id)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await claim(snowflake())).toBe(true);
    }
  });

  it('in Redis end with the life of an interaction', async () => {
    const claim = createClaims({ sql, redis: () => redis, prefix: stores.prefix, log });
    const id = snowflake();
    await claim(id);
    const seconds = await redis.ttl(`${stores.prefix}:interaction:${id}`);
    expect(seconds).toBeGreaterThan(890);
    expect(seconds).toBeLessThanOrEqual(900);
  });

  it('fall back to Postgres when Redis does not answer, and go on when neither does', async () => {
    const silent = { set: () => new Promise<never>(() => undefined) };
    const claim = createClaims({ sql, redis: () => silent, prefix: stores.prefix, log, withinMs: 100 });
    const id = snowflake();
    expect([await claim(id), await claim(id)]).toEqual([true, false]);
    const nowhere = openDatabase({ url: 'postgres://127.0.0.1:9/none', schema: 'none', max: 1 });
    const alone = createClaims({ sql: nowhere, redis: () => silent, prefix: stores.prefix, log, withinMs: 100 });
    const startedAt = performance.now();
    expect(await alone(id)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await nowhere.end({ timeout: 0 });
  });
});

describe('drafts', () => {
  it('belong to one person', async () => {
    const id = uuidv7();
    await saveDraft(sql, id, USER, { title: 'mine' });
    expect(await readDraft(sql, id, OTHER)).toBeUndefined();
    await saveDraft(sql, id, OTHER, { title: 'theirs' });
    expect(await readDraft(sql, id, USER)).toEqual({ title: 'mine' });
    expect(await takeDraft(sql, id, OTHER)).toBeUndefined();
  });

  it('are taken once', async () => {
    const id = uuidv7();
    await saveDraft(sql, id, USER, { a: ['1', 2, null, 'ü😀'] });
    const taken = await Promise.all(Array.from({ length: 5 }, () => takeDraft(sql, id, USER)));
    expect(taken.filter((each) => each !== undefined)).toEqual([{ a: ['1', 2, null, 'ü😀'] }]);
  });

  it('end after an hour', async () => {
    const [old, fresh] = [uuidv7(), uuidv7()];
    await saveDraft(sql, old, USER, {});
    await saveDraft(sql, fresh, USER, {});
    await sql`update drafts set expires_at = now() - interval '1 second' where id = ${old}`;
    expect(await readDraft(sql, old, USER)).toBeUndefined();
    expect(await takeDraft(sql, old, USER)).toBeUndefined();
    expect(await readDraft(sql, fresh, USER)).toEqual({});
  });
});

describe('time zones', () => {
  it('are set, changed and taken back, for a person and a guild', async () => {
    expect(await readTimeZones(sql, USER, GUILD)).toEqual({ user: null, guild: null });
    await setUserTimeZone(sql, USER, 'Europe/Berlin');
    await setGuildTimeZone(sql, GUILD, 'Asia/Tokyo');
    await setUserTimeZone(sql, USER, 'Europe/Paris');
    expect(await readTimeZones(sql, USER, GUILD)).toEqual({ user: 'Europe/Paris', guild: 'Asia/Tokyo' });
    expect(await readTimeZones(sql, OTHER, null)).toEqual({ user: null, guild: null });
    await setUserTimeZone(sql, USER, null);
    expect(await readTimeZones(sql, USER, GUILD)).toEqual({ user: null, guild: 'Asia/Tokyo' });
  });
});
