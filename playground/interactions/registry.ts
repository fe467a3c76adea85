import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type {
  APIApplicationCommandOptionChoice,
  APIInteraction,
  APIMessage,
  APIModalInteractionResponseCallbackData,
  InteractionType,
} from 'discord-api-types/v10';
import type { PlaygroundClock, PlaygroundLimits } from '../api.js';

/** How an interaction ended for its user. */
export type Outcome =
  | { kind: 'message' | 'update' | 'deferred' | 'deferred_update'; messageId: string; message: APIMessage; latencyMs: number }
  | { kind: 'modal'; modal: APIModalInteractionResponseCallbackData; latencyMs: number }
  | { kind: 'choices'; choices: APIApplicationCommandOptionChoice[]; latencyMs: number }
  | { kind: 'failed'; latencyMs: number };

/** One interaction, from its dispatch until its token dies. */
export interface InteractionRecord {
  id: string;
  token: string;
  type: InteractionType;
  payload: APIInteraction;
  userId: string;
  channelId: string;
  /** "task create" for commands; what a click or a modal belongs to has none. */
  commandName?: string;
  commandType?: number;
  /** The message whose component was used (for a modal: the one it was opened from). */
  sourceMessageId?: string;
  /** The interaction that opened the modal which this one submits. */
  openedById?: string;
  createdAt: number;
  state: 'open' | 'answered' | 'failed';
  /** The message that `@original` means. */
  originalId?: string;
  /** Messages that this token may change. */
  messageIds: Set<string>;
  outcome: Promise<Outcome>;
  settle: (outcome: OutcomeWithoutLatency) => void;
}

type WithoutLatency<T> = T extends unknown ? Omit<T, 'latencyMs'> : never;
export type OutcomeWithoutLatency = WithoutLatency<Outcome>;

export type NewInteraction = Pick<
  InteractionRecord,
  'type' | 'userId' | 'channelId' | 'commandName' | 'commandType' | 'sourceMessageId' | 'openedById'
>;

/** Finds interactions by id and token and counts their time. */
export interface InteractionRegistry {
  /** Keeps a new interaction and starts its deadline; `build` makes the payload once id and token are known. */
  open(id: string, about: NewInteraction, build: (id: string, token: string) => APIInteraction): InteractionRecord;
  byId(id: string): InteractionRecord | undefined;
  byToken(token: string): InteractionRecord | undefined;
  /** Whether the token's 15 minutes are over. */
  expired(record: InteractionRecord): boolean;
  /** Stops all timers. */
  close(): void;
}

/** Dead tokens are remembered this many times their life, to be told apart from forged ones. */
const REMEMBERED_LIVES = 4;

/** A registry without interactions. */
export function createInteractionRegistry(clock: PlaygroundClock, limits: PlaygroundLimits): InteractionRegistry {
  const records = new Map<string, InteractionRecord>();
  const tokens = new Map<string, InteractionRecord>();
  const timers = new Set<() => void>();

  const later = (ms: number, callback: () => void) => {
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  };

  return {
    open(id, about, build) {
      // As Discord's: readable as what it is, so that it can be masked wherever it stands.
      const token = Buffer.from(`interaction:${id}:${randomUUID()}`).toString('base64url');
      const startedAt = performance.now();
      let resolve: (outcome: Outcome) => void = () => {};
      const outcome = new Promise<Outcome>((done) => {
        resolve = done;
      });
      const record: InteractionRecord = {
        ...about,
        id,
        token,
        payload: build(id, token),
        createdAt: clock.now(),
        state: 'open',
        messageIds: new Set(),
        outcome,
        settle(how) {
          stopDeadline();
          record.state = how.kind === 'failed' ? 'failed' : 'answered';
          resolve({ ...how, latencyMs: performance.now() - startedAt } as Outcome);
        },
      };
      const stopDeadline = later(limits.interactionDeadlineMs, () => record.settle({ kind: 'failed' }));
      records.set(id, record);
      tokens.set(token, record);
      later(limits.interactionLifeMs * REMEMBERED_LIVES, () => {
        records.delete(id);
        tokens.delete(token);
      });
      return record;
    },
    byId: (id) => records.get(id),
    byToken: (token) => tokens.get(token),
    expired: (record) => clock.now() - record.createdAt > limits.interactionLifeMs,
    close() {
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}
