import { type APIApplicationCommand, PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { offeredCommands } from '../people/commands.js';
import type { PageChannel, PageEvent, PageGuild, PageMessage, PageReaction, PageRights, PageUser } from '../protocol.js';
import { has } from '../world/permissions.js';
import type { ChannelRecord, GuildRecord, StoredMessage, UserRecord } from '../world/types.js';

/** Messages that one `open` brings. */
const PAGE_SIZE = 50;
/** Beyond this nobody counts. */
const MOST_UNREAD = 999;
/** Names that the page shows for a reaction. */
const REACTED_SHOWN = 10;

/** A round picture with the first letter, as a data URI: no request leaves the machine. */
function avatarOf(user: UserRecord): string {
  if (user.picture) return user.picture.dataUri;
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

/** Everybody there is, as the page lists them. */
export function pageUsers(core: Core): PageUser[] {
  return [...core.world.users.values()].map(pageUser);
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
    if (stored.message.author.id === userId || !isFor(stored, userId)) continue;
    counts.unread++;
    if (stored.notified.includes(userId)) counts.mentions++;
  }
  return counts;
}

/** Among those who see the channel, whether this person sees the message. */
function isFor(stored: StoredMessage, userId: string): boolean {
  return !stored.dismissed && (!stored.ephemeralFor || stored.ephemeralFor === userId);
}

function rightsIn(core: Core, channel: ChannelRecord, userId: string): PageRights {
  const bits = core.world.permissions(channel, userId);
  return {
    attach: has(bits, P.AttachFiles),
    react: has(bits, P.AddReactions),
    pin: has(bits, P.PinMessages),
    manageMessages: has(bits, P.ManageMessages),
    startThread: channel.guildId !== null && !channel.thread && has(bits, P.CreatePublicThreads),
    manageThreads: has(bits, P.ManageThreads) || channel.thread?.ownerId === userId,
  };
}

/** A channel with what this person may do in it and has not read of it. */
export function pageChannel(core: Core, channel: ChannelRecord, userId: string): PageChannel {
  const { thread } = channel;
  return {
    id: channel.id,
    guildId: channel.guildId,
    parentId: channel.parentId,
    type: channel.type,
    name: channel.guildId === null ? core.world.bot.displayName : channel.name,
    topic: channel.topic,
    position: channel.position,
    canSend: core.world.canSend(channel, userId),
    may: rightsIn(core, channel, userId),
    ...unreadOf(core, userId, channel),
    ...(thread && { archived: thread.archived, locked: thread.locked, messageCount: thread.messageCount }),
  };
}

/** The channels of a guild that this person sees. */
function visibleChannels(core: Core, guild: GuildRecord, userId: string): ChannelRecord[] {
  return core.world.channelsOf(guild.id).filter((channel) => core.world.canView(channel, userId));
}

/** A guild without its channels. */
export function guildData(guild: GuildRecord): Omit<PageGuild, 'channels'> {
  const colored = guild.roles.filter((role) => role.color !== 0).toSorted((one, other) => other.position - one.position);
  const nameColors: Record<string, number> = {};
  for (const member of guild.members) {
    const role = colored.find((one) => member.roles.includes(one.id));
    if (role) nameColors[member.userId] = role.color;
  }
  return {
    id: guild.id,
    name: guild.name,
    roles: guild.roles.map(({ id, name, color }) => ({ id, name, color })),
    memberIds: guild.members.map((member) => member.userId),
    nameColors,
  };
}

function pageGuild(core: Core, guild: GuildRecord, userId: string): PageGuild {
  const channels = visibleChannels(core, guild, userId).toSorted(
    (a, b) => Number(a.thread !== undefined) - Number(b.thread !== undefined) || a.position - b.position,
  );
  return { ...guildData(guild), channels: channels.map((channel) => pageChannel(core, channel, userId)) };
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
    users: pageUsers(core),
    guilds: core.world.guildsOf(userId).map((guild) => pageGuild(core, guild, userId)),
    dms: dm ? [pageChannel(core, dm, userId)] : [],
    botId: core.world.botId,
    botOnline: state.botOnline,
    commands: commandsFor(core, userId),
    nowMs: core.clock.now(),
    notices: state.notices,
  };
}

function pageReactions(stored: StoredMessage, userId: string): PageReaction[] {
  return (stored.reactions ?? []).map(({ emoji, userIds }) => ({
    emoji: { id: emoji.id, name: emoji.name, ...(emoji.animated && { animated: true }) },
    count: userIds.length,
    count_details: { burst: 0, normal: userIds.length },
    burst_colors: [],
    me: userIds.includes(userId),
    me_burst: false,
    userIds: userIds.slice(0, REACTED_SHOWN),
  }));
}

/** A message as this person's page gets it. */
export function pageMessage(stored: StoredMessage, userId: string): PageMessage {
  const { reactions: _ofBot, ...message } = stored.message;
  return {
    ...message,
    ...(stored.thinking && { thinking: true }),
    ...(stored.commandLine && { commandLine: stored.commandLine }),
    ...(stored.reactions?.length && { reactions: pageReactions(stored, userId) }),
  } as PageMessage;
}

/** The place of the first message that is not older than `id`, in a list in the order of ids. */
function placeOf(messages: readonly StoredMessage[], id: bigint): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (BigInt(messages[middle]?.message.id ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A page of a channel's messages, oldest first: the newest ones, or those before an id. It costs the same in long channels. */
export function messagesPage(core: Core, channel: ChannelRecord, userId: string, before?: string): PageEvent {
  const all = has(core.world.permissions(channel, userId), P.ReadMessageHistory) ? core.world.messagesIn(channel.id) : [];
  const page: PageMessage[] = [];
  let at = (before === undefined ? all.length : placeOf(all, BigInt(before))) - 1;
  for (; at >= 0; at--) {
    const stored = all[at];
    if (!stored || !isFor(stored, userId)) continue;
    if (page.length === PAGE_SIZE) break;
    page.push(pageMessage(stored, userId));
  }
  return {
    type: 'messages',
    channelId: channel.id,
    messages: page.reverse(),
    hasMore: at >= 0,
    ...(before !== undefined && { before }),
  };
}
