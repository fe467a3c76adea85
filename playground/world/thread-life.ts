import type { WorldEvent } from '../bus.js';
import type { Core } from '../core.js';
import { apiChannel } from '../gateway/payloads.js';
import { timeOfSnowflake } from '../snowflakes.js';
import { setArchived } from './threads.js';
import type { ChannelRecord } from './types.js';

const MINUTE_MS = 60_000;

/** What happens to threads by themselves. */
export interface ThreadLife {
  close(): void;
}

/** When a thread is archived if nothing happens in it: after its last message, its beginning or its last waking. */
function archiveAt(thread: ChannelRecord): number {
  const state = thread.thread;
  if (!state) return Number.POSITIVE_INFINITY;
  const lastMessageAt = thread.lastMessageId ? timeOfSnowflake(thread.lastMessageId) : 0;
  return Math.max(Date.parse(state.archiveTimestamp), lastMessageAt) + state.autoArchiveMinutes * MINUTE_MS;
}

/** The message that a thread began from carries the thread, as long as both are there. */
function refreshStarter(core: Core, thread: ChannelRecord, isGone = false): void {
  const starter = core.world.message(thread.id);
  if (!starter) return;
  if (isGone) delete starter.message.thread;
  else starter.message.thread = apiChannel(core.world, thread) as never;
}

/** Archives threads in which nothing happens for `auto_archive_duration`, and keeps `message.thread` true. */
export function createThreadLife(core: Core): ThreadLife {
  const timers = new Map<string, () => void>();

  const forget = (threadId: string) => {
    timers.get(threadId)?.();
    timers.delete(threadId);
  };

  const arm = (thread: ChannelRecord) => {
    forget(thread.id);
    if (thread.thread?.archived) return;
    const check = () => {
      timers.delete(thread.id);
      // Messages do not move the timer, they are looked at when it is due.
      if (core.world.channels.get(thread.id) !== thread || thread.thread?.archived) return;
      if (archiveAt(thread) > core.clock.now()) arm(thread);
      else setArchived(core, thread, true);
    };
    timers.set(thread.id, core.clock.after(archiveAt(thread) - core.clock.now(), check));
  };

  const onEvent = (event: WorldEvent) => {
    if (event.type === 'message_create') {
      const channel = core.world.channels.get(event.stored.message.channel_id);
      if (channel?.thread) refreshStarter(core, channel);
      return;
    }
    if (event.type !== 'channel_create' && event.type !== 'channel_update' && event.type !== 'channel_delete') return;
    const { channel } = event;
    if (!channel.thread) return;
    refreshStarter(core, channel, event.type === 'channel_delete');
    if (event.type === 'channel_delete') forget(channel.id);
    else arm(channel);
  };

  for (const channel of core.world.channels.values()) if (channel.thread) arm(channel);
  const unsubscribe = core.bus.subscribe(onEvent);
  return {
    close() {
      unsubscribe();
      for (const threadId of [...timers.keys()]) forget(threadId);
    },
  };
}
