/** The record of cleanups, and the lock that lets one process at a time do the regular one. */
import type postgres from 'postgres';
import type { CleanupCounts, CleanupStatus } from '../../tasks/service.js';
import type { Sql } from '../database.js';

/** Writes down a cleanup with its audit event. `guildId` null: it was for all guilds. */
export async function recordCleanup(
  sql: Sql,
  run: { actor: string; guildId: string | null; removed: CleanupCounts; filter: object; tookMs: number },
): Promise<void> {
  const removed = sql.json(run.removed as unknown as postgres.JSONValue);
  const details = sql.json({ removed: run.removed, filter: run.filter } as unknown as postgres.JSONValue);
  await sql`
    with audited as (
      insert into audit_events (guild_id, actor, event, details)
      select ${run.guildId}, ${run.actor}, 'cleanup', ${details}::jsonb where ${run.actor} <> 'keeper'
    )
    insert into cleanup_runs (actor, guild_id, removed, took_ms) values (${run.actor}, ${run.guildId}, ${removed}::jsonb, ${Math.round(run.tookMs)})`;
}

/** The last cleanup of this guild alone: one of all guilds tells of others. Null: the last one of all guilds. */
export async function lastCleanup(sql: Sql, guildId: string | null): Promise<CleanupStatus['lastRun']> {
  const rows = await sql<{ at: Date; actor: string; removed: CleanupCounts; took_ms: number }[]>`
    select at, actor, removed, took_ms from cleanup_runs where guild_id is not distinct from ${guildId}::text order by id desc limit 1`;
  const row = rows[0];
  return row === undefined ? null : { at: row.at, by: row.actor, removed: row.removed, tookMs: row.took_ms };
}

/** When the last regular cleanup of any process ended; null when there was none. */
export async function lastRegularAt(sql: Sql): Promise<Date | null> {
  const rows = await sql<{ at: Date | null }[]>`select max(at) as at from cleanup_runs where actor = 'keeper'`;
  return rows[0]?.at ?? null;
}

/** Milliseconds since the last regular cleanup of any process; null when there was none. */
export async function sinceLastRegular(sql: Sql): Promise<number | null> {
  const rows = await sql<{ ms: number | null }[]>`
    select extract(epoch from now() - max(at))::float8 * 1000 as ms from cleanup_runs where actor = 'keeper'`;
  return rows[0]?.ms ?? null;
}

/** Runs the work if no other process is doing it now. The lock belongs to one connection and so ends with the process, however that ends. */
export async function withCleanupLock<T>(sql: postgres.Sql, work: () => Promise<T>): Promise<T | 'busy'> {
  const connection = await sql.reserve();
  try {
    const [row] = await connection<
      { mine: boolean }[]
    >`select pg_try_advisory_lock(hashtextextended(current_schema() || ':cleanup', 11)) as mine`;
    if (!row?.mine) return 'busy';
    try {
      return await work();
    } finally {
      await connection`select pg_advisory_unlock(hashtextextended(current_schema() || ':cleanup', 11))`.catch(() => {
        // The connection is lost, and the lock with it.
      });
    }
  } finally {
    connection.release();
  }
}
