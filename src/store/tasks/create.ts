/** The statements that bring tasks into being. */
import type postgres from 'postgres';
import type { JsonObject, NewFile } from '../../tasks/model.js';
import type { Status, WaitingReason } from '../../tasks/states.js';
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
  /** Earliest start: an ISO time, `+600` for so many seconds from now by the database's clock, or null. */
  startAt: string | null;
  maxRetries: number;
  ttlSeconds: number;
  softTimeoutSeconds: number;
  hardTimeoutSeconds: number;
  files: (NewFile & { id: string })[];
}

/**
 * What became of one asked task. `duplicate`: its interaction has made a task before, given back as `row`. `raced`: nothing was stored, because the same
 * interaction is making it elsewhere at this moment, or another task of its batch does not fit.
 */
export type Inserted =
  | { outcome: 'created' | 'duplicate'; row: TaskRow }
  | { outcome: 'queue_full' | 'channel_full'; limit: number }
  | { outcome: 'raced' };

export interface Limits {
  /** Pending tasks per agent and guild, 0: none. */
  queueSize: number;
  /** Unfinished tasks per channel, 0: none. */
  channelLimit: number;
}

function asked(sql: Sql, tasks: readonly TaskInsert[]): postgres.PendingQuery<postgres.Row[]> {
  const column = <T>(pick: (task: TaskInsert) => T): T[] => tasks.map(pick);
  return sql`
    select a.*, case when start_text like '+%' then now() + make_interval(secs => start_text::float8) else start_text::timestamptz end as start_at from unnest(
      ${column((t) => t.id)}::uuid[], ${column((t) => t.guildId)}::text[], ${column((t) => t.channelId)}::text[], ${column((t) => t.scopeId)}::text[],
      ${column((t) => t.requesterId)}::text[], ${column((t) => t.interactionId)}::text[], ${column((t) => t.batchId)}::uuid[],
      ${column((t) => t.cardId)}::uuid[], ${column((t) => t.agentId)}::text[], ${column((t) => t.type)}::text[], ${column((t) => t.title)}::text[],
      ${column((t) => t.description)}::text[], ${column((t) => JSON.stringify(t.input))}::text[], ${column((t) => JSON.stringify(t.metadata))}::text[],
      ${column((t) => t.priority)}::int[], ${column((t) => (t.hold ? 1 : 0))}::int[], ${column((t) => t.startAt)}::text[],
      ${column((t) => t.maxRetries)}::int[], ${column((t) => t.ttlSeconds)}::int[], ${column((t) => t.softTimeoutSeconds)}::int[],
      ${column((t) => t.hardTimeoutSeconds)}::int[], ${column((t) => t.files.length)}::int[]
    ) with ordinality as a (id, guild_id, channel_id, scope_id, requester_id, interaction_id, batch_id, card_id, agent_id, type, title, description,
      input, metadata, priority, hold, start_text, max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, input_files, ord)`;
}

/** A batch to be stored with its tasks: all of them or nothing. */
export interface BatchInsert {
  id: string;
  interactionId: string | null;
  title: string;
}

/** The batch's row and card, of the first task's origin; nothing when its interaction has made one before. */
function madeBatch(sql: Sql, batch: BatchInsert | null): postgres.PendingQuery<postgres.Row[]> {
  if (batch === null)
    return sql`select null::uuid as id, null::text as guild_id, null::text as channel_id, null::text as requester_id where false`;
  return sql`
    insert into batches (id, interaction_id, guild_id, channel_id, scope_id, requester_id, agent_id, title, total, unfinished)
    select ${batch.id}, ${batch.interactionId}, guild_id, channel_id, scope_id, requester_id, agent_id, ${batch.title}, total, total
    from judged, (select count(*) as total, bool_and(verdict = 'created') as fits from judged) f where fits and ord = 1
    on conflict do nothing returning id, guild_id, channel_id, requester_id`;
}

/**
 * Stores, in one statement, the tasks that the limits admit, each with its card (or that of its batch), its files and its first audit event. With a batch,
 * nothing is stored unless all its tasks are admitted. Sending the same ids again stores nothing twice.
 * @returns one outcome per task, in order.
 */
export async function insertTasks(
  sql: Sql,
  tasks: readonly TaskInsert[],
  limits: Limits,
  batch: BatchInsert | null = null,
): Promise<Inserted[]> {
  const files = tasks.flatMap((task) => task.files.map((file) => ({ ...file, taskId: task.id })));
  const rows = await sql<Judged[]>`
    with asked as (${asked(sql, tasks)}),
    known as (
      -- Lateral with a limit: one index lookup each, also by a plan from a time when the table was small enough to be read as a whole.
      select a.ord, t.id as known_id from asked a cross join lateral (select t.id from tasks t where t.id = a.id limit 1) t
      union
      select a.ord, t.id from asked a cross join lateral (select t.id from tasks t where t.interaction_id = a.interaction_id limit 1) t
    ),
    limited as (
      select a.*, k.known_id,
        case when a.guild_id is null then 0 else coalesce(least(g.queue_size, nullif(${limits.queueSize}::int, 0)), 0) end as queue_limit,
        -- The lower of the guild's and the operator's; least() passes over nulls.
        coalesce(least(g.channel_limit, nullif(${limits.channelLimit}::int, 0)), 0) as channel_limit,
        row_number() over (partition by a.agent_id, a.guild_id, k.known_id is null order by a.ord) as queue_rank,
        row_number() over (partition by a.channel_id, k.known_id is null order by a.ord) as channel_rank
      from asked a left join known k using (ord) left join guild_settings g on g.guild_id = a.guild_id
    ),
    counted as (
      select 'queue:' || agent_id || ':' || guild_id as key, agent_id, guild_id, null::text as channel_id, queue_limit as most,
        count(*) filter (where known_id is null)::int as n
      from limited where queue_limit > 0 group by agent_id, guild_id, queue_limit
      union all
      select 'channel:' || channel_id, null, null, channel_id, channel_limit, count(*) filter (where known_id is null)::int
      from limited where channel_limit > 0 group by channel_id, channel_limit
    ),
    room as materialized (
      select r.* from (
        select array_agg(key) as keys, array_agg(agent_id) as agents, array_agg(guild_id) as guilds, array_agg(channel_id) as channels,
          array_agg(most) as most, array_agg(n) as wanted
        from counted
      ) c cross join lateral reserve_room(c.keys, c.agents, c.guilds, c.channels, c.most, c.wanted) r
    ),
    judged as (
      select l.*, case
        when l.known_id is not null then 'duplicate'
        when l.queue_rank + q.taken > l.queue_limit then 'queue_full'
        when l.channel_rank + c.taken > l.channel_limit then 'channel_full'
        else 'created' end as verdict
      from limited l
      left join room q on l.queue_limit > 0 and q.reserved_key = 'queue:' || l.agent_id || ':' || l.guild_id
      left join room c on l.channel_limit > 0 and c.reserved_key = 'channel:' || l.channel_id
    ),
    made as (${madeBatch(sql, batch)}),
    created as (
      insert into tasks (id, guild_id, channel_id, scope_id, requester_id, interaction_id, batch_id, card_id, agent_id, type, title, description, input,
        metadata, priority, status, waiting_for, max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, input_files,
        ready_at, expires_at)
      select id, guild_id, channel_id, scope_id, requester_id, interaction_id, batch_id, card_id, agent_id, type, title, description, input::jsonb,
        metadata::jsonb, priority, 'pending',
        case when hold = 1 then 'hold' when start_at::timestamptz > now() then 'delay' end,
        max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, input_files, greatest(now(), start_at::timestamptz),
        case when hold = 0 and coalesce(start_at::timestamptz <= now(), true) then now() + make_interval(secs => ttl_seconds) end
      from judged where verdict = 'created' and (batch_id is null or exists (select from made)) order by ord
      on conflict do nothing
      returning *
    ),
    filed as (
      insert into task_files (id, task_id, direction, attempt, name, content_type, size, sha256, bytes)
      select f.id, f.task_id, 'in', 0, f.name, f.content_type, octet_length(f.bytes), encode(sha256(f.bytes), 'hex'), f.bytes
      from (
        select id, task_id, name, content_type, decode(hex, 'hex') as bytes from unnest(
          ${files.map((f) => f.id)}::uuid[], ${files.map((f) => f.taskId)}::uuid[], ${files.map((f) => f.name)}::text[],
          ${files.map((f) => f.contentType)}::text[], ${files.map((f) => Buffer.from(f.bytes).toString('hex'))}::text[]
        ) as u (id, task_id, name, content_type, hex)
      ) f join created c on c.id = f.task_id
    ),
    audited as (
      insert into audit_events (task_id, guild_id, actor, event, to_state)
      select id, guild_id, 'person:' || requester_id, 'created', status || coalesce(':' || waiting_for, '') from created
    ),
    carded as (
      insert into cards (id, kind, guild_id, channel_id, requester_id, reserved_until)
      select card_id, 'task', guild_id, channel_id, requester_id, case when interaction_id is not null then now() + interval '15 seconds' end
      from created where batch_id is null
      union all
      select id, 'batch', guild_id, channel_id, requester_id,
        case when ${batch?.interactionId ?? null}::text is not null then now() + interval '15 seconds' end
      from made
    )
    select j.verdict, case when j.verdict = 'queue_full' then j.queue_limit else j.channel_limit end as limit_was, j.known_id,
      c.status, c.waiting_for, c.ready_at, c.expires_at, c.created_at
    from judged j left join created c on c.id = j.id
    order by j.ord`;
  const earlier = await readEarlier(sql, rows);
  return rows.map((row, index): Inserted => {
    if (row.verdict === 'queue_full' || row.verdict === 'channel_full') return { outcome: row.verdict, limit: row.limit_was };
    if (row.verdict === 'created' && row.status !== null)
      return { outcome: 'created', row: asStored(tasks[index] as TaskInsert, row as Stored) };
    const known = earlier.get(row.known_id ?? '');
    return known === undefined ? { outcome: 'raced' } : { outcome: 'duplicate', row: known };
  });
}

/** What the database decides of a new task. */
interface Stored {
  status: Status;
  waiting_for: WaitingReason | null;
  ready_at: Date;
  expires_at: Date | null;
  created_at: Date;
}

interface Judged extends Omit<Stored, 'status'> {
  verdict: 'created' | 'duplicate' | 'queue_full' | 'channel_full';
  limit_was: number;
  known_id: string | null;
  /** Null: not stored. */
  status: Status | null;
}

/** The tasks that were there before, by id. */
async function readEarlier(sql: Sql, rows: readonly Judged[]): Promise<Map<string, TaskRow>> {
  const ids = rows.flatMap(({ known_id }) => known_id ?? []);
  if (ids.length === 0) return new Map();
  const earlier = await sql<TaskRow[]>`select * from tasks where id = any(${ids}::uuid[])`;
  return new Map(earlier.map((row) => [row.id, row]));
}

/** The row of a new task, put together here: to read back what was just sent would cost as much as to store it. */
function asStored(task: TaskInsert, { status, waiting_for, ready_at, expires_at, created_at }: Stored): TaskRow {
  return {
    id: task.id,
    guild_id: task.guildId,
    channel_id: task.channelId,
    scope_id: task.scopeId,
    requester_id: task.requesterId,
    batch_id: task.batchId,
    card_id: task.cardId,
    agent_id: task.agentId,
    type: task.type,
    title: task.title,
    description: task.description,
    input: task.input,
    metadata: task.metadata,
    input_files: task.files.length,
    priority: task.priority,
    status,
    waiting_for,
    attempt: 0,
    failures: 0,
    max_retries: task.maxRetries,
    recoveries: 0,
    ttl_seconds: task.ttlSeconds,
    soft_timeout_seconds: task.softTimeoutSeconds,
    hard_timeout_seconds: task.hardTimeoutSeconds,
    worker_id: null,
    ready_at,
    expires_at,
    started_at: null,
    finished_at: null,
    created_at,
    updated_at: created_at,
    result: null,
    error: null,
    score: null,
    revision: 1,
  };
}
