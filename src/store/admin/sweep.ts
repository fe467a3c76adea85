/** What is thrown away by age alone. Each function takes at most one chunk, so that none of them ever holds locks for long; call it until it answers 0. */
import type { Sql } from '../database.js';
import { CHUNK, removeEmptyBatches } from './remove.js';

/** Days for which the audit history and the list of cleanups are kept. */
export const AUDIT_DAYS = 90;

/** Days after which the hours of `daily_stats` are added up to days; statistics by the hour reach back two days. */
const HOURLY_DAYS = 3;

async function oldAuditEvents(sql: Sql): Promise<number> {
  const rows = await sql`
    delete from audit_events where id = any(array(
      select id from audit_events where at < now() - make_interval(days => ${AUDIT_DAYS}) limit ${CHUNK} for update skip locked
    )) returning 1`;
  return rows.length;
}

async function oldCleanupRuns(sql: Sql): Promise<number> {
  const rows = await sql`
    delete from cleanup_runs where id = any(array(
      select id from cleanup_runs where at < now() - make_interval(days => ${AUDIT_DAYS}) order by id limit ${CHUNK} for update skip locked
    )) returning 1`;
  return rows.length;
}

async function expiredDrafts(sql: Sql): Promise<number> {
  const rows = await sql`
    delete from drafts where id = any(array(
      select id from drafts where expires_at < now() order by expires_at limit ${CHUNK} for update skip locked
    )) returning 1`;
  return rows.length;
}

/** Discord gives an interaction up after 15 minutes; an hour is safe. */
async function oldInteractionClaims(sql: Sql): Promise<number> {
  const rows = await sql`
    delete from interaction_claims where id = any(array(
      select id from interaction_claims where at < now() - interval '1 hour' order by at limit ${CHUNK} for update skip locked
    )) returning 1`;
  return rows.length;
}

/** Files that a run made whose result was not accepted: of an earlier attempt, or of a task that failed or was cancelled. */
async function orphanedFiles(sql: Sql): Promise<number> {
  const rows = await sql`
    delete from task_files where id = any(array(
      select f.id from task_files f join tasks t on t.id = f.task_id
      where f.direction = 'out' and (f.attempt < t.attempt or t.status in ('failed', 'cancelled'))
      limit ${CHUNK} for update of f skip locked
    )) returning 1`;
  return rows.length;
}

/** Adds the hours of a day up in its hour 0. */
async function hoursIntoDays(sql: Sql): Promise<number> {
  const rows = await sql`
    with hours as (
      delete from daily_stats where ctid = any(array(
        select ctid from daily_stats where hour > 0 and day < (now() at time zone 'UTC')::date - ${HOURLY_DAYS}::int
        order by day limit ${CHUNK} for update skip locked
      )) returning *
    ),
    added as (
      insert into daily_stats as d (day, hour, guild_id, channel_id, requester_id, agent_id, type, status, priority, tasks, run_seconds, score_sum, score_count)
      select day, 0, guild_id, channel_id, requester_id, agent_id, type, status, priority, sum(tasks), sum(run_seconds), sum(score_sum), sum(score_count)
      from hours group by 1, 3, 4, 5, 6, 7, 8, 9 order by 3, 1, 4, 5, 6, 7, 8, 9
      on conflict (guild_id, day, hour, channel_id, requester_id, agent_id, type, status, priority) do update
        set tasks = d.tasks + excluded.tasks, run_seconds = d.run_seconds + excluded.run_seconds,
          score_sum = d.score_sum + excluded.score_sum, score_count = d.score_count + excluded.score_count
    )
    select 1 from hours`;
  return rows.length;
}

/** All of them by name. */
export const SWEEPS = {
  oldAuditEvents,
  oldCleanupRuns,
  expiredDrafts,
  oldInteractionClaims,
  orphanedFiles,
  emptyBatches: (sql: Sql) => removeEmptyBatches(sql),
  hoursIntoDays,
} satisfies Record<string, (sql: Sql) => Promise<number>>;
