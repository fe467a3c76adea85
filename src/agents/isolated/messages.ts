/**
 * What a run's thread and the engine say to each other. The engine reads each message of a thread with a schema that bounds it, because an agent can reach the
 * port as well as we can.
 */
import type { MessagePort } from 'node:worker_threads';
import { z } from 'zod';
import { BOUNDS, type JsonObject } from '../../tasks/model.js';
import type { RunningTask } from '../contract.js';

/** Longest text of a result, of a log line's message, of an error's message; in characters. The thread cuts to these, the engine refuses more. */
export const LENGTHS = { result: 250_000, log: 2000, error: 2000, stack: 8000, step: 500, name: 1000 } as const;
/** Bytes of a log line's details as JSON; larger ones are left out. */
export const LOG_DETAIL_BYTES = 16 * 1024;

/** First message, to the thread: what to run. `port` is the line of this run alone, so that what an earlier run left behind cannot speak for it. */
export interface RunMessage {
  agentId: string;
  task: Omit<RunningTask<JsonObject>, 'files'> & { files: { name: string; contentType: string; size: number }[] };
  port?: MessagePort;
}

/** To the thread, during a run. */
export type ToThread =
  | { kind: 'abort'; why: string | undefined; name: string; message: string }
  | { kind: 'answer'; id: number; ok: true; bytes?: Uint8Array }
  | { kind: 'answer'; id: number; ok: false; name: string; message: string };

const id = z.int().min(0);
const bytes = z.instanceof(Uint8Array).refine((value) => value.byteLength <= BOUNDS.fileBytes + 1, 'too many bytes');

/** From the thread, during a run. */
export const fromThreadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started') }),
  z.object({
    kind: z.literal('progress'),
    percent: z.number(),
    step: z.string().max(LENGTHS.step),
    description: z.string().max(LENGTHS.step),
  }),
  z.object({
    kind: z.literal('log'),
    message: z.string().max(LENGTHS.log),
    details: z.string().max(LOG_DETAIL_BYTES).optional(),
    dropped: z.int().min(0),
  }),
  z.object({
    kind: z.literal('attach'),
    id,
    name: z.string().max(LENGTHS.name),
    contentType: z.string().max(LENGTHS.name),
    bytes,
  }),
  z.object({ kind: z.literal('read'), id, file: z.int().min(0).max(BOUNDS.filesPerTask) }),
  /** `data` is JSON text. Null: what the agent gave back is no result. */
  z.object({
    kind: z.literal('result'),
    result: z
      .object({
        text: z.string().max(LENGTHS.result),
        data: z
          .string()
          .max(BOUNDS.jsonBytes * 2)
          .optional(),
      })
      .nullable(),
  }),
  z.object({
    kind: z.literal('threw'),
    error: z.object({
      name: z.string().max(LENGTHS.name),
      message: z.string().max(LENGTHS.error),
      stack: z.string().max(LENGTHS.stack).optional(),
    }),
    /** Nobody caught it: the thread is not used again. */
    uncaught: z.boolean(),
  }),
]);
export type FromThread = z.infer<typeof fromThreadSchema>;

/** From a thread outside of any run: something of an earlier run is still at work in it, so it is not used again. */
export const RETIRE = 'retire';

/** How a thread, or the process of a lone run, ended. */
export const endSchema = z.object({
  kind: z.literal('ended'),
  cause: z.enum(['exit', 'error', 'memory', 'crash']),
  /** An exit code, a signal, or an error's message. */
  detail: z.string().max(LENGTHS.error),
});
export type LineEnd = z.infer<typeof endSchema>;
