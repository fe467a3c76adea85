/** Reading single tasks and what belongs to them. */
import type { AuditEvent, JsonObject, Progress, TaskFile } from '../../tasks/model.js';
import type { Status } from '../../tasks/states.js';
import type { Sql } from '../database.js';
import type { TaskRow } from './row.js';

/** One task, or undefined. */
export async function readTask(sql: Sql, id: string): Promise<TaskRow | undefined> {
  const rows = await sql<TaskRow[]>`select * from tasks where id = ${id}`;
  return rows[0];
}

/** Where a running task stands; undefined when it told nothing yet. */
export async function readProgress(sql: Sql, taskId: string): Promise<Progress | undefined> {
  const rows = await sql<{ percent: number; step: string; description: string; updated_at: Date }[]>`
    select percent, step, description, updated_at from progress where task_id = ${taskId}`;
  const row = rows[0];
  return row && { percent: row.percent, step: row.step, description: row.description, updatedAt: row.updated_at };
}

/** The newest `limit` events of a task, oldest first. */
export async function readHistory(sql: Sql, taskId: string, limit: number): Promise<AuditEvent[]> {
  const rows = await sql<
    {
      id: string;
      at: Date;
      actor: string;
      event: string;
      from_state: string | null;
      to_state: string | null;
      details: JsonObject;
    }[]
  >`
    select id::text, at, actor, event, from_state, to_state, details from audit_events where task_id = ${taskId} order by audit_events.id desc limit ${limit}`;
  return rows.reverse().map((row) => ({
    id: row.id,
    taskId,
    at: row.at,
    actor: row.actor,
    event: row.event,
    from: row.from_state,
    to: row.to_state,
    details: row.details,
  }));
}

interface FileRow {
  id: string;
  task_id: string;
  direction: 'in' | 'out';
  attempt: number;
  name: string;
  content_type: string;
  size: number;
  sha256: string;
}

/** Makes a TaskFile of a row. */
export function toFile(row: FileRow): TaskFile {
  return {
    id: row.id,
    taskId: row.task_id,
    direction: row.direction,
    attempt: row.attempt,
    name: row.name,
    contentType: row.content_type,
    size: row.size,
    sha256: row.sha256,
  };
}

/** The files of a task without their bytes: those that came with it, and those of the run whose result was accepted. */
export async function readFiles(sql: Sql, taskId: string): Promise<TaskFile[]> {
  const rows = await sql<FileRow[]>`
    select f.id, f.task_id, f.direction, f.attempt, f.name, f.content_type, f.size, f.sha256
    from task_files f join tasks t on t.id = f.task_id
    where f.task_id = ${taskId} and (f.direction = 'in' or (t.status = 'completed' and f.attempt = t.attempt))
    order by f.direction, f.created_at, f.id`;
  return rows.map(toFile);
}

/** The bytes of one file of a task. */
export async function readFileBytes(
  sql: Sql,
  taskId: string,
  fileId: string,
): Promise<{ file: TaskFile; bytes: Buffer } | undefined> {
  const rows = await sql<(FileRow & { bytes: Buffer })[]>`
    select id, task_id, direction, attempt, name, content_type, size, sha256, bytes from task_files where id = ${fileId} and task_id = ${taskId}`;
  const row = rows[0];
  return row && { file: toFile(row), bytes: row.bytes };
}

/** A batch with its tasks counted by status. */
export interface BatchRow {
  id: string;
  guild_id: string | null;
  channel_id: string;
  scope_id: string;
  requester_id: string;
  agent_id: string;
  title: string;
  total: number;
  counts: Partial<Record<Status, number>>;
}

/** One batch, or undefined. */
export async function readBatch(sql: Sql, id: string): Promise<BatchRow | undefined> {
  const rows = await sql<BatchRow[]>`
    select b.id, b.guild_id, b.channel_id, b.scope_id, b.requester_id, b.agent_id, b.title, b.total,
      coalesce((select jsonb_object_agg(s.status, s.n) from (
        select t.status, count(*) as n from tasks t where t.batch_id = b.id group by t.status) s), '{}') as counts
    from batches b where b.id = ${id}`;
  return rows[0];
}

/** The batch that an interaction made before, or undefined. */
export async function readBatchOfInteraction(sql: Sql, interactionId: string): Promise<string | undefined> {
  const rows = await sql<{ id: string }[]>`select id from batches where interaction_id = ${interactionId}`;
  return rows[0]?.id;
}

/** The tasks of a batch, in the order of their creation. */
export async function readBatchTasks(sql: Sql, batchId: string): Promise<TaskRow[]> {
  return sql<TaskRow[]>`select * from tasks where batch_id = ${batchId} order by id`;
}
