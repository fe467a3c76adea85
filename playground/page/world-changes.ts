/** Single changes of what a snapshot brought: channels that come, change and go, and the data of a guild. Pure but for their arguments. */
import type { PageChannel, PageGuild } from '../protocol.js';
import { isThread } from './channels.js';

/** Where channels are kept: by id, and in their guild (or among the direct messages) in the order they are shown. */
export interface Channels {
  byId: Map<string, PageChannel>;
  guilds: PageGuild[];
  dms: PageChannel[];
}

/** Puts a new or changed channel in its place. */
export function putChannel(channels: Channels, channel: PageChannel): void {
  const list = listOf(channels, channel.guildId);
  if (!list) return;
  const at = list.findIndex((one) => one.id === channel.id);
  if (at >= 0) list[at] = channel;
  else list.push(channel);
  list.sort((one, other) => Number(isThread(one)) - Number(isThread(other)) || one.position - other.position);
  channels.byId.set(channel.id, channel);
}

/** Takes a channel away; false when it was not there. */
export function takeChannel(channels: Channels, channelId: string): boolean {
  const channel = channels.byId.get(channelId);
  if (!channel) return false;
  const list = listOf(channels, channel.guildId) ?? [];
  const at = list.findIndex((one) => one.id === channelId);
  if (at >= 0) list.splice(at, 1);
  return channels.byId.delete(channelId);
}

function listOf({ guilds, dms }: Channels, guildId: string | null): PageChannel[] | undefined {
  return guildId === null ? dms : guilds.find((guild) => guild.id === guildId)?.channels;
}
