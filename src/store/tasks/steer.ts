/** What people do to a task that exists. Each statement states the statuses it accepts; no row means that the task is in another one. */
import type postgres from 'postgres';
import type { JsonObject } from '../../tasks/model.js';
import type { Sql } from '../database.js';
import { aftermath } from './aftermath.js';
import type { TaskRow } from './row.js';

/** Begins held and delayed tasks now. */
export async function startTask(sql: Sql, id: string, actor: string): Promise<TaskRow | undefined> {
  const rows = await sql<TaskRow[]>`
    with old as (select id, waiting_for from tasks where id = ${id} and status = 'pending' and waiting_for in ('hold', 'delay') for update),
    changed as (
      update tasks t
      set waiting_for = null, ready_at = now(), expires_at = now() + make_interval(secs => t.ttl_seconds), updated_at = now(), revision = t.revision + 1
      from old where t.id = old.id
      returning t.*, 'pending' as was, old.waiting_for as was_waiting, 'started' as event, ${actor}::text as by, '{}'::jsonb as details, false as tell
    ),
    ${aftermath(sql)}
    select * from changed`;
  return rows[0];
}

/** Ends pending or running tasks. `tell`: the requester did not do it and is to be told. */
export async function cancelTasks(
  sql: Sql,
  ids: readonly string[],
  options: { actor: string; actorId: string; reason: string | null },
): Promise<TaskRow[]> {
  const details = sql.json((options.reason === null ? {} : { reason: options.reason }) as postgres.JSONValue);
  return sql<TaskRow[]>`
    with old as (
      select id, status, waiting_for from tasks where id = any(${ids as string[]}::uuid[]) and status in ('pending', 'in_progress') order by id for update
    ),
    changed as (
      update tasks t
      set status = 'cancelled', waiting_for = null, worker_id = null, expires_at = null, finished_at = now(), updated_at = now(), revision = t.revision + 1
      from old where t.id = old.id
      returning t.*, old.status as was, old.waiting_for as was_waiting, 'cancelled' as event, ${options.actor}::text as by,
        ${details}::jsonb as details, t.requester_id <> ${options.actorId} as tell
    ),
    ${aftermath(sql)}
    select * from changed`;
}

/** Puts failed or cancelled tasks back with a new allowance of retries and a new TTL; the old result goes into the history. */
export async function retryTasks(sql: Sql, ids: readonly string[], actor: string): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    with old as (
      select id, status, result, error from tasks where id = any(${ids as string[]}::uuid[]) and status in ('failed', 'cancelled') order by id for update
    ),
    changed as (
      update tasks t
      set status = 'pending', waiting_for = null, failures = 0, recoveries = 0, ready_at = now(), finished_at = null, result = null, error = null,
        score = null, expires_at = now() + make_interval(secs => t.ttl_seconds), updated_at = now(), revision = t.revision + 1
      from old where t.id = old.id
      returning t.*, old.status as was, null::text as was_waiting, 'retried' as event, ${actor}::text as by,
        jsonb_strip_nulls(jsonb_build_object('result', old.result, 'error', old.error)) as details, false as tell
    ),
    ${aftermath(sql)}
    select * from changed order by ready_at, id`;
}

/** Keeps a verdict on a completed task. */
export async function rateTask(sql: Sql, id: string, score: number, actor: string): Promise<TaskRow | undefined> {
  const rows = await sql<TaskRow[]>`
    with changed as (
      update tasks t set score = ${score}, updated_at = now(), revision = t.revision + 1
      where t.id = ${id} and t.status = 'completed'
      returning t.*, 'completed' as was, null::text as was_waiting, 'rated' as event, ${actor}::text as by,
        jsonb_build_object('score', t.score) as details, false as tell
    ),
    ${aftermath(sql)}
    select * from changed`;
  return rows[0];
}

/** Changes the priority of a pending task (null: keep) and merges metadata (a null value removes its key). */
export async function updateTask(
  sql: Sql,
  id: string,
  change: { priority: number | null; metadata: JsonObject },
  actor: string,
): Promise<TaskRow | undefined> {
  const metadata = sql.json(change.metadata as postgres.JSONValue);
  const rows = await sql<TaskRow[]>`
    with changed as (
      update tasks t
      set priority = coalesce(${change.priority}::smallint, t.priority), metadata = (t.metadata || ${metadata}::jsonb)
          - array(select e.key from jsonb_each(${metadata}::jsonb) e where jsonb_typeof(e.value) = 'null'),
        updated_at = now(), revision = t.revision + 1
      where t.id = ${id} and (${change.priority}::smallint is null or t.status = 'pending')
      returning t.*, t.status as was, t.waiting_for as was_waiting, 'updated' as event, ${actor}::text as by,
        jsonb_build_object('metadata', ${metadata}::jsonb)
          || jsonb_strip_nulls(jsonb_build_object('priority', ${change.priority}::smallint)) as details, false as tell
    ),
    ${aftermath(sql)}
    select * from changed`;
  return rows[0];
}
