/** The numbers behind statistics: tasks that exist, and what is left of removed ones in `daily_stats`. */
import type { Status } from '../../tasks/states.js';
import type { Sql } from '../database.js';

/** Whose statistics. Null: no restriction. */
export interface StatsScope {
  guildId: string | null;
  channelId: string | null;
  requesterId: string | null;
  agentId: string | null;
  type: string | null;
}

export interface StatsPeriod {
  hours: number;
  /** Buckets of an hour, or of a day (UTC). */
  unit: 'hour' | 'day';
}

/** Tasks that have the same agent, status, priority and bucket. `at` null: not ended. */
export interface StatsRow {
  at: Date | null;
  agentId: string;
  status: Status;
  priority: number;
  tasks: number;
  runSeconds: number;
  scoreSum: number;
  scoreCount: number;
}

function within(sql: Sql, scope: StatsScope, everywhere = sql`true`) {
  return sql`
    ${scope.guildId === null ? everywhere : sql`s.guild_id = ${scope.guildId}`}
    and ${scope.channelId === null ? sql`true` : sql`s.channel_id = ${scope.channelId}`}
    and ${scope.requesterId === null ? sql`true` : sql`s.requester_id = ${scope.requesterId}`}
    and ${scope.agentId === null ? sql`true` : sql`s.agent_id = ${scope.agentId}`}
    and ${scope.type === null ? sql`true` : sql`s.type = ${scope.type}`}`;
}

/**
 * Begin of the period, on a whole bucket: removed tasks are known by the hour (older ones by the day), so only whole buckets count the same before and
 * after a cleanup.
 */
export async function periodStart(sql: Sql, { hours, unit }: StatsPeriod): Promise<{ since: Date; until: Date }> {
  const rows = await sql<{ since: Date; until: Date }[]>`
    select date_trunc(${unit}, now() - make_interval(hours => ${hours}), 'UTC') as since, now() as until`;
  return rows[0] as { since: Date; until: Date };
}

/** Ended tasks of the period, and those that are unfinished now, grouped. */
export async function statsRows(sql: Sql, scope: StatsScope, unit: StatsPeriod['unit'], since: Date): Promise<StatsRow[]> {
  return sql<StatsRow[]>`
    select date_trunc(${unit}, s.finished_at, 'UTC') as at, s.agent_id as "agentId", s.status, s.priority, count(*)::int as tasks,
      coalesce(sum(extract(epoch from s.finished_at - s.started_at)), 0)::float8 as "runSeconds",
      coalesce(sum(s.score), 0)::float8 as "scoreSum", count(s.score)::int as "scoreCount"
    from tasks s where s.finished_at >= ${since} and ${within(sql, scope)} group by 1, 2, 3, 4
    union all
    select null, s.agent_id, s.status, s.priority, count(*)::int, 0, 0, 0
    from tasks s where s.status in ('pending', 'in_progress') and ${within(sql, scope)} group by 2, 3, 4
    union all
    select date_trunc(${unit}, (s.day + make_interval(hours => s.hour::int)) at time zone 'UTC', 'UTC'), s.agent_id, s.status, s.priority,
      sum(s.tasks)::int, sum(s.run_seconds), sum(s.score_sum), sum(s.score_count)::int
    from daily_stats s
    where s.day >= (${since}::timestamptz at time zone 'UTC')::date
      and (s.day + make_interval(hours => s.hour::int)) at time zone 'UTC' >= ${since} and ${within(sql, scope)}
    group by 1, 2, 3, 4`;
}

/** 95th percentile of the seconds of completed runs, by agent and (agentId null) in all. Removed tasks are not in it. */
export async function runPercentiles(sql: Sql, scope: StatsScope, since: Date): Promise<Map<string | null, number>> {
  const rows = await sql<{ agent_id: string | null; p95: number | null }[]>`
    select s.agent_id, percentile_cont(0.95) within group (order by extract(epoch from s.finished_at - s.started_at)::float8) as p95
    from tasks s where s.finished_at >= ${since} and s.status = 'completed' and ${within(sql, scope)}
    group by grouping sets ((s.agent_id), ())`;
  return new Map(rows.filter((row) => row.p95 !== null).map((row) => [row.agent_id, row.p95 as number]));
}
