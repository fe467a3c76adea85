import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Core } from '../core.js';
import { type SessionHost, serveConnection } from './connection.js';
import { dispatchesOf } from './dispatch.js';
import { Session } from './session.js';

/** A session that was left may be resumed for this long. */
const RESUMABLE_MS = 5 * 60_000;
/** IDENTIFYs per day that `GET /gateway/bot` tells of. */
const IDENTIFIES_PER_DAY = 1_000;
const MAX_PAYLOAD_BYTES = 64 * 1024;

export interface Gateway {
  /** Takes over an upgrade request for `/gateway`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every socket with this code; 0 cuts them without a close frame. */
  drop(code: number): void;
  /** Sends op 7 (reconnect), or op 9 (invalid session) with whether it may be resumed, on every socket. */
  signal(op: 7 | 9, resumable?: boolean): void;
  /** Whether a session of the bot is connected now. */
  online(): boolean;
  /** IDENTIFYs left today, as in `session_start_limit`. */
  identifiesLeft(): number;
  close(): void;
}

export { IDENTIFIES_PER_DAY };

/** Whether this bot token is accepted: the configured one, else any but `invalid`. */
export function acceptsToken(core: Core, token: string): boolean {
  return core.token === undefined ? token !== 'invalid' && token !== '' : token === core.token;
}

/** The gateway: holds the sessions and tells them what happens in the world. */
export function createGateway(core: Core): Gateway {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  const sessions = new Map<string, Session>();
  let identifies = 0;
  let lastIdentifyAt = Number.NEGATIVE_INFINITY;
  let wasOnline = false;

  const online = () => [...sessions.values()].some((session) => session.socket?.readyState === 1);

  const host: SessionHost = {
    acceptsToken: (token) => acceptsToken(core, token),
    takeIdentify() {
      const now = core.clock.now();
      if (now - lastIdentifyAt < core.limits.identifyIntervalMs) return false;
      lastIdentifyAt = now;
      identifies++;
      return true;
    },
    open(intents, shard) {
      const session = new Session(randomBytes(16).toString('hex'), intents, shard);
      sessions.set(session.id, session);
      return session;
    },
    find: (id) => sessions.get(id),
    forget: (session) => void sessions.delete(session.id),
    connected() {
      if (online() === wasOnline) return;
      wasOnline = !wasOnline;
      core.bus.publish({ type: 'bot', online: wasOnline });
    },
  };

  const unsubscribe = core.bus.subscribe((event) => {
    const events = dispatchesOf(core.world, event);
    if (events.length === 0) return;
    for (const session of [...sessions.values()]) {
      const left = session.disconnectedAt;
      if (left !== undefined && core.clock.now() - left > RESUMABLE_MS) sessions.delete(session.id);
      else for (const one of events) session.dispatch(one);
    }
  });

  return {
    upgrade(request, socket, head) {
      if (core.faults.refuseGateway) return void socket.destroy();
      server.handleUpgrade(request, socket, head, (ws) => serveConnection(core, ws, host));
    },
    drop(code) {
      for (const client of server.clients) {
        if (code === 0) client.terminate();
        else client.close(code);
      }
    },
    signal(op, resumable = false) {
      for (const client of server.clients) client.send(JSON.stringify({ op, d: op === 9 ? resumable : null, s: null, t: null }));
      if (op === 9 && !resumable) sessions.clear();
    },
    online,
    identifiesLeft: () => Math.max(0, IDENTIFIES_PER_DAY - identifies),
    close() {
      unsubscribe();
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
