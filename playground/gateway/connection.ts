import { GatewayIntentBits } from 'discord-api-types/v10';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Core } from '../core.js';
import { dispatchesOf } from './dispatch.js';
import { apiMember, apiUser } from './payloads.js';
import type { Session } from './session.js';

/** Close codes of Discord's gateway. */
export const CLOSE = {
  unknownOpcode: 4001,
  decodeError: 4002,
  notAuthenticated: 4003,
  authenticationFailed: 4004,
  alreadyAuthenticated: 4005,
  invalidSequence: 4007,
  rateLimited: 4008,
  sessionTimedOut: 4009,
  invalidShard: 4010,
  invalidIntents: 4013,
} as const;

/** 120 sends per 60 s and connection. */
const SENDS_PER_WINDOW = 120;
const SEND_WINDOW_MS = 60_000;
/** All intent bits that exist. */
const KNOWN_INTENTS = Object.values(GatewayIntentBits)
  .filter((bit) => typeof bit === 'number')
  .reduce((all, bit) => all | bit, 0);

/** The application has the members and message content intents (limited, as below 10,000 users). */
export const APPLICATION_FLAGS = (1 << 15) | (1 << 19);

const envelope = z.object({ op: z.number().int(), d: z.unknown().optional() });
const identify = z.object({
  token: z.string().min(1).max(200),
  intents: z.number().int().min(0),
  shard: z.tuple([z.number().int(), z.number().int()]).optional(),
});
const resume = z.object({ token: z.string().min(1), session_id: z.string(), seq: z.number().int().min(0) });

/** What a connection asks its server. */
export interface SessionHost {
  acceptsToken(token: string): boolean;
  /** Whether one more IDENTIFY is allowed now. */
  takeIdentify(): boolean;
  open(intents: number, shard: readonly [number, number]): Session;
  find(id: string): Session | undefined;
  forget(session: Session): void;
  connected(): void;
}

/** Speaks the gateway protocol on one socket: HELLO, then IDENTIFY or RESUME, heartbeats, and the close codes. */
export function serveConnection(core: Core, socket: WebSocket, host: SessionHost): void {
  let session: Session | undefined;
  let sends = { count: 0, until: 0 };
  const send = (payload: object) => socket.readyState === 1 && socket.send(JSON.stringify({ s: null, t: null, ...payload }));

  // Heartbeats are on real time: the bot's timers do not follow a clock that a test moves.
  let alive = true;
  const watch = setInterval(() => {
    if (!alive) return socket.close(CLOSE.sessionTimedOut, 'Session timed out.');
    alive = false;
  }, core.limits.heartbeatIntervalMs * 1.5);
  watch.unref();

  const attach = (next: Session) => {
    next.socket?.close(4000, 'The session was taken over by another connection.');
    next.socket = socket;
    next.disconnectedAt = undefined;
    session = next;
  };

  const onIdentify = (data: unknown) => {
    if (session) return socket.close(CLOSE.alreadyAuthenticated, 'Already authenticated.');
    const parsed = identify.safeParse(data);
    if (!parsed.success) return socket.close(CLOSE.decodeError, 'Error while decoding payload.');
    const { token, intents, shard = [0, 1] } = parsed.data;
    if (!host.acceptsToken(token)) return socket.close(CLOSE.authenticationFailed, 'Authentication failed.');
    if ((intents & ~KNOWN_INTENTS) !== 0) return socket.close(CLOSE.invalidIntents, 'Invalid intent(s).');
    const [id, count] = shard;
    if (count < 1 || id < 0 || id >= count) return socket.close(CLOSE.invalidShard, 'Invalid shard.');
    if (!host.takeIdentify()) return send({ op: 9, d: false });
    const opened = host.open(intents, [id, count]);
    attach(opened);
    greet(core, opened);
    host.connected();
  };

  const onResume = (data: unknown) => {
    if (session) return socket.close(CLOSE.alreadyAuthenticated, 'Already authenticated.');
    const parsed = resume.safeParse(data);
    if (!parsed.success) return socket.close(CLOSE.decodeError, 'Error while decoding payload.');
    if (!host.acceptsToken(parsed.data.token)) return socket.close(CLOSE.authenticationFailed, 'Authentication failed.');
    const known = host.find(parsed.data.session_id);
    if (!known) return send({ op: 9, d: false });
    attach(known);
    if (!known.replay(parsed.data.seq)) {
      host.forget(known);
      return socket.close(CLOSE.invalidSequence, 'Invalid seq.');
    }
    known.send('RESUMED', { _trace: [] });
    host.connected();
  };

  const onPayload = (op: number, data: unknown) => {
    if (op === 1) {
      alive = true;
      return send({ op: 11 });
    }
    if (op === 2) return onIdentify(data);
    if (op === 6) return onResume(data);
    if (![3, 4, 8, 31].includes(op)) return socket.close(CLOSE.unknownOpcode, 'Unknown opcode.');
    if (!session) return socket.close(CLOSE.notAuthenticated, 'Not authenticated.');
    if (op === 8) sendMembers(core, session, data);
  };

  socket.on('message', (raw) => {
    const now = core.clock.now();
    if (now >= sends.until) sends = { count: 0, until: now + SEND_WINDOW_MS };
    if (++sends.count > SENDS_PER_WINDOW) return socket.close(CLOSE.rateLimited, 'Rate limited.');
    const parsed = envelope.safeParse(parseJson(String(raw)));
    if (!parsed.success) return socket.close(CLOSE.decodeError, 'Error while decoding payload.');
    onPayload(parsed.data.op, parsed.data.d);
  });
  socket.on('error', (error) => core.log(`gateway socket: ${error.message}`));
  socket.on('close', (code) => {
    clearInterval(watch);
    if (session?.socket !== socket) return;
    session.socket = undefined;
    session.disconnectedAt = core.clock.now();
    // A client that closes with 1000 or 1001 ends its session.
    if (code === 1000 || code === 1001) host.forget(session);
    host.connected();
  });
  send({ op: 10, d: { heartbeat_interval: core.limits.heartbeatIntervalMs, _trace: [] } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}

/** READY, then GUILD_CREATE for every guild of the session's shard. */
function greet(core: Core, session: Session): void {
  const { world } = core;
  const guilds = world.guildsOf(world.botId).filter((guild) => session.concerns(guild.id));
  session.send('READY', {
    v: 10,
    user: { ...apiUser(world.bot), verified: true, mfa_enabled: true, email: null, flags: 0 },
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: session.id,
    resume_gateway_url: `${core.baseUrl().replace('http', 'ws')}/gateway`,
    session_type: 'normal',
    private_channels: [],
    shard: session.shard,
    application: { id: world.botId, flags: APPLICATION_FLAGS },
    _trace: [],
  });
  for (const guild of guilds) {
    for (const event of dispatchesOf(world, { type: 'guild_create', guildId: guild.id })) session.dispatch(event);
  }
}

const membersRequest = z.object({
  guild_id: z.string(),
  query: z.string().optional(),
  limit: z.number().int().min(0).optional(),
  user_ids: z.union([z.string(), z.array(z.string())]).optional(),
  nonce: z.string().max(32).optional(),
});

/** Answers REQUEST_GUILD_MEMBERS with one chunk: guilds here are small. */
function sendMembers(core: Core, session: Session, data: unknown): void {
  const parsed = membersRequest.safeParse(data);
  const guild = parsed.success ? core.world.guilds.get(parsed.data.guild_id) : undefined;
  if (!parsed.success || !guild) return;
  const { query, limit, user_ids: wanted, nonce } = parsed.data;
  const ids = wanted === undefined ? undefined : [wanted].flat();
  const members = guild.members.filter((member) =>
    ids ? ids.includes(member.userId) : core.world.user(member.userId).username.startsWith((query ?? '').toLowerCase()),
  );
  session.send('GUILD_MEMBERS_CHUNK', {
    guild_id: guild.id,
    members: (limit ? members.slice(0, limit) : members).map((member) => apiMember(core.world, member)),
    chunk_index: 0,
    chunk_count: 1,
    not_found: ids?.filter((id) => !members.some((member) => member.userId === id)) ?? [],
    presences: [],
    ...(nonce && { nonce }),
  });
}
