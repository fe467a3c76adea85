/** The statements that bring tasks into being. */
import type postgres from 'postgres';
import type { JsonObject, NewFile } from '../../tasks/model.js';
import type { Sql } from '../database.js';
import type { TaskRow } from './row.js';

/** A validated task, ready to be stored. Times are relative, because only the database's clock counts. */
export interface TaskInsert {
  id: string;
  guildId: string | null;
  channelId: string;
  scopeId: string;
  requesterId: string;
  interactionId: string | null;
  batchId: string | null;
  cardId: string;
  agentId: string;
  type: string | null;
  title: string;
  description: string;
  input: JsonObject;
  metadata: JsonObject;
  priority: number;
  hold: boolean;
  /** ISO time of the earliest start, or null. */
  startAt: string | null;
  maxRetries: number;
  ttlSeconds: number;
  softTimeoutSeconds: number;
  hardTimeoutSeconds: number;
  files: NewFile[];
}

/** What became of one asked task. `duplicate`: its interaction has made a task before, given back as `row`. */
export type Inserted =
  | { outcome: 'created' | 'duplicate'; row: TaskRow }
  | { outcome: 'queue_full' | 'channel_full'; limit: number };

export interface Limits {
  /** Pending tasks per agent and guild, 0: none. */
  queueSize: number;
  /** Unfinished tasks per channel, 0: none. */
  channelLimit: number;
}

/** Serialises creations that count against the same limits, so that concurrent ones cannot pass a limit together. Held until the transaction ends. */
export async function lockLimits(sql: Sql, keys: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(k, 7)) from (select unnest(${keys as string[]}::text[]) as k order by 1) o`;
}

/** The keys of `lockLimits` for a task. */
export function limitKeys(task: Pick<TaskInsert, 'agentId' | 'guildId' | 'channelId'>): string[] {
  return [`channel:${task.channelId}`, ...(task.guildId === null ? [] : [`queue:${task.agentId}:${task.guildId}`])];
}

function asked(sql: Sql, tasks: readonly TaskInsert[]): postgres.PendingQuery<postgres.Row[]> {
  const column = <T>(pick: (task: TaskInsert) => T): T[] => tasks.map(pick);
  return sql`
    select * from unnest(
      ${column((t) => t.id)}::uuid[], ${column((t) => t.guildId)}::text[], ${column((t) => t.channelId)}::text[], ${column((t) => t.scopeId)}::text[],
      ${column((t) => t.requesterId)}::text[], ${column((t) => t.interactionId)}::text[], ${column((t) => t.batchId)}::uuid[],
      ${column((t) => t.cardId)}::uuid[], ${column((t) => t.agentId)}::text[], ${column((t) => t.type)}::text[], ${column((t) => t.title)}::text[],
      ${column((t) => t.description)}::text[], ${column((t) => JSON.stringify(t.input))}::text[], ${column((t) => JSON.stringify(t.metadata))}::text[],
      ${column((t) => t.priority)}::int[], ${column((t) => (t.hold ? 1 : 0))}::int[], ${column((t) => t.startAt)}::text[],
      ${column((t) => t.maxRetries)}::int[], ${column((t) => t.ttlSeconds)}::int[], ${column((t) => t.softTimeoutSeconds)}::int[],
      ${column((t) => t.hardTimeoutSeconds)}::int[], ${column((t) => t.files.length)}::int[]
    ) with ordinality as a (id, guild_id, channel_id, scope_id, requester_id, interaction_id, batch_id, card_id, agent_id, type, title, description,
      input, metadata, priority, hold, start_at, max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, input_files, ord)`;
}

/**
 * Stores the tasks that the limits admit, each with its card (unless it belongs to a batch) and its first audit event.
 * Call it inside a transaction that holds `lockLimits`. Sending the same ids again stores nothing twice.
 * @returns one outcome per task, in order.
 */
export async function insertTasks(sql: Sql, tasks: readonly TaskInsert[], limits: Limits): Promise<Inserted[]> {
  const rows = await sql<(TaskRow & { verdict: Inserted['outcome']; limit_was: number })[]>`
    with asked as (${asked(sql, tasks)}),
    known as (
      select a.ord, t.id as known_id from asked a join tasks t on t.id = a.id
      union
      select a.ord, t.id from asked a join tasks t on t.interaction_id = a.interaction_id
    ),
    limited as (
      select a.*, k.known_id,
        case when a.guild_id is null then 0 else coalesce(g.queue_size, ${limits.queueSize}) end as queue_limit,
        coalesce(g.channel_limit, ${limits.channelLimit}) as channel_limit,
        row_number() over (partition by a.agent_id, a.guild_id, k.known_id is null order by a.ord) as queue_rank,
        row_number() over (partition by a.channel_id, k.known_id is null order by a.ord) as channel_rank
      from asked a left join known k using (ord) left join guild_settings g on g.guild_id = a.guild_id
    ),
    judged as (
      select l.*, case
        when known_id is not null then 'duplicate'
        when queue_limit > 0 and queue_rank + (
          select count(*) from (select from tasks t where t.agent_id = l.agent_id and t.guild_id = l.guild_id and t.status = 'pending' limit l.queue_limit) p
        ) > queue_limit then 'queue_full'
        when channel_limit > 0 and channel_rank + (
          select count(*) from (
            select from tasks t where t.channel_id = l.channel_id and t.status in ('pending', 'in_progress') limit l.channel_limit
          ) u
        ) > channel_limit then 'channel_full'
        else 'created' end as verdict
      from limited l
    ),
    created as (
      insert into tasks (id, guild_id, channel_id, scope_id, requester_id, interaction_id, batch_id, card_id, agent_id, type, title, description, input,
        metadata, priority, status, waiting_for, max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, input_files,
        ready_at, expires_at)
      select id, guild_id, channel_id, scope_id, requester_id, interaction_id, batch_id, card_id, agent_id, type, title, description, input::jsonb,
        metadata::jsonb, priority, 'pending',
        case when hold = 1 then 'hold' when start_at::timestamptz > now() then 'delay' end,
        max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, input_files, greatest(now(), start_at::timestamptz),
        case when hold = 0 and coalesce(start_at::timestamptz <= now(), true) then now() + make_interval(secs => ttl_seconds) end
      from judged where verdict = 'created' order by ord
      returning *
    ),
    audited as (
      insert into audit_events (task_id, guild_id, actor, event, to_state)
      select id, guild_id, 'person:' || requester_id, 'created', status || coalesce(':' || waiting_for, '') from created
    ),
    carded as (
      insert into cards (id, kind, guild_id, channel_id, requester_id, reserved_until)
      select card_id, 'task', guild_id, channel_id, requester_id, case when interaction_id is not null then now() + interval '15 seconds' end
      from created where batch_id is null
    )
    select j.verdict, case when j.verdict = 'queue_full' then j.queue_limit else j.channel_limit end as limit_was, t.*
    from judged j
    left join (select * from created union all select * from tasks where id in (select known_id from known)) t on t.id = coalesce(j.known_id, j.id)
    order by j.ord`;
  return rows.map(({ verdict, limit_was, ...row }) =>
    verdict === 'created' || verdict === 'duplicate' ? { outcome: verdict, row } : { outcome: verdict, limit: limit_was },
  );
}

/** Stores the files that came with tasks. */
export async function insertInputFiles(
  sql: Sql,
  files: readonly { id: string; taskId: string; sha256: string; file: NewFile }[],
): Promise<void> {
  for (const { id, taskId, sha256, file } of files) {
    await sql`
      insert into task_files (id, task_id, direction, attempt, name, content_type, size, sha256, bytes)
      values (${id}, ${taskId}, 'in', 0, ${file.name}, ${file.contentType}, ${file.bytes.byteLength}, ${sha256}, ${Buffer.from(file.bytes)})
      on conflict (id) do nothing`;
  }
}

/** A batch to be stored with its tasks. */
export interface BatchInsert {
  id: string;
  interactionId: string | null;
  guildId: string | null;
  channelId: string;
  scopeId: string;
  requesterId: string;
  agentId: string;
  title: string;
  total: number;
}

/** Stores a batch and its card; false when its interaction has made one before. */
export async function insertBatch(sql: Sql, batch: BatchInsert): Promise<boolean> {
  const rows = await sql`
    with made as (
      insert into batches (id, interaction_id, guild_id, channel_id, scope_id, requester_id, agent_id, title, total, unfinished)
      values (${batch.id}, ${batch.interactionId}, ${batch.guildId}, ${batch.channelId}, ${batch.scopeId}, ${batch.requesterId}, ${batch.agentId},
        ${batch.title}, ${batch.total}, ${batch.total})
      on conflict do nothing returning *
    )
    insert into cards (id, kind, guild_id, channel_id, requester_id, reserved_until)
    select id, 'batch', guild_id, channel_id, requester_id, case when interaction_id is not null then now() + interval '15 seconds' end from made
    returning id`;
  return rows.length > 0;
}
