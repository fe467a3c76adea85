/** Rows written straight into `tasks`, past the service, to see what the database itself accepts and to put a task into any status. */
import type postgres from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import type { Status, WaitingReason } from '../../src/tasks/states.js';
import { CHANNEL, GUILD, USER } from '../support/lab.js';

/** Columns of a plain pending task. */
export function plainRow(agentId = 'echo'): Record<string, unknown> {
  const id = uuidv7();
  return {
    id,
    card_id: id,
    guild_id: GUILD,
    channel_id: CHANNEL,
    scope_id: CHANNEL,
    requester_id: USER,
    agent_id: agentId,
    title: 'A task',
    description: '',
    type: null,
    input: {},
    metadata: {},
    priority: 2,
    status: 'pending',
    waiting_for: null,
    max_retries: 3,
    ttl_seconds: 3600,
    soft_timeout_seconds: 60,
    hard_timeout_seconds: 90,
  };
}

/** Columns that a status asks for. */
export function inStatus(status: Status, workerId: string, waitingFor: WaitingReason | null = null): Record<string, unknown> {
  const ran = { attempt: 1, started_at: new Date() };
  switch (status) {
    case 'pending':
      return { status, waiting_for: waitingFor };
    case 'in_progress':
      return { status, worker_id: workerId, ...ran };
    case 'completed':
      return { status, ...ran, finished_at: new Date(), result: { text: 'done' } };
    case 'failed':
      return { status, ...ran, finished_at: new Date(), error: { reason: 'error', message: 'no' } };
    case 'cancelled':
      return { status, finished_at: new Date() };
  }
}

/** Inserts the row; the SQLSTATE of the refusal, or null when it was accepted. */
export async function refusalOf(sql: postgres.Sql, row: Record<string, unknown>): Promise<string | null> {
  try {
    await sql`insert into tasks ${sql(row)}`;
    return null;
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}

/** Inserts a task in this status, with its card, and answers its id. */
export async function putTask(sql: postgres.Sql, columns: Record<string, unknown>): Promise<string> {
  const row = { ...plainRow(), ...columns };
  await sql`insert into tasks ${sql(row)}`;
  const { card_id, guild_id, channel_id, requester_id } = row as Record<string, string>;
  await sql`insert into cards ${sql({ id: card_id, kind: 'task', guild_id, channel_id, requester_id })} on conflict do nothing`;
  return row.id as string;
}
