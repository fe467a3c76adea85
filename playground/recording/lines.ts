import { z } from 'zod';

/** The version of the file's form. */
export const RECORDING_VERSION = 1;

const at = z.number();
const rest = z.object({
  kind: z.literal('rest'),
  at,
  method: z.string(),
  route: z.string(),
  path: z.string(),
  /** 0: there was no answer. */
  status: z.number(),
  durationMs: z.number(),
  code: z.number().optional(),
  retryAfterMs: z.number().optional(),
  scope: z.string().optional(),
  fault: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  request: z.unknown().optional(),
  answer: z.unknown().optional(),
});
const frame = z.object({
  kind: z.literal('frame'),
  at,
  connection: z.number(),
  /** `in`: from the bot. */
  direction: z.enum(['in', 'out']),
  op: z.number(),
  t: z.string().nullable(),
  s: z.number().nullable(),
  payload: z.unknown(),
});

/**
 * One line of a recording, a JSON object. `at` is milliseconds since 1970 on the playground's clock. Bodies are Discord's own;
 * tokens in them and in paths are masked.
 */
export const recordedLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begin'), at, version: z.literal(RECORDING_VERSION), bot: z.string(), guilds: z.number() }),
  rest,
  z.object({ kind: z.literal('open'), at, connection: z.number(), url: z.string() }),
  frame,
  z.object({ kind: z.literal('close'), at, connection: z.number(), code: z.number() }),
  /** What a person did: `what` reads on from the name. */
  z.object({ kind: z.literal('person'), at, who: z.string(), where: z.string(), what: z.string() }),
  /** How an interaction was answered, as its person saw it. */
  z.object({ kind: z.literal('outcome'), at, who: z.string(), interaction: z.string(), how: z.string(), latencyMs: z.number() }),
  z.object({ kind: z.literal('bot'), at, online: z.boolean() }),
  z.object({ kind: z.literal('fault'), at, what: z.string() }),
  z.object({ kind: z.literal('clock'), at, byMs: z.number() }),
  z.object({ kind: z.literal('end'), at }),
]);

export type RecordedLine = z.output<typeof recordedLine>;
