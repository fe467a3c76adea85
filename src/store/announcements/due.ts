/** What a channel's writer has to do, most important first. */
import type { Sql } from '../database.js';

/** A card whose message shows an older state. */
export interface DueEdit {
  cardId: string;
  kind: 'task' | 'batch';
  final: boolean;
  messageId: string;
  /** Where the message is. */
  atChannelId: string;
  /** Milliseconds since the message was last written; null when that is not known. */
  shownMs: number | null;
}

/**
 * Cards of the channel with a message that is behind: final ones first, then the oldest.
 * @param olderThan snowflake that parts messages of an hour ago from fresh ones; `old` picks which.
 */
export async function dueEdits(sql: Sql, channelId: string, olderThan: string, old: boolean, limit: number): Promise<DueEdit[]> {
  return sql<DueEdit[]>`
    select id as "cardId", kind, final, message_id as "messageId", coalesce(at_channel_id, channel_id) as "atChannelId",
      (extract(epoch from now() - shown_at) * 1000)::float8 as "shownMs"
    from cards
    where channel_id = ${channelId} and revision > shown_revision and undeliverable is null and message_id is not null
      and (message_id::numeric < ${olderThan}::numeric) = ${old}
    order by final desc, kind desc, id
    limit ${limit}`;
}

/** A card that has no message and is not expected to get one from an interaction. */
export interface DuePost {
  cardId: string;
  kind: 'task' | 'batch';
  /** Where it is to be posted. */
  atChannelId: string;
  redirected: boolean;
}

/** Cards of the channel that want a message: what was sent already and has no known outcome, then the oldest. */
export async function duePosts(sql: Sql, channelId: string, limit: number): Promise<DuePost[]> {
  return sql<DuePost[]>`
    select id as "cardId", kind, coalesce(at_channel_id, channel_id) as "atChannelId", at_channel_id is not null as redirected from cards
    where channel_id = ${channelId} and revision > shown_revision and undeliverable is null and message_id is null
      and (reserved_until is null or reserved_until <= now())
    order by post_sent_at nulls last, id
    limit ${limit}`;
}

/** A card some of whose tasks run now. */
export interface RunningCard {
  cardId: string;
  kind: 'task' | 'batch';
  /** For the link; null in a direct message. */
  guildId: string | null;
  messageId: string | null;
  atChannelId: string;
  requesterId: string;
  title: string;
  /** 0–100; of a batch the part that has ended. */
  percent: number;
  step: string;
  /** Progress newer than what its message shows. */
  behind: boolean;
  shownMs: number | null;
}

export interface Running {
  /** The 20 that have run longest. */
  cards: RunningCard[];
  /** All of them. */
  running: number;
  /** Tasks of the channel that wait for their turn. */
  waiting: number;
}

/** What runs in the channel. The tasks of a batch count as one. */
export async function runningCards(sql: Sql, channelId: string): Promise<Running> {
  const rows = await sql<(RunningCard & { running: number; waiting: number })[]>`
    with running as (
      select t.card_id, min(t.started_at) as since, min(t.title) as title, max(p.percent) as percent, min(p.step) as step, max(p.updated_at) as progress_at
      from tasks t left join progress p on p.task_id = t.id
      where t.channel_id = ${channelId} and t.status = 'in_progress'
      group by t.card_id
    )
    select c.id as "cardId", c.kind, case when c.at_channel_id is null then c.guild_id end as "guildId",
      c.message_id as "messageId", coalesce(c.at_channel_id, c.channel_id) as "atChannelId", c.requester_id as "requesterId", coalesce(b.title, r.title) as title,
      coalesce(case when b.id is null then r.percent else (b.total - b.unfinished) * 100 / b.total end, 0)::int as percent,
      coalesce(case when b.id is null then r.step else (b.total - b.unfinished) || ' of ' || b.total || ' ended' end, '') as step,
      (b.id is null and r.progress_at is not null and (c.shown_progress_at is null or r.progress_at > c.shown_progress_at)) as behind,
      (extract(epoch from now() - c.shown_at) * 1000)::float8 as "shownMs",
      (count(*) over ())::int as running,
      (select count(*) from tasks w where w.channel_id = ${channelId} and w.status = 'pending' and w.waiting_for is null)::int as waiting
    from running r join cards c on c.id = r.card_id left join batches b on b.id = c.id
    where c.undeliverable is null
    order by r.since, c.id
    limit 20`;
  return { cards: [...rows], running: rows[0]?.running ?? 0, waiting: rows[0]?.waiting ?? 0 };
}

/** Cards whose tasks are the next in line and whose message is `staleMs` old: their place may have changed. */
export async function stalePlaces(sql: Sql, channelId: string, staleMs: number, limit: number): Promise<DueEdit[]> {
  return sql<DueEdit[]>`
    select c.id as "cardId", c.kind, c.final, c.message_id as "messageId", coalesce(c.at_channel_id, c.channel_id) as "atChannelId",
      (extract(epoch from now() - c.shown_at) * 1000)::float8 as "shownMs"
    from tasks t join cards c on c.id = t.card_id
    where t.channel_id = ${channelId} and t.status = 'pending' and t.waiting_for is null and c.kind = 'task' and c.message_id is not null
      and c.undeliverable is null and c.shown_at < now() - ${staleMs} * interval '1 ms'
    order by t.priority, t.ready_at, t.id
    limit ${limit}`;
}

/** Seconds that the oldest undelivered announcement has been due; 0 when nothing is. */
export async function oldestDueSeconds(sql: Sql): Promise<number> {
  const rows = await sql<{ seconds: number }[]>`
    select coalesce(extract(epoch from now() - min(since)), 0)::float8 as seconds from (
      select min(created_at) as since from completions where told_at is null
      union all
      select min(changed) from (
        select max(t.updated_at) as changed from cards c join tasks t on t.card_id = c.id
        where c.revision > c.shown_revision and c.undeliverable is null and (c.reserved_until is null or c.reserved_until <= now())
        group by c.id
      ) cards
    ) due`;
  return Math.max(0, rows[0]?.seconds ?? 0);
}
