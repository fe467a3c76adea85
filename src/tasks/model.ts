/**
 * What a task is, and the rules for what may be asked for. The schemas here are the only way in:
 * slash commands, modals, batch files, embedders and later the HTTP API all come through `newTaskSchema`.
 */
import { z } from 'zod';
import { STATUSES, type Status, WAITING_REASONS, type WaitingReason } from './states.js';

/** Priorities, most urgent first; the index is what the database stores. */
export const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Also accepted names (`urgent`, `normal`) and 1–10 (1–3 low, 4–6 medium, 7–8 high, 9–10 critical). */
export const prioritySchema = z.preprocess((value) => {
  if (value === 'urgent') return 'critical';
  if (value === 'normal') return 'medium';
  const number = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 10) return value;
  return number <= 3 ? 'low' : number <= 6 ? 'medium' : number <= 8 ? 'high' : 'critical';
}, z.enum(PRIORITIES));

/** Bounds of a task's fields. Lengths are in characters as Postgres and Discord count them (code points). */
export const BOUNDS = {
  title: 200,
  description: 2000,
  type: 50,
  reason: 500,
  /** Serialised `input` and `metadata`, in bytes. */
  jsonBytes: 64 * 1024,
  batch: 100,
  ttlSeconds: { min: 300, max: 86_400 },
  retries: { min: 0, max: 10 },
  /** Latest `readyAt` from now, in seconds (one year). */
  delaySeconds: 365 * 86_400,
  timeoutSeconds: { min: 1, max: 86_400 },
  fileBytes: 10 * 1024 * 1024,
  filesPerTask: 10,
} as const;

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** A lone half of a surrogate pair, which no UTF-8 store can keep. */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Whether Postgres can store the text: no NUL, no lone surrogate. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && !LONE_SURROGATE.test(text);
}

const length = (text: string) => [...text].length;

/** Text of `min`–`max` code points, trimmed, without characters that cannot be stored. */
export function text(min: number, max: number) {
  return z
    .string()
    .max(max * 8, `must have at most ${max} characters`)
    .refine(isStorable, 'contains a character that cannot be stored (NUL or half of a surrogate pair)')
    .transform((value) => value.trim())
    .refine((value) => length(value) >= min, min === 1 ? 'must not be empty' : `must have at least ${min} characters`)
    .refine((value) => length(value) <= max, `must have at most ${max} characters`);
}

function everyString(value: unknown, test: (text: string) => boolean, depth = 0): boolean {
  if (depth > 32) return false;
  if (typeof value === 'string') return test(value);
  if (Array.isArray(value)) return value.every((item) => everyString(item, test, depth + 1));
  if (value !== null && typeof value === 'object')
    return Object.entries(value).every(([key, item]) => test(key) && everyString(item, test, depth + 1));
  return typeof value !== 'bigint' && typeof value !== 'function' && typeof value !== 'symbol';
}

/** A JSON object of at most 64 KiB, nested at most 32 deep, whose every string can be stored. */
export const jsonObjectSchema = z
  .record(z.string(), z.unknown())
  .refine((value) => everyString(value, isStorable), {
    error: 'contains something that cannot be stored, or is nested more than 32 deep',
    // What is no JSON (a circle, a bigint) would make the measuring below throw.
    abort: true,
  })
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= BOUNDS.jsonBytes,
    `is larger than ${BOUNDS.jsonBytes / 1024} KiB`,
  )
  .transform((value) => value as JsonObject);

export const agentIdSchema = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,99}$/, 'is not an agent id (a–z, 0–9, _ and -, up to 100)');
export const snowflakeSchema = z.string().regex(/^\d{17,20}$/, 'is not a Discord id (17–20 digits)');
export const taskIdSchema = z.uuid('is not a task id');

/** A file to be copied to Postgres with the task. */
export interface NewFile {
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

const fileSchema = z.object({
  name: text(1, 255),
  contentType: text(0, 255),
  bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.byteLength <= BOUNDS.fileBytes, 'is larger than 10 MiB'),
});

/** Everything that can be asked for. `agentId` absent: the `default` queue. Absent limits: the agent's, else the settings'. */
export const newTaskSchema = z.object({
  agentId: agentIdSchema.default('default'),
  title: text(1, BOUNDS.title),
  description: text(0, BOUNDS.description).default(''),
  type: text(1, BOUNDS.type).nullish(),
  priority: prioritySchema.default('medium'),
  input: jsonObjectSchema.default({}),
  metadata: jsonObjectSchema.default({}),
  files: z.array(fileSchema).max(BOUNDS.filesPerTask, `at most ${BOUNDS.filesPerTask} files`).default([]),
  /** Start at this time at the earliest. */
  startAt: z.date().nullish(),
  /** Start so many seconds from now at the earliest, by the database's clock; not together with `startAt`. */
  startInSeconds: z.number().min(0).max(BOUNDS.delaySeconds).nullish(),
  /** Held until somebody starts it. */
  hold: z.boolean().default(false),
  maxRetries: z.int().min(BOUNDS.retries.min).max(BOUNDS.retries.max).nullish(),
  ttlSeconds: z.int().min(BOUNDS.ttlSeconds.min).max(BOUNDS.ttlSeconds.max).nullish(),
  /** Hard limit of one run's time. */
  timeoutSeconds: z.int().min(BOUNDS.timeoutSeconds.min).max(BOUNDS.timeoutSeconds.max).nullish(),
});
export type NewTask = z.input<typeof newTaskSchema>;

/** Where a task comes from: decided by the caller's surroundings, never by what a person typed. */
export const originSchema = z.object({
  guildId: snowflakeSchema.nullable(),
  channelId: snowflakeSchema,
  /** See actor.ts: the id that decides who sees the task. */
  scopeId: snowflakeSchema,
  requesterId: snowflakeSchema,
  /** The interaction that asks for it: the same one never makes two tasks. */
  interactionId: snowflakeSchema.nullish(),
});
export type Origin = z.input<typeof originSchema>;

/** Why a task failed, or waits for a retry. `message` is one readable line. */
export interface TaskError {
  reason: 'error' | 'invalid_input' | 'timeout' | 'expired' | 'lost' | 'poison' | 'stale' | 'no_agent';
  message: string;
}

/** What people read of a task that was set aside because it brings processes down. */
export const POISON =
  'It brought down the process that ran it, at last one in which nothing else ran. It is set aside: retry it when its agent or its input has been mended.';

/** What an agent returned. `text` is Markdown for people; `data` is for programs. */
export interface TaskResult {
  text: string;
  data?: JsonValue;
}

/** A task as stored. Times are Dates by the database's clock. */
export interface Task {
  id: string;
  guildId: string | null;
  channelId: string;
  scopeId: string;
  requesterId: string;
  batchId: string | null;
  /** The card that shows it: its own id, or its batch's. */
  cardId: string;
  agentId: string;
  type: string | null;
  title: string;
  description: string;
  input: JsonObject;
  metadata: JsonObject;
  priority: Priority;
  status: Status;
  waitingFor: WaitingReason | null;
  /** Runs begun so far; the fence of a run. Counts on over retries. */
  attempt: number;
  /** Failures since it was created or last retried by a person; at most `maxRetries` + 1. */
  failures: number;
  maxRetries: number;
  /** Times a dead worker's run was taken back. */
  recoveries: number;
  ttlSeconds: number;
  softTimeoutSeconds: number;
  hardTimeoutSeconds: number;
  workerId: string | null;
  readyAt: Date;
  expiresAt: Date | null;
  /** Start of the current or last run. */
  startedAt: Date | null;
  finishedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  result: TaskResult | null;
  error: TaskError | null;
  /** 0–1, from 👍 (1) and 👎 (0). */
  score: number | null;
  /** Counts the visible changes. */
  revision: number;
}

/** Where a running task stands. */
export interface Progress {
  percent: number;
  step: string;
  description: string;
  updatedAt: Date;
}

/** One line of a task's history. */
export interface AuditEvent {
  id: string;
  taskId: string | null;
  at: Date;
  /** `person:<user id>`, `worker:<worker id>` or `keeper`. */
  actor: string;
  event: string;
  from: string | null;
  to: string | null;
  details: JsonObject;
}

/** A stored file without its bytes. */
export interface TaskFile {
  id: string;
  taskId: string;
  direction: 'in' | 'out';
  attempt: number;
  name: string;
  contentType: string;
  size: number;
  sha256: string;
}

/** What a list can be narrowed by. */
export const taskFilterSchema = z.object({
  status: z.enum(STATUSES).nullish(),
  waitingFor: z.enum(WAITING_REASONS).nullish(),
  agentId: agentIdSchema.nullish(),
  priority: prioritySchema.nullish(),
  type: text(1, BOUNDS.type).nullish(),
  requesterId: snowflakeSchema.nullish(),
  channelId: snowflakeSchema.nullish(),
  batchId: z.uuid().nullish(),
  /** Words that title or description contain. */
  search: text(1, 200).nullish(),
  /** Metadata that contains this (Postgres' `@>`). */
  metadata: jsonObjectSchema.nullish(),
});
export type TaskFilter = z.input<typeof taskFilterSchema>;
