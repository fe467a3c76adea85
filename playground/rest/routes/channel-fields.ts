import { z } from 'zod';
import type { Core } from '../../core.js';
import { snowflake, text } from '../../validation/fields.js';
import { refuseFaults } from '../../validation/form.js';
import type { ChannelRecord, GuildRecord, OverwriteRecord } from '../../world/types.js';
import { overwriteEntry, refuseOverwrites, toOverwrite } from './overwrites.js';

/** Text, voice, category, announcement: the kinds of channels that can be made here. */
export const CHANNEL_TYPES = [0, 2, 4, 5] as const;
const CATEGORY = 4;
/** Six hours. */
const LONGEST_SLOWMODE_SECONDS = 21_600;

export const channelName = text(100);
export const slowmode = z.number().int().min(0).max(LONGEST_SLOWMODE_SECONDS).nullish();
/** Minutes without a message after which a thread is archived. */
export const archiveMinutes = z.literal([60, 1440, 4320, 10080]).nullish();

/** What bodies say of a channel of a guild when it is made and when it is changed. */
export const channelFields = {
  topic: z.string().max(1024).nullish(),
  position: z.number().int().min(0).nullish(),
  nsfw: z.boolean().nullish(),
  rate_limit_per_user: slowmode,
  parent_id: snowflake.nullish(),
  permission_overwrites: z.array(overwriteEntry).nullish(),
  default_auto_archive_duration: archiveMinutes,
  default_thread_rate_limit_per_user: slowmode,
};

/** The category that a body names; undefined for none. 50035 when it is no category of the guild, or for a category in one. */
export function parentFor(
  core: Core,
  guild: GuildRecord,
  type: number,
  parentId: string | null | undefined,
): ChannelRecord | undefined {
  if (parentId === null || parentId === undefined) return undefined;
  const parent = core.world.channels.get(parentId);
  const fault = (code: string, message: string) => refuseFaults([{ path: ['parent_id'], code, message }]);
  if (parent?.guildId !== guild.id) fault('CHANNEL_PARENT_INVALID', 'Category does not exist');
  if (parent?.type !== CATEGORY || type === CATEGORY) fault('CHANNEL_PARENT_INVALID_TYPE', 'Not a category');
  return parent;
}

/** The overwrites that a body lists, checked; undefined when it lists none. */
export function channelOverwrites(
  core: Core,
  guild: GuildRecord,
  channel: Pick<ChannelRecord, 'overwrites' | 'parentId'>,
  entries: z.output<typeof overwriteEntry>[] | null | undefined,
): OverwriteRecord[] | undefined {
  if (!entries) return undefined;
  const overwrites = [...new Map(entries.map((one) => [one.id, toOverwrite(guild, one)])).values()];
  refuseOverwrites(core, guild, channel, overwrites);
  return overwrites;
}
