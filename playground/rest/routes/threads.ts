import { MessageFlags, PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiMember, apiThreadMember, threadFor } from '../../gateway/payloads.js';
import { snowflake, text } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { changeThreadMembers, openThread } from '../../world/threads.js';
import type { ChannelRecord } from '../../world/types.js';
import { botHas, channelMessage, memberGuild, need, visibleChannel } from '../access.js';
import { created, noContent, ok, type RestRequest, type Route } from '../route.js';
import { archiveMinutes, slowmode } from './channel-fields.js';

const TEXT = 0;
const ANNOUNCEMENT = 5;

const threadBody = z.object({
  name: text(100),
  auto_archive_duration: archiveMinutes,
  rate_limit_per_user: slowmode,
  type: z.literal([10, 11, 12]).nullish(),
  invitable: z.boolean().nullish(),
});
type ThreadBody = z.output<typeof threadBody>;

function refuseNoThreads(channel: ChannelRecord): void {
  if (channel.type !== TEXT && channel.type !== ANNOUNCEMENT) throw new DiscordError('wrongChannelType');
}

/** What a new thread takes from the body, and from its channel where the body says nothing. */
function newThread(core: Core, channel: ChannelRecord, body: ThreadBody) {
  const slow = body.rate_limit_per_user ?? channel.defaultThreadSlowmodeSeconds;
  return {
    name: body.name,
    ownerId: core.world.botId,
    autoArchiveMinutes: body.auto_archive_duration ?? channel.defaultArchiveMinutes ?? 1440,
    ...(slow && { slowmodeSeconds: slow }),
  };
}

/** Threads in announcement channels are of a type of their own. */
const publicType = (channel: ChannelRecord) => (channel.type === ANNOUNCEMENT ? 10 : 11);

function fromMessage({ core, params, body: input }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  refuseNoThreads(channel);
  need(core, channel, P.CreatePublicThreads | P.ReadMessageHistory);
  const from = channelMessage(core, channel, params.messageId);
  const body = parseForm(threadBody, input);
  if (((from.message.flags ?? 0) & MessageFlags.HasThread) !== 0) throw new DiscordError('hasThread');
  const thread = openThread(core, channel, { ...newThread(core, channel, body), type: publicType(channel), from });
  return created(threadFor(core.world, thread));
}

function inChannel({ core, params, body: input }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  refuseNoThreads(channel);
  const body = parseForm(threadBody, input);
  // Without a type Discord makes a private thread.
  const isPrivate = (body.type ?? 12) === 12;
  // Announcement channels have public threads of their own type only; other channels have none of that type.
  const fits = isPrivate ? channel.type === TEXT : body.type === publicType(channel);
  if (!fits) throw new DiscordError('wrongChannelType');
  need(core, channel, isPrivate ? P.CreatePrivateThreads : P.CreatePublicThreads);
  const thread = openThread(core, channel, {
    ...newThread(core, channel, body),
    type: isPrivate ? 12 : publicType(channel),
    invitable: body.invitable ?? true,
  });
  return created(threadFor(core.world, thread));
}

type ThreadChannel = ChannelRecord & { thread: NonNullable<ChannelRecord['thread']> };

function threadOf(core: Core, channelId: string | undefined): ThreadChannel {
  const channel = visibleChannel(core, channelId);
  if (!channel.thread) throw new DiscordError('wrongChannelType');
  return channel as ThreadChannel;
}

function activeThread(core: Core, channelId: string | undefined): ThreadChannel {
  const channel = threadOf(core, channelId);
  if (channel.thread.archived) throw new DiscordError('threadArchived');
  return channel;
}

const userOf = (core: Core, userId: string | undefined) => (userId === '@me' ? core.world.botId : (userId ?? ''));

/** Joining takes seeing the thread; adding others takes sending in it, and in a private one that may not be shared managing it. */
function addMember({ core, params }: RestRequest) {
  const channel = activeThread(core, params.channelId);
  const userId = userOf(core, params.userId);
  if (userId !== core.world.botId) {
    need(core, channel, P.SendMessagesInThreads);
    const isShared = channel.type !== 12 || channel.thread.invitable || channel.thread.ownerId === core.world.botId;
    if (!isShared) need(core, channel, P.ManageThreads);
  }
  if (!core.world.isMember(channel.guildId ?? '', userId)) throw new DiscordError('unknownMember');
  changeThreadMembers(core, channel, { add: [userId] });
  return noContent();
}

/** Leaving is free; taking others out takes managing threads, or having made a private one. */
function removeMember({ core, params }: RestRequest) {
  const channel = activeThread(core, params.channelId);
  const userId = userOf(core, params.userId);
  const isHost = channel.type === 12 && channel.thread.ownerId === core.world.botId;
  if (userId !== core.world.botId && !isHost) need(core, channel, P.ManageThreads);
  if (!channel.thread.memberIds.includes(userId)) throw new DiscordError('unknownMember');
  changeThreadMembers(core, channel, { remove: [userId] });
  return noContent();
}

function shownMember(core: Core, channel: ChannelRecord, userId: string, withMember: boolean) {
  const member = withMember ? core.world.member(channel.guildId ?? '', userId) : undefined;
  return { ...apiThreadMember(channel, userId), ...(member && { member: apiMember(core.world, member) }) };
}

function getMember({ core, params, query }: RestRequest) {
  const channel = threadOf(core, params.channelId);
  const userId = userOf(core, params.userId);
  if (!channel.thread.memberIds.includes(userId)) throw new DiscordError('unknownMember');
  return ok(shownMember(core, channel, userId, query.with_member === 'true'));
}

const membersQuery = z.object({
  with_member: z.enum(['true', 'false']).default('false'),
  limit: z.coerce.number().int().min(1).max(100).default(100),
  after: snowflake.optional(),
});

/** The list has pages only with members in it (resources/channel, List Thread Members). */
function listMembers({ core, params, query }: RestRequest) {
  const channel = threadOf(core, params.channelId);
  const { with_member: withMember, limit, after } = parseForm(membersQuery, query);
  if (withMember === 'false') return ok(channel.thread.memberIds.map((id) => apiThreadMember(channel, id)));
  const page = channel.thread.memberIds
    .filter((id) => after === undefined || BigInt(id) > BigInt(after))
    .toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
    .slice(0, limit);
  return ok(page.map((id) => shownMember(core, channel, id, true)));
}

/** A list of threads with the bot's memberships. */
function threadList(core: Core, threads: ChannelRecord[], hasMore: boolean) {
  const { botId } = core.world;
  const own = threads.filter((one) => one.thread?.memberIds.includes(botId));
  return ok({
    threads: threads.map((one) => threadFor(core.world, one)),
    members: own.map((one) => apiThreadMember(one, botId)),
    has_more: hasMore,
  });
}

function active({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const threads = [...core.world.channels.activeIn(guild.id).values()];
  const visible = threads.filter((one) => core.world.canView(one, core.world.botId));
  return threadList(
    core,
    visible.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1)),
    false,
  );
}

const pageSize = z.coerce.number().int().min(2).max(100).default(50);
const byTime = z.object({ before: z.iso.datetime({ offset: true }).optional(), limit: pageSize });
const byId = z.object({ before: snowflake.optional(), limit: pageSize });

function archivedUnder(core: Core, channel: ChannelRecord, isPrivate: boolean): ThreadChannel[] {
  const threads = [...core.world.channels.under(channel.id).values()] as ThreadChannel[];
  return threads.filter((one) => one.thread.archived && (one.type === 12) === isPrivate);
}

/** Archived threads of a channel, those archived last first; private ones take Manage Threads. */
function archived({ core, params, query }: RestRequest, isPrivate: boolean) {
  const channel = visibleChannel(core, params.channelId);
  refuseNoThreads(channel);
  need(core, channel, P.ReadMessageHistory | (isPrivate ? P.ManageThreads : 0n));
  const { before, limit } = parseForm(byTime, query);
  const timeOf = (one: ThreadChannel) => Date.parse(one.thread.archiveTimestamp);
  const threads = archivedUnder(core, channel, isPrivate)
    .filter((one) => before === undefined || timeOf(one) < Date.parse(before))
    .toSorted((a, b) => timeOf(b) - timeOf(a) || (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
  return threadList(core, threads.slice(0, limit), threads.length > limit);
}

/** Private archived threads that the bot is in, newest first. */
function archivedJoined({ core, params, query }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  refuseNoThreads(channel);
  if (!botHas(core, channel, P.ReadMessageHistory)) throw new DiscordError('missingPermissions');
  const { before, limit } = parseForm(byId, query);
  const threads = archivedUnder(core, channel, true)
    .filter((one) => one.thread.memberIds.includes(core.world.botId))
    .filter((one) => before === undefined || BigInt(one.id) < BigInt(before))
    .toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
  return threadList(core, threads.slice(0, limit), threads.length > limit);
}

const path = '/channels/:channelId';
const members = `${path}/thread-members`;
const common = { auth: 'bot', bucket: 'general', major: 'channelId' } as const;

/** Threads: opening, members, lists (resources/channel, topics/threads). */
export const threadRoutes: Route[] = [
  { ...common, method: 'POST', path: `${path}/messages/:messageId/threads`, bucket: 'threads', handle: fromMessage },
  { ...common, method: 'POST', path: `${path}/threads`, bucket: 'threads', handle: inChannel },
  { ...common, method: 'GET', path: members, handle: listMembers },
  { ...common, method: 'GET', path: `${members}/:userId`, handle: getMember },
  { ...common, method: 'PUT', path: `${members}/:userId`, handle: addMember },
  { ...common, method: 'DELETE', path: `${members}/:userId`, handle: removeMember },
  { ...common, method: 'GET', path: `${path}/threads/archived/public`, handle: (request) => archived(request, false) },
  { ...common, method: 'GET', path: `${path}/threads/archived/private`, handle: (request) => archived(request, true) },
  { ...common, method: 'GET', path: `${path}/users/@me/threads/archived/private`, handle: archivedJoined },
  { ...common, method: 'GET', path: '/guilds/:guildId/threads/active', major: 'guildId', handle: active },
];
