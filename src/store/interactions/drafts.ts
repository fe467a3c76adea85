/** What a person has entered so far, between two interactions. A draft belongs to one person and lives for a limited time. */
import type postgres from 'postgres';
import type { Sql } from '../database.js';

/** Seconds a draft lives after its last change. */
const DRAFT_SECONDS = 3600;

/** Stores or replaces a draft of this person; its time begins anew. Somebody else's draft of the same id is left as it is. */
export async function saveDraft(sql: Sql, id: string, userId: string, draft: unknown): Promise<void> {
  await sql`
    insert into drafts (id, user_id, draft, expires_at)
    values (${id}, ${userId}, ${sql.json(draft as postgres.JSONValue)}, now() + make_interval(secs => ${DRAFT_SECONDS}))
    on conflict (id) do update set draft = excluded.draft, expires_at = excluded.expires_at
      where drafts.user_id = excluded.user_id`;
}

/** The person's draft as it was stored; undefined when there is none, it is somebody else's or its time is over. */
export async function readDraft(sql: Sql, id: string, userId: string): Promise<unknown> {
  const [row] = await sql<{ draft: unknown }[]>`
    select draft from drafts where id = ${id} and user_id = ${userId} and expires_at > now()`;
  return row?.draft;
}

/** Reads and removes the draft in one step: of two clicks only one gets it. */
export async function takeDraft(sql: Sql, id: string, userId: string): Promise<unknown> {
  const [row] = await sql<{ draft: unknown }[]>`
    delete from drafts where id = ${id} and user_id = ${userId} and expires_at > now() returning draft`;
  return row?.draft;
}
