/**
 * The keeper's statements: what changes by the clock alone. Each takes a bounded number of rows and skips locked ones, so that any number of processes
 * may run them side by side.
 */
import { POISON } from '../../tasks/model.js';
import type { Sql } from '../database.js';
import { aftermath } from './aftermath.js';
import type { TaskRow } from './row.js';

/** Rows that one call changes at most. */
const LIMIT = 500;

/** Makes due delays and retries ready. TTL begins now for a task that was never started. */
export async function promoteDue(sql: Sql): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    with old as (
      select t.id, t.waiting_for from tasks t
      where t.status = 'pending' and t.waiting_for in ('delay', 'retry', 'sleep') and t.ready_at <= now()
      order by t.ready_at limit ${LIMIT} for update skip locked
    ),
    changed as (
      update tasks t
      set waiting_for = null, updated_at = now(), revision = t.revision + 1,
        expires_at = case when t.started_at is null then now() + make_interval(secs => t.ttl_seconds) end
      from old where t.id = old.id
      returning t.*, 'pending' as was, old.waiting_for as was_waiting, 'ready' as event, 'keeper' as by, '{}'::jsonb as details, false as tell
    ),
    ${aftermath(sql)}
    select * from changed order by ready_at, id`;
}

/** Milliseconds until the next delay or retry is due, null without any. */
export async function nextDueMs(sql: Sql): Promise<number | null> {
  const rows = await sql<{ ms: number | null }[]>`
    select extract(epoch from min(ready_at) - now())::float8 * 1000 as ms from tasks
    where status = 'pending' and waiting_for in ('delay', 'retry', 'sleep')`;
  return rows[0]?.ms ?? null;
}

/** Fails what was not started within its time to live. A paused agent's tasks do not expire. */
export async function expireOverdue(sql: Sql): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    with old as (
      select t.id from tasks t
      where t.status = 'pending' and t.expires_at is not null and t.expires_at <= now()
        and not exists (select from agent_pauses p where p.agent_id = t.agent_id and p.guild_id in ('', coalesce(t.guild_id, '')))
      order by t.expires_at limit ${LIMIT} for update skip locked
    ),
    changed as (
      update tasks t
      set status = 'failed', waiting_for = null, finished_at = now(), updated_at = now(), revision = t.revision + 1,
        error = jsonb_build_object('reason', 'expired', 'message',
          'It was not started within its time limit of ' || ceil(t.ttl_seconds / 60.0) || ' minutes. Retry it to queue it again.')
      from old where t.id = old.id
      returning t.*, 'pending' as was, null::text as was_waiting, 'expired' as event, 'keeper' as by,
        jsonb_build_object('ttl_seconds', t.ttl_seconds) as details, true as tell
    ),
    ${aftermath(sql)}
    select * from changed`;
}

/**
 * Takes back the running tasks of workers whose lease has expired. A crash is no failure of the task, however often it happens: most tasks aboard of a process that
 * dies are only neighbours. The one that had noted that it ran alone (alone.ts) is the culprit, and fails as poison.
 * After a restart of Postgres nothing is judged for one full lease, because nobody could renew while it was away.
 */
export async function rescueTasks(sql: Sql, leaseSeconds: number): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    with old as (
      select t.id, t.worker_id,
        t.recoveries > 0 and exists (
          select from audit_events a
          where a.task_id = t.id and a.event = 'ran_alone' and a.details = jsonb_build_object('attempt', t.attempt)
        ) as poison
      from tasks t left join workers w on w.id = t.worker_id
      where t.status = 'in_progress' and (w.id is null or w.lease_until < now())
        and pg_postmaster_start_time() < now() - make_interval(secs => ${leaseSeconds})
      order by t.id limit ${LIMIT} for update of t skip locked
    ),
    changed as (
      update tasks t
      set status = case when old.poison then 'failed' else 'pending' end,
        finished_at = case when old.poison then now() end,
        error = case when old.poison then jsonb_build_object('reason', 'poison', 'message', ${POISON}::text) end,
        worker_id = null, recoveries = least(t.recoveries, 32766) + 1, updated_at = now(), revision = t.revision + 1
      from old where t.id = old.id and t.status = 'in_progress' and t.worker_id = old.worker_id
      returning t.*, 'in_progress' as was, null::text as was_waiting, 'rescued' as event, 'keeper' as by,
        jsonb_build_object('attempt', t.attempt, 'worker', old.worker_id) as details, true as tell
    ),
    ${aftermath(sql)}
    select * from changed`;
}

/**
 * Fails running tasks past their hard time-out by `graceSeconds`: their worker should have ended them and did not. `guildId` null: of all guilds.
 * With `orDead`, also those whose worker's lease has expired.
 */
export async function failStale(
  sql: Sql,
  options: { graceSeconds: number; orDead: boolean; guildId: string | null; actor: string },
): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    with old as (
      select t.id, t.worker_id, t.attempt from tasks t left join workers w on w.id = t.worker_id
      where t.status = 'in_progress' and (${options.guildId}::text is null or t.guild_id = ${options.guildId})
        and (t.started_at + make_interval(secs => t.hard_timeout_seconds + ${options.graceSeconds}) < now()
          or (${options.orDead ? 1 : 0} = 1 and (w.id is null or w.lease_until < now())))
      order by t.id limit ${LIMIT} for update of t skip locked
    ),
    changed as (
      update tasks t
      set status = 'failed', worker_id = null, finished_at = now(), failures = t.failures + 1, updated_at = now(), revision = t.revision + 1,
        error = jsonb_build_object('reason', 'stale', 'message', 'It ran past its time limit of ' || t.hard_timeout_seconds || ' s, or its worker was gone.')
      from old where t.id = old.id and t.attempt = old.attempt and t.worker_id = old.worker_id
      returning t.*, 'in_progress' as was, null::text as was_waiting, 'timed_out' as event, ${options.actor}::text as by,
        jsonb_build_object('attempt', t.attempt) as details, true as tell
    ),
    ${aftermath(sql)}
    select * from changed`;
}
