import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiUser } from '../../gateway/payloads.js';
import { deleteMessages } from '../../messages/post.js';
import { timeOfSnowflake } from '../../snowflakes.js';
import { snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { removeMember } from '../../world/additions.js';
import type { BanRecord, GuildRecord } from '../../world/types.js';
import { memberGuild, needAboveMember, needInGuild } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

const WEEK_SECONDS = 7 * 86_400;

const apiBan = (core: Core, ban: BanRecord) => ({ user: apiUser(core.world.user(ban.userId)), reason: ban.reason });

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
  before: snowflake.optional(),
  after: snowflake.optional(),
});

function list({ core, params, query }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.BanMembers);
  const { limit, before, after } = parseForm(listQuery, query);
  const bans = (guild.bans ?? []).toSorted((a, b) => (BigInt(a.userId) < BigInt(b.userId) ? -1 : 1));
  const fits = bans.filter(({ userId }) =>
    before !== undefined ? BigInt(userId) < BigInt(before) : after === undefined || BigInt(userId) > BigInt(after),
  );
  const page = before !== undefined && after === undefined ? fits.slice(-limit) : fits.slice(0, limit);
  return ok(page.map((ban) => apiBan(core, ban)));
}

function findBan(guild: GuildRecord, userId: string | undefined): BanRecord {
  const ban = guild.bans?.find((one) => one.userId === userId);
  if (!ban) throw new DiscordError('unknownBan');
  return ban;
}

function get({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.BanMembers);
  return ok(apiBan(core, findBan(guild, params.userId)));
}

/** Deletes what a banned person wrote lately, wherever in the guild. */
function deleteRecent(core: Core, guild: GuildRecord, userId: string, seconds: number): void {
  if (seconds === 0) return;
  const since = core.clock.now() - seconds * 1000;
  for (const channel of core.world.channelsOf(guild.id)) {
    const recent = core.world
      .messagesIn(channel.id)
      .filter(({ message }) => message.author.id === userId && timeOfSnowflake(message.id) >= since);
    if (recent.length > 0)
      deleteMessages(
        core,
        channel.id,
        recent.map((stored) => stored.message.id),
      );
  }
}

/** Bans a user, member or not; throws 10013 or 50013. */
function ban(core: Core, guild: GuildRecord, userId: string, about: { reason: string | null; deleteSeconds: number }): void {
  if (!core.world.users.has(userId)) throw new DiscordError('unknownUser');
  const member = core.world.member(guild.id, userId);
  if (member) needAboveMember(core, guild, member);
  if (guild.bans?.some((one) => one.userId === userId)) return;
  guild.bans = [...(guild.bans ?? []), { userId, reason: about.reason }];
  core.bus.publish({ type: 'ban_add', guildId: guild.id, userId });
  deleteRecent(core, guild, userId, about.deleteSeconds);
  if (member) removeMember(core, guild.id, userId);
}

const deleteFields = {
  delete_message_seconds: z.number().int().min(0).max(WEEK_SECONDS).nullish(),
  delete_message_days: z.number().int().min(0).max(7).nullish(),
};
const banBody = z.object(deleteFields);

function create({ core, params, body, reason }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.BanMembers);
  const { delete_message_seconds: seconds, delete_message_days: days } = parseForm(banBody, body);
  ban(core, guild, params.userId ?? '', { reason: reason ?? null, deleteSeconds: seconds ?? (days ?? 0) * 86_400 });
  return noContent();
}

function remove({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.BanMembers);
  const { userId } = findBan(guild, params.userId);
  guild.bans = guild.bans?.filter((one) => one.userId !== userId);
  core.bus.publish({ type: 'ban_remove', guildId: guild.id, userId });
  return noContent();
}

const bulkBody = z.object({ user_ids: z.array(snowflake).min(1).max(200), ...deleteFields });

/** Bans many; those that cannot be banned are listed, and 500000 answers when it is nobody. */
function bulk({ core, params, body, reason }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.BanMembers | P.ManageGuild);
  const { user_ids: userIds, delete_message_seconds: seconds } = parseForm(bulkBody, body);
  const banned: string[] = [];
  const failed: string[] = [];
  for (const userId of new Set(userIds)) {
    try {
      if (guild.bans?.some((one) => one.userId === userId)) throw new DiscordError('unknownUser');
      ban(core, guild, userId, { reason: reason ?? null, deleteSeconds: seconds ?? 0 });
      banned.push(userId);
    } catch (error) {
      if (!(error instanceof DiscordError)) throw error;
      failed.push(userId);
    }
  }
  if (banned.length === 0) throw new DiscordError('bansFailed');
  return ok({ banned_users: banned, failed_users: failed });
}

const bans = '/guilds/:guildId/bans';
const common = { auth: 'bot', bucket: 'general', major: 'guildId' } as const;

/** Bans of guilds (resources/guild). */
export const banRoutes: Route[] = [
  { ...common, method: 'GET', path: bans, handle: list },
  { ...common, method: 'GET', path: `${bans}/:userId`, handle: get },
  { ...common, method: 'PUT', path: `${bans}/:userId`, handle: create },
  { ...common, method: 'DELETE', path: `${bans}/:userId`, handle: remove },
  { ...common, method: 'POST', path: '/guilds/:guildId/bulk-ban', handle: bulk },
];
