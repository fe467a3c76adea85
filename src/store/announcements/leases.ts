/** One announcer per channel: the leases. Only the database's clock counts. */
import type { Sql } from '../database.js';

/** A channel that this process may write to. */
export interface Lease {
  channelId: string;
  fence: string;
  /** Milliseconds until the first request may be sent: what the holder before may have used of the rate limits is over by then. */
  quietMs: number;
  boardMessageId: string | null;
  /** Of a board that was sent and whose outcome is unknown. */
  boardNonce: string | null;
  boardSentSeconds: number | null;
}

/** Channels that have something to announce and that this process may look after: its own (`mine`) and those that nobody does, at most `limit`. */
export async function dueChannels(sql: Sql, holder: string, limit: number): Promise<{ channelId: string; mine: boolean }[]> {
  return sql<{ channelId: string; mine: boolean }[]>`
    with due as (
      select channel_id from cards
      where revision > shown_revision and undeliverable is null and (message_id is not null or reserved_until is null or reserved_until <= now())
      union
      select channel_id from completions where told_at is null
      union
      select c.channel_id from progress p join tasks t on t.id = p.task_id join cards c on c.id = t.card_id
      where c.kind = 'task' and c.undeliverable is null and c.message_id is not null
        and (c.shown_progress_at is null or p.updated_at > c.shown_progress_at)
      union
      select channel_id from channel_leases where board_message_id is not null or board_nonce is not null
    )
    select d.channel_id as "channelId", coalesce(l.holder = ${holder} and l.lease_until > now(), false) as mine
    from due d left join channel_leases l using (channel_id)
    where l.channel_id is null or l.lease_until <= now() or l.holder = ${holder}
    limit ${limit}`;
}

/**
 * Takes the leases of these channels that nobody holds. A successor keeps quiet until one rate-limit window after the end of the lease before,
 * because the holder before may still have been sending until then; whoever takes its own lease again knows what it has sent.
 */
export async function takeLeases(
  sql: Sql,
  holder: string,
  channelIds: readonly string[],
  times: { leaseMs: number; windowMs: number },
): Promise<Lease[]> {
  return sql<Lease[]>`
    insert into channel_leases as l (channel_id, holder, lease_until, quiet_until)
    select id, ${holder}::uuid, now() + ${times.leaseMs} * interval '1 ms', now()
    from (select distinct unnest(${channelIds as string[]}::text[]) as id order by 1) wanted
    on conflict (channel_id) do update
    set holder = excluded.holder, fence = l.fence + 1, lease_until = excluded.lease_until,
      quiet_until = case when l.holder = excluded.holder then now() else greatest(now(), l.lease_until + ${times.windowMs} * interval '1 ms') end
    where l.lease_until <= now()
    returning channel_id as "channelId", fence::text as fence, (extract(epoch from quiet_until - now()) * 1000)::float8 as "quietMs",
      board_message_id as "boardMessageId", board_nonce as "boardNonce", extract(epoch from now() - board_sent_at)::float8 as "boardSentSeconds"`;
}

/** Prolongs all leases of the holder in one statement. @returns the channels that are still its own. */
export async function renewLeases(sql: Sql, holder: string, channelIds: readonly string[], leaseMs: number): Promise<string[]> {
  const rows = await sql<{ channel_id: string }[]>`
    update channel_leases set lease_until = now() + ${leaseMs} * interval '1 ms'
    where holder = ${holder} and channel_id = any(${channelIds as string[]})
    returning channel_id`;
  return rows.map((row) => row.channel_id);
}

/** Gives leases up, so that another process may take them at once. */
export async function releaseLeases(sql: Sql, holder: string, channelIds: readonly string[]): Promise<void> {
  await sql`
    update channel_leases set lease_until = now()
    where holder = ${holder} and channel_id = any(${channelIds as string[]}) and lease_until > now()`;
}

/** Processes that announce now: they share what Discord allows. */
export async function liveHolders(sql: Sql): Promise<number> {
  const rows = await sql<{ holders: number }[]>`
    select count(distinct holder)::int as holders from channel_leases where lease_until > now()`;
  return rows[0]?.holders ?? 0;
}

/** Removes what is left of channels that have been quiet for a week. */
export async function forgetLeases(sql: Sql): Promise<void> {
  await sql`
    delete from channel_leases where lease_until < now() - interval '7 days' and board_message_id is null and board_nonce is null`;
}

/** Notes, before it is sent, the nonce of a board. @returns whether the lease is still ours. */
export async function beginBoard(sql: Sql, channelId: string, holder: string, fence: string, nonce: string): Promise<boolean> {
  const rows = await sql`
    update channel_leases set board_nonce = ${nonce}, board_sent_at = case when board_nonce = ${nonce} then board_sent_at else now() end
    where channel_id = ${channelId} and holder = ${holder} and fence = ${fence}::bigint
    returning channel_id`;
  return rows.length === 1;
}

/** Records which message is the board; null: none is. */
export async function recordBoard(sql: Sql, channelId: string, messageId: string | null): Promise<void> {
  await sql`
    update channel_leases set board_message_id = ${messageId}, board_nonce = null, board_sent_at = null where channel_id = ${channelId}`;
}
