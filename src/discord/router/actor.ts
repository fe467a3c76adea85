/** From an interaction to who is asking (src/tasks/actor.ts) and where the answer belongs. Computed anew for each interaction. */
import type { Actor } from '../../tasks/actor.js';
import type { Origin } from '../../tasks/model.js';
import type { Envelope } from './incoming.js';
import {
  type ChannelView,
  channelPermissions,
  type GuildView,
  guildPermissions,
  type MemberView,
  PERMISSION,
} from './permissions.js';

const CHANNEL = { voice: 2, category: 4, announcementThread: 10, publicThread: 11, privateThread: 12, stage: 13 } as const;

/** Whether the channel is a thread of any kind. */
export function isThread(type: number): boolean {
  return type >= CHANNEL.announcementThread && type <= CHANNEL.privateThread;
}

/** The id that decides who sees a task of this channel: a public thread's parent, else the channel itself. */
export function scopeOf(channel: { id: string; type: number; parentId: string | null }): string {
  const openThread = isThread(channel.type) && channel.type !== CHANNEL.privateThread;
  return openThread && channel.parentId !== null ? channel.parentId : channel.id;
}

/** Where a task made by this interaction comes from. */
export function originOf(envelope: Envelope): Origin {
  return {
    guildId: envelope.guildId,
    channelId: envelope.channel.id,
    scopeId: scopeOf(envelope.channel),
    requesterId: envelope.userId,
    interactionId: envelope.id,
  };
}

/**
 * Who is asking. `guild` is undefined when the gateway does not have it (not yet there, an outage, or the bot is no member): then only the
 * channel of the interaction counts, with the permissions that Discord sent along.
 */
export function actorOf(envelope: Envelope, guild: GuildView | undefined, isOwner: boolean, now: Date): Actor {
  const here = scopeOf(envelope.channel);
  const { member, userId, guildId } = envelope;
  if (guildId === null || member === null)
    return { userId, guildId, scopes: [here], moderates: () => false, isAdmin: false, isOwner };
  if (!guild) {
    const has = (bit: bigint) => (member.permissions & (bit | PERMISSION.administrator)) !== 0n;
    return {
      userId,
      guildId,
      scopes: [here],
      moderates: (scope) => scope === here && has(PERMISSION.manageMessages),
      isAdmin: has(PERMISSION.manageServer),
      isOwner,
    };
  }
  const timedOut = member.timedOutUntil !== null && member.timedOutUntil > now;
  return inGuild(guild, { userId, roles: member.roles, timedOut }, here, isOwner);
}

function inGuild(guild: GuildView, member: MemberView, here: string, isOwner: boolean): Actor {
  const base = guildPermissions(guild, member);
  const inChannel = (channel: ChannelView) => {
    const decides = isThread(channel.type) ? guild.channel(channel.parentId ?? '') : channel;
    return decides ? channelPermissions(base, guild, decides, member) : 0n;
  };
  let scopes: string[] | undefined;
  return {
    userId: member.userId,
    guildId: guild.id,
    // Most clicks never ask for the list, and it is the one part that grows with the guild.
    get scopes() {
      scopes ??= [...visibleScopes(guild, inChannel, here)];
      return scopes;
    },
    moderates(scopeId) {
      const channel = guild.channel(scopeId);
      return channel !== undefined && (inChannel(channel) & PERMISSION.manageMessages) !== 0n;
    },
    isAdmin: (base & PERMISSION.manageServer) !== 0n,
    isOwner,
  };
}

/**
 * The channel of the interaction is visible, or there would be none. Of private threads the gateway tells who is in them only with a privileged
 * intent, so elsewhere only those count that the member sees by Manage Threads.
 */
function visibleScopes(guild: GuildView, permissions: (channel: ChannelView) => bigint, here: string): Set<string> {
  const scopes = new Set([here]);
  for (const channel of guild.channels()) {
    if (channel.type === CHANNEL.category) continue;
    if (isThread(channel.type) && channel.type !== CHANNEL.privateThread) continue;
    const spoken = channel.type === CHANNEL.voice || channel.type === CHANNEL.stage;
    const extra = channel.type === CHANNEL.privateThread ? PERMISSION.manageThreads : spoken ? PERMISSION.connect : 0n;
    const needed = PERMISSION.viewChannel | extra;
    if ((permissions(channel) & needed) === needed) scopes.add(channel.id);
  }
  return scopes;
}

const POSTING = [
  [PERMISSION.viewChannel, 'View Channel'],
  [PERMISSION.embedLinks, 'Embed Links'],
  [PERMISSION.attachFiles, 'Attach Files'],
] as const;

/** Names of the permissions that the bot lacks to keep a card in the channel; empty when all is well (and in direct messages). */
export function missingToPost(envelope: Envelope): string[] {
  if (envelope.guildId === null || envelope.appPermissions === null) return [];
  const has = envelope.appPermissions;
  if (has & PERMISSION.administrator) return [];
  const send = isThread(envelope.channel.type)
    ? ([PERMISSION.sendInThreads, 'Send Messages in Threads'] as const)
    : ([PERMISSION.sendMessages, 'Send Messages'] as const);
  return [...POSTING, send].filter(([bit]) => (has & bit) === 0n).map(([, name]) => name);
}
