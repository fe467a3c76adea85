import { createInflate, inflateSync } from 'node:zlib';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { createCore } from '../../playground/assembly.js';
import type { Core } from '../../playground/core.js';
import { createGateway, type Gateway } from '../../playground/gateway/server.js';
import { createHost } from '../../playground/host.js';
import { createClock, type PlaygroundOptions } from '../../playground/index.js';

/** One payload as it came. */
export interface Frame {
  op: number;
  t: string | null;
  s: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  d: any;
}

const QUERY = 'v=10&encoding=json';

/** A gateway client without a library, to see every frame. It reads plain text, compressed packets and a zlib stream. */
export class RawGateway {
  readonly frames: Frame[] = [];
  /** Bytes of the messages that came compressed. */
  readonly binary: Buffer[] = [];
  closed: number | undefined;
  readonly socket: WebSocket;

  constructor(url: string, { path = '/gateway', query = QUERY }: { path?: string; query?: string } = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}${path}?${query}`);
    const read = query.includes('zlib-stream') ? this.streamReader() : (raw: Buffer) => this.read(inflateSync(raw));
    this.socket.on('message', (raw: Buffer, isBinary) => {
      if (!isBinary) return this.read(raw);
      this.binary.push(raw);
      read(raw);
    });
    // A refused upgrade ends with an error and close code 1006.
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closed = code;
    });
  }

  private read(text: Buffer): void {
    this.frames.push(JSON.parse(String(text)));
  }

  /** One zlib context for all messages; each message ends with a flush, so what came out by then is one payload. */
  private streamReader(): (raw: Buffer) => void {
    const inflate = createInflate();
    let text = '';
    inflate.on('data', (part) => {
      text += String(part);
      try {
        this.frames.push(JSON.parse(text));
        text = '';
      } catch {
        // More of the payload is to come.
      }
    });
    return (raw) => void inflate.write(raw);
  }

  send(op: number, d: unknown): void {
    this.socket.send(JSON.stringify({ op, d }));
  }

  /** The first frame that fits, now or soon. */
  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    await expect.poll(() => this.frames.some(fits), { timeout: 15_000, interval: 5 }).toBe(true);
    return this.frames.find(fits) as Frame;
  }

  /** The first event with this name. */
  event(t: string): Promise<Frame> {
    return this.next((frame) => frame.t === t);
  }

  /** Names of the events that came, without READY and its guilds. */
  names(): (string | null)[] {
    return this.frames.filter(({ op, t }) => op === 0 && t !== 'READY' && t !== 'GUILD_CREATE').map((frame) => frame.t);
  }

  lastSequence(): number {
    return Math.max(0, ...this.frames.map((frame) => frame.s ?? 0));
  }

  async closeCode(): Promise<number> {
    await expect.poll(() => this.closed, { timeout: 15_000, interval: 5 }).toBeDefined();
    return this.closed as number;
  }
}

/** The data of an IDENTIFY. */
export const identify = (intents: number, more = {}) => ({ token: 'x', intents, properties: {}, ...more });

/** The gateway on a real server, with what it works on at hand: tests publish what happened on the bus. */
export interface GatewayStage {
  core: Core;
  gateway: Gateway;
  url: string;
  /** A connection that got HELLO. */
  connect(options?: { path?: string; query?: string }): Promise<RawGateway>;
  /** A connection that got READY and its guilds. */
  ready(intents: number, more?: object): Promise<RawGateway & { sessionId: string }>;
  close(): Promise<void>;
}

/** Starts a gateway with a clock that only the test moves, and without the wait between two IDENTIFYs. */
export async function stageGateway(options: PlaygroundOptions = {}): Promise<GatewayStage> {
  const host = createHost();
  const clock = createClock({ frozen: true });
  const limits = { identifyIntervalMs: 0, ...options.limits };
  const core = createCore({ clock, log: () => {}, ...options, limits }, host.baseUrl);
  const gateway = createGateway(core);
  const { url } = await host.listen({}, { core, gateway, onListen: () => {} });
  const clients: RawGateway[] = [];
  const connect = async (where = {}) => {
    const client = new RawGateway(url, where);
    clients.push(client);
    await client.next((frame) => frame.op === 10);
    return client;
  };
  return {
    core,
    gateway,
    url,
    connect,
    async ready(intents, more = {}) {
      const client = await connect();
      client.send(2, identify(intents, more));
      const { d } = await client.event('READY');
      const count = () => client.frames.filter((frame) => frame.t === 'GUILD_CREATE').length;
      await expect.poll(count, { timeout: 15_000, interval: 5 }).toBe((intents & 1) === 0 ? 0 : d.guilds.length);
      return Object.assign(client, { sessionId: d.session_id as string });
    },
    async close() {
      for (const client of clients) client.socket.terminate();
      gateway.close();
      await host.close();
    },
  };
}
