/** The task service: checks who may do what, calls the statements, tells of the change. See service.ts for what each method promises. */
import type postgres from 'postgres';
import { z } from 'zod';
import type { Snapshots } from '../queue/snapshots.js';
import { removeTasks } from '../store/admin/remove.js';
import { available } from '../store/database.js';
import { queuePlaces } from '../store/places.js';
import { listTasks, suggestTasks } from '../store/tasks/list.js';
import {
  type BatchRow,
  readBatch,
  readBatchOfInteraction,
  readBatchTasks,
  readFileBytes,
  readFiles,
  readHistory,
  readProgress,
  readTask,
} from '../store/tasks/read.js';
import { priorityNumber, type TaskRow, toTask } from '../store/tasks/row.js';
import { cancelTasks, rateTask, retryTasks, startTask, updateTask } from '../store/tasks/steer.js';
import { type Actor, canControl, canSee } from './actor.js';
import { certainly } from './certain.js';
import type { AfterChange } from './changes.js';
import { type Creation, type CreationDeps, parse } from './creation.js';
import { ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError } from './errors.js';
import {
  BOUNDS,
  type JsonObject,
  jsonObjectSchema,
  prioritySchema,
  type Task,
  taskFilterSchema,
  taskIdSchema,
  text,
} from './model.js';
import { NewPlaces } from './new-places.js';
import type { Batch, QueuePlace, TaskService } from './service.js';
import { isFinal, STATUSES, type Status } from './states.js';

export interface TaskServiceDeps extends CreationDeps {
  creation: Creation;
  afterChange: AfterChange;
  /** Milliseconds of a clock that never goes back. */
  monotonic: () => number;
  /** Hot copies for display; null: always read Postgres. */
  snapshots: Snapshots | null;
}

/** Events shown in the details. */
const HISTORY = 100;
const GONE = 'There is no such task here. It may have been removed by the cleanup, or belong to a channel that you cannot see.';
const STATUS_WORDS: Record<Status, string> = {
  pending: 'is still waiting',
  in_progress: 'is running',
  completed: 'has been completed',
  failed: 'has failed',
  cancelled: 'has been cancelled',
};

/** Builds the service. */
export function createTaskService(deps: TaskServiceDeps): TaskService {
  const { sql, creation, afterChange } = deps;
  const places = new NewPlaces(sql, deps.monotonic);
  const placeOf = (row: TaskRow) =>
    places.of({ id: row.id, agentId: row.agent_id, guildId: row.guild_id, priority: row.priority });
  const controlled = async (id: string, actor: Actor): Promise<Task> => {
    const task = await visible(sql, id, actor);
    if (!canControl(actor, task)) {
      throw new ForbiddenError('This task belongs to somebody else. Its requester, or a moderator of its channel, can do that.');
    }
    return task;
  };
  /** What a conditional change answers: the row, or why it did not apply. */
  const changed = async (row: TaskRow | undefined, id: string, cannot: (status: Status) => string): Promise<Task> => {
    if (row !== undefined) {
      afterChange([row]);
      return toTask(row);
    }
    const now = await available(() => readTask(sql, id));
    if (now === undefined) throw new NotFoundError(GONE);
    throw new ConflictError(cannot(now.status));
  };

  return {
    async create(asked, origin) {
      const row = await creation.create(creation.prepare(asked, origin));
      afterChange([row]);
      const place = await placeOf(row);
      const task = toTask(row);
      const late = place.etaSeconds !== null && task.waitingFor === null && place.etaSeconds > task.ttlSeconds;
      const warnings = late
        ? [
            `It may not start in time: about ${Math.ceil((place.etaSeconds ?? 0) / 60)} minutes of work come before it, and it expires after ${Math.ceil(task.ttlSeconds / 60)}.`,
          ]
        : [];
      return { task, place, warnings };
    },

    async createBatch(title, asked, origin) {
      const batch = { id: deps.newId(), title: parse(text(1, BOUNDS.title), title) };
      if (asked.length < 1 || asked.length > BOUNDS.batch) {
        throw new InvalidError(`A batch has 1 to ${BOUNDS.batch} tasks; this one has ${asked.length}.`);
      }
      const tasks = asked.map((each, index) => inRow(index + 1, () => creation.prepare(each, origin, batch.id)));
      const rows = await creation.createBatch({ ...batch, interactionId: origin.interactionId ?? null }, tasks);
      if (rows !== null) afterChange(rows);
      const id = rows !== null ? batch.id : await earlierBatch(sql, origin.interactionId, batch.id);
      const stored = rows ?? (await available(() => readBatchTasks(sql, id)));
      if (stored[0] === undefined) throw new NotFoundError(GONE);
      // A batch just made is not read again: if the database is lost now, it must not look refused.
      const made = rows === null ? await available(() => readBatch(sql, id)) : asMade(batch, rows);
      if (made === undefined) throw new NotFoundError(GONE);
      return { batch: toBatch(made), tasks: stored.map(toTask), place: await placeOfFirst(sql, stored[0].id) };
    },

    async get(id, actor) {
      return displayed(deps, id, actor);
    },

    async details(id, actor) {
      const task = await displayed(deps, id, actor);
      return available(async () => {
        const [progress, places, history, files] = await Promise.all([
          readProgress(sql, task.id),
          task.status === 'pending' ? queuePlaces(sql, [task.id]) : new Map<string, QueuePlace>(),
          readHistory(sql, task.id, HISTORY),
          readFiles(sql, task.id),
        ]);
        return { task, progress: progress ?? null, place: places.get(task.id) ?? null, history, files };
      });
    },

    async batch(id, actor) {
      const row = await available(() => readBatch(sql, parse(taskIdSchema, id)));
      if (row === undefined || !canSee(actor, { guildId: row.guild_id, scopeId: row.scope_id, requesterId: row.requester_id })) {
        throw new NotFoundError('There is no such batch here. It may have been removed by the cleanup.');
      }
      return toBatch(row);
    },

    async list(filter, actor, page = {}) {
      return available(() => listTasks(sql, { filter: parse(taskFilterSchema, filter), actor, ...page }));
    },

    async suggest(what, typed, actor) {
      return available(() => suggestTasks(sql, { what, text: typed, actor }));
    },

    async start(id, actor) {
      const task = await controlled(id, actor);
      const row = await certainly(sql, { task, event: 'started', actor: person(actor) }, () =>
        startTask(sql, task.id, person(actor)),
      );
      return changed(row, task.id, (status) =>
        status === 'pending'
          ? 'This task is not held back: it is in the queue already.'
          : `This task ${STATUS_WORDS[status]}, so it cannot be started.`,
      );
    },

    async cancel(id, actor, reason) {
      const task = await controlled(id, actor);
      const why = reason === undefined ? null : parse(text(0, BOUNDS.reason), reason) || null;
      const row = await certainly(
        sql,
        { task, event: 'cancelled', actor: person(actor) },
        async () => (await cancelTasks(sql, [task.id], { actor: person(actor), actorId: actor.userId, reason: why }))[0],
      );
      return changed(row, task.id, (status) => `This task ${STATUS_WORDS[status]} already, so there is nothing to cancel.`);
    },

    async retry(id, actor) {
      const task = await controlled(id, actor);
      const row = await certainly(
        sql,
        { task, event: 'retried', actor: person(actor) },
        async () => (await retryTasks(sql, [task.id], person(actor)))[0],
      );
      return changed(
        row,
        task.id,
        (status) => `This task ${STATUS_WORDS[status]}; only failed and cancelled tasks can be retried.`,
      );
    },

    async rate(id, score, actor) {
      const task = await visible(sql, id, actor);
      if (typeof score !== 'number' || !(score >= 0 && score <= 1))
        throw new InvalidError('A rating is a number from 0 to 1.', [{ field: 'score', problem: 'out of range' }]);
      const row = await certainly(sql, { task, event: 'rated', actor: person(actor) }, () =>
        rateTask(sql, task.id, score, person(actor)),
      );
      return changed(row, task.id, (status) => `This task ${STATUS_WORDS[status]}; only completed tasks can be rated.`);
    },

    async update(id, change, actor) {
      const task = await controlled(id, actor);
      const priority = change.priority === undefined ? null : priorityNumber(parse(prioritySchema, change.priority));
      const metadata = parse(jsonObjectSchema, change.metadata ?? {});
      // Merging must not pass the bound that creation keeps.
      parse(z.object({ metadata: jsonObjectSchema }), { metadata: merged(task.metadata, metadata) });
      const row = await certainly(sql, { task, event: 'updated', actor: person(actor) }, () =>
        updateTask(sql, task.id, { priority, metadata }, person(actor)),
      );
      return changed(
        row,
        task.id,
        (status) => `This task ${STATUS_WORDS[status]}; the priority of a task can be changed only while it waits.`,
      );
    },

    async remove(ids, actor) {
      if (!actor.isAdmin && !actor.isOwner) throw new ForbiddenError('Removing tasks needs the permission Manage Server.');
      const tasks = await Promise.all(ids.map((id) => visible(sql, id, actor)));
      const running = tasks.find((task) => !isFinal(task.status));
      if (running) throw new ConflictError(`"${running.title}" ${STATUS_WORDS[running.status]}. Cancel it before you remove it.`);
      return available(async () => {
        const gone = tasks.map((task) => task.id);
        const onRemoved = (removedIds: readonly string[]) => void deps.snapshots?.forget(removedIds);
        const removed = await removeTasks(sql, { ids: gone, actor: person(actor), onRemoved });
        return removed.completed + removed.failed + removed.cancelled;
      });
    },

    async file(taskId, fileId, actor) {
      const task = await visible(sql, taskId, actor);
      const found = await available(() => readFileBytes(sql, task.id, parse(taskIdSchema, fileId)));
      if (found === undefined) throw new NotFoundError('There is no such file with this task.');
      return found;
    },
  };
}

function person(actor: Actor): string {
  return `person:${actor.userId}`;
}

async function visible(sql: postgres.Sql, id: string, actor: Actor): Promise<Task> {
  const parsed = taskIdSchema.safeParse(id);
  if (!parsed.success)
    throw new NotFoundError('That is not the id of a task. Choose one from the suggestions, or copy the id from a card.');
  const row = await available(() => readTask(sql, parsed.data));
  const task = row && toTask(row);
  if (task === undefined || !canSee(actor, task)) throw new NotFoundError(GONE);
  return task;
}

/** For showing only: may come from a hot copy, which is checked like the original. */
async function displayed(deps: TaskServiceDeps, id: string, actor: Actor): Promise<Task> {
  const parsed = taskIdSchema.safeParse(id);
  const hot = parsed.success ? await deps.snapshots?.get(parsed.data) : undefined;
  if (hot !== undefined && canSee(actor, hot)) return hot;
  const task = await visible(deps.sql, id, actor);
  void deps.snapshots?.put(task);
  return task;
}

/** Where the first task of a batch stands, counted exactly. The batch is committed already, so a database that is lost just now must not make it look refused. */
async function placeOfFirst(sql: postgres.Sql, id: string): Promise<QueuePlace> {
  try {
    return (await available(() => queuePlaces(sql, [id]))).get(id) ?? { position: 1, etaSeconds: 0, blockedBy: null };
  } catch (error) {
    if (error instanceof UnavailableError) return { position: 1, etaSeconds: null, blockedBy: null };
    throw error;
  }
}

/** As the statement merges it: a null takes its key away. */
function merged(held: JsonObject, more: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...held, ...more }).filter(([key]) => more[key] !== null));
}

async function earlierBatch(sql: postgres.Sql, interactionId: string | null | undefined, ownId: string): Promise<string> {
  if (!interactionId) return ownId;
  return (await available(() => readBatchOfInteraction(sql, interactionId))) ?? ownId;
}

function inRow<T>(row: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidError) throw new InvalidError(`Row ${row}: ${error.message} Nothing was created.`, error.fields);
    throw error;
  }
}

function asMade({ id, title }: { id: string; title: string }, rows: readonly TaskRow[]): Shown {
  const counts: Shown['counts'] = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return { id, title, agent_id: (rows[0] as TaskRow).agent_id, total: rows.length, counts };
}

type Shown = Pick<BatchRow, 'id' | 'title' | 'agent_id' | 'total' | 'counts'>;

function toBatch(row: Shown): Batch {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, row.counts[status] ?? 0])) as Record<Status, number>;
  return { id: row.id, title: row.title, agentId: row.agent_id, total: row.total, counts };
}
