/** Failed tasks of a guild, for the people who look after it: whatever the channel. */

import type { Sql } from '../database.js';
import type { Position } from '../tasks/quest.js';
import { CHUNK, spared } from './remove.js';

/** Null: all guilds and direct messages. */
type Guild = string | null;

function of(sql: Sql, guildId: Guild) {
  return guildId === null ? sql`t.status = 'failed'` : sql`t.status = 'failed' and t.guild_id = ${guildId}`;
}

/** A page of their ids. */
export async function failedIds(sql: Sql, guildId: Guild, { id, direction }: Position, want: number): Promise<string[]> {
  const older = direction === 'older';
  const rows = await sql<{ id: string }[]>`
    select t.id from tasks t where ${of(sql, guildId)} and ${older ? sql`t.id < ${id}` : sql`t.id > ${id}`}
    order by t.id ${older ? sql`desc` : sql`asc`} limit ${want}`;
  return rows.map((row) => row.id);
}

export async function countFailed(sql: Sql, guildId: Guild): Promise<number> {
  const rows = await sql<{ failed: number }[]>`select count(*)::int as failed from tasks t where ${of(sql, guildId)}`;
  return rows[0]?.failed ?? 0;
}

/** Those of the ids (null: of all) that have failed in the guild, oldest first. */
export async function requeueable(sql: Sql, guildId: Guild, ids: readonly string[] | null, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select t.id from tasks t where ${of(sql, guildId)} and ${ids === null ? sql`true` : sql`t.id = any(${ids as string[]}::uuid[])`}
    order by t.id limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Some that may be purged, oldest first. */
export async function purgeable(sql: Sql, guildId: Guild): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select t.id from tasks t where ${of(sql, guildId)} and not ${spared(sql)} order by t.id limit ${CHUNK}`;
  return rows.map((row) => row.id);
}
