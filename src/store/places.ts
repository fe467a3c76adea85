/**
 * Where pending tasks stand: how many come before them, when they may start, and what keeps them from starting.
 * The estimate is tasks before it × mean run time ÷ slots, from what the live workers tell of themselves.
 */
import type { QueuePlace } from '../tasks/service.js';
import type { Sql } from './database.js';
import { unindexed } from './tasks/row.js';

/** Positions are counted up to here. */
const MAX_POSITION = 1000;

interface PlaceRow {
  id: string;
  waiting_for: string | null;
  ahead: number;
  running: number;
  slots: number;
  mean_ms: number | null;
  paused_here: boolean;
  paused_everywhere: boolean;
}

function blockedBy(row: PlaceRow): string | null {
  if (row.paused_everywhere) return 'The agent is paused everywhere.';
  if (row.paused_here) return 'The agent is paused in this server.';
  if (row.slots === 0) return 'No worker runs this agent right now.';
  return null;
}

function toPlace(row: PlaceRow): QueuePlace {
  const position = row.ahead + 1;
  const blocked = blockedBy(row);
  const free = row.slots - row.running;
  const rounds = position <= free ? 0 : Math.ceil((position - Math.max(free, 0)) / row.slots);
  const known = blocked === null && (rounds === 0 || row.mean_ms !== null);
  return {
    position,
    etaSeconds: known ? Math.round((rounds * (row.mean_ms ?? 0)) / 1000) : null,
    blockedBy: blocked,
  };
}

/** The places of those of the tasks that are pending. */
export async function queuePlaces(sql: Sql, ids: readonly string[]): Promise<Map<string, QueuePlace>> {
  const rows = await sql<PlaceRow[]>`
    with load as (
      select e.key as agent_id, sum((e.value ->> 'slots')::int)::int as slots, sum((e.value ->> 'running')::int)::int as running,
        avg((e.value ->> 'meanMs')::float8) as mean_ms
      from workers w, jsonb_each(w.load) e where w.lease_until > now() group by e.key
    )
    select t.id, t.waiting_for, a.ahead, coalesce(l.slots, 0) as slots, coalesce(l.running, 0) as running, l.mean_ms,
      exists (select from agent_pauses p where p.agent_id = t.agent_id and p.guild_id = t.guild_id) as paused_here,
      exists (select from agent_pauses p where p.agent_id = t.agent_id and p.guild_id = '') as paused_everywhere
    from unnest(${ids as string[]}::uuid[]) as i (id)
    cross join lateral (select * from tasks t where t.id = i.id and ${unindexed(sql, 'pending')} limit 1) t
    left join load l on l.agent_id = t.agent_id
    cross join lateral (
      select count(*)::int as ahead from (
        select from tasks o where o.agent_id = t.agent_id and o.status = 'pending' and o.waiting_for is null
          and (o.priority, o.ready_at, o.id) < (t.priority, t.ready_at, t.id)
        -- The order of tasks_ready: counted in any other way, all pending tasks of the agent would be read.
        order by o.priority, o.ready_at, o.id limit ${MAX_POSITION - 1}
      ) before
    ) a`;
  return new Map(rows.map((row) => [row.id, toPlace(row)]));
}
