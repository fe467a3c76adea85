/** The notes that a run is made alone, written before it begins: what the rescuer knows of it when its process dies. */
import type { Sql } from '../database.js';
import { type Fence, fence } from './run.js';

/** `isolated`: in a process of its own, whose death its worker survives and tells. `ran_alone`: in the worker itself, one such task at a time. */
export type AloneNote = 'isolated' | 'ran_alone';

/** Notes it in the task's history; false when the run is stale. */
export async function noteAlone(sql: Sql, workerId: string, run: Fence, note: AloneNote): Promise<boolean> {
  const rows = await sql`
    with running as (
      select t.id, t.guild_id, t.attempt from tasks t where t.id = ${run.taskId} and ${fence(sql, workerId, sql`${run.attempt}::int`)} for share of t
    )
    insert into audit_events (task_id, guild_id, actor, event, from_state, to_state, details)
    select id, guild_id, 'worker:' || ${workerId}::text, ${note}, 'in_progress', 'in_progress', jsonb_build_object('attempt', attempt) from running
    returning 1`;
  return rows.length > 0;
}
