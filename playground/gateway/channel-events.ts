import { GatewayIntentBits as Intent } from 'discord-api-types/v10';
import type { WorldEvent } from '../bus.js';
import type { Core } from '../core.js';
import type { ChannelRecord } from '../world/types.js';
import type { World } from '../world/world.js';
import { type Dispatchable, one } from './dispatchable.js';
import { apiChannel, apiMember, apiThreadMember, threadFor } from './payloads.js';

/** Events of guild channels and of threads; a DM has none of its own. */
export function channelEvent(world: World, kind: 'CREATE' | 'UPDATE' | 'DELETE', channel: ChannelRecord): Dispatchable[] {
  const { guildId } = channel;
  if (guildId === null || !world.isMember(guildId, world.botId)) return [];
  if (channel.thread) return threadEvent(world, kind, channel, guildId);
  return one(`CHANNEL_${kind}`, guildId, Intent.Guilds, apiChannel(world, channel));
}

/** Hidden channels are told of, hidden threads are not. */
function threadEvent(world: World, kind: 'CREATE' | 'UPDATE' | 'DELETE', thread: ChannelRecord, guildId: string): Dispatchable[] {
  if (kind === 'DELETE') {
    // The parent may be gone, too: then nobody can say any more who saw the thread, but a private one has its members.
    const { id, parentId, type } = thread;
    const saw = type === 12 ? thread.thread?.memberIds.includes(world.botId) : world.canView(thread, world.botId);
    if (!saw && (type === 12 || world.channels.has(parentId ?? ''))) return [];
    return one('THREAD_DELETE', guildId, Intent.Guilds, { id, guild_id: guildId, parent_id: parentId, type });
  }
  if (!world.canView(thread, world.botId)) return [];
  if (kind === 'UPDATE') return one('THREAD_UPDATE', guildId, Intent.Guilds, apiChannel(world, thread));
  const created = one('THREAD_CREATE', guildId, Intent.Guilds, { ...threadFor(world, thread), newly_created: true });
  return [...created, ...ownMembership(world, thread, guildId)];
}

/** THREAD_MEMBER_UPDATE: "just a signal that you are a member of the thread" (gateway-events.mdx). */
function ownMembership(world: World, thread: ChannelRecord, guildId: string): Dispatchable[] {
  if (!thread.thread?.memberIds.includes(world.botId)) return [];
  return one('THREAD_MEMBER_UPDATE', guildId, Intent.Guilds, { ...apiThreadMember(thread, world.botId), guild_id: guildId });
}

/**
 * THREAD_MEMBERS_UPDATE; without the members intent it tells of the bot only, and when the bot was added THREAD_CREATE with its
 * membership comes first (gateway-events.mdx, Thread Members Update and Thread Create).
 */
export function threadMembersEvent(world: World, event: WorldEvent & { type: 'thread_members_update' }): Dispatchable[] {
  const thread = world.channels.get(event.threadId);
  const { botId } = world;
  if (!thread?.thread || thread.guildId === null || !world.isMember(thread.guildId, botId)) return [];
  const { guildId } = thread;
  const isOwn = (id: string) => id === botId;
  if (!world.canView(thread, botId) && !event.removedIds.some(isOwn)) return [];
  const added = (id: string) => {
    const member = world.member(guildId, id);
    return { ...apiThreadMember(thread, id), presence: null, ...(member && { member: apiMember(world, member) }) };
  };
  const data = ({ intents }: { intents: number }) => {
    const told = (intents & Intent.GuildMembers) !== 0 ? () => true : isOwn;
    const addedIds = event.addedIds.filter(told);
    const removedIds = event.removedIds.filter(told);
    if (addedIds.length + removedIds.length === 0) return undefined;
    return {
      id: thread.id,
      guild_id: guildId,
      member_count: Math.min(thread.thread?.memberIds.length ?? 0, 50),
      ...(addedIds.length > 0 && { added_members: addedIds.map(added) }),
      ...(removedIds.length > 0 && { removed_member_ids: removedIds }),
    };
  };
  const joined = event.addedIds.some(isOwn)
    ? [...one('THREAD_CREATE', guildId, Intent.Guilds, threadFor(world, thread)), ...ownMembership(world, thread, guildId)]
    : [];
  return [...joined, { t: 'THREAD_MEMBERS_UPDATE', guildId, needs: Intent.Guilds | Intent.GuildMembers, data }];
}

/** CHANNEL_PINS_UPDATE, for channels and DMs that the bot can see. */
export function pinsEvent(world: World, channelId: string, lastPinAt: string | null): Dispatchable[] {
  const channel = world.channels.get(channelId);
  if (!channel || !world.canView(channel, world.botId)) return [];
  const { guildId } = channel;
  return one('CHANNEL_PINS_UPDATE', guildId, guildId === null ? Intent.DirectMessages : Intent.Guilds, {
    channel_id: channelId,
    last_pin_timestamp: lastPinAt,
    ...(guildId !== null && { guild_id: guildId }),
  });
}

/** TYPING_START; `timestamp` is in seconds, `member` is there in a guild (gateway-events.mdx, Typing Start). */
export function typingEvent({ world, clock }: Core, channelId: string, userId: string): Dispatchable[] {
  const channel = world.channels.get(channelId);
  if (!channel || !world.canView(channel, world.botId)) return [];
  const { guildId } = channel;
  const member = guildId === null ? undefined : world.member(guildId, userId);
  return one('TYPING_START', guildId, guildId === null ? Intent.DirectMessageTyping : Intent.GuildMessageTyping, {
    channel_id: channelId,
    user_id: userId,
    timestamp: Math.floor(clock.now() / 1000),
    ...(guildId !== null && { guild_id: guildId }),
    ...(member && { member: apiMember(world, member) }),
  });
}
