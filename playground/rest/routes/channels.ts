import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import { type Core, isoNow } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiChannel, threadFor } from '../../gateway/payloads.js';
import { snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import type { ChannelRecord, ThreadState } from '../../world/types.js';
import { botHas, guildChannel, need, visibleChannel } from '../access.js';
import { RateLimited } from '../pipeline.js';
import { ok, type RestRequest, type Route } from '../route.js';
import { archiveMinutes, channelFields, channelName, channelOverwrites, parentFor, slowmode } from './channel-fields.js';
import { nameFor } from './guild-channels.js';

function shown(core: Core, channel: ChannelRecord) {
  return channel.thread ? threadFor(core.world, channel) : apiChannel(core.world, channel);
}

function getChannel({ core, params }: RestRequest) {
  return ok(shown(core, visibleChannel(core, params.channelId)));
}

/** Name and topic may change twice in ten minutes. */
function limitRename(core: Core, channel: ChannelRecord, patch: { name?: string | null; topic?: string | null }): void {
  if ((patch.name ?? channel.name) === channel.name && (patch.topic ?? channel.topic) === channel.topic) return;
  const wait = core.limiter.takeRename(channel.id);
  if (wait !== undefined) throw new RateLimited(wait);
}

const threadPatch = z.object({
  name: channelName.nullish(),
  archived: z.boolean().nullish(),
  locked: z.boolean().nullish(),
  invitable: z.boolean().nullish(),
  auto_archive_duration: archiveMinutes,
  rate_limit_per_user: slowmode,
});
type ThreadPatch = z.output<typeof threadPatch>;

/** What the maker of a thread may change without Manage Threads (topics/threads, Editing & Deleting Threads). */
const OWNER_MAY_CHANGE = new Set(['name', 'archived', 'auto_archive_duration', 'invitable']);

function refuseThreadPatch(core: Core, channel: ChannelRecord, thread: ThreadState, patch: ThreadPatch): void {
  const current = {
    ...thread,
    auto_archive_duration: thread.autoArchiveMinutes,
    rate_limit_per_user: channel.slowmodeSeconds ?? 0,
  };
  const isSame = (key: string, value: unknown) => (current as Record<string, unknown>)[key] === value;
  const touched = Object.entries(patch).filter(([key, value]) => value !== undefined && value !== null && !isSame(key, value));
  if (botHas(core, channel, P.ManageThreads)) return;
  const keys = touched.map(([key]) => key);
  const isWaking = patch.archived === false && keys.every((key) => key === 'archived');
  // Anybody who may send wakes a thread that is not locked.
  if (isWaking && !thread.locked && botHas(core, channel, P.SendMessagesInThreads)) return;
  const isOwners = thread.ownerId === core.world.botId && keys.every((key) => OWNER_MAY_CHANGE.has(key));
  if (!isOwners || thread.locked) throw new DiscordError('missingPermissions');
}

function patchThread(core: Core, channel: ChannelRecord, thread: ThreadState, body: unknown) {
  const patch = parseForm(threadPatch, body);
  refuseThreadPatch(core, channel, thread, patch);
  if (thread.archived && patch.archived !== false) throw new DiscordError('threadArchived');
  limitRename(core, channel, patch);
  channel.name = patch.name ?? channel.name;
  channel.slowmodeSeconds = patch.rate_limit_per_user ?? channel.slowmodeSeconds;
  if (typeof patch.archived === 'boolean' && patch.archived !== thread.archived) {
    thread.archived = patch.archived;
    thread.archiveTimestamp = isoNow(core);
    core.world.channels.noteArchived(channel);
  }
  thread.locked = patch.locked ?? thread.locked;
  if (channel.type === 12) thread.invitable = patch.invitable ?? thread.invitable;
  thread.autoArchiveMinutes = patch.auto_archive_duration ?? thread.autoArchiveMinutes;
  core.bus.publish({ type: 'channel_update', channel });
  return ok(shown(core, channel));
}

const channelPatch = z.object({
  ...channelFields,
  name: channelName.nullish(),
  /** Only text and announcement channels turn into each other. */
  type: z.literal([0, 5]).nullish(),
});
type ChannelPatch = z.output<typeof channelPatch>;

function applyPatch(core: Core, channel: ChannelRecord, patch: ChannelPatch): void {
  channel.name = patch.name ? nameFor(channel.type, patch.name) : channel.name;
  if (patch.topic !== undefined) channel.topic = patch.topic ?? '';
  channel.position = patch.position ?? channel.position;
  channel.type = patch.type ?? channel.type;
  channel.nsfw = patch.nsfw ?? channel.nsfw;
  if (patch.rate_limit_per_user !== undefined) channel.slowmodeSeconds = patch.rate_limit_per_user ?? 0;
  channel.defaultArchiveMinutes = patch.default_auto_archive_duration ?? channel.defaultArchiveMinutes;
  channel.defaultThreadSlowmodeSeconds = patch.default_thread_rate_limit_per_user ?? channel.defaultThreadSlowmodeSeconds;
  core.bus.publish({ type: 'channel_update', channel });
}

function patchChannel({ core, params, body }: RestRequest) {
  const { channel, guild } = guildChannel(core, params.channelId);
  if (channel.thread) return patchThread(core, channel, channel.thread, body);
  need(core, channel, P.ManageChannels);
  const patch = parseForm(channelPatch, body);
  if (patch.type && channel.type !== 0 && channel.type !== 5) throw new DiscordError('wrongChannelType');
  const parent = parentFor(core, guild, channel.type, patch.parent_id);
  if (patch.permission_overwrites) need(core, channel, P.ManageRoles);
  const overwrites = channelOverwrites(core, guild, channel, patch.permission_overwrites);
  limitRename(core, channel, patch);
  if (patch.parent_id !== undefined) channel.parentId = parent?.id ?? null;
  channel.overwrites = overwrites ?? channel.overwrites;
  applyPatch(core, channel, patch);
  return ok(shown(core, channel));
}

/** Channels of a deleted category stay, without one. */
function freeChildren(core: Core, category: ChannelRecord): void {
  for (const child of core.world.channelsOf(category.guildId ?? '')) {
    if (child.thread || child.parentId !== category.id) continue;
    child.parentId = null;
    core.bus.publish({ type: 'channel_update', channel: child });
  }
}

function deleteChannel({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  // Closing a DM only hides it for the bot.
  if (channel.guildId === null) return ok(shown(core, channel));
  need(core, channel, channel.thread ? P.ManageThreads : P.ManageChannels);
  const answer = shown(core, channel);
  for (const gone of core.world.removeChannel(channel.id)) core.bus.publish({ type: 'channel_delete', channel: gone });
  if (channel.type === 4) freeChildren(core, channel);
  return ok(answer);
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
const common = { auth: 'bot', bucket: 'general', major: 'channelId' } as const;

/** Single channels and DMs, for the bot (resources/channel). */
export const channelRoutes: Route[] = [
  { ...common, method: 'GET', path, handle: getChannel },
  { ...common, method: 'PATCH', path, handle: patchChannel },
  { ...common, method: 'DELETE', path, handle: deleteChannel },
  { method: 'POST', path: '/users/@me/channels', auth: 'bot', bucket: 'general', handle: openDm },
];
