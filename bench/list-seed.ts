/** A guild with very many tasks, as it might be after a week: 320 channels of very different size, 20 agents, 2,000 people. */
import type postgres from 'postgres';

export const GUILD = '100000000000000001';
const CHANNELS = 300;
const channelId = (n: number) => String(200_000_000_000_000_000n + BigInt(n));
/** Channels with tasks; the first one has a fifth of them. */
export const SCOPES: string[] = Array.from({ length: CHANNELS }, (_, n) => channelId(n));
/** Channels that have about 50 tasks each. */
export const QUIET_SCOPES: string[] = Array.from({ length: 20 }, (_, n) => channelId(CHANNELS + n));
/** A person with 1 task in 2,000. */
export const REQUESTER = '300000000000000007';

/**
 * Fills `tasks`. Ids are UUIDv7 spread over seven days. One task in 300 is unfinished (the channels' limits keep them few), the others have ended long ago.
 * Agent 2 never has a cancelled or an urgent task; the agent `retired` was used in the first two days only; everything else is evenly mixed.
 */
export async function seed(sql: postgres.Sql, tasks: number): Promise<void> {
  // Filling the inverted index at once, afterwards, is four times as fast.
  await sql`drop index tasks_history`;
  await sql`
    insert into tasks (id, guild_id, channel_id, scope_id, requester_id, card_id, agent_id, type, title, description, metadata, priority, status,
      waiting_for, attempt, max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, worker_id, ready_at, expires_at, started_at, finished_at,
      created_at, updated_at, result, error)
    select id, ${GUILD}, scope, scope, (300000000000000000 + h % 2000)::text, id, agent,
      'type-' || h / 7 % 9, 'Quarterly report ' || g || ' of thing' || h / 11 % 1000, 'Please compare the ' || (array['red','green','blue','grey'])[1 + h / 3 % 4]
        || case when h / 13 % 5 = 0 then ' blue' else '' end || ' numbers of word' || h / 17 % 100 || ' and unique' || g || 'x with those of last week.',
      jsonb_build_object('customer', h / 5 % 50000, 'region', (array['eu','us'])[1 + h / 19 % 2]),
      case when agent = 'agent-2' then 2 + h / 23 % 2 else h / 23 % 4 end, status,
      case when status = 'pending' and h % 7 = 0 then 'hold' end, 1, 3, 3600, 1500, 1800,
      case when status = 'in_progress' then gen_random_uuid() end, at, case when status = 'pending' then now() + interval '1 day' end, at,
      case when status not in ('pending', 'in_progress') then at + interval '20 seconds' end, at, at,
      case when status = 'completed' then '{"text": "Done."}'::jsonb end,
      case when status = 'failed' then '{"reason": "error", "message": "It did not work."}'::jsonb end
    from (
      select *, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(g::text), 1, 3) || '8' || substr(md5(g::text), 4, 15))::uuid as id,
        case
          when ${tasks} - g < ${tasks} / 100 and h / 29 % 3 = 0 then (array['pending','in_progress'])[1 + h / 31 % 2]
          when h / 29 % 100 < 5 then 'failed'
          when h / 29 % 100 < 7 and agent <> 'agent-2' then 'cancelled'
          else 'completed' end as status
      from (
        select g, h, now() - interval '7 days' + g * (interval '7 days' / ${tasks}) as at,
          case
            when g % (${tasks} / 1000) = 0 then (200000000000000000 + ${CHANNELS} + g / (${tasks} / 1000) % 20)::text
            when h % 5 = 0 then '200000000000000000'
            else (200000000000000000 + h / 37 % ${CHANNELS})::text end as scope,
          case
            when g < ${tasks} * 2 / 7 and h / 41 % 4 = 0 then 'retired'
            when h / 43 % 10000 = 0 then 'rare'
            else 'agent-' || h / 47 % 20 end as agent
        from (select g, abs(hashint8(g)::bigint) as h from generate_series(1, ${tasks}::int) as s (g)) a
      ) b
    ) c`;
  await sql`
    create index tasks_history on tasks using gin (
      (to_tsvector('simple'::regconfig, title || ' ' || description) || array_to_tsvector(ARRAY[
        'g' || coalesce(guild_id, ''), 's' || coalesce(guild_id, '') || status, 'a' || coalesce(guild_id, '') || agent_id,
        'p' || coalesce(guild_id, '') || priority, 't' || coalesce(guild_id, '') || coalesce(type, ''), 'r' || coalesce(guild_id, '') || requester_id,
        'c' || channel_id, 'v' || scope_id, 'd' || substr(id::text, 1, 5), 'd' || substr(id::text, 1, 6), 'd' || substr(id::text, 1, 7)
      ])),
      metadata jsonb_path_ops
    ) where finished_at is not null`;
  await sql`vacuum analyze tasks`;
}
