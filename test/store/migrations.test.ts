import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.js';
import { migrate, migrationsFolder } from '../../src/store/migrate.js';
import { type TestStores, testStores } from '../support/stores.js';

let stores: TestStores;
const opened: postgres.Sql[] = [];
beforeEach(() => {
  stores = testStores();
});
afterEach(async () => {
  for (const sql of opened.splice(0)) await sql.end({ timeout: 1 });
  await stores.dispose();
});

/** As a process of its own would. */
function database(): postgres.Sql {
  const sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 2 });
  opened.push(sql);
  return sql;
}

/** Everything in the schema but postgrator's own table. */
async function contents(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ what: string }[]>`
    select 'relation ' || c.relname as what from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ${stores.schema}
    union all select 'function ' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = ${stores.schema}
    union all select 'type ' || t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname = ${stores.schema}
    order by 1`;
  return rows.map(({ what }) => what).filter((what) => !/schema_?version/.test(what));
}

const files = async () => (await readdir(migrationsFolder())).filter((name) => name.endsWith('.sql')).sort();

describe('migrating', () => {
  test('up from nothing, again without effect, down to nothing, and up to the same', async () => {
    const sql = database();
    const applied = await migrate(sql, stores.schema);
    expect(applied).toHaveLength((await files()).filter((name) => name.includes('.do.')).length);
    const there = await contents(sql);
    expect(there).toContain('relation tasks');
    expect(there).toContain('function reserve_room');
    expect(await migrate(sql, stores.schema)).toEqual([]);
    await migrate(sql, stores.schema, '000');
    expect(await contents(sql)).toEqual([]);
    await migrate(sql, stores.schema);
    expect(await contents(sql)).toEqual(there);
  });

  test('each version alone goes down to what was before it', async () => {
    const sql = database();
    const seen: string[][] = [[]];
    const versions = (await files()).filter((name) => name.includes('.do.')).map((name) => name.slice(0, 3));
    for (const version of versions) {
      await migrate(sql, stores.schema, version);
      seen.push(await contents(sql));
    }
    for (const version of ['000', ...versions].reverse().slice(1)) {
      await migrate(sql, stores.schema, version);
      expect(await contents(sql), `down to ${version}`).toEqual(seen[Number(version)]);
    }
  });

  test('by several processes at once is done once', async () => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database(), stores.schema)));
    expect(applied.filter((each) => each.length > 0)).toHaveLength(1);
  });

  test('waits for another process, however long that takes, and lets the lock go', async () => {
    const holder = database();
    const hasty = postgres(stores.databaseUrl, {
      max: 1,
      onnotice: () => undefined,
      connection: { search_path: stores.schema, lock_timeout: 200, statement_timeout: 5000 },
    });
    opened.push(hasty);
    const held = await holder.reserve();
    await held`select pg_advisory_lock(hashtext(${`guildhall:${stores.schema}`}))`;
    let settled = false;
    const waiting = migrate(hasty, stores.schema).finally(() => {
      settled = true;
    });
    waiting.catch(() => undefined);
    // Longer than the lock time-out of its statements.
    await Promise.race([sleep(600), waiting.catch(() => undefined)]);
    expect(settled).toBe(false);
    await held`select pg_advisory_unlock(hashtext(${`guildhall:${stores.schema}`}))`;
    held.release();
    expect((await waiting).length).toBeGreaterThan(0);
    expect(
      await holder`select from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
      and objid = (hashtext(${`guildhall:${stores.schema}`})::bigint & 4294967295)::oid`,
    ).toHaveLength(0);
  });

  test('that fails leaves nothing of the failed version behind, and can be repeated', async () => {
    const sql = database();
    await sql`create schema ${sql(stores.schema)}`;
    await sql`create table ${sql(stores.schema)}.completions (id int)`;
    await expect(migrate(sql, stores.schema)).rejects.toThrow(/completions/);
    const left = await contents(sql);
    expect(left).toContain('relation tasks');
    expect(left).not.toContain('relation cards');
    await sql`drop table completions`;
    expect(await migrate(sql, stores.schema)).toHaveLength((await files()).filter((name) => name.includes('.do.')).length - 1);
  });
});

describe('indexes', () => {
  test('each belongs to a constraint, or a comment above it says which query it is for', async () => {
    const sql = database();
    await migrate(sql, stores.schema);
    const indexes = await sql<{ name: string; of_constraint: boolean }[]>`
      select c.relname as name, exists (select from pg_constraint k where k.conindid = c.oid) as of_constraint
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ${stores.schema} and c.relkind = 'i' and c.relname !~ 'schema_?version'`;
    const texts = await Promise.all(
      (await files()).filter((name) => name.includes('.do.')).map((name) => readFile(join(migrationsFolder(), name), 'utf8')),
    );
    const lines = texts.flatMap((text) => text.split('\n'));
    const silent = indexes
      .filter(({ of_constraint }) => !of_constraint)
      .map(({ name }) => name)
      .filter((name) => {
        const at = lines.findIndex((text) => new RegExp(`^CREATE (UNIQUE )?INDEX ${name} `).test(text));
        return at < 1 || !lines[at - 1]?.startsWith('--');
      });
    expect(indexes.length).toBeGreaterThan(15);
    expect(silent).toEqual([]);
  });

  test('every foreign key has an index of its own, so that removals do not read whole tables', async () => {
    const sql = database();
    await migrate(sql, stores.schema);
    const bare = await sql`
      select k.conname from pg_constraint k join pg_namespace n on n.oid = k.connamespace
      where n.nspname = ${stores.schema} and k.contype = 'f'
        and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1])`;
    expect(bare.map(({ conname }) => conname)).toEqual([]);
  });
});
