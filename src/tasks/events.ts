/**
 * What is published after each committed change. Events are hints for readers (announcer, workers, later sockets): whoever needs the truth reads
 * Postgres. They may be lost, doubled or late.
 */
import { z } from 'zod';
import { STATUSES } from './states.js';

export const taskEventSchema = z.object({
  /** `progress` for progress only, `ended` when it reached a final status, `changed` for every other change. */
  kind: z.enum(['changed', 'progress', 'ended']),
  taskId: z.uuid(),
  cardId: z.uuid(),
  guildId: z.string().nullable(),
  channelId: z.string(),
  agentId: z.string(),
  status: z.enum(STATUSES),
  attempt: z.number().int(),
  revision: z.number().int(),
});
export type TaskEvent = z.infer<typeof taskEventSchema>;

/** Carries events to this process and the others. Publishing never throws and never waits for readers. */
export interface EventBus {
  publish(events: readonly TaskEvent[]): void;
  /** Calls back for each event, own ones included; the returned function ends it. */
  subscribe(handler: (event: TaskEvent) => void): () => void;
}
