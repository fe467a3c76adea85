import { MessageFlags, PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiChannel } from '../../gateway/payloads.js';
import { snowflake, text } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { openThread } from '../../world/threads.js';
import type { ChannelRecord } from '../../world/types.js';
import { botHas, channelMessage, memberGuild, need, visibleChannel } from '../access.js';
import { RateLimited } from '../pipeline.js';
import { created, noContent, ok, type RestRequest, type Route } from '../route.js';

const ARCHIVE_MINUTES = [60, 1440, 4320, 10080].map((minutes) => z.literal(minutes));
const autoArchive = z.union(ARCHIVE_MINUTES).nullish();

const threadBody = z.object({
  name: text(100),
  auto_archive_duration: autoArchive,
  type: z.union([z.literal(11), z.literal(12)]).nullish(),
  invitable: z.boolean().nullish(),
});

const channelPatch = z.object({
  name: text(100).nullish(),
  topic: z.string().max(1024).nullish(),
  position: z.number().int().min(0).nullish(),
  archived: z.boolean().nullish(),
  locked: z.boolean().nullish(),
  auto_archive_duration: autoArchive,
});
type ChannelPatch = z.output<typeof channelPatch>;

function getChannel({ core, params }: RestRequest) {
  return ok(apiChannel(core.world, visibleChannel(core, params.channelId)));
}

/** Name and topic may change twice in ten minutes. */
function limitRename(core: Core, channel: ChannelRecord, patch: ChannelPatch): void {
  if ((patch.name ?? channel.name) === channel.name && (patch.topic ?? channel.topic) === channel.topic) return;
  const wait = core.limiter.takeRename(channel.id);
  if (wait !== undefined) throw new RateLimited(wait);
}

/** The owner of a thread may rename and archive it; locking, and what others own, needs Manage Threads. */
function refuseThreadPatch(core: Core, channel: ChannelRecord, patch: ChannelPatch): void {
  const { thread } = channel;
  const manages = botHas(core, channel, P.ManageThreads);
  const isOwner = thread?.ownerId === core.world.botId;
  const touchesLock = patch.locked !== undefined && patch.locked !== null && patch.locked !== thread?.locked;
  if (manages) return;
  const onlyUnarchives = patch.archived === false && Object.keys(patch).length === 1 && !thread?.locked;
  if (touchesLock || !(isOwner || onlyUnarchives)) throw new DiscordError('missingPermissions');
  if (thread?.locked) throw new DiscordError('missingPermissions');
}

function patchChannel({ core, params, body }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  if (channel.guildId === null) throw new DiscordError('notInDm');
  const patch = parseForm(channelPatch, body);
  const { thread } = channel;
  if (thread) {
    refuseThreadPatch(core, channel, patch);
    if (thread.archived && patch.archived !== false) throw new DiscordError('threadArchived');
  } else {
    need(core, channel, P.ManageChannels);
  }
  limitRename(core, channel, patch);
  channel.name = patch.name ?? channel.name;
  if (patch.topic !== undefined && !thread) channel.topic = patch.topic ?? '';
  if (thread) {
    if (typeof patch.archived === 'boolean' && patch.archived !== thread.archived) {
      thread.archived = patch.archived;
      thread.archiveTimestamp = new Date(core.clock.now()).toISOString();
    }
    thread.locked = patch.locked ?? thread.locked;
    thread.autoArchiveMinutes = patch.auto_archive_duration ?? thread.autoArchiveMinutes;
  } else {
    channel.position = patch.position ?? channel.position;
  }
  core.bus.publish({ type: 'channel_update', channel });
  return ok(apiChannel(core.world, channel));
}

function deleteChannel({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  // Closing a DM only hides it for the bot.
  if (channel.guildId === null) return ok(apiChannel(core.world, channel));
  need(core, channel, channel.thread ? P.ManageThreads : P.ManageChannels);
  const answer = apiChannel(core.world, channel);
  for (const gone of core.world.removeChannel(channel.id)) core.bus.publish({ type: 'channel_delete', channel: gone });
  return ok(answer);
}

function refuseNoThreads(channel: ChannelRecord): void {
  if (channel.type !== 0) throw new DiscordError('wrongChannelType');
}

function threadFromMessage({ core, params, body }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  refuseNoThreads(channel);
  need(core, channel, P.CreatePublicThreads | P.ReadMessageHistory);
  const from = channelMessage(core, channel, params.messageId);
  const { name, auto_archive_duration: minutes } = parseForm(threadBody, body);
  if (((from.message.flags ?? 0) & MessageFlags.HasThread) !== 0) throw new DiscordError('hasThread');
  const thread = openThread(core, channel, {
    name,
    type: 11,
    ownerId: core.world.botId,
    autoArchiveMinutes: minutes ?? 1440,
    from,
  });
  return created(apiChannel(core.world, thread));
}

function threadInChannel({ core, params, body }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  refuseNoThreads(channel);
  // Without a type Discord makes a private thread.
  const { name, auto_archive_duration: minutes, type } = parseForm(threadBody, body);
  need(core, channel, type === 11 ? P.CreatePublicThreads : P.CreatePrivateThreads);
  const thread = openThread(core, channel, {
    name,
    type: type ?? 12,
    ownerId: core.world.botId,
    autoArchiveMinutes: minutes ?? 1440,
  });
  return created(apiChannel(core.world, thread));
}

function threadOf(core: Core, channelId: string | undefined): ChannelRecord & { thread: NonNullable<ChannelRecord['thread']> } {
  const channel = visibleChannel(core, channelId);
  if (!channel.thread) throw new DiscordError('wrongChannelType');
  return channel as ChannelRecord & { thread: NonNullable<ChannelRecord['thread']> };
}

function addThreadMember({ core, params }: RestRequest) {
  const channel = threadOf(core, params.channelId);
  if (channel.thread.archived) throw new DiscordError('threadArchived');
  const userId = params.userId === '@me' ? core.world.botId : (params.userId ?? '');
  if (userId !== core.world.botId) need(core, channel, P.SendMessagesInThreads);
  if (!core.world.isMember(channel.guildId ?? '', userId)) throw new DiscordError('unknownMember');
  if (!channel.thread.memberIds.includes(userId)) {
    channel.thread.memberIds.push(userId);
    core.bus.publish({ type: 'channel_update', channel });
  }
  return noContent();
}

function removeThreadMember({ core, params }: RestRequest) {
  const channel = threadOf(core, params.channelId);
  if (channel.thread.archived) throw new DiscordError('threadArchived');
  const userId = params.userId === '@me' ? core.world.botId : (params.userId ?? '');
  if (userId !== core.world.botId) need(core, channel, P.ManageThreads);
  channel.thread.memberIds = channel.thread.memberIds.filter((id) => id !== userId);
  core.bus.publish({ type: 'channel_update', channel });
  return noContent();
}

const threadMember = (channel: ChannelRecord, userId: string) => ({
  id: channel.id,
  user_id: userId,
  join_timestamp: channel.thread?.createTimestamp,
  flags: 0,
});

function listThreadMembers({ core, params }: RestRequest) {
  const channel = threadOf(core, params.channelId);
  return ok(channel.thread.memberIds.map((userId) => threadMember(channel, userId)));
}

function activeThreads({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const threads = core.world
    .channelsOf(guild.id)
    .filter((one) => one.thread && !one.thread.archived && core.world.canView(one, core.world.botId));
  const own = threads.filter((one) => one.thread?.memberIds.includes(core.world.botId));
  return ok({
    threads: threads.map((one) => apiChannel(core.world, one)),
    members: own.map((one) => threadMember(one, core.world.botId)),
    has_more: false,
  });
}

const dmBody = z.object({ recipient_id: snowflake });

function openDm({ core, body }: RestRequest) {
  const { recipient_id: userId } = parseForm(dmBody, body);
  const user = core.world.users.get(userId);
  if (!user) throw new DiscordError('unknownUser');
  const channel = core.world.findDm(userId);
  // Opening always works; it is the message that may be refused (50007).
  if (user.bot || !channel) throw new DiscordError('cannotDm');
  return ok(apiChannel(core.world, channel));
}

const path = '/channels/:channelId';

/** Channels, threads and DMs, for the bot. */
export const channelRoutes: Route[] = [
  { method: 'GET', path, auth: 'bot', bucket: 'general', major: 'channelId', handle: getChannel },
  { method: 'PATCH', path, auth: 'bot', bucket: 'general', major: 'channelId', handle: patchChannel },
  { method: 'DELETE', path, auth: 'bot', bucket: 'general', major: 'channelId', handle: deleteChannel },
  {
    method: 'POST',
    path: `${path}/messages/:messageId/threads`,
    auth: 'bot',
    bucket: 'threads',
    major: 'channelId',
    handle: threadFromMessage,
  },
  { method: 'POST', path: `${path}/threads`, auth: 'bot', bucket: 'threads', major: 'channelId', handle: threadInChannel },
  {
    method: 'GET',
    path: `${path}/thread-members`,
    auth: 'bot',
    bucket: 'general',
    major: 'channelId',
    handle: listThreadMembers,
  },
  {
    method: 'PUT',
    path: `${path}/thread-members/:userId`,
    auth: 'bot',
    bucket: 'general',
    major: 'channelId',
    handle: addThreadMember,
  },
  {
    method: 'DELETE',
    path: `${path}/thread-members/:userId`,
    auth: 'bot',
    bucket: 'general',
    major: 'channelId',
    handle: removeThreadMember,
  },
  {
    method: 'GET',
    path: '/guilds/:guildId/threads/active',
    auth: 'bot',
    bucket: 'general',
    major: 'guildId',
    handle: activeThreads,
  },
  { method: 'POST', path: '/users/@me/channels', auth: 'bot', bucket: 'general', handle: openDm },
];
