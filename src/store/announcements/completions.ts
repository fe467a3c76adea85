/** Ends that somebody waits to hear of: the statements. */
import type { TaskError } from '../../tasks/model.js';
import type { Status } from '../../tasks/states.js';
import type { Sql } from '../database.js';
import type { Fence } from './cards.js';

/** One end that is not told yet, with what its message shows. */
export interface DueCompletion {
  cardId: string;
  ending: number;
  taskId: string | null;
  guildId: string | null;
  channelId: string;
  requesterId: string;
  status: Extract<Status, 'completed' | 'failed' | 'cancelled'>;
  createdAt: Date;
  nonce: string | null;
  /** How long ago it was first sent with its nonce. */
  sentSeconds: number | null;
  /** Null when the task, or batch, no longer exists. */
  title: string | null;
  error: TaskError | null;
  /** The beginning of the result's text. */
  result: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** Of a cancelled task: the actor of its audit event, `person:<id>` or another; and the reason that was given. */
  cancelledBy: string | null;
  cancelReason: string | null;
  /** Of the card, for the link. */
  messageId: string | null;
  atChannelId: string | null;
  /** Of a batch. */
  counts: Record<Status, number> | null;
}

export interface CompletionKey {
  cardId: string;
  ending: number;
}

/**
 * What is to be told in the channel: first what was sent already and has no known outcome, then the oldest. Waits for the card while that is being posted.
 * @param withText whether results are read
 */
export async function dueCompletions(sql: Sql, channelId: string, limit: number, withText = true): Promise<DueCompletion[]> {
  return sql<DueCompletion[]>`
    select p.card_id as "cardId", p.ending, p.task_id as "taskId", p.guild_id as "guildId", p.channel_id as "channelId",
      p.requester_id as "requesterId", p.status, p.created_at as "createdAt", p.nonce, extract(epoch from now() - p.sent_at)::float8 as "sentSeconds",
      coalesce(t.title, b.title) as title, t.error, left(t.result ->> 'text', ${withText ? 1_500 : 0}) as result,
      t.started_at as "startedAt", t.finished_at as "finishedAt",
      e.actor as "cancelledBy", e.details ->> 'reason' as "cancelReason", c.message_id as "messageId", c.at_channel_id as "atChannelId",
      case when b.id is not null then (
        select jsonb_object_agg(s.status, s.n) from (select x.status, count(*) as n from tasks x where x.batch_id = b.id group by x.status) s
      ) end as counts
    from completions p
    left join tasks t on t.id = p.task_id
    left join batches b on p.task_id is null and b.id = p.card_id
    left join cards c on c.id = p.card_id
    left join lateral (
      select a.actor, a.details from audit_events a
      where p.status = 'cancelled' and a.task_id = p.task_id and a.event = 'cancelled' order by a.id desc limit 1
    ) e on true
    where p.channel_id = ${channelId} and p.told_at is null
      and not (c.message_id is null and c.undeliverable is null and coalesce(c.reserved_until > now(), false))
    order by p.nonce nulls last, p.created_at, p.card_id
    limit ${limit}`;
}

/**
 * Notes, before they are sent, that these ends are sent together with this nonce.
 * @returns those that are still to be told; none when the channel's lease is another's.
 */
export async function beginTelling(
  sql: Sql,
  keys: readonly CompletionKey[],
  nonce: string,
  fence: Fence,
): Promise<CompletionKey[]> {
  return sql<CompletionKey[]>`
    update completions p set nonce = ${nonce}, sent_at = now()
    from unnest(${keys.map((key) => key.cardId)}::uuid[], ${keys.map((key) => key.ending)}::int[]) as k (card_id, ending)
    where p.card_id = k.card_id and p.ending = k.ending and p.told_at is null and p.nonce is null
      and exists (
        select from channel_leases l where l.channel_id = ${fence.channelId} and l.holder = ${fence.holder} and l.fence = ${fence.fence}::bigint
      )
    returning p.card_id as "cardId", p.ending`;
}

/** The message was not made: these ends are to be sent anew. */
export async function endTelling(sql: Sql, keys: readonly CompletionKey[]): Promise<void> {
  await sql`
    update completions p set nonce = null, sent_at = null
    from unnest(${keys.map((key) => key.cardId)}::uuid[], ${keys.map((key) => key.ending)}::int[]) as k (card_id, ending)
    where p.card_id = k.card_id and p.ending = k.ending and p.told_at is null`;
}

/** These ends are told. @param how `channel`, `direct_message`, or `undeliverable: why` with no message. */
export async function recordTold(sql: Sql, keys: readonly CompletionKey[], how: string, messageId: string | null): Promise<void> {
  await sql`
    update completions p set told_at = now(), told_how = left(${how}, 300), message_id = ${messageId}
    from unnest(${keys.map((key) => key.cardId)}::uuid[], ${keys.map((key) => key.ending)}::int[]) as k (card_id, ending)
    where p.card_id = k.card_id and p.ending = k.ending and p.told_at is null`;
}
