/**
 * Discord's arithmetic of permissions, over the guild as the gateway cached it. discord.js's `permissionsFor` wants a cached member,
 * and knows nothing of time-outs; an interaction brings the member's roles along, so none need be cached.
 */

/** Bits of Discord's permissions, as far as they are asked for. */
export const PERMISSION = {
  administrator: 1n << 3n,
  manageServer: 1n << 5n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readHistory: 1n << 16n,
  connect: 1n << 20n,
  manageThreads: 1n << 34n,
  sendInThreads: 1n << 38n,
} as const;

const ALL = ~0n;
/** All that is left to a member in time-out. */
const TIMED_OUT = PERMISSION.viewChannel | PERMISSION.readHistory;

export interface OverwriteView {
  /** Role or user id. */
  id: string;
  allow: bigint;
  deny: bigint;
}
export interface ChannelView {
  id: string;
  /** Discord's number of the channel type. */
  type: number;
  parentId: string | null;
  /** Empty for threads: they follow their parent. */
  overwrites: readonly OverwriteView[];
}
/** A guild as far as permissions need it. */
export interface GuildView {
  id: string;
  ownerId: string;
  rolePermissions(roleId: string): bigint;
  channel(id: string): ChannelView | undefined;
  /** All channels, threads included. */
  channels(): Iterable<ChannelView>;
}
export interface MemberView {
  userId: string;
  roles: readonly string[];
  timedOut: boolean;
}

/** The member's permissions in the guild as a whole. */
export function guildPermissions(guild: GuildView, member: MemberView): bigint {
  if (member.userId === guild.ownerId) return ALL;
  let permissions = guild.rolePermissions(guild.id);
  for (const role of member.roles) permissions |= guild.rolePermissions(role);
  if (permissions & PERMISSION.administrator) return ALL;
  return member.timedOut ? permissions & TIMED_OUT : permissions;
}

/** The member's permissions in a channel that is no thread. `base` is what `guildPermissions` gave. */
export function channelPermissions(base: bigint, guild: GuildView, channel: ChannelView, member: MemberView): bigint {
  if (base === ALL) return ALL;
  let everyone: OverwriteView | undefined;
  let own: OverwriteView | undefined;
  let allow = 0n;
  let deny = 0n;
  for (const overwrite of channel.overwrites) {
    if (overwrite.id === guild.id) everyone = overwrite;
    else if (overwrite.id === member.userId) own = overwrite;
    else if (member.roles.includes(overwrite.id)) {
      allow |= overwrite.allow;
      deny |= overwrite.deny;
    }
  }
  let permissions = base;
  if (everyone) permissions = (permissions & ~everyone.deny) | everyone.allow;
  permissions = (permissions & ~deny) | allow;
  if (own) permissions = (permissions & ~own.deny) | own.allow;
  return member.timedOut ? permissions & TIMED_OUT : permissions;
}
