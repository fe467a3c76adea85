/** What Discord's channel types mean to the page. */
import type { PageChannel } from '../protocol.js';

export const categoryType = 4;
export const privateThreadType = 12;
const threadTypes = [10, 11, privateThreadType];

export function isThread(channel: Pick<PageChannel, 'type'>): boolean {
  return threadTypes.includes(channel.type);
}

/** The name as people write it: `#tasks`, `@Bot`, a thread's name as it is. */
export function channelLabel(channel: PageChannel): string {
  if (channel.guildId === null) return `@${channel.name}`;
  return isThread(channel) ? channel.name : `#${channel.name}`;
}
