/** What Discord shows of each card: the statements that record it. */
import type { Sql } from '../database.js';

/** The holder of a channel's lease: who may send there. */
export interface Fence {
  channelId: string;
  holder: string;
  /** Grows with each new holder. */
  fence: string;
}

/** A message that has become the card. */
export interface Posted {
  cardId: string;
  messageId: string;
  /** `cards.revision` (of a task's card: `task.revision` at its creation) that the message shows. */
  revision: number;
  /** Where the message is, when not in the card's own channel. */
  atChannelId?: string | null;
  /** Time of the progress that it shows. */
  progressAt?: Date | null;
  hash?: string | null;
  /** Run whose files it carries. */
  files?: number | null;
}

/**
 * Makes the message the card, unless it has one already. Whoever gets `already` has made a message too many and deletes it.
 * @returns `missing` when there is no such card any more.
 */
export async function recordPosted(sql: Sql, posted: Posted): Promise<'recorded' | 'already' | 'missing'> {
  const { cardId, messageId, revision, atChannelId = null, progressAt = null, hash = null, files = null } = posted;
  const rows = await sql<{ message_id: string | null; recorded: boolean }[]>`
    with known as (select id, message_id from cards where id = ${cardId} for update),
    recorded as (
      update cards c
      set message_id = ${messageId}, shown_revision = greatest(c.shown_revision, least(${revision}::int, c.revision)), reserved_until = null,
        post_sent_at = null, at_channel_id = ${atChannelId}, shown_progress_at = ${progressAt}, shown_hash = ${hash}, shown_at = now(),
        shown_files = ${files}, undeliverable = null
      from known k where c.id = k.id and k.message_id is null
      returning c.id
    )
    select k.message_id, exists (select from recorded) as recorded from known k`;
  const row = rows[0];
  if (row === undefined) return 'missing';
  return row.recorded || row.message_id === messageId ? 'recorded' : 'already';
}

/** Ends the wait for the answer to an interaction: the announcer posts the card itself, at once. */
export async function releaseReservation(sql: Sql, cardId: string): Promise<void> {
  await sql`update cards set reserved_until = null where id = ${cardId} and message_id is null`;
}

/** What `beginPost` answers. */
export interface PostBegun {
  /** Makes the nonce. */
  attempt: number;
  /** How long ago it was first sent (0: now). */
  sentSeconds: number;
  /**
   * How long ago an answer to an interaction was expected to become the card; null when none was, or when it surely never came. The process that answered may have
   * died before it recorded the message.
   */
  expectedSeconds: number | null;
}

/** Notes, before it is sent, that a message for the card will be sent. Null: not ours to send, or it has a message by now. */
export async function beginPost(sql: Sql, cardId: string, fence: Fence): Promise<PostBegun | null> {
  const rows = await sql<PostBegun[]>`
    update cards c set post_sent_at = coalesce(c.post_sent_at, now())
    where c.id = ${cardId} and c.message_id is null and c.undeliverable is null and (c.reserved_until is null or c.reserved_until <= now())
      and exists (
        select from channel_leases l where l.channel_id = ${fence.channelId} and l.holder = ${fence.holder} and l.fence = ${fence.fence}::bigint
      )
    returning c.post_attempt as attempt, extract(epoch from now() - c.post_sent_at)::float8 as "sentSeconds",
      case when c.reserved_until is not null then extract(epoch from now() - c.created_at)::float8 end as "expectedSeconds"`;
  return rows[0] ?? null;
}

/** Nothing was posted after all: refused, or never sent. With `newNonce` there surely is no message, and the next try is a new one. */
export async function endPost(sql: Sql, cardId: string, newNonce: boolean): Promise<void> {
  await sql`
    update cards set post_sent_at = null, post_attempt = post_attempt + ${newNonce ? 1 : 0},
      reserved_until = case when ${newNonce ? 1 : 0} = 0 then reserved_until end
    where id = ${cardId} and message_id is null`;
}

/** What an edit has made the card show. */
export interface Shown {
  cardId: string;
  messageId: string;
  revision: number;
  progressAt: Date | null;
  hash: string;
  /** Run whose files are attached now; null when none are. */
  files: number | null;
}

/**
 * Records an edit that Discord has confirmed. If the channel has a new holder by now, an older state may have overwritten a newer one: then the card
 * becomes due again, so that the newest state has the last word.
 */
export async function recordShown(sql: Sql, shown: Shown, fence: Fence): Promise<'recorded' | 'overtaken' | 'gone'> {
  const rows = await sql<{ mine: boolean }[]>`
    with lease as (
      select exists (
        select from channel_leases l where l.channel_id = ${fence.channelId} and l.holder = ${fence.holder} and l.fence = ${fence.fence}::bigint
      ) as mine
    )
    update cards c
    set shown_revision = case when l.mine then greatest(c.shown_revision, ${shown.revision}::int) else 0 end,
      shown_progress_at = case when l.mine then greatest(c.shown_progress_at, ${shown.progressAt}::timestamptz) end,
      shown_hash = case when l.mine then ${shown.hash} end, shown_at = now(), shown_files = ${shown.files}
    from lease l
    where c.id = ${shown.cardId} and c.message_id = ${shown.messageId}
    returning l.mine`;
  const row = rows[0];
  if (row === undefined) return 'gone';
  return row.mine ? 'recorded' : 'overtaken';
}

/** The message is no longer there, or can no longer be edited: the card wants a new one, here or (`atChannelId`) elsewhere. */
export async function recordMessageGone(
  sql: Sql,
  cardId: string,
  messageId: string | null,
  atChannelId: string | null,
): Promise<void> {
  await sql`
    update cards
    set message_id = null, at_channel_id = ${atChannelId}, post_attempt = post_attempt + 1, post_sent_at = null, shown_revision = 0,
      shown_progress_at = null, shown_hash = null, shown_files = null
    where id = ${cardId} and message_id is not distinct from ${messageId}`;
}

/** The card cannot be shown anywhere; it stays so, with its reason, until a message of it is recorded. */
export async function recordUndeliverable(sql: Sql, cardId: string, reason: string): Promise<void> {
  await sql`update cards set undeliverable = left(${reason}, 300), post_sent_at = null where id = ${cardId}`;
}
