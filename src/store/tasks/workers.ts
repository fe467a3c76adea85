/** The lease of a process: one row, renewed by one small UPDATE whatever the number of its tasks. All times are the database's. */
import type postgres from 'postgres';
import type { JsonObject } from '../../tasks/model.js';
import type { Sql } from '../database.js';

/** What a worker tells of each queue it serves. `meanMs`: moving average of its runs, null before the first. */
export type WorkerLoad = Record<string, { slots: number; running: number; meanMs: number | null }>;

/** Makes or renews the lease. */
export async function renewLease(
  sql: Sql,
  worker: { id: string; name: string; queues: readonly string[]; load: WorkerLoad; leaseSeconds: number },
): Promise<void> {
  const load = sql.json(worker.load as unknown as postgres.JSONValue);
  await sql`
    insert into workers (id, name, queues, load, lease_until)
    values (${worker.id}, ${worker.name}, ${worker.queues as string[]}, ${load}, now() + make_interval(secs => ${worker.leaseSeconds}))
    on conflict (id) do update set load = excluded.load, lease_until = excluded.lease_until`;
}

/** Ends the lease at a graceful stop, when nothing is running any more. */
export async function endLease(sql: Sql, workerId: string): Promise<void> {
  await sql`delete from workers where id = ${workerId}`;
}

/** Forgets workers that died long ago and have no task left. */
export async function forgetDeadWorkers(sql: Sql): Promise<number> {
  const rows = await sql<JsonObject[]>`
    delete from workers w where lease_until < now() - interval '1 hour'
      and not exists (select from tasks t where t.worker_id = w.id and t.status = 'in_progress') returning w.id`;
  return rows.length;
}
