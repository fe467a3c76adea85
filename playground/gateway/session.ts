import type { CloseName } from './closing.js';
import type { Dispatchable } from './dispatchable.js';

/** An event as it went out: the text is kept, so that a replay says what was said then. */
export interface SentEvent {
  s: number;
  t: string;
  text: string;
}

/** What carries a session's events to the client: a connection. */
export interface Carrier {
  deliver(event: SentEvent): void;
  /** Closes it, for the session was ended or taken over by another one. */
  end(name: CloseName): void;
}

/** What a session was identified with. */
export interface SessionOptions {
  id: string;
  token: string;
  intents: number;
  shard: readonly [id: number, count: number];
  largeThreshold: number;
  /** Packets are compressed one by one. */
  compress: boolean;
  /** Events kept for RESUME; a session that missed more has to identify again. */
  eventsKept: () => number;
}

/** One identified session of the bot: it outlives its connection, so that RESUME can replay what was missed. */
export class Session {
  carrier: Carrier | undefined;
  /** When the connection went away, by the playground's clock; undefined while connected. */
  disconnectedAt: number | undefined;
  private sequence = 0;
  private events: SentEvent[] = [];

  constructor(private readonly options: SessionOptions) {}

  get id(): string {
    return this.options.id;
  }

  get token(): string {
    return this.options.token;
  }

  get intents(): number {
    return this.options.intents;
  }

  get largeThreshold(): number {
    return this.options.largeThreshold;
  }

  get compress(): boolean {
    return this.options.compress;
  }

  get shard(): readonly [id: number, count: number] {
    return this.options.shard;
  }

  /** Discord's rule: guilds by `(id >> 22) % shards`, everything without a guild to shard 0. */
  concerns(guildId: string | null): boolean {
    return isOfShard(this.shard, guildId);
  }

  /** Sends the event when the session may have it, and remembers it for a RESUME. */
  dispatch(event: Dispatchable): void {
    if (event.needs !== 0 && (this.intents & event.needs) === 0) return;
    if (!this.concerns(event.guildId)) return;
    const data = event.data(this);
    if (data !== undefined) this.send(event.t, data);
  }

  send(t: string, d: unknown): void {
    const s = ++this.sequence;
    const event = { s, t, text: JSON.stringify({ op: 0, s, t, d }) };
    this.events.push(event);
    const kept = this.options.eventsKept();
    // Cut in steps: shifting a long list at every event would cost more than the event.
    if (this.events.length > kept * 1.2 + 1) this.events = this.events.slice(this.events.length - kept);
    this.carrier?.deliver(event);
  }

  /** What came after `sequence`; `ahead` when that never was, `lost` when it is no longer known. */
  missedAfter(sequence: number): SentEvent[] | 'ahead' | 'lost' {
    if (sequence > this.sequence) return 'ahead';
    const oldest = this.events[0]?.s ?? this.sequence + 1;
    return sequence + 1 < oldest ? 'lost' : this.events.slice(sequence + 1 - oldest);
  }
}

/** Whether a shard `[id, count]` is told of this guild; null is what belongs to none. */
export function isOfShard([id, count]: readonly [number, number], guildId: string | null): boolean {
  return guildId === null ? id === 0 : Number((BigInt(guildId) >> 22n) % BigInt(count)) === id;
}
