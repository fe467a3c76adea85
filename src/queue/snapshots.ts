/**
 * Hot copies of tasks in Redis, for display only and never for a decision.
 *
 * A copy is stored with its revision and replaces only an older one; it lives 60 s. A reader knows the newest revision that this process wrote or heard of, and
 * passes over an older copy, so a read is never older than what the same process wrote. Keys carry the epoch of the Redis: whatever an earlier life of it
 * holds is never read again.
 */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { EventBus } from '../tasks/events.js';
import { PRIORITIES, type Task } from '../tasks/model.js';
import { STATUSES, WAITING_REASONS } from '../tasks/states.js';
import type { RedisLink } from './link.js';

/** Seconds that a copy lives. */
const TTL_SECONDS = 60;

/** Stores a copy unless a newer one is there. KEYS: copy. ARGV: revision, task as JSON, seconds. */
const PUT = `
local held = redis.call('HGET', KEYS[1], 'revision')
if held and tonumber(held) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'task', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1`;

/** Puts in a copy's place what no copy is newer than and what no reader accepts. KEYS: copy. ARGV: seconds. */
const BURY = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'revision', 'inf', 'task', '')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1`;

const time = z.iso.datetime().transform((value) => new Date(value));
const json = z.record(z.string(), z.json());
const snapshotSchema = z.object({
  id: z.uuid(),
  guildId: z.string().nullable(),
  channelId: z.string(),
  scopeId: z.string(),
  requesterId: z.string(),
  batchId: z.string().nullable(),
  cardId: z.string(),
  agentId: z.string(),
  type: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  input: json,
  metadata: json,
  priority: z.enum(PRIORITIES),
  status: z.enum(STATUSES),
  waitingFor: z.enum(WAITING_REASONS).nullable(),
  attempt: z.int(),
  failures: z.int(),
  maxRetries: z.int(),
  recoveries: z.int(),
  ttlSeconds: z.int(),
  softTimeoutSeconds: z.int(),
  hardTimeoutSeconds: z.int(),
  workerId: z.string().nullable(),
  readyAt: time,
  expiresAt: time.nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  createdAt: time,
  updatedAt: time,
  result: z.object({ text: z.string(), data: z.json().optional() }).nullable(),
  error: z
    .object({
      reason: z.enum(['error', 'invalid_input', 'timeout', 'expired', 'lost', 'poison', 'stale', 'no_agent']),
      message: z.string(),
    })
    .nullable(),
  score: z.number().nullable(),
  revision: z.int(),
}) satisfies z.ZodType<Task>;

export class Snapshots {
  readonly #link: RedisLink;
  readonly #epoch: () => string | undefined;
  /** Newest revision known of each task; remembered longer than a copy lives. */
  readonly #known = new LRUCache<string, number>({ max: 20_000, ttl: 2 * TTL_SECONDS * 1000 });

  /** Tasks known to be removed: apart from the revisions, which a large cleanup must not crowd out. */
  readonly #removed = new LRUCache<string, true>({ max: 20_000, ttl: 2 * TTL_SECONDS * 1000 });

  /** @param epoch the life of the Redis now (see window.ts); undefined while it is not known: then nothing is read or stored. */
  constructor(link: RedisLink, epoch: () => string | undefined, bus: EventBus) {
    this.#link = link;
    this.#epoch = epoch;
    bus.subscribe((event) => this.#learn(event.taskId, event.revision));
  }

  /** A copy that is as new as anything this process knows, or undefined. */
  async get(taskId: string): Promise<Task | undefined> {
    const key = this.#key(taskId);
    if (key === undefined || this.#removed.has(taskId)) return undefined;
    const stored = await this.#link.use((redis) => redis.hget(key, 'task'));
    if (stored === undefined || stored === null) return undefined;
    const parsed = snapshotSchema.safeParse(parseJson(stored));
    if (!parsed.success || parsed.data.id !== taskId) return undefined;
    return parsed.data.revision >= (this.#known.get(taskId) ?? 0) ? parsed.data : undefined;
  }

  /** Keeps a copy of a task as read from Postgres. */
  async put(task: Task): Promise<void> {
    const key = this.#key(task.id);
    if (key === undefined) return;
    this.#learn(task.id, task.revision);
    await this.#link.use((redis) => redis.eval(PUT, 1, key, task.revision, JSON.stringify(task), TTL_SECONDS));
  }

  /**
   * These tasks have been removed: this process reads their copies no more, nor do the others once the promise is fulfilled. Never rejects; while Redis is
   * down nobody reads copies, but one that comes back with it within its 60 s may be shown by the others, as may one that another process, having read
   * the task just before its removal, stores just after.
   */
  async forget(taskIds: readonly string[]): Promise<void> {
    for (const taskId of taskIds) this.#removed.set(taskId, true);
    const keys = taskIds.map((taskId) => this.#key(taskId)).filter((key) => key !== undefined);
    // One script a key: in a Redis Cluster they may live on different nodes.
    await this.#link.use((redis) => Promise.all(keys.map((key) => redis.eval(BURY, 1, key, TTL_SECONDS))));
  }

  #learn(taskId: string, revision: number): void {
    if (revision > (this.#known.get(taskId) ?? 0)) this.#known.set(taskId, revision);
  }

  #key(taskId: string): string | undefined {
    const epoch = this.#epoch();
    return epoch === undefined ? undefined : `${this.#link.prefix}:task:${epoch}:${taskId}`;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours, or damaged: the schema refuses it.
    return undefined;
  }
}
