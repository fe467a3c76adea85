import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiMember } from '../../gateway/payloads.js';
import { snowflake } from '../../validation/fields.js';
import { parseForm, refuseFaults } from '../../validation/form.js';
import { removeMember } from '../../world/additions.js';
import { has } from '../../world/permissions.js';
import type { GuildRecord, MemberRecord } from '../../world/types.js';
import { guildMember, guildRole, isBelowBot, memberGuild, needAboveMember, needInGuild } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

/** A time-out lasts 28 days at most (resources/guild, Modify Guild Member). */
const LONGEST_TIMEOUT_MS = 28 * 24 * 3_600_000;

function getMember({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  return ok(apiMember(core.world, guildMember(core, guild, params.userId)));
}

const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(1), after: z.coerce.bigint().default(0n) });

function listMembers({ core, params, query }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const { limit, after } = parseForm(listQuery, query);
  const members = guild.members
    .filter((member) => BigInt(member.userId) > after)
    .toSorted((a, b) => (BigInt(a.userId) < BigInt(b.userId) ? -1 : 1))
    .slice(0, limit);
  return ok(members.map((member) => apiMember(core.world, member)));
}

const searchQuery = z.object({
  query: z.string().min(1).max(100),
  limit: z.coerce.number().int().min(1).max(1000).default(1),
});

function searchMembers({ core, params, query }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const { query: wanted, limit } = parseForm(searchQuery, query);
  const begins = (name: string | undefined) => name?.toLowerCase().startsWith(wanted.toLowerCase()) ?? false;
  const fits = guild.members.filter((member) => begins(core.world.user(member.userId).username) || begins(member.nick));
  return ok(fits.slice(0, limit).map((member) => apiMember(core.world, member)));
}

const memberPatch = z.object({
  nick: z.string().trim().max(32).nullish(),
  roles: z.array(snowflake).nullish(),
  mute: z.boolean().nullish(),
  deaf: z.boolean().nullish(),
  channel_id: snowflake.nullish(),
  communication_disabled_until: z.iso.datetime({ offset: true }).nullish(),
});
type MemberPatch = z.output<typeof memberPatch>;

/** Who may change which nickname: the bot its own with Change Nickname, others' with Manage Nicknames below its highest role. */
function needForNick(core: Core, guild: GuildRecord, member: MemberRecord): void {
  const isOwn = member.userId === core.world.botId;
  needInGuild(core, guild, isOwn ? P.ChangeNickname : P.ManageNicknames);
  if (!isOwn) needAboveMember(core, guild, member);
}

/** Roles that come or go must be below the bot's highest, and none of an app's own. */
function refuseRoleChange(core: Core, guild: GuildRecord, roleIds: string[]): void {
  needInGuild(core, guild, P.ManageRoles);
  for (const role of roleIds.map((id) => guildRole(guild, id))) {
    if (role.id === guild.id || role.botId !== undefined) throw new DiscordError('invalidRole');
    if (!isBelowBot(core, guild, role)) throw new DiscordError('missingPermissions');
  }
}

/** Nobody puts an administrator or the owner on a time-out, nor for longer than 28 days. */
function refuseTimeout(core: Core, guild: GuildRecord, member: MemberRecord, until: string | null): void {
  needInGuild(core, guild, P.ModerateMembers);
  needAboveMember(core, guild, member);
  const bits = core.world.guildPermissions(guild.id, member.userId);
  if (until !== null && has(bits, P.Administrator)) throw new DiscordError('missingPermissions');
  const isTooLong = until !== null && Date.parse(until) > core.clock.now() + LONGEST_TIMEOUT_MS;
  refuseFaults(
    isTooLong
      ? [
          {
            path: ['communication_disabled_until'],
            code: 'INVALID_COMMUNICATION_DISABLED_TIMESTAMP',
            message: 'Communication disabled timestamp must be less than 28 days in the future.',
          },
        ]
      : [],
  );
}

function changedRoles(member: MemberRecord, roles: string[]): string[] {
  return [...roles.filter((id) => !member.roles.includes(id)), ...member.roles.filter((id) => !roles.includes(id))];
}

function refusePatch(core: Core, guild: GuildRecord, member: MemberRecord, patch: MemberPatch): void {
  const usesVoice = [patch.mute, patch.deaf, patch.channel_id].some((value) => value !== undefined && value !== null);
  if (patch.nick !== undefined) needForNick(core, guild, member);
  if (patch.roles) refuseRoleChange(core, guild, changedRoles(member, [...new Set(patch.roles)]));
  if (patch.communication_disabled_until !== undefined)
    refuseTimeout(core, guild, member, patch.communication_disabled_until ?? null);
  if (usesVoice) throw new DiscordError('notInVoice');
}

function applyPatch(core: Core, member: MemberRecord, patch: MemberPatch): void {
  const { nick, roles, communication_disabled_until: until } = patch;
  if (nick) member.nick = nick;
  else if (nick !== undefined) delete member.nick;
  if (roles) member.roles = [...new Set(roles)];
  if (until && Date.parse(until) > core.clock.now()) member.timeoutUntil = new Date(until).toISOString();
  else if (until !== undefined) delete member.timeoutUntil;
}

function patchMember({ core, params, body }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const member = guildMember(core, guild, params.userId);
  // Of itself a bot changes only the name.
  const patch = parseForm(params.userId === '@me' ? memberPatch.pick({ nick: true }) : memberPatch, body) as MemberPatch;
  refusePatch(core, guild, member, patch);
  applyPatch(core, member, patch);
  core.bus.publish({ type: 'member_update', guildId: guild.id, userId: member.userId });
  return ok(apiMember(core.world, member));
}

/** Gives or takes one role; what is so already stays so. */
function changeRole(request: RestRequest, isGiven: boolean) {
  const { core, params } = request;
  const guild = memberGuild(core, params.guildId);
  const member = guildMember(core, guild, params.userId);
  const role = guildRole(guild, params.roleId);
  refuseRoleChange(core, guild, [role.id]);
  if (member.roles.includes(role.id) !== isGiven) {
    member.roles = isGiven ? [...member.roles, role.id] : member.roles.filter((id) => id !== role.id);
    core.bus.publish({ type: 'member_update', guildId: guild.id, userId: member.userId });
  }
  return noContent();
}

function kick({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const member = guildMember(core, guild, params.userId);
  needInGuild(core, guild, P.KickMembers);
  needAboveMember(core, guild, member);
  removeMember(core, guild.id, member.userId);
  return noContent();
}

const members = '/guilds/:guildId/members';
const common = { auth: 'bot', bucket: 'general', major: 'guildId' } as const;

/** Members of guilds: reading, renaming, roles, time-outs, kicks (resources/guild). */
export const memberRoutes: Route[] = [
  { ...common, method: 'GET', path: members, handle: listMembers },
  { ...common, method: 'GET', path: `${members}/search`, handle: searchMembers },
  { ...common, method: 'GET', path: `${members}/:userId`, handle: getMember },
  { ...common, method: 'PATCH', path: `${members}/:userId`, handle: patchMember },
  { ...common, method: 'DELETE', path: `${members}/:userId`, handle: kick },
  { ...common, method: 'PUT', path: `${members}/:userId/roles/:roleId`, handle: (request) => changeRole(request, true) },
  { ...common, method: 'DELETE', path: `${members}/:userId/roles/:roleId`, handle: (request) => changeRole(request, false) },
];
