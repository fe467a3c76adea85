/** Between rows of `tasks` and Task objects. */
import type postgres from 'postgres';
import type { Priority, Task, TaskError, TaskResult } from '../../tasks/model.js';
import { PRIORITIES } from '../../tasks/model.js';
import type { Status, WaitingReason } from '../../tasks/states.js';
import type { Sql } from '../database.js';

/** A row of `tasks` as postgres.js gives it (`select t.*`). */
export interface TaskRow {
  id: string;
  guild_id: string | null;
  channel_id: string;
  scope_id: string;
  requester_id: string;
  batch_id: string | null;
  card_id: string;
  agent_id: string;
  type: string | null;
  title: string;
  description: string;
  input: Task['input'];
  metadata: Task['metadata'];
  input_files: number;
  priority: number;
  status: Status;
  waiting_for: WaitingReason | null;
  attempt: number;
  failures: number;
  max_retries: number;
  recoveries: number;
  ttl_seconds: number;
  soft_timeout_seconds: number;
  hard_timeout_seconds: number;
  worker_id: string | null;
  ready_at: Date;
  expires_at: Date | null;
  started_at: Date | null;
  finished_at: Date | null;
  created_at: Date;
  updated_at: Date;
  result: TaskResult | null;
  error: TaskError | null;
  score: number | null;
  revision: number;
}

/** What others are told of a changed task. */
export type Told = Pick<
  TaskRow,
  'id' | 'card_id' | 'guild_id' | 'channel_id' | 'agent_id' | 'status' | 'waiting_for' | 'attempt' | 'priority' | 'revision'
>;

/** The columns of `Told`. To read a whole row back costs as much as to write it. */
export function told(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`id, card_id, guild_id, channel_id, agent_id, status, waiting_for, attempt, priority, revision`;
}

/** The number that the database keeps for a priority: 0 critical … 3 low. */
export function priorityNumber(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

/** Makes a Task of a row. */
export function toTask(row: TaskRow): Task {
  return {
    id: row.id,
    guildId: row.guild_id,
    channelId: row.channel_id,
    scopeId: row.scope_id,
    requesterId: row.requester_id,
    batchId: row.batch_id,
    cardId: row.card_id,
    agentId: row.agent_id,
    type: row.type,
    title: row.title,
    description: row.description,
    input: row.input,
    metadata: row.metadata,
    priority: PRIORITIES[row.priority] as Priority,
    status: row.status,
    waitingFor: row.waiting_for,
    attempt: row.attempt,
    failures: row.failures,
    maxRetries: row.max_retries,
    recoveries: row.recoveries,
    ttlSeconds: row.ttl_seconds,
    softTimeoutSeconds: row.soft_timeout_seconds,
    hardTimeoutSeconds: row.hard_timeout_seconds,
    workerId: row.worker_id,
    readyAt: row.ready_at,
    expiresAt: row.expires_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    result: row.result,
    error: row.error,
    score: row.score,
    revision: row.revision,
  };
}

/**
 * `t.status = …` for statements that name their rows by id. A cached plan is made when the queue is empty, and then every partial index over a status looks as
 * cheap as the primary key, although it is read from end to end: with 1,000 tasks running, each progress write compared a million pairs. Written so, the
 * predicate fits no partial index. Expects the alias `t`.
 */
export function unindexed(sql: Sql, status: Status): postgres.PendingQuery<postgres.Row[]> {
  return sql`(t.status || '') = ${status}`;
}
