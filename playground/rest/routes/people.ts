import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import { DiscordError } from '../../errors.js';
import { apiChannel, apiGuild, apiMember, apiRole, apiUser } from '../../gateway/payloads.js';
import { parseForm } from '../../validation/form.js';
import { memberGuild } from '../access.js';
import { ok, type RestRequest, type Route } from '../route.js';

function getUser({ core, params }: RestRequest) {
  const id = params.userId === '@me' ? core.world.botId : params.userId;
  const user = core.world.users.get(id ?? '');
  if (!user) throw new DiscordError('unknownUser');
  const own =
    user.id === core.world.botId ? { verified: true, mfa_enabled: true, email: null, flags: 0, locale: user.locale } : {};
  return ok({ ...apiUser(user), ...own });
}

function ownGuilds({ core }: RestRequest) {
  return ok(
    core.world.guildsOf(core.world.botId).map((guild) => ({
      id: guild.id,
      name: guild.name,
      icon: null,
      banner: null,
      owner: false,
      permissions: core.world.guildPermissions(guild.id, core.world.botId).toString(),
      features: [],
    })),
  );
}

function getGuild({ core, params, query }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const counts =
    query.with_counts === 'true' ? { approximate_member_count: guild.members.length, approximate_presence_count: 1 } : {};
  return ok({ ...apiGuild(guild), ...counts });
}

function guildChannels({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  return ok(
    core.world
      .channelsOf(guild.id)
      .filter((one) => !one.thread)
      .map((one) => apiChannel(core.world, one)),
  );
}

function getMember({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const id = params.userId === '@me' ? core.world.botId : params.userId;
  const member = guild.members.find((one) => one.userId === id);
  if (!member) throw new DiscordError(core.world.users.has(id ?? '') ? 'unknownMember' : 'unknownUser');
  return ok(apiMember(core.world, member));
}

const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(1), after: z.coerce.bigint().default(0n) });

function listMembers({ core, params, query }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const { limit, after } = parseForm(listQuery, query);
  const members = guild.members
    .filter((member) => BigInt(member.userId) > after)
    .toSorted((a, b) => Number(BigInt(a.userId) - BigInt(b.userId)))
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
  const fits = guild.members.filter((member) =>
    core.world.user(member.userId).username.toLowerCase().startsWith(wanted.toLowerCase()),
  );
  return ok(fits.slice(0, limit).map((member) => apiMember(core.world, member)));
}

function listRoles({ core, params }: RestRequest) {
  return ok(memberGuild(core, params.guildId).roles.map(apiRole));
}

function getRole({ core, params }: RestRequest) {
  const role = memberGuild(core, params.guildId).roles.find((one) => one.id === params.roleId);
  if (!role) throw new DiscordError('unknownRole');
  return ok(apiRole(role));
}

function leaveGuild({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  guild.members = guild.members.filter((member) => member.userId !== core.world.botId);
  core.bus.publish({ type: 'guild_delete', guildId: guild.id });
  return { status: 204 };
}

/** The webhooks of a channel: there are none, but asking needs the permission as at Discord. */
function channelWebhooks({ core, params }: RestRequest) {
  const channel = core.world.channels.get(params.channelId ?? '');
  if (!channel) throw new DiscordError('unknownChannel');
  if ((core.world.permissions(channel, core.world.botId) & P.ManageWebhooks) === 0n) throw new DiscordError('missingPermissions');
  return ok([]);
}

const guild = '/guilds/:guildId';

/** Users, guilds, members and roles, for the bot. */
export const peopleRoutes: Route[] = [
  { method: 'GET', path: '/users/:userId', auth: 'bot', bucket: 'general', handle: getUser },
  { method: 'GET', path: '/users/@me/guilds', auth: 'bot', bucket: 'general', handle: ownGuilds },
  { method: 'DELETE', path: '/users/@me/guilds/:guildId', auth: 'bot', bucket: 'general', handle: leaveGuild },
  { method: 'GET', path: guild, auth: 'bot', bucket: 'general', major: 'guildId', handle: getGuild },
  { method: 'GET', path: `${guild}/channels`, auth: 'bot', bucket: 'general', major: 'guildId', handle: guildChannels },
  { method: 'GET', path: `${guild}/members`, auth: 'bot', bucket: 'general', major: 'guildId', handle: listMembers },
  { method: 'GET', path: `${guild}/members/search`, auth: 'bot', bucket: 'general', major: 'guildId', handle: searchMembers },
  { method: 'GET', path: `${guild}/members/:userId`, auth: 'bot', bucket: 'general', major: 'guildId', handle: getMember },
  { method: 'GET', path: `${guild}/roles`, auth: 'bot', bucket: 'general', major: 'guildId', handle: listRoles },
  { method: 'GET', path: `${guild}/roles/:roleId`, auth: 'bot', bucket: 'general', major: 'guildId', handle: getRole },
  {
    method: 'GET',
    path: '/channels/:channelId/webhooks',
    auth: 'bot',
    bucket: 'general',
    major: 'channelId',
    handle: channelWebhooks,
  },
];
