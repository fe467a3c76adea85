import type { WebSocket } from 'ws';
import type { Dispatchable } from './dispatch.js';

/** Events kept for RESUME; a session that missed more has to identify again. */
const EVENTS_KEPT = 5_000;

/** An event as it went out: the text is kept, so that a replay says what was said then. */
interface SentEvent {
  s: number;
  text: string;
}

/** One identified session of the bot: it outlives its socket, so that RESUME can replay what was missed. */
export class Session {
  socket: WebSocket | undefined;
  /** When the socket went away, by the playground's clock; undefined while connected. */
  disconnectedAt: number | undefined;
  private sequence = 0;
  private events: SentEvent[] = [];

  constructor(
    readonly id: string,
    readonly intents: number,
    readonly shard: readonly [id: number, count: number],
  ) {}

  /** Discord's rule: guilds by `(id >> 22) % shards`, everything without a guild to shard 0. */
  concerns(guildId: string | null): boolean {
    const [id, count] = this.shard;
    return guildId === null ? id === 0 : Number((BigInt(guildId) >> 22n) % BigInt(count)) === id;
  }

  /** Sends the event when the session may have it, and remembers it for a RESUME. */
  dispatch(event: Dispatchable): void {
    if (event.needs !== 0 && (this.intents & event.needs) === 0) return;
    if (this.concerns(event.guildId)) this.send(event.t, event.data(this.intents));
  }

  send(t: string, d: unknown): void {
    const s = ++this.sequence;
    const event = { s, text: JSON.stringify({ op: 0, s, t, d }) };
    this.events.push(event);
    if (this.events.length > EVENTS_KEPT * 1.2) this.events = this.events.slice(-EVENTS_KEPT);
    this.write(event);
  }

  /** Sends again what came after `sequence`; false when that is no longer known or never was. */
  replay(sequence: number): boolean {
    const oldest = this.events[0]?.s ?? this.sequence + 1;
    if (sequence > this.sequence || sequence + 1 < oldest) return false;
    for (const event of this.events.filter((one) => one.s > sequence)) this.write(event);
    return true;
  }

  private write(event: SentEvent): void {
    if (this.socket?.readyState === 1) this.socket.send(event.text);
  }
}
