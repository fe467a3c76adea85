import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { timeOfSnowflake } from '../snowflakes.js';
import { has } from './permissions.js';
import type { ChannelRecord } from './types.js';

/**
 * Milliseconds that this person waits before the next message in a channel with slow mode; 0 when none, for bots, and for
 * who has Bypass Slowmode (resources/channel, `rate_limit_per_user`).
 */
export function slowmodeWaitMs(core: Core, channel: ChannelRecord, userId: string): number {
  const seconds = channel.slowmodeSeconds ?? 0;
  const isExempt = core.world.user(userId).bot || has(core.world.permissions(channel, userId), P.BypassSlowmode);
  if (seconds === 0 || isExempt) return 0;
  const last = core.world
    .messagesIn(channel.id)
    .findLast((stored) => stored.message.author.id === userId && !stored.ephemeralFor);
  if (!last) return 0;
  return Math.max(0, timeOfSnowflake(last.message.id) + seconds * 1000 - core.clock.now());
}
