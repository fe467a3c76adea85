/** Limits of a guild, and audit events that belong to no task. */
import type postgres from 'postgres';
import type { GuildLimits } from '../../tasks/service.js';
import type { Sql } from '../database.js';

/** What the guild has set; null where it has set nothing. */
export async function readLimits(sql: Sql, guildId: string): Promise<GuildLimits> {
  const rows = await sql<GuildLimits[]>`
    select queue_size as "queueSize", channel_limit as "channelLimit" from guild_settings where guild_id = ${guildId}`;
  return rows[0] ?? { queueSize: null, channelLimit: null };
}

/** Changes the named ones (null takes one back), with the audit event of what they were and are. */
export async function writeLimits(sql: Sql, guildId: string, limits: Partial<GuildLimits>, actor: string): Promise<GuildLimits> {
  const keepQueue = limits.queueSize === undefined ? 1 : 0;
  const keepChannel = limits.channelLimit === undefined ? 1 : 0;
  const rows = await sql<GuildLimits[]>`
    with old as (select queue_size, channel_limit from guild_settings where guild_id = ${guildId}),
    written as (
      insert into guild_settings as g (guild_id, queue_size, channel_limit) values (${guildId}, ${limits.queueSize ?? null}, ${limits.channelLimit ?? null})
      on conflict (guild_id) do update
        set queue_size = case when ${keepQueue} = 1 then g.queue_size else excluded.queue_size end,
          channel_limit = case when ${keepChannel} = 1 then g.channel_limit else excluded.channel_limit end
      returning queue_size, channel_limit
    ),
    audited as (
      insert into audit_events (guild_id, actor, event, details)
      select ${guildId}, ${actor}, 'limits_changed', jsonb_build_object(
        'from', (select jsonb_build_object('queueSize', queue_size, 'channelLimit', channel_limit) from old),
        'to', jsonb_build_object('queueSize', queue_size, 'channelLimit', channel_limit)) from written
    )
    select queue_size as "queueSize", channel_limit as "channelLimit" from written`;
  return rows[0] as GuildLimits;
}

/** Writes down what an admin did that is not one task's matter. */
export async function auditAdmin(
  sql: Sql,
  event: { guildId: string | null; actor: string; event: string; details: object },
): Promise<void> {
  const details = sql.json(event.details as postgres.JSONValue);
  await sql`insert into audit_events (guild_id, actor, event, details) values (${event.guildId}, ${event.actor}, ${event.event}, ${details}::jsonb)`;
}
