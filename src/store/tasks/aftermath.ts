/**
 * What follows every change of a task's state, as the tail of the statement that makes the change, so that both are one transaction:
 * audit event, revision of the card, the batch's count, the completion that somebody waits for, and the end of its progress.
 *
 * Invariant: no state changes without its audit event and its announcement being due. The alternative, a second statement in a transaction, costs a
 * round trip per change and can be forgotten by a caller.
 *
 * Tasks of one batch share its card and its row, so two statements can want the same ones: the cards are locked in the order of their ids, before anything of a
 * batch is written, and so they cannot wait for each other.
 */
import type postgres from 'postgres';
import type { Sql } from '../database.js';

/**
 * Rows are named by `id = any (array(…))` beside the join: joined alone, a plan from a time when the table was small reads all of it, for each statement.
 *
 * Continues a `with` list. It expects a CTE `changed` that returns the new row (`t.*`) and also:
 * `was` status before · `was_waiting` · `event` · `by` actor of the audit event · `details` jsonb · `tell` whether the end is to be told to the requester.
 */
export function aftermath(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    audited as (
      insert into audit_events (task_id, guild_id, actor, event, from_state, to_state, details)
      select id, guild_id, by, event, was || coalesce(':' || was_waiting, ''), status || coalesce(':' || waiting_for, ''), details
      from changed
    ),
    batch_locks as materialized (
      select id from cards where id in (select card_id from changed where batch_id is not null) order by id for update
    ),
    batch_change as (
      select batch_id, sum((was in ('completed', 'failed', 'cancelled'))::int - (finished_at is not null)::int) as opened, bool_or(tell) as tell
      from changed where batch_id is not null group by batch_id
    ),
    batched as (
      update batches b
      set unfinished = b.unfinished + c.opened, round = b.round + (b.unfinished + c.opened = 0)::int
      from batch_change c
      where b.id = c.batch_id and c.opened <> 0 and (select count(*) from batch_locks) > 0
      returning b.*, c.tell
    ),
    carded as (
      update cards c
      set revision = c.revision + u.changes, final = case when u.batch_id is null then u.ended when b.id is null then c.final else b.unfinished = 0 end
      from (
        select card_id, batch_id, count(*) as changes, bool_and(finished_at is not null) as ended from changed group by card_id, batch_id
      ) u left join batched b on b.id = u.batch_id
      where c.id = u.card_id and c.id = any (array(select card_id from changed))
    ),
    superseded as (
      -- Found by the primary key: joined, or with "told_at is null", all ends that are still to be told were read for each change, and there are many
      -- of them while Discord is away.
      delete from completions p
      where p.card_id = any (array(
          select card_id from changed where finished_at is null and was in ('completed', 'failed', 'cancelled')
        ))
        and coalesce(p.told_at, 'infinity') = 'infinity'
    ),
    told as (
      insert into completions (card_id, ending, task_id, guild_id, channel_id, requester_id, status)
      select card_id, revision, id, guild_id, channel_id, requester_id, status
      from changed where tell and batch_id is null and finished_at is not null
      union all
      select id, round, null, guild_id, channel_id, requester_id, 'completed' from batched where unfinished = 0 and tell
      on conflict do nothing
    ),
    recounted as (
      -- Back in the queue, or unfinished again: the next creation counts anew (reserve_room).
      update limit_counts l set used = 1000000000
      where l.key = any (array(
        select key from limit_counts where key = any (array(
          select 'queue:' || agent_id || ':' || guild_id from changed where status = 'pending' and was <> 'pending' and guild_id is not null
          union select 'channel:' || channel_id from changed where finished_at is null and was in ('completed', 'failed', 'cancelled')
        )) order by key for no key update
      ))
    ),
    stopped as (
      delete from progress p where p.task_id = any (array(select id from changed where status <> 'in_progress'))
    )`;
}
