/** The server's side of the developer panel: REST calls, gateway frames, limits and faults for as long as a panel is open. */
import { PermissionFlagsBits } from 'discord-api-types/v10';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RestAnswered } from '../api.js';
import type { Core } from '../core.js';
import type { Faults } from '../faults.js';
import type { GatewayFrame } from '../gateway/frames.js';
import type { Gateway } from '../gateway/server.js';
import { maskSecrets } from '../secrets.js';
import type { UpgradeHandler } from '../upgrades.js';
import { applyFault, faultsNow } from './dev-faults.js';
import { frameLine, type Part, pretty, restLine, restParts } from './dev-lines.js';
import { type DevEvent, type DevRequest, devRequest, type FrameLine, type RestLine } from './dev-protocol.js';

const MAX_PAYLOAD_BYTES = 16 * 1024;
/** Lines are told together this often, and at most so many of a kind at a time: the panel shows 500. */
const FLUSH_MS = 100;
const MOST_PER_FLUSH = 200;
/** Calls and frames whose bodies can still be looked at. */
const DETAILS_KEPT = 500;
/** Requests from before the panel was opened that it shows. */
const BACKLOG = 100;
const WATCH_MS = 500;
const INTERACTIONS_KEPT = 20;

export interface DevServer {
  upgrade: UpgradeHandler;
  close(): void;
}

/** Lines that wait for the next flush, and the bodies that belong to the newest ones. */
class Feed<Line> {
  private readonly details = new Map<number, () => Part[]>();
  private waiting: Line[] = [];
  private dropped = 0;
  private next = 0;

  add(line: (n: number) => Line, parts: () => Part[]): void {
    const n = this.next++;
    this.details.set(n, parts);
    this.details.delete(n - DETAILS_KEPT);
    this.waiting.push(line(n));
    if (this.waiting.length <= MOST_PER_FLUSH) return;
    this.waiting.shift();
    this.dropped++;
  }

  detail(n: number): Part[] {
    return this.details.get(n)?.() ?? [{ title: 'Gone', text: `Only the newest ${DETAILS_KEPT} are kept.` }];
  }

  /** Takes what waits; undefined when nothing does. */
  take(): { lines: Line[]; dropped: number } | undefined {
    if (this.waiting.length === 0) return undefined;
    const taken = { lines: this.waiting, dropped: this.dropped };
    this.waiting = [];
    this.dropped = 0;
    return taken;
  }
}

/** One open panel. It listens for as long as its socket is open, so that a closed panel costs nothing. */
class DevConnection {
  private readonly rest = new Feed<RestLine>();
  private readonly frames = new Feed<FrameLine>();
  private interactions: { id: string; label: string }[] = [];
  private flushTimer: NodeJS.Timeout | undefined;
  private watchTimer: NodeJS.Timeout | undefined;
  private toldState = '';

  constructor(
    private readonly core: Core,
    private readonly faults: Faults,
    gateway: Gateway,
    private readonly socket: WebSocket,
  ) {
    const stops = [
      core.ledger.onRequest((answered) => this.requested(answered)),
      gateway.onFrame((frame) => this.framed(frame)),
      core.faults.onTell((what) => this.send({ type: 'told', what })),
      core.bus.subscribe((event) => {
        if (event.type === 'interaction') this.interacted(event.payload);
        else if (/^(?:channel|guild|role|member)_/.test(event.type)) this.flushSoon();
      }),
    ];
    socket.on('message', (raw) => this.receive(String(raw)));
    socket.on('error', (error) => core.log(`developer panel: ${error.message}`));
    socket.on('close', () => {
      for (const stop of stops) stop();
      clearTimeout(this.flushTimer);
      clearInterval(this.watchTimer);
    });
    for (const entry of core.ledger.entries().slice(-BACKLOG)) this.requested({ entry, headers: {} });
    this.flush();
  }

  private send(event: DevEvent): void {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(event));
  }

  private requested(answered: RestAnswered): void {
    this.rest.add(
      (n) => restLine(n, answered.entry),
      () => restParts(answered),
    );
    this.flushSoon();
  }

  private framed(frame: GatewayFrame): void {
    this.frames.add(
      (n) => frameLine(n, frame),
      () => [{ title: 'Payload', text: 'text' in frame ? pretty(frame.text) : frameLine(0, frame).name }],
    );
    this.flushSoon();
  }

  private interacted(payload: { id: string; type: number; data?: unknown }): void {
    const { id, data } = payload;
    if (this.interactions.some((one) => one.id === id)) return;
    const { name, custom_id: customId } = (data ?? {}) as { name?: string; custom_id?: string };
    const kind = ['', 'ping', 'command', 'component', 'autocomplete', 'modal'][payload.type] ?? 'interaction';
    this.interactions = [{ id, label: `${kind} ${name ?? customId ?? ''}` }, ...this.interactions].slice(0, INTERACTIONS_KEPT);
    this.flushSoon();
  }

  private flushSoon(): void {
    this.flushTimer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  private flush(): void {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    const rest = this.rest.take();
    if (rest) this.send({ type: 'rest', ...rest });
    const frames = this.frames.take();
    if (frames) this.send({ type: 'frames', ...frames });
    this.sendState();
  }

  /** Told only when it differs from what was told last. */
  private sendState(): void {
    const { core } = this;
    const state = {
      limits: core.limits,
      guilds: [...core.world.guilds.values()].map(({ id, name }) => ({
        id,
        name,
        channels: core.world.channelsOf(id).map((channel) => ({ id: channel.id, name: channel.name })),
      })),
      people: [...core.world.users.values()]
        .filter((user) => !user.bot)
        .map(({ id, displayName }) => ({ id, name: displayName })),
      permissions: Object.keys(PermissionFlagsBits),
      interactions: this.interactions,
      faults: faultsNow(core),
    };
    const text = JSON.stringify(state);
    if (text === this.toldState) return;
    this.toldState = text;
    this.send({ type: 'state', now: core.clock.now(), ...state });
  }

  private sendWatched(): void {
    const { clock, limiter, ledger } = this.core;
    this.send({ type: 'watch', now: clock.now(), buckets: limiter.state(), counts: ledger.counts() });
  }

  private receive(text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined; // refused by the schema below
    }
    const parsed = devRequest.safeParse(json);
    if (!parsed.success) {
      this.send({ type: 'error', message: 'This cannot be done: a value is missing or out of bounds.' });
      return;
    }
    // What can go wrong here is a thing that is gone by now; the panel says so.
    this.handle(parsed.data).catch((error: unknown) =>
      this.send({ type: 'error', message: error instanceof Error ? error.message : String(error) }),
    );
  }

  private async handle(request: DevRequest): Promise<void> {
    switch (request.type) {
      case 'fault':
        applyFault(this.core, this.faults, request.fault);
        return this.flush();
      case 'advance':
        await this.core.clock.advance(request.ms);
        return this.sendWatched();
      case 'detail': {
        const { of, n } = request;
        const parts = (of === 'rest' ? this.rest : this.frames).detail(n);
        return this.send({ type: 'detail', of, n, parts: parts.map(({ title, text }) => ({ title, text: maskSecrets(text) })) });
      }
      case 'watch':
        clearInterval(this.watchTimer);
        if (!request.on) return;
        this.sendWatched();
        this.watchTimer = setInterval(() => this.sendWatched(), WATCH_MS);
    }
  }
}

/** The panel's WebSocket: each connection is one open panel. */
export function createDevServer(core: Core, gateway: Gateway, faults: Faults): DevServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  return {
    upgrade: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (ws) => void new DevConnection(core, faults, gateway, ws)),
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
