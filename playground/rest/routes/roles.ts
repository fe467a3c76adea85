import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiRole } from '../../gateway/payloads.js';
import { permissionBits, snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import type { GuildRecord, RoleRecord } from '../../world/types.js';
import { guildRole, isBelowBot, memberGuild, needInGuild } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

const color = z.number().int().min(0).max(0xffffff);
const roleBody = z.object({
  name: z.string().trim().max(100).nullish(),
  permissions: permissionBits.nullish(),
  color: color.nullish(),
  colors: z.object({ primary_color: color, secondary_color: color.nullish(), tertiary_color: color.nullish() }).nullish(),
  hoist: z.boolean().nullish(),
  mentionable: z.boolean().nullish(),
  icon: z.string().nullish(),
  unicode_emoji: z.string().nullish(),
});
type RoleBody = z.output<typeof roleBody>;

function list({ core, params }: RestRequest) {
  return ok(memberGuild(core, params.guildId).roles.map(apiRole));
}

function get({ core, params }: RestRequest) {
  return ok(apiRole(guildRole(memberGuild(core, params.guildId), params.roleId)));
}

/** How many members have each role, @everyone left out. */
function counts({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const roles = guild.roles.filter((role) => role.id !== guild.id);
  const countOf = (role: RoleRecord) => guild.members.filter((member) => member.roles.includes(role.id)).length;
  return ok(Object.fromEntries(roles.map((role) => [role.id, countOf(role)])));
}

/** The bot hands out only permissions that it has; icons and gradients take boosts, which guilds here never have. */
function refuseBody(core: Core, guild: GuildRecord, body: RoleBody): void {
  if (typeof body.permissions === 'string') needInGuild(core, guild, BigInt(body.permissions));
  const isBoosted = body.icon || body.unicode_emoji || body.colors?.secondary_color || body.colors?.tertiary_color;
  if (isBoosted) throw new DiscordError('needsBoosts');
}

function create({ core, params, body: input }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.ManageRoles);
  const body = parseForm(roleBody, input);
  refuseBody(core, guild, body);
  if (guild.roles.length >= core.limits.rolesPerGuild) throw new DiscordError('maxRoles');
  const role: RoleRecord = {
    id: core.ids.next(),
    name: body.name || 'new role',
    color: body.colors?.primary_color ?? body.color ?? 0,
    permissions: body.permissions ?? guildRole(guild, guild.id).permissions,
    position: 1,
    hoist: body.hoist ?? false,
    mentionable: body.mentionable ?? false,
  };
  guild.roles = [...guild.roles, role];
  core.bus.publish({ type: 'role_create', guildId: guild.id, roleId: role.id });
  return ok(apiRole(role));
}

function patch({ core, params, body: input }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const role = guildRole(guild, params.roleId);
  needInGuild(core, guild, P.ManageRoles);
  if (!isBelowBot(core, guild, role)) throw new DiscordError('missingPermissions');
  const body = parseForm(roleBody, input);
  refuseBody(core, guild, body);
  role.name = role.id === guild.id ? role.name : body.name || role.name;
  role.permissions = body.permissions ?? role.permissions;
  role.color = body.colors?.primary_color ?? body.color ?? role.color;
  role.hoist = body.hoist ?? role.hoist ?? false;
  role.mentionable = body.mentionable ?? role.mentionable ?? false;
  core.bus.publish({ type: 'role_update', guildId: guild.id, roleId: role.id });
  return ok(apiRole(role));
}

const positions = z.array(z.object({ id: snowflake, position: z.number().int().min(0).nullish() }));

/** Sorts roles; none at or above the bot's highest may move, and none may get there. */
function move({ core, params, body }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.ManageRoles);
  const moves = parseForm(positions, body ?? []).flatMap(({ id, position }) => {
    const role = guildRole(guild, id);
    return position === null || position === undefined || position === role.position ? [] : [{ role, position }];
  });
  for (const { role, position } of moves) {
    if (role.id === guild.id) throw new DiscordError('invalidRole');
    const isReachable = isBelowBot(core, guild, role) && isBelowBot(core, guild, { ...role, position });
    if (!isReachable) throw new DiscordError('missingPermissions');
  }
  for (const { role, position } of moves) role.position = Math.max(1, position);
  for (const { role } of moves) core.bus.publish({ type: 'role_update', guildId: guild.id, roleId: role.id });
  return ok(guild.roles.map(apiRole));
}

/** A deleted role goes from members and from channels, too. */
function remove({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const role = guildRole(guild, params.roleId);
  needInGuild(core, guild, P.ManageRoles);
  if (role.id === guild.id || role.botId !== undefined) throw new DiscordError('invalidRole');
  if (!isBelowBot(core, guild, role)) throw new DiscordError('missingPermissions');
  guild.roles = guild.roles.filter((one) => one.id !== role.id);
  for (const member of guild.members) member.roles = member.roles.filter((id) => id !== role.id);
  core.bus.publish({ type: 'role_delete', guildId: guild.id, roleId: role.id });
  for (const channel of core.world.channelsOf(guild.id)) {
    if (!channel.overwrites.some((one) => one.id === role.id)) continue;
    channel.overwrites = channel.overwrites.filter((one) => one.id !== role.id);
    core.bus.publish({ type: 'channel_update', channel });
  }
  return noContent();
}

const roles = '/guilds/:guildId/roles';
const common = { auth: 'bot', bucket: 'general', major: 'guildId' } as const;

/** Roles of guilds (resources/guild, topics/permissions). */
export const roleRoutes: Route[] = [
  { ...common, method: 'GET', path: roles, handle: list },
  { ...common, method: 'POST', path: roles, handle: create },
  { ...common, method: 'PATCH', path: roles, handle: move },
  { ...common, method: 'GET', path: `${roles}/member-counts`, handle: counts },
  { ...common, method: 'GET', path: `${roles}/:roleId`, handle: get },
  { ...common, method: 'PATCH', path: `${roles}/:roleId`, handle: patch },
  { ...common, method: 'DELETE', path: `${roles}/:roleId`, handle: remove },
];
