import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Core } from '../core.js';
import { maskSecrets } from '../secrets.js';
import { CLOSE, type CloseName, canBeSent, endsSession } from './closing.js';
import type { FrameFeed } from './frames.js';
import type { Handshake } from './handshake.js';
import { type HeartbeatWatch, watchHeartbeats } from './heartbeats.js';
import { Outbox } from './outbox.js';
import type { Carrier, SentEvent, Session } from './session.js';

/** Larger payloads of a client are refused with 4002 (gateway.mdx, Sending Events). */
const PAYLOAD_BYTES = 4_096;
/** "A few seconds after the reconnect event" the server may close the connection (gateway-events.mdx, Reconnect). */
const RECONNECT_PATIENCE_MS = 5_000;

const envelope = z.object({ op: z.number().int(), d: z.unknown().optional() });

/** A connection as the developer panel lists it. */
export interface ConnectionInfo {
  id: number;
  /** What the client asked for: path and query. */
  url: string;
  openedAt: number;
  compression: 'none' | 'zlib-stream' | 'packets';
  hung: boolean;
  sessionId?: string;
  shard?: readonly [id: number, count: number];
  intents?: number;
}

/** What a connection tells its gateway. */
export interface ConnectionHost {
  frames: FrameFeed;
  /** A payload of the client that is an envelope and within the limits. */
  receive(connection: Connection, op: number, data: unknown): void;
  /** The session cannot be resumed. */
  forget(session: Session): void;
  /** Whether a session is connected may have changed. */
  changed(): void;
  closed(connection: Connection): void;
}

/** One socket of a client: what goes over it, its limits, its heartbeats, its end and its faults. */
export class Connection implements Carrier {
  session: Session | undefined;
  private readonly openedAt: number;
  private readonly outbox: Outbox;
  private readonly heartbeats: HeartbeatWatch;
  private readonly waiting: string[] = [];
  private sends = { count: 0, until: 0 };
  private hung = false;
  private closing = false;
  private lastDueAt = 0;
  /** Events that wait for their time, in order. */
  private readonly late: (() => void)[] = [];

  constructor(
    private readonly core: Core,
    private readonly socket: WebSocket,
    private readonly host: ConnectionHost,
    private readonly about: { id: number; url: string; handshake: Handshake },
  ) {
    this.openedAt = core.clock.now();
    this.outbox = new Outbox(socket, about.handshake.transport);
    this.heartbeats = watchHeartbeats(core, {
      ask: () => this.write(1, null),
      lost: () => this.fallenSilent(),
    });
    socket.on('message', (raw) => this.onMessage(String(raw)));
    socket.on('error', (error) => core.log(`gateway socket: ${error.message}`));
    socket.on('close', (code) => this.onClose(code));
    host.frames.tell(() => ({ kind: 'open', at: core.clock.now(), connection: about.id, url: about.url }));
    this.write(10, { heartbeat_interval: core.limits.heartbeatIntervalMs, _trace: [] });
  }

  info(): ConnectionInfo {
    const { session } = this;
    const packets = this.outbox.compressPackets ? 'packets' : 'none';
    return {
      id: this.about.id,
      url: this.about.url,
      openedAt: this.openedAt,
      compression: this.about.handshake.transport === 'none' ? packets : this.about.handshake.transport,
      hung: this.hung,
      ...(session && { sessionId: session.id, shard: session.shard, intents: session.intents }),
    };
  }

  /** Makes this the session's connection. */
  attach(session: Session): void {
    session.carrier?.end('unknownError');
    session.carrier = this;
    session.disconnectedAt = undefined;
    this.session = session;
    // Transport compression takes the place of payload compression (gateway.mdx, Payload Compression).
    this.outbox.compressPackets = session.compress && this.about.handshake.transport === 'none';
    this.host.changed();
  }

  /** A heartbeat came. */
  beat(): void {
    this.heartbeats.beat();
  }

  /** Sends a payload that is no event. */
  write(op: number, d: unknown): void {
    this.put(JSON.stringify({ op, d, s: null, t: null }), op, null, null);
  }

  /** Sends an event, later when the gateway is slow, and never before an earlier one. */
  deliver(event: SentEvent): void {
    const now = this.core.clock.now();
    const dueAt = Math.max(now + this.core.faults.gatewayDelayMs, this.lastDueAt);
    const put = () => this.put(event.text, 0, event.t, event.s);
    this.lastDueAt = dueAt;
    if (dueAt <= now) return void put();
    const cancel = this.core.clock.after(dueAt - now, () => {
      this.late.shift();
      put();
    });
    this.late.push(() => {
      cancel();
      put();
    });
  }

  /** Sends at once what is late. */
  hurry(): void {
    this.lastDueAt = 0;
    for (const send of this.late.splice(0)) send();
  }

  /** Closes with one of Discord's codes. */
  end(name: CloseName): void {
    const [code, reason] = CLOSE[name];
    this.close(code, reason);
  }

  /** Closes with any code; one that cannot be sent, and 0, cut the connection without a close frame. */
  drop(code: number): void {
    if (canBeSent(code)) this.close(code, Object.values(CLOSE).find(([one]) => one === code)?.[1] ?? '');
    else this.socket.terminate();
  }

  /** Asks the client to reconnect (op 7), and closes when it does not. */
  reconnect(): void {
    this.write(7, null);
    this.core.clock.after(RECONNECT_PATIENCE_MS, () => this.end('unknownError'));
  }

  /** Ends the session (op 9). The client may identify or resume on the same connection (discord-api-docs#1805). */
  invalidate(resumable: boolean): void {
    this.leave(resumable ? 4000 : 4009);
    this.session = undefined;
    this.write(9, resumable);
  }

  /** Silent in both directions while it stays open; afterwards what was held goes on its way. */
  hang(on: boolean): void {
    this.hung = on;
    this.outbox.hold(on);
    if (!on) for (const text of this.waiting.splice(0)) this.onMessage(text);
  }

  private close(code: number, reason: string): void {
    if (this.closing) return;
    this.closing = true;
    this.leave(code);
    this.outbox.close(code, reason);
  }

  private put(text: string, op: number, t: string | null, s: number | null): void {
    if (this.closing || this.socket.readyState !== this.socket.OPEN) return;
    this.outbox.send(text);
    const { id: connection } = this.about;
    const at = this.core.clock.now();
    this.host.frames.tell(() => ({ kind: 'frame', at, connection, direction: 'out', op, t, s, text: maskSecrets(text) }));
  }

  private onMessage(text: string): void {
    if (this.closing) return;
    if (this.hung) return void this.waiting.push(text);
    const parsed = envelope.safeParse(Buffer.byteLength(text) > PAYLOAD_BYTES ? undefined : parseJson(text));
    const op = parsed.success ? parsed.data.op : -1;
    const { id: connection } = this.about;
    const at = this.core.clock.now();
    this.host.frames.tell(() => ({
      kind: 'frame',
      at,
      connection,
      direction: 'in',
      op,
      t: null,
      s: null,
      text: maskSecrets(text),
    }));
    if (!this.maySend()) this.end('rateLimited');
    else if (!parsed.success) this.end('decodeError');
    else this.host.receive(this, op, parsed.data.d);
  }

  /** 120 payloads per 60 s and connection, heartbeats among them (gateway.mdx, Rate Limiting; discord-api-docs#315). */
  private maySend(): boolean {
    const now = this.core.clock.now();
    const { gatewaySendsPerWindow, gatewaySendWindowMs } = this.core.limits;
    if (now >= this.sends.until) this.sends = { count: 0, until: now + gatewaySendWindowMs };
    return ++this.sends.count <= gatewaySendsPerWindow;
  }

  /**
   * No heartbeat: the connection is closed and the client "will be forced to Resume" (gateway.mdx, Heartbeat Interval), so the
   * code must be one that leaves the session; without a session it timed out.
   */
  private fallenSilent(): void {
    if (!this.hung) this.end(this.session ? 'unknownError' : 'sessionTimedOut');
  }

  private onClose(code: number): void {
    this.closing = true;
    this.heartbeats.stop();
    this.leave(code);
    this.host.frames.tell(() => ({ kind: 'close', at: this.core.clock.now(), connection: this.about.id, code }));
    this.host.closed(this);
  }

  /** The session is without a connection now, or ended, as the code says. */
  private leave(code: number): void {
    const { session } = this;
    if (session?.carrier !== this) return;
    session.carrier = undefined;
    session.disconnectedAt = this.core.clock.now();
    if (endsSession(code)) this.host.forget(session);
    this.host.changed();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}
