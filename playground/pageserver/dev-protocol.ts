/** What the developer panel and the playground say to each other over the panel's own WebSocket (`/dev`), open only while the panel is. */
import { z } from 'zod';
import type { BucketState, LedgerCounts, PlaygroundLimits } from '../api.js';

const id = z.string().regex(/^\d{17,19}$/);
const route = z.string().max(200).optional();
const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional();
const times = z.number().int().min(1).max(10_000);
/** Up to a day, in milliseconds. */
const ms = z.number().int().min(0).max(86_400_000);
const permission = z.string().min(1).max(40);

/** A fault as a form of the panel asks for it. */
export const faultRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('drop'), code: z.union([z.literal(0), z.number().int().min(1000).max(4999)]) }),
  z.object({ kind: z.literal('hang') }),
  z.object({ kind: z.literal('withholdAcks') }),
  z.object({ kind: z.literal('askForHeartbeat') }),
  z.object({ kind: z.literal('resetToken') }),
  z.object({ kind: z.literal('delayGateway'), delayMs: ms }),
  z.object({ kind: z.literal('reconnect') }),
  z.object({ kind: z.literal('invalidate'), resumable: z.boolean() }),
  z.object({ kind: z.literal('refuseGateway'), refuse: z.boolean() }),
  z.object({
    kind: z.literal('failRest'),
    route,
    method,
    times,
    status: z.number().int().min(400).max(599).optional(),
    how: z.enum(['status', 'cut', 'truncate', 'stall', 'hang']).optional(),
    when: z.enum(['before', 'after']).optional(),
    delayMs: ms.optional(),
  }),
  z.object({ kind: z.literal('setLimit'), name: z.string().max(60), value: z.number().min(0).max(1e12) }),
  z.object({
    kind: z.literal('limitRoute'),
    route: z.string().min(1).max(200),
    method,
    limit: z.number().int().min(0).max(10_000),
    windowMs: ms,
    scope: z.enum(['user', 'shared']),
  }),
  z.object({ kind: z.literal('block'), forMs: ms }),
  z.object({ kind: z.literal('lateInteractions'), times, delayMs: ms }),
  z.object({ kind: z.literal('redeliver'), interactionId: id, delayMs: ms }),
  z.object({ kind: z.literal('deleteChannel'), channelId: id }),
  z.object({ kind: z.literal('deleteMessage'), channelId: id, messageId: id }),
  z.object({ kind: z.literal('denyInChannel'), channelId: id, permission }),
  z.object({ kind: z.literal('denyInGuild'), guildId: id, permission }),
  z.object({ kind: z.literal('closeDms'), userId: id }),
  z.object({ kind: z.literal('removeBot'), guildId: id }),
  z.object({ kind: z.literal('autoMod'), text: z.string().max(100) }),
  z.object({ kind: z.literal('clear') }),
]);
export type FaultRequest = z.output<typeof faultRequest>;

/** What the panel asks for. */
export const devRequest = z.discriminatedUnion('type', [
  z.object({ type: z.literal('fault'), fault: faultRequest }),
  z.object({
    type: z.literal('advance'),
    ms: z
      .number()
      .int()
      .min(1)
      .max(31 * 86_400_000),
  }),
  /** Bodies are sent for what is looked at only. */
  z.object({ type: z.literal('detail'), of: z.enum(['rest', 'frame']), n: z.number().int().min(0) }),
  /** While it is on, buckets, counts and the clock are told twice a second. */
  z.object({ type: z.literal('watch'), on: z.boolean() }),
]);
export type DevRequest = z.output<typeof devRequest>;

/** One REST request, without bodies. `n` counts up and asks for the detail. */
export interface RestLine {
  n: number;
  /** Milliseconds since 1970, by the playground's clock. */
  at: number;
  method: string;
  route: string;
  path: string;
  /** 0: cut off without an answer. */
  status: number;
  code?: number;
  /** Real milliseconds until the answer. */
  ms: number;
  /** For how long a 429 told to wait, in ms. */
  waitMs?: number;
  scope?: string;
  fault?: string;
  violations?: number;
}

/** One gateway frame, or a connection that opened or closed. */
export interface FrameLine {
  n: number;
  at: number;
  connection: number;
  direction: 'in' | 'out' | 'open' | 'close';
  /** `MESSAGE_CREATE`, `HEARTBEAT`, `closed with 4000` … */
  name: string;
  op?: number;
  s?: number | null;
  /** Characters of the payload. */
  size: number;
}

/** A place that a fault can be about. */
export interface DevGuild {
  id: string;
  name: string;
  channels: { id: string; name: string }[];
}

/** What the forms of the panel offer. */
export interface DevState {
  now: number;
  limits: PlaygroundLimits;
  guilds: DevGuild[];
  people: { id: string; name: string }[];
  permissions: string[];
  /** The newest interactions since the panel was opened, newest first. */
  interactions: { id: string; label: string }[];
  /** What is set to go wrong now, a line each. */
  faults: string[];
}

export type DevEvent =
  | ({ type: 'state' } & DevState)
  | { type: 'rest'; lines: RestLine[]; dropped: number }
  | { type: 'frames'; lines: FrameLine[]; dropped: number }
  | { type: 'detail'; of: 'rest' | 'frame'; n: number; parts: { title: string; text: string }[] }
  | { type: 'watch'; now: number; buckets: BucketState[]; counts: LedgerCounts }
  /** A fault that was set or that happened. */
  | { type: 'told'; what: string }
  | { type: 'error'; message: string };
