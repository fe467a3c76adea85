/**
 * How a task comes into being: checked against its agent, completed with the settings, stored (coalesced with other creations under way), told.
 */
import type postgres from 'postgres';
import type { z } from 'zod';
import { parseInput } from '../agents/input.js';
import type { Registry } from '../agents/registry.js';
import { Batcher } from '../store/batcher.js';
import { available, isConnectionError, isRetryableError } from '../store/database.js';
import { type BatchInsert, type Inserted, insertTasks, type Limits, type TaskInsert } from '../store/tasks/create.js';
import { readBatch, readBatchOfInteraction } from '../store/tasks/read.js';
import { priorityNumber, type TaskRow } from '../store/tasks/row.js';
import { ConflictError, InvalidError, QueueFullError, UnavailableError } from './errors.js';
import { BOUNDS, type JsonObject, type NewTask, newTaskSchema, type Origin, originSchema } from './model.js';

/** What the settings say about new tasks. */
export interface CreationSettings extends Limits {
  defaultTtlSeconds: number;
  maxRetryCount: number;
  softTimeoutSeconds: number;
  hardTimeoutSeconds: number;
}

export interface CreationDeps {
  sql: postgres.Sql;
  agents: Registry;
  settings: CreationSettings;
  /** Time-ordered ids (UUIDv7). */
  newId: () => string;
  /** Milliseconds since 1970, only to refuse impossible start times; the database decides what is due. */
  now: () => number;
}

/** Tasks in one statement at most. */
const MAX_INSERT = 500;
/** Times a creation of unknown outcome is sent again, and the pause before each in ms. Ids make it harmless: nothing is stored twice. */
const RESENDS = [100, 300, 900];

/** Names each bad field as a person would: `title must not be empty`. */
export function explain(error: z.ZodError): { message: string; fields: { field: string; problem: string }[] } {
  const fields = error.issues.slice(0, 10).map((issue) => ({ field: issue.path.join('.') || 'value', problem: issue.message }));
  return { message: `${fields.map(({ field, problem }) => `${field} ${problem}`).join('; ')}.`, fields };
}

/** Parses or throws InvalidError. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message, fields } = explain(parsed.error);
  throw new InvalidError(`This cannot be used: ${message}`, fields);
}

export class Creation {
  readonly #deps: CreationDeps;
  readonly #batcher: Batcher<TaskInsert, Inserted>;

  constructor(deps: CreationDeps) {
    this.#deps = deps;
    this.#batcher = new Batcher({ flush: (tasks) => this.#insert(tasks), maxItems: MAX_INSERT, maxFlushes: 2 });
  }

  /** Checks what was asked for and completes it. Throws InvalidError. */
  prepare(asked: NewTask, origin: Origin, batchId: string | null = null): TaskInsert {
    const task = parse(newTaskSchema, asked);
    const from = parse(originSchema, origin);
    const { settings, newId, now } = this.#deps;
    const agent = this.#checkAgent(task.agentId, task.input, task.files.length);
    if (task.startAt && task.startAt.getTime() > now() + BOUNDS.delaySeconds * 1000) {
      throw new InvalidError('A task can be delayed by at most one year. Choose an earlier time.', [
        { field: 'delay', problem: 'too late' },
      ]);
    }
    const hard = task.timeoutSeconds ?? agent.hardTimeoutSeconds ?? settings.hardTimeoutSeconds;
    const id = newId();
    return {
      ...from,
      interactionId: batchId === null ? (from.interactionId ?? null) : null,
      id,
      batchId,
      cardId: batchId ?? id,
      agentId: task.agentId,
      type: task.type ?? null,
      title: task.title,
      description: task.description,
      input: task.input,
      metadata: task.metadata,
      priority: priorityNumber(task.priority),
      hold: task.hold,
      startAt: startOf(task),
      maxRetries: task.maxRetries ?? settings.maxRetryCount,
      ttlSeconds: task.ttlSeconds ?? settings.defaultTtlSeconds,
      // A run has some time left to wind up after the soft time-out: at least a tenth of the hard one.
      softTimeoutSeconds: Math.max(1, Math.min(agent.softTimeoutSeconds ?? settings.softTimeoutSeconds, Math.floor(hard * 0.9))),
      hardTimeoutSeconds: hard,
      files: task.files.map((file) => ({ ...file, id: newId() })),
    };
  }

  /** Stores one task. A second delivery of the same interaction answers the task that the first one made. */
  async create(task: TaskInsert): Promise<TaskRow> {
    for (let tries = 0; tries < 3; tries += 1) {
      const first = tries === 0;
      // Files are large: such a task goes by itself rather than in one statement with others.
      const inserted = task.files.length > 0 ? (await this.#insert([task]))[0] : await this.#batcher.add(task);
      if (inserted === undefined || inserted.outcome === 'raced') continue;
      // The place may have been taken by another delivery of the same interaction, or by our own first sending: that shows at a second look.
      if (first && (inserted.outcome === 'queue_full' || inserted.outcome === 'channel_full')) continue;
      return accepted(inserted, task);
    }
    throw new ConflictError('This interaction is being used already.');
  }

  /** Stores a batch: all or none. Null when its interaction has made one before. */
  async createBatch(batch: BatchInsert, tasks: readonly TaskInsert[]): Promise<TaskRow[] | null> {
    const inserted = await this.#persistent(() => insertTasks(this.#deps.sql, tasks, this.#deps.settings, batch));
    const refused = inserted.findIndex(({ outcome }) => outcome === 'queue_full' || outcome === 'channel_full');
    if (refused >= 0 && (await this.#isThere(batch))) return null;
    if (refused >= 0) accepted(inserted[refused] as Inserted, tasks[refused] as TaskInsert, tasks.length);
    if (inserted.some(({ outcome }) => outcome === 'raced')) return null;
    return inserted.map((each, index) => accepted(each, tasks[index] as TaskInsert));
  }

  /** Whether another delivery of the same interaction, or our own first sending, has made it meanwhile and so taken the room. */
  async #isThere({ id, interactionId }: BatchInsert): Promise<boolean> {
    const { sql } = this.#deps;
    if (interactionId !== null && (await available(() => readBatchOfInteraction(sql, interactionId))) !== undefined) return true;
    return (await available(() => readBatch(sql, id))) !== undefined;
  }

  #checkAgent(agentId: string, input: JsonObject, files: number) {
    const agent = this.#deps.agents.runner(agentId);
    if (agent === undefined) {
      throw new InvalidError(`There is no agent "${agentId}". \`/agent list\` shows the agents that there are.`, [
        { field: 'agent', problem: 'does not exist' },
      ]);
    }
    const parsed = parseInput(agent, input);
    if (!parsed.ok) {
      const fields = [
        ...parsed.missing.map((field) => ({ field: `input.${field}`, problem: 'is required' })),
        ...parsed.problems.map(({ field, problem }) => ({ field: `input.${field}`, problem })),
      ];
      throw new InvalidError(
        `The input does not fit ${agent.name}: ${fields.map((f) => `${f.field} ${f.problem}`).join('; ')}.`,
        fields,
      );
    }
    if (agent.files === 'required' && files === 0) {
      throw new InvalidError(`${agent.name} works on a file. Attach one with the option \`file\`.`, [
        { field: 'file', problem: 'is required' },
      ]);
    }
    if ((agent.files ?? 'none') === 'none' && files > 0) {
      throw new InvalidError(`${agent.name} takes no files. Leave out the option \`file\`.`, [
        { field: 'file', problem: 'is not used' },
      ]);
    }
    return agent;
  }

  #insert(tasks: readonly TaskInsert[]): Promise<Inserted[]> {
    return this.#persistent(() => insertTasks(this.#deps.sql, tasks, this.#deps.settings));
  }

  /** Sends the statement again when its outcome is unknown: the ids are the same, so what was stored is found and not stored twice. */
  async #persistent<T>(work: () => Promise<T>): Promise<T> {
    for (const pauseMs of [...RESENDS, null]) {
      try {
        return await work();
      } catch (error) {
        if (!isConnectionError(error) && !isRetryableError(error)) throw error;
        if (pauseMs === null) throw new UnavailableError(undefined, error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    throw new UnavailableError();
  }
}

/** For the database. The past means now; years before Christ are a Date, but no time of Postgres. */
function startOf({ startAt, startInSeconds }: z.output<typeof newTaskSchema>): string | null {
  if (startInSeconds) return `+${startInSeconds}`;
  return startAt ? new Date(Math.max(0, startAt.getTime())).toISOString() : null;
}

function accepted(inserted: Inserted, task: TaskInsert, count = 1): TaskRow {
  switch (inserted.outcome) {
    case 'created':
      return inserted.row;
    case 'duplicate':
      if (inserted.row.requester_id !== task.requesterId) throw new ConflictError('This interaction has already been used.');
      return inserted.row;
    case 'raced':
      throw new ConflictError('This interaction is being used already.');
    case 'queue_full':
      throw new QueueFullError(
        count > 1
          ? `These ${count} tasks do not fit: the agent's queue in this server takes ${inserted.limit} waiting tasks. Nothing was created; try fewer, or wait for some to finish.`
          : `The agent's queue is full: ${inserted.limit} tasks of this server are waiting already. Nothing was created; wait for some to finish, or cancel some.`,
      );
    case 'channel_full':
      throw new QueueFullError(
        `This channel may have ${inserted.limit} unfinished tasks at once, and that would be passed. Nothing was created; wait for some to finish, or use another channel.`,
      );
  }
}
