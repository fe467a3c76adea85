/**
 * Where pending tasks stand: how many come before them, when they may start, and what keeps them from starting.
 * The estimate is tasks before it × mean run time ÷ slots, from what the live workers tell of themselves.
 */
import type postgres from 'postgres';
import type { QueuePlace } from '../tasks/service.js';
import type { Sql } from './database.js';
import { unindexed } from './tasks/row.js';

/** Positions are counted up to here. */
export const MAX_POSITION = 1000;

/** How busy the workers of a queue are, and where it is paused. */
interface QueueLoad {
  running: number;
  slots: number;
  mean_ms: number | null;
  paused_here: boolean;
  paused_everywhere: boolean;
}

function blockedBy(load: QueueLoad): string | null {
  if (load.paused_everywhere) return 'The agent is paused everywhere.';
  if (load.paused_here) return 'The agent is paused in this server.';
  if (load.slots === 0) return 'No worker runs this agent right now.';
  return null;
}

/** The place of a task at a position, 1 for the next. */
export function toPlace(position: number, load: QueueLoad): QueuePlace {
  const blocked = blockedBy(load);
  const free = load.slots - load.running;
  const rounds = position <= free ? 0 : Math.ceil((position - Math.max(free, 0)) / load.slots);
  const known = blocked === null && (rounds === 0 || load.mean_ms !== null);
  return {
    position,
    etaSeconds: known ? Math.round((rounds * (load.mean_ms ?? 0)) / 1000) : null,
    blockedBy: blocked,
  };
}

/** What the live workers tell, by queue. */
function loads(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    load as (
      select e.key as agent_id, sum((e.value ->> 'slots')::int)::int as slots, sum((e.value ->> 'running')::int)::int as running,
        avg((e.value ->> 'meanMs')::float8) as mean_ms
      from workers w, jsonb_each(w.load) e where w.lease_until > now() group by e.key
    )`;
}

/** The places of those of the tasks that are pending. */
export async function queuePlaces(sql: Sql, ids: readonly string[]): Promise<Map<string, QueuePlace>> {
  const rows = await sql<(QueueLoad & { id: string; ahead: number })[]>`
    with ${loads(sql)}
    select t.id, a.ahead, coalesce(l.slots, 0) as slots, coalesce(l.running, 0) as running, l.mean_ms,
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
  return new Map(rows.map((row) => [row.id, toPlace(row.ahead + 1, row)]));
}

/** One priority of a queue, up to a task of it. */
export interface QueueLevel {
  agentId: string;
  priority: number;
  /** The last task to be counted. */
  lastId: string;
}

/** How long a queue is at a level, and what else decides when a new task of it starts. */
export interface QueueState extends Omit<QueueLevel, 'lastId'>, Omit<QueueLoad, 'paused_here'> {
  /** Tasks that are ready up to the last one, itself and the more urgent ones included. */
  ready: number;
  /** Guilds in which the agent is paused. */
  paused_in: string[];
}

/** The states of these levels. @param atMost tasks that are counted of each */
export async function queueStates(sql: Sql, levels: readonly QueueLevel[], atMost: number): Promise<QueueState[]> {
  return sql<QueueState[]>`
    with ${loads(sql)}
    select q.agent_id as "agentId", q.priority, a.ready, coalesce(l.slots, 0) as slots, coalesce(l.running, 0) as running, l.mean_ms,
      array(select p.guild_id from agent_pauses p where p.agent_id = q.agent_id and p.guild_id <> '') as paused_in,
      exists (select from agent_pauses p where p.agent_id = q.agent_id and p.guild_id = '') as paused_everywhere
    from unnest(${levels.map((level) => level.lastId)}::uuid[]) as i (id)
    cross join lateral (select * from tasks t where t.id = i.id limit 1) q
    left join load l on l.agent_id = q.agent_id
    cross join lateral (
      select count(*)::int as ready from (
        select from tasks o where o.agent_id = q.agent_id and o.status = 'pending' and o.waiting_for is null
          and (o.priority, o.ready_at, o.id) <= (q.priority, q.ready_at, q.id)
        order by o.priority, o.ready_at, o.id limit ${atMost}
      ) r
    ) a`;
}
