/** Tasks, cards, progress and ends put into the database as the engine would, without the engine. */

import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { eventOf } from '../../src/tasks/changes.js';
import type { TaskEvent } from '../../src/tasks/events.js';
import type { Status, WaitingReason } from '../../src/tasks/states.js';

export interface SeedTask {
  guildId: string | null;
  channelId: string;
  requesterId: string;
  title?: string;
  description?: string;
  agentId?: string;
  maxRetries?: number;
  batchId?: string;
  /** Seconds until the announcer posts the card itself; absent: at once. */
  reservedSeconds?: number;
}

type Sql = postgres.Sql;

/** A pending task with its card. @returns its id, which is also the card's. */
export async function seedTask(sql: Sql, task: SeedTask): Promise<string> {
  const id = randomUUID();
  const cardId = task.batchId ?? id;
  await sql.begin(async (tx) => {
    await tx`
      insert into tasks (id, guild_id, channel_id, scope_id, requester_id, batch_id, card_id, agent_id, title, description, priority, status, max_retries,
        ttl_seconds, soft_timeout_seconds, hard_timeout_seconds)
      values (${id}, ${task.guildId}, ${task.channelId}, ${task.channelId}, ${task.requesterId}, ${task.batchId ?? null}, ${cardId},
        ${task.agentId ?? 'sample'}, ${task.title ?? 'A task'}, ${task.description ?? ''}, 2, 'pending', ${task.maxRetries ?? 3}, 3600, 1500, 1800)`;
    if (task.batchId === undefined) await seedCard(tx as never, id, 'task', task);
  });
  return id;
}

async function seedCard(sql: Sql, id: string, kind: 'task' | 'batch', task: SeedTask): Promise<void> {
  await sql`
    insert into cards (id, kind, guild_id, channel_id, requester_id, reserved_until)
    values (${id}, ${kind}, ${task.guildId}, ${task.channelId}, ${task.requesterId}, now() + ${task.reservedSeconds ?? null}::int * interval '1 s')`;
}

/** A batch of pending tasks with its one card. */
export async function seedBatch(sql: Sql, task: SeedTask, total: number): Promise<{ batchId: string; taskIds: string[] }> {
  const batchId = randomUUID();
  await sql`
    insert into batches (id, guild_id, channel_id, scope_id, requester_id, agent_id, title, total, unfinished)
    values (${batchId}, ${task.guildId}, ${task.channelId}, ${task.channelId}, ${task.requesterId}, ${task.agentId ?? 'sample'},
      ${task.title ?? 'A batch'}, ${total}, ${total})`;
  const taskIds: string[] = [];
  for (let n = 0; n < total; n += 1) taskIds.push(await seedTask(sql, { ...task, title: `Part ${n}`, batchId }));
  await seedCard(sql, batchId, 'batch', task);
  return { batchId, taskIds };
}

export interface Change {
  status: Status;
  waitingFor?: WaitingReason | null;
  result?: string;
  error?: string;
  failures?: number;
  readyInSeconds?: number;
  title?: string;
  /** Whether the end is to be told; default: yes. */
  tell?: boolean;
}

/** Moves tasks on, with all that follows for cards, batches and ends, in one transaction. @returns the events that tell of it. */
export async function changeTasks(sql: Sql, ids: readonly string[], change: Change): Promise<TaskEvent[]> {
  const final = ['completed', 'failed', 'cancelled'].includes(change.status);
  const running = change.status === 'in_progress';
  const result = change.result === undefined ? null : { text: change.result };
  const error = change.error === undefined ? null : { reason: 'error', message: change.error };
  const rows = await sql<SeedRow[]>`
    with before as (select id, finished_at is not null as ended from tasks where id = any(${ids as string[]}::uuid[]) order by id for update),
    changed as (
      update tasks t set status = ${change.status}, waiting_for = ${change.waitingFor ?? null}, title = coalesce(${change.title ?? null}, title),
        attempt = attempt + ${running ? 1 : 0}, failures = coalesce(${change.failures ?? null}, failures),
        worker_id = ${running ? '00000000-0000-7000-8000-000000000001' : null}, started_at = ${running ? sql`now()` : sql`started_at`},
        finished_at = ${final ? sql`now()` : null}, result = ${result === null ? null : sql.json(result)},
        error = ${error === null ? null : sql.json(error)}, ready_at = now() + ${change.readyInSeconds ?? 0} * interval '1 s',
        updated_at = now(), revision = revision + 1
      from before b where t.id = b.id
      returning t.*, b.ended as was_ended
    ),
    counted as (
      update batches b set unfinished = b.unfinished - n.ended, round = b.round + (b.unfinished = n.ended)::int
      from (select batch_id, sum((finished_at is not null)::int - was_ended::int)::int as ended from changed where batch_id is not null group by 1) n
      where b.id = n.batch_id and n.ended <> 0
      returning b.*
    ),
    carded as (
      update cards c set revision = revision + n.changes, final = case when b.id is null then n.ended and n.batch_id is null else b.unfinished = 0 end
      from (select card_id, batch_id, count(*)::int as changes, bool_and(finished_at is not null) as ended from changed group by 1, 2) n
      left join counted b on b.id = n.batch_id
      where c.id = n.card_id
    ),
    superseded as (
      delete from completions p using changed c where p.card_id = c.card_id and p.told_at is null and c.finished_at is null and c.was_ended
    ),
    told as (
      insert into completions (card_id, ending, task_id, guild_id, channel_id, requester_id, status)
      select card_id, revision, id, guild_id, channel_id, requester_id, status from changed
      where finished_at is not null and batch_id is null and ${change.tell ?? true}
      union all
      select id, round, null, guild_id, channel_id, requester_id, 'completed' from counted where unfinished = 0
    ),
    stopped as (delete from progress p using changed c where p.task_id = c.id and c.status <> 'in_progress')
    select id, card_id, guild_id, channel_id, agent_id, status, attempt, revision from changed`;
  return rows.map((row) => eventOf(row, final ? 'ended' : 'changed'));
}

interface SeedRow {
  id: string;
  card_id: string;
  guild_id: string | null;
  channel_id: string;
  agent_id: string;
  status: Status;
  attempt: number;
  revision: number;
}

/** Progress of a running task, as the engine writes it. */
export async function seedProgress(sql: Sql, taskId: string, percent: number, step = 'Working', description = ''): Promise<void> {
  await sql`
    insert into progress (task_id, attempt, percent, step, description)
    select id, attempt, ${percent}, ${step}, ${description} from tasks where id = ${taskId}
    on conflict (task_id) do update set percent = excluded.percent, step = excluded.step, description = excluded.description, updated_at = now()`;
}

/** A file that the task's last run has made. */
export async function seedFile(sql: Sql, taskId: string, name: string, bytes: Buffer): Promise<void> {
  await sql`
    insert into task_files (id, task_id, direction, attempt, name, content_type, size, sha256, bytes)
    select ${randomUUID()}, id, 'out', attempt, ${name}, 'text/plain', ${bytes.length}, ${'0'.repeat(64)}, ${bytes} from tasks where id = ${taskId}`;
}
