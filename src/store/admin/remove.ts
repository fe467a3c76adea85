/**
 * Removal of finished tasks. One statement moves what statistics need into `daily_stats`, writes the audit event and deletes, so that no task is
 * counted twice or lost, whoever removes: the cleanup, a purge or a person.
 */
import type postgres from 'postgres';
import type { CleanupCounts } from '../../tasks/service.js';
import type { Sql } from '../database.js';

/** Tasks that one statement removes at most. */
export const CHUNK = 500;

/** Nothing removed, nothing spared. */
export function noCounts(): CleanupCounts {
  return { completed: 0, failed: 0, cancelled: 0, spared: 0 };
}

/** Sum of two counts. */
export function addCounts(a: CleanupCounts, b: CleanupCounts): CleanupCounts {
  return {
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    cancelled: a.cancelled + b.cancelled,
    spared: a.spared + b.spared,
  };
}

/** Must stay (alias `t`): its end is not announced yet, or other tasks of its batch have not ended. */
export function spared(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`(
    exists (select from cards c where c.id = t.card_id and c.revision > c.shown_revision and c.undeliverable is null)
    or exists (select from completions p where p.card_id = t.card_id and p.told_at is null)
    or exists (select from batches b where b.id = t.batch_id and b.unfinished > 0)
  )`;
}

/**
 * Removes those of the tasks that have ended, with files, progress, card and completions; the audit history stays. A batch goes with its last task.
 * @param actor for the audit event, e.g. `person:<id>` or `keeper`.
 * @param onRemoved hears, chunk by chunk, which tasks are gone.
 * @returns how many were removed by status, and how many of the ended ones were spared.
 */
export async function removeTasks(
  sql: Sql,
  options: { ids: readonly string[]; actor: string; onRemoved?: (ids: readonly string[]) => void },
): Promise<CleanupCounts> {
  let counts = noCounts();
  for (let from = 0; from < options.ids.length; from += CHUNK) {
    const { counted, gone, batches } = await removeChunk(sql, options.ids.slice(from, from + CHUNK), options.actor);
    if (gone.length > 0) options.onRemoved?.(gone);
    if (batches.length > 0) await removeEmptyBatches(sql, batches);
    counts = addCounts(counts, counted);
  }
  return counts;
}

async function removeChunk(
  sql: Sql,
  ids: readonly string[],
  actor: string,
): Promise<{ counted: CleanupCounts; gone: string[]; batches: string[] }> {
  const rows = await sql<
    { status: 'completed' | 'failed' | 'cancelled'; stays: boolean; tasks: number; ids: string[]; batches: string[] | null }[]
  >`
    with ended as (
      select t.* from tasks t where t.id = any(${ids as string[]}::uuid[]) and t.finished_at is not null order by t.id for update
    ),
    judged as (select t.*, ${spared(sql)} as stays from ended t),
    gone as (select * from judged where not stays),
    rolled_up as (
      insert into daily_stats as d (day, hour, guild_id, channel_id, requester_id, agent_id, type, status, priority, tasks, run_seconds, score_sum, score_count)
      select (finished_at at time zone 'UTC')::date, extract(hour from finished_at at time zone 'UTC')::smallint, coalesce(guild_id, ''), channel_id,
        requester_id, agent_id, coalesce(type, ''), status, priority, count(*), coalesce(sum(extract(epoch from finished_at - started_at)), 0), coalesce(sum(score), 0), count(score)
      from gone group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 3, 1, 2, 4, 5, 6, 7, 8, 9
      on conflict (guild_id, day, hour, channel_id, requester_id, agent_id, type, status, priority) do update
        set tasks = d.tasks + excluded.tasks, run_seconds = d.run_seconds + excluded.run_seconds,
          score_sum = d.score_sum + excluded.score_sum, score_count = d.score_count + excluded.score_count
    ),
    audited as (
      insert into audit_events (task_id, guild_id, actor, event, from_state, details)
      select id, guild_id, ${actor}, 'removed', status, jsonb_build_object('title', title, 'agent', agent_id) from gone
    ),
    untold as (delete from completions p using gone where gone.batch_id is null and p.card_id = gone.card_id),
    uncarded as (delete from cards c using gone where gone.batch_id is null and c.id = gone.card_id),
    deleted as (delete from tasks t using gone where t.id = gone.id)
    select status, stays, count(*)::int as tasks, array_agg(id) as ids,
      array_agg(distinct batch_id) filter (where batch_id is not null and not stays) as batches
    from judged group by status, stays`;
  const counted = noCounts();
  for (const row of rows) {
    if (row.stays) counted.spared += row.tasks;
    else counted[row.status] += row.tasks;
  }
  const gone = rows.flatMap((row) => (row.stays ? [] : row.ids));
  return { counted, gone, batches: [...new Set(rows.flatMap((row) => row.batches ?? []))] };
}

/**
 * Removes batches without tasks, with card and completions: the named ones, or any. A statement of its own, because two removals that take the last
 * tasks of one batch side by side cannot see each other's.
 */
export async function removeEmptyBatches(sql: Sql, ids?: readonly string[]): Promise<number> {
  const rows = await sql`
    with empty as (
      select b.id from batches b
      where ${ids ? sql`b.id = any(${ids as string[]}::uuid[])` : sql`b.created_at < now() - interval '1 hour'`}
        and not exists (select from tasks t where t.batch_id = b.id)
      order by b.id limit ${CHUNK} for update
    ),
    untold as (delete from completions p using empty where p.card_id = empty.id),
    uncarded as (delete from cards c using empty where c.id = empty.id)
    delete from batches b using empty where b.id = empty.id returning b.id`;
  return rows.length;
}
