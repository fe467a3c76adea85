/** Which interactions were taken already: the twin, in Postgres, of a Redis key that lives 900 s. */
import type { Sql } from '../database.js';

/** Seconds for which a claim counts: the life of an interaction's token. */
export const CLAIM_SECONDS = 900;

/** True for the first caller with this interaction, false for every other. */
export async function claimInteraction(sql: Sql, interactionId: string): Promise<boolean> {
  const rows = await sql`
    insert into interaction_claims (id) values (${interactionId})
    on conflict (id) do nothing
    returning id`;
  return rows.length === 1;
}
