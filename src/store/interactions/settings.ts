/** Time zones of people and guilds. */
import type { Sql } from '../database.js';

export interface TimeZones {
  /** IANA names; null: not set. */
  user: string | null;
  guild: string | null;
}

/** What this person and this guild have set. */
export async function readTimeZones(sql: Sql, userId: string, guildId: string | null): Promise<TimeZones> {
  const [row] = await sql<[{ user: string | null; guild: string | null }]>`
    select (select time_zone from user_settings where user_id = ${userId}) as "user",
           (select time_zone from guild_settings where guild_id = ${guildId}) as "guild"`;
  return row;
}

/** Sets (or, with null, takes back) a person's time zone. */
export async function setUserTimeZone(sql: Sql, userId: string, zone: string | null): Promise<void> {
  await sql`
    insert into user_settings (user_id, time_zone) values (${userId}, ${zone})
    on conflict (user_id) do update set time_zone = excluded.time_zone`;
}

/** Sets (or, with null, takes back) a guild's time zone. */
export async function setGuildTimeZone(sql: Sql, guildId: string, zone: string | null): Promise<void> {
  await sql`
    insert into guild_settings (guild_id, time_zone) values (${guildId}, ${zone})
    on conflict (guild_id) do update set time_zone = excluded.time_zone`;
}
