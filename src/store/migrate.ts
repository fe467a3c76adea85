/**
 * Brings the schema up (or down): plain SQL files in `migrations/`, applied in order by postgrator under an advisory lock,
 * so that several processes may start at once.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Postgrator from 'postgrator';
import type postgres from 'postgres';

/** The folder `migrations/` of the project, from source as well as from `dist`. */
export function migrationsFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'migrations', '001.do.tasks.sql'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('The folder "migrations" was not found beside the program.');
    folder = parent;
  }
  return path.join(folder, 'migrations');
}

/** Milliseconds between two tries for the lock. */
const LOCK_POLL_MS = 100;

/** Waits as long as another process migrates. Asked again and again, because a waiting statement would end at its time limits. */
async function takeLock(connection: postgres.Sql, schema: string): Promise<void> {
  for (;;) {
    const [row] = await connection<
      { taken: boolean }[]
    >`select pg_try_advisory_lock(hashtext(${`guildhall:${schema}`})) as taken`;
    if (row?.taken) return;
    await sleep(LOCK_POLL_MS);
  }
}

/**
 * Creates the schema if needed and migrates it.
 * @param target `max` for the newest version, or a version such as `'000'` to go down.
 * @returns the versions applied, oldest first.
 */
export async function migrate(sql: postgres.Sql, schema: string, target = 'max'): Promise<string[]> {
  const connection = await sql.reserve();
  try {
    await takeLock(connection, schema);
    await connection`create schema if not exists ${sql(schema)}`;
    const postgrator = new Postgrator({
      driver: 'pg',
      migrationPattern: path.join(migrationsFolder(), '*.sql'),
      schemaTable: `${schema}.schema_version`,
      currentSchema: schema,
      execQuery: async (query: string) => ({ rows: await connection.unsafe(query) }),
      execSqlScript: async (script: string) => {
        await connection.unsafe(`BEGIN; ${script}; COMMIT;`).catch(async (error: unknown) => {
          await connection.unsafe('ROLLBACK');
          throw error;
        });
      },
    });
    const applied = await postgrator.migrate(target);
    return applied.map((migration) => `${migration.version} ${migration.name}`);
  } finally {
    await connection`select pg_advisory_unlock(hashtext(${`guildhall:${schema}`}))`.catch(() => {
      // The connection is gone, and with it the lock.
    });
    connection.release();
  }
}
