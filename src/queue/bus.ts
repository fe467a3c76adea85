/**
 * The event bus: carries hints ("this task changed", "this queue has work") between processes, over Redis pub/sub, or Postgres NOTIFY while Redis is down.
 *
 * Everything published within one event-loop turn goes out as one message, because NOTIFY serialises commits (2,500 a second on two cores) and a message per
 * task would cap the rate of the whole engine. Every process listens to both carriers; each message is published on one.
 */

import type { Logger } from 'pino';
import type postgres from 'postgres';
import { z } from 'zod';
import { type EventBus, type TaskEvent, taskEventSchema } from '../tasks/events.js';
import type { RedisLink } from './link.js';

/** NOTIFY takes payloads under 8,000 bytes. */
const PAYLOAD_BYTES = 7500;
/** Messages waiting to be sent at most; beyond it the oldest are dropped, since events are only hints. */
const MAX_WAITING = 20_000;
/** Messages sent without waiting for each other. */
const TOGETHER = 16;
const CHANNEL = 'events';

const messageSchema = z.object({
  from: z.string().max(100),
  events: z.array(taskEventSchema).max(1000),
  wake: z.array(z.string().max(100)).max(1000),
});

export interface BusOptions {
  link: RedisLink | null;
  sql: postgres.Sql;
  schema: string;
  /** Marks own messages, which are delivered directly. */
  processId: string;
  log: Logger;
}

export class Bus implements EventBus {
  readonly #options: BusOptions;
  readonly #ownStart: string;
  readonly #handlers = new Set<(event: TaskEvent) => void>();
  readonly #wakers = new Set<(queueIds: readonly string[]) => void>();
  #events: TaskEvent[] = [];
  #wake = new Set<string>();
  #scheduled = false;
  #sending: Promise<void> = Promise.resolve();
  #listening: postgres.ListenMeta | undefined;
  #stopped = false;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#ownStart = messageStart(options.processId);
  }

  /** Begins to hear other processes. */
  async start(): Promise<void> {
    this.#options.link?.subscribe(CHANNEL, (message) => this.#receive(message));
    this.#listening = await this.#options.sql.listen(this.#pgChannel(), (message) => this.#receive(message));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#sending;
    await this.#listening?.unlisten().catch((error: unknown) => {
      this.#options.log.debug({ err: error }, 'ending the subscription failed; the connection is closed anyway');
    });
  }

  publish(events: readonly TaskEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) this.#deliver(event);
    this.#events.push(...events);
    if (this.#events.length > MAX_WAITING) {
      const dropped = this.#events.splice(0, this.#events.length - MAX_WAITING).length;
      this.#options.log.warn({ dropped }, 'events were dropped because too many waited; their readers look again by themselves');
    }
    this.#schedule();
  }

  subscribe(handler: (event: TaskEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Says that these queues have work, here at once and to the other processes. */
  wake(queueIds: readonly string[]): void {
    if (queueIds.length === 0) return;
    for (const waker of this.#wakers) waker(queueIds);
    for (const queueId of queueIds) this.#wake.add(queueId);
    this.#schedule();
  }

  /** Calls back when queues have work. */
  onWake(waker: (queueIds: readonly string[]) => void): () => void {
    this.#wakers.add(waker);
    return () => this.#wakers.delete(waker);
  }

  #pgChannel(): string {
    return `guildhall_${this.#options.schema}`.slice(0, 63);
  }

  #deliver(event: TaskEvent): void {
    for (const handler of this.#handlers) {
      try {
        handler(event);
      } catch (error) {
        this.#options.log.error({ err: error }, 'a reader of events failed');
      }
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#sending = this.#sending
        .then(() => this.#send())
        .catch((error: unknown) =>
          this.#options.log.debug({ err: error }, 'an event was not published; its readers look again by themselves'),
        )
        .finally(() => {
          this.#scheduled = false;
          if (this.#events.length > 0 || this.#wake.size > 0) this.#schedule();
        });
    });
  }

  async #send(): Promise<void> {
    const events = this.#events;
    const wake = [...this.#wake];
    this.#events = [];
    this.#wake = new Set();
    const { link, sql, processId } = this.#options;
    const packed = messages(processId, events, wake);
    const channel = link?.channel(CHANNEL) ?? '';
    for (let from = 0; from < packed.length; from += TOGETHER) {
      const some = packed.slice(from, from + TOGETHER);
      const sent = await link?.use((redis) => Promise.all(some.map((message) => redis.publish(channel, message))));
      if (sent === undefined) for (const message of some) await sql.notify(this.#pgChannel(), message);
    }
  }

  #receive(text: string): void {
    // The carrier gives back what this process sent; `messages` puts the sender first, so that this is seen without reading it all.
    if (text.startsWith(this.#ownStart)) return;
    let message: z.infer<typeof messageSchema>;
    try {
      message = messageSchema.parse(JSON.parse(text));
    } catch {
      this.#options.log.warn('a message of the event bus was malformed and is ignored');
      return;
    }
    for (const event of message.events) this.#deliver(event);
    if (message.wake.length > 0) for (const waker of this.#wakers) waker(message.wake);
  }
}

/** What each message of a process begins with. */
function messageStart(from: string): string {
  return `{"from":${JSON.stringify(from)},`;
}

/** Packs events and wake-ups into messages that fit a NOTIFY; what is few travels together. */
function messages(from: string, events: readonly TaskEvent[], wake: readonly string[]): string[] {
  const packed: string[] = [];
  let parts: { events: string[]; wake: string[] } = { events: [], wake: [] };
  let bytes = 0;
  const close = () => {
    if (bytes > 0) packed.push(`${messageStart(from)}"events":[${parts.events.join()}],"wake":[${parts.wake.join()}]}`);
    parts = { events: [], wake: [] };
    bytes = 0;
  };
  const add = (to: 'events' | 'wake', text: string) => {
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > PAYLOAD_BYTES) close();
    parts[to].push(text);
    bytes += size;
  };
  for (const event of events) add('events', JSON.stringify(event));
  for (const queueId of wake) add('wake', JSON.stringify(queueId));
  close();
  return packed;
}
