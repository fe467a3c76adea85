import { MessageFlags } from 'discord-api-types/v10';
import { type Core, isoNow } from '../core.js';
import { DiscordError } from '../errors.js';
import type { ChannelRecord, StoredMessage } from './types.js';

export interface NewThread {
  name: string;
  /** Of news, public or private. */
  type: 10 | 11 | 12;
  ownerId: string;
  autoArchiveMinutes: number;
  memberIds?: string[];
  /** Whether its members may invite others to a private one. */
  invitable?: boolean;
  slowmodeSeconds?: number;
  /** The message it starts from; the thread takes its id. */
  from?: StoredMessage;
}

/** Opens a thread in a text channel; 160006 when the guild has too many active ones. */
export function openThread(core: Core, parent: ChannelRecord, options: NewThread): ChannelRecord {
  const active = core.world.channels.activeIn(parent.guildId ?? '').size;
  if (active >= core.limits.activeThreadsPerGuild) throw new DiscordError('tooManyThreads');
  const now = isoNow(core);
  const thread: ChannelRecord = {
    id: options.from?.message.id ?? core.ids.next(),
    type: options.type,
    guildId: parent.guildId,
    parentId: parent.id,
    name: options.name,
    topic: '',
    position: 0,
    overwrites: [],
    lastMessageId: null,
    ...(options.slowmodeSeconds && { slowmodeSeconds: options.slowmodeSeconds }),
    thread: {
      ownerId: options.ownerId,
      archived: false,
      locked: false,
      invitable: options.invitable ?? true,
      autoArchiveMinutes: options.autoArchiveMinutes,
      archiveTimestamp: now,
      createTimestamp: now,
      memberIds: [...new Set([options.ownerId, ...(options.memberIds ?? [])])],
      messageCount: 0,
    },
  };
  core.world.channels.set(thread.id, thread);
  core.bus.publish({ type: 'channel_create', channel: thread });
  if (options.from) {
    options.from.message.flags = (options.from.message.flags ?? 0) | MessageFlags.HasThread;
    core.bus.publish({ type: 'message_update', stored: options.from });
  }
  return thread;
}

/** Archives a thread or takes it out of the archive. */
export function setArchived(core: Core, channel: ChannelRecord, archived: boolean): void {
  if (!channel.thread || channel.thread.archived === archived) return;
  channel.thread.archived = archived;
  channel.thread.archiveTimestamp = isoNow(core);
  core.world.channels.noteArchived(channel);
  core.bus.publish({ type: 'channel_update', channel });
}

/** Adds people to a thread or takes them out; says it only when that changes something. */
export function changeThreadMembers(core: Core, channel: ChannelRecord, change: { add?: string[]; remove?: string[] }): void {
  const { thread } = channel;
  if (!thread) return;
  const addedIds = (change.add ?? []).filter((id) => !thread.memberIds.includes(id));
  const removedIds = (change.remove ?? []).filter((id) => thread.memberIds.includes(id));
  if (addedIds.length + removedIds.length === 0) return;
  thread.memberIds = [...thread.memberIds.filter((id) => !removedIds.includes(id)), ...addedIds];
  const now = isoNow(core);
  thread.joinedAt = { ...thread.joinedAt, ...Object.fromEntries(addedIds.map((id) => [id, now])) };
  for (const id of removedIds) delete thread.joinedAt[id];
  core.bus.publish({ type: 'thread_members_update', threadId: channel.id, addedIds, removedIds });
}
