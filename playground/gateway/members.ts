import { GatewayIntentBits as Intent } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../core.js';
import type { GuildRecord, MemberRecord } from '../world/types.js';
import { apiMember } from './payloads.js';
import type { Session } from './session.js';

/** Members in one GUILD_MEMBERS_CHUNK, and found by a prefix or by ids (gateway-events.mdx, Request Guild Members). */
const MEMBERS_PER_CHUNK = 1_000;
const FOUND_AT_MOST = 100;
const NONCE_BYTES = 32;

const schema = z.object({
  // One guild per request: a list of one is that.
  guild_id: z.union([z.string(), z.tuple([z.string()]).transform(([id]) => id)]),
  query: z.string().max(100).optional(),
  limit: z.number().int().min(0).optional(),
  presences: z.boolean().optional(),
  user_ids: z.union([z.string().transform((id) => [id]), z.array(z.string())]).optional(),
  nonce: z.unknown().optional(),
});
type MembersRequest = z.output<typeof schema>;

/** When all members of a guild were last asked for. */
export type AllMembersAsked = Map<string, number>;

/** A nonce that is too long is ignored. */
function nonceOf(request: MembersRequest): { nonce?: string } {
  const { nonce } = request;
  return typeof nonce === 'string' && Buffer.byteLength(nonce) <= NONCE_BYTES ? { nonce } : {};
}

/**
 * Answers op 8; gives false when the payload is none. As at Discord there is no answer for a guild that the bot is not in, and
 * none when all members are asked for without the members intent.
 */
export function sendMembers(core: Core, session: Session, data: unknown, asked: AllMembersAsked): boolean {
  const parsed = schema.safeParse(data);
  if (!parsed.success || (parsed.data.query === undefined) === (parsed.data.user_ids === undefined)) return false;
  const request = parsed.data;
  const guild = core.world.guilds.get(request.guild_id);
  if (!guild || !core.world.isMember(guild.id, core.world.botId)) return true;
  if (request.user_ids) {
    const ids = request.user_ids.slice(0, FOUND_AT_MOST);
    const found = ids.flatMap((id) => core.world.member(guild.id, id) ?? []);
    const missing = ids.filter((id) => !core.world.isMember(guild.id, id));
    sendChunks(core, session, guild, found, { request, missing });
  } else if (request.query === '' && !request.limit) sendAll(core, session, guild, request, asked);
  else {
    const prefix = (request.query ?? '').toLowerCase();
    const fits = ({ userId, nick }: MemberRecord) =>
      core.world.user(userId).username.toLowerCase().startsWith(prefix) || nick?.toLowerCase().startsWith(prefix) === true;
    const limit = Math.min(request.limit || FOUND_AT_MOST, FOUND_AT_MOST);
    sendChunks(core, session, guild, guild.members.filter(fits).slice(0, limit), { request });
  }
  return true;
}

/** One request for everybody per guild and 30 s (change log of 2025-08-14); what is more gets RATE_LIMITED. */
function sendAll(core: Core, session: Session, guild: GuildRecord, request: MembersRequest, asked: AllMembersAsked): void {
  if ((session.intents & Intent.GuildMembers) === 0) return;
  const now = core.clock.now();
  const waitMs = (asked.get(guild.id) ?? Number.NEGATIVE_INFINITY) + core.limits.membersRequestWindowMs - now;
  if (waitMs > 0) {
    session.send('RATE_LIMITED', { opcode: 8, retry_after: waitMs / 1000, meta: { guild_id: guild.id, ...nonceOf(request) } });
    return;
  }
  asked.set(guild.id, now);
  sendChunks(core, session, guild, guild.members, { request });
}

function sendChunks(
  core: Core,
  session: Session,
  guild: GuildRecord,
  members: MemberRecord[],
  { request, missing }: { request: MembersRequest; missing?: string[] },
): void {
  const count = Math.max(1, Math.ceil(members.length / MEMBERS_PER_CHUNK));
  const withPresences = request.presences === true && (session.intents & Intent.GuildPresences) !== 0;
  for (let index = 0; index < count; index++) {
    const part = members.slice(index * MEMBERS_PER_CHUNK, (index + 1) * MEMBERS_PER_CHUNK);
    session.send('GUILD_MEMBERS_CHUNK', {
      guild_id: guild.id,
      members: part.map((member) => apiMember(core.world, member)),
      chunk_index: index,
      chunk_count: count,
      ...(missing && { not_found: missing }),
      // Nobody but the bot has a presence here.
      ...(withPresences && { presences: [] }),
      ...nonceOf(request),
    });
  }
}
