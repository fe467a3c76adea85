/**
 * What Guildhall's engine is compared with: the "plain SKIP LOCKED queue", as many write it into their own program. One table, one row a job; each slot takes
 * one row with `FOR UPDATE SKIP LOCKED`, runs it, marks it done, and sleeps when there is none. No hints, no leases, no audit, no cards, no limits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';

/** Milliseconds an idle slot sleeps. */
export const REFERENCE_POLL_MS = 100;

export interface ReferenceQueue {
  create(id: string): Promise<void>;
  /** Runs jobs in that many slots until `stop`. `ran` is called when a job begins, `done` when its end is committed. */
  work(slots: number, ran: (id: string) => void, done: (id: string) => void): void;
  stop(): Promise<void>;
}

/** Makes the table in the schema and gives the queue. */
export async function openReference(sql: postgres.Sql, schema: string): Promise<ReferenceQueue> {
  await sql`create schema if not exists ${sql(schema)}`;
  const jobs = sql(`${schema}.jobs`);
  await sql`create table ${jobs} (id uuid primary key, payload jsonb not null, status text not null default 'pending', created_at timestamptz not null default now())`;
  await sql`create index on ${jobs} (created_at, id) where status = 'pending'`;
  let stopped = false;
  let slotsWorking: Promise<void>[] = [];

  const slot = async (ran: (id: string) => void, done: (id: string) => void) => {
    while (!stopped) {
      const [job] = await sql<{ id: string }[]>`
        update ${jobs} set status = 'running'
        where id = (select id from ${jobs} where status = 'pending' order by created_at, id limit 1 for update skip locked) returning id`;
      if (job === undefined) {
        await sleep(REFERENCE_POLL_MS);
        continue;
      }
      ran(job.id);
      await sql`update ${jobs} set status = 'done' where id = ${job.id}`;
      done(job.id);
    }
  };

  return {
    async create(id) {
      await sql`insert into ${jobs} (id, payload) values (${id}, '{}')`;
    },
    work(slots, ran, done) {
      slotsWorking = Array.from({ length: slots }, () => slot(ran, done));
    },
    async stop() {
      stopped = true;
      await Promise.all(slotsWorking);
    },
  };
}
