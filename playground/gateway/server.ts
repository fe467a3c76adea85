import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Core } from '../core.js';
import { CLOSE } from './closing.js';
import { Connection, type ConnectionHost, type ConnectionInfo } from './connection.js';
import { dispatchesOf } from './dispatch.js';
import { createFrameFeed, type GatewayFrame } from './frames.js';
import { readHandshake } from './handshake.js';
import { type Desk, receive } from './operations.js';
import { createSessionBook, type SessionBook } from './sessions.js';
import type { StartLimit } from './starts.js';
import { createThreadAccess } from './thread-access.js';

/** What a socket may bring at all; beyond 4,096 bytes a payload is refused with 4002 already. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

export interface Gateway {
  /** Takes over an upgrade request for `/gateway` or `RESUME_PATH`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every socket with this code; 0 cuts them without a close frame. What becomes of sessions is up to the code. */
  drop(code: number): void;
  /** Sends op 1 (asks for a heartbeat), op 7 (reconnect), or op 9 (invalid session) with whether it may be resumed, on every socket. */
  signal(op: 1 | 7 | 9, resumable?: boolean): void;
  /** Every socket that is open now stays open and is silent in both directions; `false` lets what was held go on its way. */
  hang(on?: boolean): void;
  /** Sends at once the events that a delay holds back. */
  hurry(): void;
  /** While on, heartbeats get no ACK, as on a zombied connection; everything else goes on. */
  withholdAcks(on: boolean): void;
  /** Ends all sessions with 4004 and refuses their tokens from now on, as Discord does after too many IDENTIFYs. */
  resetToken(): void;
  /** Whether a session of the bot is connected now. */
  online(): boolean;
  /** IDENTIFYs left today. */
  startLimit(): StartLimit;
  /** Shards that `GET /gateway/bot` recommends: never fewer than the guilds need. */
  recommendedShards(): number;
  connections(): ConnectionInfo[];
  /** Tells what goes over every connection; the returned function ends that. */
  onFrame(listener: (frame: GatewayFrame) => void): () => void;
  close(): void;
}

/** The gateway: takes connections and tells their sessions what happens in the world. */
export function createGateway(core: Core): Gateway {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  const connections = new Set<Connection>();
  const frames = createFrameFeed();
  const book = createSessionBook(core);
  const access = createThreadAccess(core.world);
  let withheld = false;
  let wasOnline = false;

  const changed = () => {
    if (book.connected() === wasOnline) return;
    wasOnline = !wasOnline;
    core.bus.publish({ type: 'bot', online: wasOnline });
  };
  const desk: Desk = { book, acksWithheld: () => withheld, askedForAll: new Map() };
  const host: ConnectionHost = {
    frames,
    receive: (from, op, data) => receive(core, desk, from, op, data),
    forget: book.forget,
    changed,
    closed: (one) => void connections.delete(one),
  };
  const serve = createDoor(core, host, (connection) => void connections.add(connection));
  const unsubscribe = core.bus.subscribe((event) => {
    const events = [...dispatchesOf(core, event), ...access.gainedBy(event)];
    if (events.length > 0) book.dispatch(events);
  });

  return {
    ...createLevers(core, book, connections),
    withholdAcks(on) {
      withheld = on;
    },
    upgrade(request, socket, head) {
      if (core.faults.refuseGateway) return void socket.destroy();
      server.handleUpgrade(request, socket, head, (ws) => serve(ws, request.url ?? '/'));
    },
    online: book.connected,
    startLimit: book.startLimit,
    connections: () => [...connections].map((connection) => connection.info()),
    onFrame: frames.listen,
    close() {
      unsubscribe();
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** Serves sockets whose URL asks for what is spoken here, and closes the others at once. */
function createDoor(core: Core, host: ConnectionHost, opened: (connection: Connection) => void) {
  let count = 0;
  return (socket: WebSocket, url: string): void => {
    const handshake = readHandshake(url);
    if ('refused' in handshake) {
      socket.on('error', (error) => core.log(`gateway socket: ${error.message}`));
      socket.close(CLOSE[handshake.refused][0], handshake.because);
      return;
    }
    opened(new Connection(core, socket, host, { id: ++count, url, handshake }));
  };
}

/** What tests and the panel do to all connections at once. */
function createLevers(core: Core, book: SessionBook, connections: ReadonlySet<Connection>) {
  return {
    drop(code: number) {
      for (const connection of [...connections]) connection.drop(code);
    },
    signal(op: 1 | 7 | 9, resumable = false) {
      for (const connection of [...connections]) {
        if (op === 1) connection.write(1, null);
        else if (op === 7) connection.reconnect();
        else connection.invalidate(resumable);
      }
      if (op === 9 && !resumable) book.forgetAll();
    },
    hang(on = true) {
      for (const connection of [...connections]) connection.hang(on);
    },
    hurry() {
      for (const connection of [...connections]) connection.hurry();
    },
    resetToken: book.resetToken,
    recommendedShards() {
      const guilds = core.world.guildsOf(core.world.botId).length;
      return Math.max(1, core.limits.shards, Math.ceil(guilds / core.limits.guildsPerShard));
    },
  };
}
