import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { offeredCommands } from '../people/commands.js';
import type { PageChannel, PageEvent, PageGuild, PageMessage, PageUser } from '../protocol.js';
import type { ChannelRecord, GuildRecord, StoredMessage, UserRecord } from '../world/types.js';

/** Messages that one `open` brings. */
const PAGE_SIZE = 50;
/** Beyond this nobody counts. */
const MOST_UNREAD = 999;

/** A round picture with the first letter, as a data URI: no request leaves the machine. */
function avatarOf(user: UserRecord): string {
  const letter = user.displayName[0]?.toUpperCase() ?? '?';
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" fill="${user.color}"/>` +
    `<text x="40" y="54" font-family="sans-serif" font-size="40" fill="#fff" text-anchor="middle">${letter}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function pageUser(user: UserRecord): PageUser {
  const { id, username, displayName, bot, role } = user;
  return { id, username, displayName, bot, role, avatar: avatarOf(user) };
}

const readKey = (userId: string, channelId: string) => `${userId}:${channelId}`;

/** Remembers up to which message a person has read a channel; never goes back. */
export function markRead(core: Core, userId: string, channelId: string, messageId: string): void {
  const key = readKey(userId, channelId);
  if (BigInt(messageId) <= BigInt(core.world.lastRead.get(key) ?? '0')) return;
  core.world.lastRead.set(key, messageId);
  core.bus.publish({ type: 'read', channelId, userId });
}

/** Counts from the newest message back to the last one read, so that long channels cost nothing. */
function unreadOf(core: Core, userId: string, channel: ChannelRecord): { unread: number; mentions: number } {
  const since = BigInt(core.world.lastRead.get(readKey(userId, channel.id)) ?? '0');
  const messages = core.world.messagesIn(channel.id);
  const counts = { unread: 0, mentions: 0 };
  for (let index = messages.length - 1; index >= 0; index--) {
    const stored = messages[index];
    if (!stored || BigInt(stored.message.id) <= since || counts.unread >= MOST_UNREAD) break;
    if (stored.message.author.id === userId || !core.world.sees(stored, userId)) continue;
    counts.unread++;
    if (stored.notified.includes(userId)) counts.mentions++;
  }
  return counts;
}

function pageChannel(core: Core, channel: ChannelRecord, userId: string): PageChannel {
  return {
    id: channel.id,
    guildId: channel.guildId,
    parentId: channel.parentId,
    type: channel.type,
    name: channel.guildId === null ? core.world.bot.displayName : channel.name,
    topic: channel.topic,
    canSend: core.world.canSend(channel, userId),
    ...unreadOf(core, userId, channel),
    ...(channel.thread && { archived: channel.thread.archived }),
  };
}

function visibleChannels(core: Core, guild: GuildRecord, userId: string): ChannelRecord[] {
  return core.world.channelsOf(guild.id).filter((channel) => core.world.canView(channel, userId));
}

function pageGuild(core: Core, guild: GuildRecord, userId: string): PageGuild {
  const channels = visibleChannels(core, guild, userId).toSorted(
    (a, b) => Number(a.thread !== undefined) - Number(b.thread !== undefined) || a.position - b.position,
  );
  return {
    id: guild.id,
    name: guild.name,
    roles: guild.roles.map(({ id, name, color }) => ({ id, name, color })),
    memberIds: guild.members.map((member) => member.userId),
    channels: channels.map((channel) => pageChannel(core, channel, userId)),
  };
}

/** Commands that are offered to this person in at least one place. */
function commandsFor(core: Core, userId: string): APIApplicationCommand[] {
  const places = [
    ...core.world.guildsOf(userId).flatMap((guild) => visibleChannels(core, guild, userId)),
    core.world.findDm(userId),
  ];
  const offered = new Map<string, APIApplicationCommand>();
  for (const place of places) {
    if (place) for (const command of offeredCommands(core, place, userId)) offered.set(command.id, command);
  }
  return [...offered.values()];
}

/** Everything that the page needs to draw itself for this person. */
export function snapshotFor(core: Core, userId: string, state: { botOnline: boolean; notices: string[] }): PageEvent {
  const dm = core.world.findDm(userId);
  return {
    type: 'snapshot',
    me: pageUser(core.world.user(userId)),
    users: [...core.world.users.values()].map(pageUser),
    guilds: core.world.guildsOf(userId).map((guild) => pageGuild(core, guild, userId)),
    dms: dm ? [pageChannel(core, dm, userId)] : [],
    botId: core.world.botId,
    botOnline: state.botOnline,
    commands: commandsFor(core, userId),
    notices: state.notices,
  };
}

/** A message as the page gets it. */
export function pageMessage(stored: StoredMessage): PageMessage {
  return {
    ...stored.message,
    ...(stored.thinking && { thinking: true }),
    ...(stored.commandLine && { commandLine: stored.commandLine }),
  };
}

/** A page of a channel's messages, oldest first: the newest ones, or those before an id. */
export function messagesPage(core: Core, channel: ChannelRecord, userId: string, before?: string): PageEvent {
  const all = core.world.messagesFor(channel, userId);
  const older = before === undefined ? all : all.filter((stored) => BigInt(stored.message.id) < BigInt(before));
  return {
    type: 'messages',
    channelId: channel.id,
    messages: older.slice(-PAGE_SIZE).map(pageMessage),
    hasMore: older.length > PAGE_SIZE,
    ...(before !== undefined && { before }),
  };
}
