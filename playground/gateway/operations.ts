import { z } from 'zod';
import type { Core } from '../core.js';
import type { CloseName } from './closing.js';
import type { Connection } from './connection.js';
import { dispatchesOf } from './dispatch.js';
import { applicationFlags, presence, readIdentify } from './identify.js';
import { type AllMembersAsked, sendMembers } from './members.js';
import { apiUser } from './payloads.js';
import type { Session } from './session.js';
import { acceptsToken, type SessionBook } from './sessions.js';

/** The path of `resume_gateway_url`: another one than a new connection takes, so that it shows who used it. */
export const RESUME_PATH = '/gateway/resume';

/** What a client's payloads act on besides its own connection. */
export interface Desk {
  book: SessionBook;
  acksWithheld(): boolean;
  askedForAll: AllMembersAsked;
}

const resume = z.object({ token: z.string().min(1), session_id: z.string(), seq: z.number().int().min(0) });
const voice = z.object({
  guild_id: z.string(),
  channel_id: z.string().nullable(),
  self_mute: z.boolean(),
  self_deaf: z.boolean(),
});
const sounds = z.object({ guild_ids: z.array(z.string()).max(200) });

/** Acts on a payload of the client, or closes the connection with the code that belongs to it. */
export function receive(core: Core, desk: Desk, connection: Connection, op: number, data: unknown): void {
  const refused = act(core, desk, connection, op, data);
  if (refused) connection.end(refused);
}

function act(core: Core, desk: Desk, connection: Connection, op: number, data: unknown): CloseName | undefined {
  const { session } = connection;
  if (op === 1) return onHeartbeat(desk, connection);
  if (op === 2) return session ? 'alreadyAuthenticated' : onIdentify(core, desk, connection, data);
  if (op === 6) return session ? 'alreadyAuthenticated' : onResume(core, desk, connection, data);
  if (![3, 4, 8, 31].includes(op)) return 'unknownOpcode';
  if (!session) return 'notAuthenticated';
  if (op === 8) return sendMembers(core, session, data, desk.askedForAll) ? undefined : 'decodeError';
  if (op === 31) return onSounds(core, session, data);
  // Presence is shown to nobody here, and there is no voice: they are checked only.
  return (op === 3 ? presence : voice).safeParse(data).success ? undefined : 'decodeError';
}

function onHeartbeat(desk: Desk, connection: Connection): undefined {
  connection.beat();
  if (!desk.acksWithheld()) connection.write(11, null);
}

function onIdentify(core: Core, desk: Desk, connection: Connection, data: unknown): CloseName | undefined {
  const request = readIdentify(core, data, (token) => acceptsToken(core, token));
  if (typeof request === 'string') return request;
  const opened = desk.book.open(request);
  if (opened === 'shardingRequired') return opened;
  // The token was reset: this connection goes with all others (gateway.mdx, Identifying).
  if (opened === 'exhausted') return 'authenticationFailed';
  if (opened === 'early') return void connection.write(9, false);
  connection.attach(opened);
  greet(core, opened);
}

function onResume(core: Core, desk: Desk, connection: Connection, data: unknown): CloseName | undefined {
  const parsed = resume.safeParse(data);
  if (!parsed.success) return 'decodeError';
  const { token, session_id: id, seq } = parsed.data;
  if (!acceptsToken(core, token)) return 'authenticationFailed';
  const known = desk.book.find(id);
  if (!known || known.token !== token) return void connection.write(9, false);
  const missed = known.missedAfter(seq);
  if (typeof missed === 'string') {
    known.carrier?.end('unknownError');
    desk.book.forget(known);
    return missed === 'ahead' ? 'invalidSequence' : void connection.write(9, false);
  }
  connection.attach(known);
  for (const event of missed) connection.deliver(event);
  known.send('RESUMED', { _trace: [] });
}

/** Guilds have no sounds of their own here. */
function onSounds(core: Core, session: Session, data: unknown): CloseName | undefined {
  const parsed = sounds.safeParse(data);
  if (!parsed.success) return 'decodeError';
  for (const id of parsed.data.guild_ids) {
    if (core.world.isMember(id, core.world.botId)) session.send('SOUNDBOARD_SOUNDS', { guild_id: id, soundboard_sounds: [] });
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
    resume_gateway_url: `${core.baseUrl().replace('http', 'ws')}${RESUME_PATH}`,
    session_type: 'normal',
    private_channels: [],
    shard: session.shard,
    application: { id: world.botId, flags: applicationFlags(core) },
    _trace: [],
  });
  for (const guild of guilds) {
    for (const event of dispatchesOf(core, { type: 'guild_create', guildId: guild.id })) session.dispatch(event);
  }
}
