/** Pauses of agents, and the state of agents as a guild sees it. */
import type postgres from 'postgres';
import type { AgentState } from '../../tasks/service.js';
import type { Sql } from '../database.js';

/** A pause: `guildId` null pauses everywhere. `queueIds` are all queues of the agent, its own first (Registry.queuesOf). */
export interface Pause {
  queueIds: readonly string[];
  guildId: string | null;
}

/** Pauses an agent; false when it is paused there already. The audit event is part of the statement. */
export async function pauseAgent(sql: Sql, { queueIds, guildId }: Pause, actor: string): Promise<boolean> {
  const rows = await sql<{ agent_id: string }[]>`
    with paused as (
      insert into agent_pauses (agent_id, guild_id, paused_by)
      select u.id, ${guildId ?? ''}, ${actor} from unnest(${queueIds as string[]}::text[]) as u (id) on conflict do nothing returning agent_id
    ),
    audited as (
      insert into audit_events (guild_id, actor, event, details)
      select ${guildId}::text, ${actor}, 'agent_paused', jsonb_build_object('agent', ${queueIds[0] ?? null}::text) where exists (select from paused)
    )
    select agent_id from paused`;
  return rows.length > 0;
}

/**
 * Ends a pause; false when there is none. In the same statement the agent's pending tasks get back the time to live that they spent in it: from the
 * pause's begin (or their own, if later) until now, or until the begin of another pause that still covers them, which will count on from there.
 */
export async function resumeAgent(sql: Sql, { queueIds, guildId }: Pause, actor: string): Promise<boolean> {
  const rows = await sql<{ agent_id: string }[]>`
    with resumed as (
      delete from agent_pauses where agent_id = any(${queueIds as string[]}::text[]) and guild_id = ${guildId ?? ''} returning agent_id, paused_at
    ),
    shifted as (
      update tasks t
      set expires_at = t.expires_at + greatest(interval '0', coalesce(
        (select min(o.paused_at) from agent_pauses o
          where o.agent_id = t.agent_id and o.guild_id in ('', coalesce(t.guild_id, '')) and o.guild_id <> ${guildId ?? ''}), now()
      ) - greatest(r.paused_at, t.expires_at - make_interval(secs => t.ttl_seconds)))
      from resumed r
      where t.agent_id = r.agent_id and t.status = 'pending' and t.expires_at is not null
        and ${guildId === null ? sql`true` : sql`t.guild_id = ${guildId}`}
    ),
    audited as (
      insert into audit_events (guild_id, actor, event, details)
      select ${guildId}::text, ${actor}, 'agent_resumed',
        jsonb_build_object('agent', ${queueIds[0] ?? null}::text, 'seconds', round(extract(epoch from now() - min(paused_at))::numeric, 3))
      from resumed having count(*) > 0
    )
    select agent_id from resumed`;
  return rows.length > 0;
}

/** States of the named queues in a guild (null: in direct messages), in the given order. */
export async function queueStates(sql: Sql, queueIds: readonly string[], guildId: string | null): Promise<AgentState[]> {
  const here: postgres.PendingQuery<postgres.Row[]> = guildId === null ? sql`t.guild_id is null` : sql`t.guild_id = ${guildId}`;
  return sql<AgentState[]>`
    select a.id as "agentId",
      exists (select from agent_pauses p where p.agent_id = a.id and p.guild_id = ${guildId}::text) as paused,
      exists (select from agent_pauses p where p.agent_id = a.id and p.guild_id = '') as "pausedEverywhere",
      (select count(*)::int from tasks t where t.agent_id = a.id and t.status = 'pending' and ${here}) as pending,
      (select count(*)::int from tasks t where t.agent_id = a.id and t.status = 'in_progress' and ${here}) as running,
      (select count(*)::int from workers w where w.lease_until > now() and a.id = any(w.queues)) as workers
    from unnest(${queueIds as string[]}::text[]) with ordinality as a (id, place) order by a.place`;
}
