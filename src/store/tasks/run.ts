/**
 * The writes of a running task. Every one carries the fence (task, attempt, worker): if the task has been taken back, cancelled or settled, it changes nothing.
 */
import type postgres from 'postgres';
import type { TaskError, TaskResult } from '../../tasks/model.js';
import type { Sql } from '../database.js';
import { aftermath } from './aftermath.js';
import { type Told, told, unindexed } from './row.js';

/** One run of a task by one worker. */
export interface Fence {
  taskId: string;
  attempt: number;
}

/** The predicate that every write of a running task carries, beside its id. Expects the alias `t` and the attempt's expression. */
export function fence(
  sql: Sql,
  workerId: string,
  attempt: postgres.PendingQuery<postgres.Row[]>,
): postgres.PendingQuery<postgres.Row[]> {
  // `is not distinct from` fits no index either.
  return sql`${unindexed(sql, 'in_progress')} and t.worker_id is not distinct from ${workerId} and t.attempt = ${attempt}`;
}

/** How a run ended. `returned`: handed back at shutdown, without a failure counted. */
export type Outcome =
  | { kind: 'completed'; result: TaskResult }
  | { kind: 'failed'; error: TaskError }
  | { kind: 'retry'; error: TaskError; delayMs: number }
  | { kind: 'returned' };

/** Settles runs. Answers the rows that were settled; a run that is missing in the answer was stale. */
export async function settleRuns(sql: Sql, workerId: string, runs: readonly (Fence & { outcome: Outcome })[]): Promise<Told[]> {
  const result = runs.map(({ outcome }) => (outcome.kind === 'completed' ? JSON.stringify(outcome.result) : null));
  const error = runs.map(({ outcome }) => ('error' in outcome ? JSON.stringify(outcome.error) : null));
  return sql<Told[]>`
    with input as (
      select * from unnest(${runs.map((r) => r.taskId)}::uuid[], ${runs.map((r) => r.attempt)}::int[], ${runs.map((r) => r.outcome.kind)}::text[],
        ${result}::text[], ${error}::text[], ${runs.map(({ outcome }) => (outcome.kind === 'retry' ? outcome.delayMs : 0))}::float8[])
        as i (id, attempt, kind, result, error, delay_ms)
    ),
    locked as (
      select i.id, i.kind, i.result, i.error, i.delay_ms from (select * from input order by id) i
      cross join lateral (select from tasks t where t.id = i.id and ${fence(sql, workerId, sql`i.attempt`)} for update of t) t
    ),
    changed as (
      update tasks t
      set status = case l.kind when 'completed' then 'completed' when 'failed' then 'failed' else 'pending' end,
        waiting_for = case l.kind when 'retry' then 'retry' end,
        worker_id = null,
        failures = t.failures + (l.kind in ('failed', 'retry'))::int,
        ready_at = case l.kind when 'retry' then now() + l.delay_ms * interval '1 millisecond' else t.ready_at end,
        finished_at = case when l.kind in ('completed', 'failed') then now() end,
        result = l.result::jsonb,
        error = l.error::jsonb,
        updated_at = now(),
        revision = t.revision + 1
      from locked l where t.id = l.id and t.id = any (array(select id from locked))
      returning t.*, 'in_progress' as was, null::text as was_waiting, case l.kind when 'retry' then 'failed' else l.kind end as event,
        'worker:' || ${workerId}::text as by,
        jsonb_strip_nulls(jsonb_build_object('attempt', t.attempt, 'error', l.error::jsonb,
          'seconds', round(extract(epoch from now() - t.started_at)::numeric, 3))) as details,
        true as tell
    ),
    ${aftermath(sql)}
    select ${told(sql)} from changed`;
}

/** Newest progress of running tasks. Answers the ids that were written; a missing one is stale. */
export async function writeProgress(
  sql: Sql,
  workerId: string,
  entries: readonly (Fence & { percent: number; step: string; description: string })[],
): Promise<string[]> {
  const rows = await sql<{ task_id: string }[]>`
    with input as (
      select * from unnest(${entries.map((e) => e.taskId)}::uuid[], ${entries.map((e) => e.attempt)}::int[], ${entries.map((e) => e.percent)}::int[],
        ${entries.map((e) => e.step)}::text[], ${entries.map((e) => e.description)}::text[]) as i (id, attempt, percent, step, description)
    ),
    locked as (
      select i.* from (select * from input order by id) i
      cross join lateral (select from tasks t where t.id = i.id and ${fence(sql, workerId, sql`i.attempt`)} for share of t) t
    )
    insert into progress (task_id, attempt, percent, step, description) select id, attempt, percent, step, description from locked
    on conflict (task_id) do update
      set attempt = excluded.attempt, percent = excluded.percent, step = excluded.step, description = excluded.description, updated_at = now()
    returning task_id`;
  return rows.map((row) => row.task_id);
}

/** Keeps a file that a run made; false when the run is stale or has made its allowance of files. */
export async function insertOutputFile(
  sql: Sql,
  workerId: string,
  run: Fence,
  file: { id: string; name: string; contentType: string; sha256: string; bytes: Buffer },
  allowance: number,
): Promise<'kept' | 'stale' | 'too_many'> {
  const rows = await sql<{ kept: boolean; already: number }[]>`
    with running as (select t.id from tasks t where t.id = ${run.taskId} and ${fence(sql, workerId, sql`${run.attempt}::int`)} for share of t),
    made as (select count(*)::int as already from task_files where task_id = ${run.taskId} and direction = 'out' and attempt = ${run.attempt}),
    kept as (
      insert into task_files (id, task_id, direction, attempt, name, content_type, size, sha256, bytes)
      select ${file.id}, r.id, 'out', ${run.attempt}, ${file.name}, ${file.contentType}, ${file.bytes.byteLength}, ${file.sha256}, ${file.bytes}
      from running r, made m where m.already < ${allowance}
      on conflict (id) do nothing returning id
    )
    select exists (select from running) as kept, already from made`;
  const row = rows[0];
  if (row === undefined || !row.kept) return 'stale';
  return row.already < allowance ? 'kept' : 'too_many';
}

/** Which of these runs are still this worker's. */
export async function stillMine(sql: Sql, workerId: string, runs: readonly Fence[]): Promise<Fence[]> {
  return sql<Fence[]>`
    select i.id as "taskId", i.attempt from unnest(${runs.map((r) => r.taskId)}::uuid[], ${runs.map((r) => r.attempt)}::int[]) as i (id, attempt)
    cross join lateral (select from tasks t where t.id = i.id and ${fence(sql, workerId, sql`i.attempt`)} limit 1) t`;
}
