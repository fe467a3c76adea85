/** Reading what a card shows, in one statement each. */
import type { Progress, Task, TaskError, TaskFile } from '../../tasks/model.js';
import type { Batch } from '../../tasks/service.js';
import { STATUSES, type Status } from '../../tasks/states.js';
import type { Sql } from '../database.js';
import { type TaskRow, toTask } from '../tasks/row.js';

/** A card as recorded. */
export interface CardState {
  id: string;
  kind: 'task' | 'batch';
  guildId: string | null;
  channelId: string;
  /** Where its message is, or is to be. */
  atChannelId: string;
  requesterId: string;
  messageId: string | null;
  revision: number;
  shownRevision: number;
  shownHash: string | null;
  shownFiles: number | null;
  final: boolean;
  /** An end of it is still to be told, or was told. */
  hasCompletion: boolean;
}

interface CardColumns {
  c_id: string;
  c_kind: 'task' | 'batch';
  c_guild_id: string | null;
  c_channel_id: string;
  c_at_channel_id: string;
  c_requester_id: string;
  c_message_id: string | null;
  c_revision: number;
  c_shown_revision: number;
  c_shown_hash: string | null;
  c_shown_files: number | null;
  c_final: boolean;
  c_has_completion: boolean;
  now: Date;
}

function cardColumns(sql: Sql) {
  return sql`
    c.id as c_id, c.kind as c_kind, c.guild_id as c_guild_id, c.channel_id as c_channel_id,
    coalesce(c.at_channel_id, c.channel_id) as c_at_channel_id, c.requester_id as c_requester_id, c.message_id as c_message_id,
    c.revision as c_revision, c.shown_revision as c_shown_revision, c.shown_hash as c_shown_hash, c.shown_files as c_shown_files,
    c.final as c_final, exists (select from completions d where d.card_id = c.id) as c_has_completion, now() as now`;
}

function toState(row: CardColumns): CardState {
  return {
    id: row.c_id,
    kind: row.c_kind,
    guildId: row.c_guild_id,
    channelId: row.c_channel_id,
    atChannelId: row.c_at_channel_id,
    requesterId: row.c_requester_id,
    messageId: row.c_message_id,
    revision: row.c_revision,
    shownRevision: row.c_shown_revision,
    shownHash: row.c_shown_hash,
    shownFiles: row.c_shown_files,
    final: row.c_final,
    hasCompletion: row.c_has_completion,
  };
}

/** A task's card and all that it shows, as of one moment. */
export interface TaskCardData {
  card: CardState;
  task: Task;
  progress: Progress | null;
  files: TaskFile[];
  now: Date;
}

interface TaskCardRow extends TaskRow, CardColumns {
  p_percent: number | null;
  p_step: string;
  p_description: string;
  p_updated_at: Date;
  files: TaskFile[] | null;
}

/** Reads a task's card; null when the task no longer exists. */
export async function taskCardData(sql: Sql, cardId: string): Promise<TaskCardData | null> {
  const rows = await sql<TaskCardRow[]>`
    select t.*, ${cardColumns(sql)}, p.percent as p_percent, p.step as p_step, p.description as p_description, p.updated_at as p_updated_at,
      case when t.finished_at is not null then (
        select jsonb_agg(jsonb_build_object('id', f.id, 'taskId', f.task_id, 'direction', f.direction, 'attempt', f.attempt, 'name', f.name,
          'contentType', f.content_type, 'size', f.size, 'sha256', f.sha256) order by f.created_at, f.id)
        from task_files f where f.task_id = t.id
      ) end as files
    from cards c join tasks t on t.card_id = c.id left join progress p on p.task_id = t.id
    where c.id = ${cardId} and c.kind = 'task'`;
  const row = rows[0];
  if (row === undefined) return null;
  const progress =
    row.p_percent === null
      ? null
      : { percent: row.p_percent, step: row.p_step, description: row.p_description, updatedAt: row.p_updated_at };
  return { card: toState(row), task: toTask(row), progress, files: row.files ?? [], now: row.now };
}

/** A batch's card and all that it shows, as of one moment. */
export interface BatchCardData {
  card: CardState;
  batch: Batch;
  createdAt: Date;
  /** Failed tasks, oldest first, at most ten. */
  failed: { title: string; error: TaskError | null }[];
  now: Date;
}

interface BatchCardRow extends CardColumns {
  title: string;
  agent_id: string;
  total: number;
  created_at: Date;
  counts: Partial<Record<Status, number>> | null;
  failed: { title: string; error: TaskError | null }[] | null;
}

/** Counts with a zero for every status that has none. */
export function fullCounts(counts: Partial<Record<Status, number>> | null): Record<Status, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, Number(counts?.[status] ?? 0)])) as Record<Status, number>;
}

/** Reads a batch's card; null when the batch no longer exists. */
export async function batchCardData(sql: Sql, cardId: string): Promise<BatchCardData | null> {
  const rows = await sql<BatchCardRow[]>`
    select ${cardColumns(sql)}, b.title, b.agent_id, b.total, b.created_at,
      (select jsonb_object_agg(s.status, s.n) from (select t.status, count(*) as n from tasks t where t.batch_id = b.id group by t.status) s) as counts,
      (select jsonb_agg(jsonb_build_object('title', f.title, 'error', f.error) order by f.id) from (
        select t.id, t.title, t.error from tasks t where t.batch_id = b.id and t.status = 'failed' order by t.id limit 10
      ) f) as failed
    from cards c join batches b on b.id = c.id
    where c.id = ${cardId} and c.kind = 'batch'`;
  const row = rows[0];
  if (row === undefined) return null;
  const batch = { id: cardId, title: row.title, agentId: row.agent_id, total: row.total, counts: fullCounts(row.counts) };
  return { card: toState(row), batch, createdAt: row.created_at, failed: row.failed ?? [], now: row.now };
}

/** Bytes of stored files, by id. */
export async function fileBytes(sql: Sql, ids: readonly string[]): Promise<Map<string, Buffer>> {
  const rows = await sql<{ id: string; bytes: Buffer }[]>`
    select id, bytes from task_files where id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.id, row.bytes]));
}
