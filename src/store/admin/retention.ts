/** Which finished tasks are to go. Channel by channel, because "at most N" is counted per channel and so no single statement grows with the database. */
import type { CleanupCounts } from '../../tasks/service.js';
import type { Sql } from '../database.js';
import { addCounts, noCounts, spared } from './remove.js';

export type FinalStatus = 'completed' | 'failed' | 'cancelled';

/** What goes: everything that ended longer ago than `olderThanDays`, and per channel what exceeds the newest N. */
export interface RetentionRule {
  /** Null: all guilds and direct messages. */
  guildId: string | null;
  /** Null: all channels. */
  channelId: string | null;
  statuses: readonly FinalStatus[];
  olderThanDays: number;
  /** Kept per channel; 0: no limit. */
  maxCompleted: number;
  /** Kept per channel, failed and cancelled together; 0: no limit. */
  maxFailed: number;
}

/** Ids that one read of a channel answers at most. */
const READ = 10_000;

/** Channels in which something may have to go. Reads only the index `tasks_channel_finished`. */
export async function channelsDue(sql: Sql, rule: RetentionRule): Promise<string[]> {
  const rows = await sql<{ channel_id: string }[]>`
    select channel_id from (
      select channel_id, status = 'completed' as done, count(*) as tasks, min(finished_at) as oldest
      from tasks
      where finished_at is not null and status = any(${rule.statuses as string[]}::text[])
        and ${rule.channelId === null ? sql`true` : sql`channel_id = ${rule.channelId}`}
      group by 1, 2
    ) c
    where oldest < now() - make_interval(days => ${rule.olderThanDays})
      or (${rule.maxCompleted} > 0 and done and tasks > ${rule.maxCompleted}) or (${rule.maxFailed} > 0 and not done and tasks > ${rule.maxFailed})
    group by 1 order by 1`;
  return rows.map((row) => row.channel_id);
}

function dueIn(sql: Sql, rule: RetentionRule, channelId: string) {
  return sql`
    select t.id, t.status, t.finished_at, ${spared(sql)} as stays
    from (
      select id, status, finished_at, card_id, batch_id, guild_id,
        row_number() over (partition by status = 'completed' order by finished_at desc, id desc) as place
      from tasks
      where channel_id = ${channelId} and finished_at is not null and status = any(${rule.statuses as string[]}::text[])
    ) t
    where (t.finished_at < now() - make_interval(days => ${rule.olderThanDays})
        or (${rule.maxCompleted} > 0 and t.status = 'completed' and t.place > ${rule.maxCompleted})
        or (${rule.maxFailed} > 0 and t.status <> 'completed' and t.place > ${rule.maxFailed}))
      and ${rule.guildId === null ? sql`true` : sql`t.guild_id = ${rule.guildId}`}`;
}

/** Ids of a channel that are to go, oldest first, at most 10,000; spared ones are left out. */
export async function dueTasks(sql: Sql, rule: RetentionRule, channelId: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from (${dueIn(sql, rule, channelId)}) d where not stays order by finished_at, id limit ${READ}`;
  return rows.map((row) => row.id);
}

/** What a channel would lose now. */
export async function countDue(sql: Sql, rule: RetentionRule, channelId: string): Promise<CleanupCounts> {
  const rows = await sql<{ status: FinalStatus; stays: boolean; tasks: number }[]>`
    select status, stays, count(*)::int as tasks from (${dueIn(sql, rule, channelId)}) d group by 1, 2`;
  return rows.reduce((sum, row) => addCounts(sum, { ...noCounts(), [row.stays ? 'spared' : row.status]: row.tasks }), noCounts());
}
