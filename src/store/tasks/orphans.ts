/** Tasks that are a worker's by Postgres, and of which that worker knows nothing: it claimed them and the reply was lost. */
import type { Sql } from '../database.js';
import type { TaskRow } from './row.js';
import type { Fence } from './run.js';

/** Rows answered at most. */
const LIMIT = 500;

/** Running tasks of the worker other than the runs that it knows. */
export async function unknownRuns(sql: Sql, workerId: string, known: readonly Fence[]): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    select t.* from tasks t
    where t.status = 'in_progress' and t.worker_id = ${workerId}
      and not exists (
        select from unnest(${known.map((run) => run.taskId)}::uuid[], ${known.map((run) => run.attempt)}::int[]) as k (id, attempt)
        where k.id = t.id and k.attempt = t.attempt
      )
    limit ${LIMIT}`;
}
