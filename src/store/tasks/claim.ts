/**
 * Claiming: the one conditional UPDATE that makes a pending task a worker's own attempt. It is the only way into `in_progress`, with hints and without.
 *
 * A hint of a task that is gone, waiting, expired or paused claims nothing and is dropped: the window (src/queue/window.ts) is a copy of the head of
 * the queue, so whatever becomes claimable later gets a new hint.
 */
import type postgres from 'postgres';
import type { Sql } from '../database.js';
import { aftermath } from './aftermath.js';
import { type TaskRow, unindexed } from './row.js';

/** May be started now: the predicate of `tasks_ready`, not expired, and its agent not paused here or everywhere. Expects the alias `t`. */
export function claimable(sql: Sql, isPending = sql`t.status = 'pending'`): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    ${isPending} and t.waiting_for is null and (t.expires_at is null or t.expires_at > now())
    and not exists (select from agent_pauses p where p.agent_id = t.agent_id and p.guild_id in ('', coalesce(t.guild_id, '')))`;
}

function makeMine(sql: Sql, workerId: string): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    changed as (
      update tasks t
      set status = 'in_progress', worker_id = ${workerId}, attempt = t.attempt + 1, started_at = now(), expires_at = null, updated_at = now(),
        revision = t.revision + 1
      -- Not a join: a plan from a time when the table was small would read all of it.
      where t.id = any (array(select id from free)) and exists (select from workers w where w.id = ${workerId} and w.lease_until > now())
      returning t.*, 'pending' as was, null::text as was_waiting, 'claimed' as event, 'worker:' || ${workerId}::text as by,
        jsonb_build_object('attempt', t.attempt) as details, false as tell
    )`;
}

/** Claims what can be claimed of the hinted tasks, for a worker whose lease is in force. Most urgent first. */
export async function claimHinted(sql: Sql, workerId: string, ids: readonly string[]): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    with free as (
      select i.id from (select distinct id from unnest(${ids as string[]}::uuid[]) as u (id) order by id) i
      cross join lateral (select from tasks t where t.id = i.id and ${claimable(sql, unindexed(sql, 'pending'))} for update of t skip locked) t
    ),
    ${makeMine(sql, workerId)},
    ${aftermath(sql)}
    select * from changed order by priority, ready_at, id`;
}

/** Claims straight from the queue, per agent at most its free slots, most urgent and then oldest first. */
export async function claimOldest(
  sql: Sql,
  workerId: string,
  wanted: readonly { queueId: string; slots: number }[],
): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    with free as (
      select f.id from unnest(${wanted.map((w) => w.queueId)}::text[], ${wanted.map((w) => w.slots)}::int[]) as q (agent_id, slots)
      cross join lateral (
        select t.id from tasks t where t.agent_id = q.agent_id and ${claimable(sql)}
        order by t.priority, t.ready_at, t.id limit q.slots for update of t skip locked
      ) f
    ),
    ${makeMine(sql, workerId)},
    ${aftermath(sql)}
    select * from changed order by priority, ready_at, id`;
}

/** The head of a queue: ids in the order in which they are to run. One more than the window tells whether there is more. */
export async function headOfQueue(sql: Sql, queueId: string, priority: number, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select t.id from tasks t where t.agent_id = ${queueId} and t.priority = ${priority} and ${claimable(sql)}
    order by t.ready_at, t.id limit ${limit}`;
  return rows.map((row) => row.id);
}
