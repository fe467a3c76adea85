import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { ChannelRecord, GuildRecord, MemberRecord, OverwriteRecord, RoleRecord } from './types.js';

/** Every permission there is. */
export const ALL_PERMISSIONS = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);

/** What everybody may do in a DM; there are no roles there. */
export const DM_PERMISSIONS =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.AddReactions |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.MentionEveryone |
  PermissionFlagsBits.UseExternalEmojis |
  PermissionFlagsBits.UseApplicationCommands |
  PermissionFlagsBits.PinMessages;

/** Sending is the base of these: who may not send has none of them. */
const NEEDS_SENDING =
  PermissionFlagsBits.MentionEveryone |
  PermissionFlagsBits.SendTTSMessages |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.EmbedLinks;

/** What a member keeps who was put on a time-out. */
const DURING_TIMEOUT = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory;

/** Whether `permissions` holds every bit of `needed`. */
export function has(permissions: bigint, needed: bigint): boolean {
  return (permissions & needed) === needed;
}

/** Whether the member may only read at this time (milliseconds since 1970). */
export function isTimedOut(member: MemberRecord, now: number): boolean {
  return member.timeoutUntil !== undefined && Date.parse(member.timeoutUntil) > now;
}

function rolePermissions(guild: GuildRecord, member: MemberRecord): bigint {
  let bits = 0n;
  for (const role of guild.roles) {
    if (role.id === guild.id || member.roles.includes(role.id)) bits |= BigInt(role.permissions);
  }
  return bits;
}

/** @everyone, roles, administrator, owner; time-outs left aside. */
function basePermissions(guild: GuildRecord, member: MemberRecord): bigint {
  if (guild.ownerId === member.userId) return ALL_PERMISSIONS;
  const bits = rolePermissions(guild, member);
  return has(bits, PermissionFlagsBits.Administrator) ? ALL_PERMISSIONS : bits;
}

/** A member's permissions in the guild before any channel: @everyone, roles, administrator, owner, time-out. 0 for a non-member. */
export function guildPermissions(guild: GuildRecord, member: MemberRecord | undefined, now: number): bigint {
  if (!member) return 0n;
  const bits = basePermissions(guild, member);
  return bits !== ALL_PERMISSIONS && isTimedOut(member, now) ? bits & DURING_TIMEOUT : bits;
}

function applyOverwrites(base: bigint, overwrites: OverwriteRecord[], guild: GuildRecord, member: MemberRecord): bigint {
  let bits = base;
  let own: OverwriteRecord | undefined;
  let allowed = 0n;
  let denied = 0n;
  const everyone = overwrites.find((one) => one.id === guild.id);
  if (everyone) bits = (bits & ~BigInt(everyone.deny)) | BigInt(everyone.allow);
  for (const one of overwrites) {
    if (one.type === 1 && one.id === member.userId) own = one;
    if (one.type !== 0 || !member.roles.includes(one.id)) continue;
    allowed |= BigInt(one.allow);
    denied |= BigInt(one.deny);
  }
  bits = (bits & ~denied) | allowed;
  return own ? (bits & ~BigInt(own.deny)) | BigInt(own.allow) : bits;
}

/**
 * A member's permissions in a guild channel as Discord computes them: @everyone's overwrite, then all role overwrites
 * together, then the member's own; no View Channel means nothing at all; no Send Messages takes what depends on it; a
 * time-out leaves reading. For a thread give its parent: threads have no overwrites of their own (see `threadPermissions`).
 */
export function channelPermissions(
  guild: GuildRecord,
  channel: ChannelRecord,
  member: MemberRecord | undefined,
  now: number,
): bigint {
  const bits = permissionsBySending(guild, channel, member, PermissionFlagsBits.SendMessages);
  return member && bits !== ALL_PERMISSIONS && isTimedOut(member, now) ? bits & DURING_TIMEOUT : bits;
}

/** `sending` is the permission that sending takes in this kind of channel. */
function permissionsBySending(
  guild: GuildRecord,
  channel: ChannelRecord,
  member: MemberRecord | undefined,
  sending: bigint,
): bigint {
  if (!member) return 0n;
  const base = basePermissions(guild, member);
  if (base === ALL_PERMISSIONS) return base;
  const bits = applyOverwrites(base, channel.overwrites, guild, member);
  if (!has(bits, PermissionFlagsBits.ViewChannel)) return 0n;
  return has(bits, sending) ? bits : bits & ~NEEDS_SENDING;
}

/**
 * Permissions in a thread: those of the parent, where Send Messages has no effect and Send Messages In Threads counts;
 * a private thread is seen by its members and by who may manage threads.
 */
export function threadPermissions(
  guild: GuildRecord,
  parent: ChannelRecord,
  thread: ChannelRecord,
  member: MemberRecord | undefined,
  now: number,
): bigint {
  const bits = permissionsBySending(guild, parent, member, PermissionFlagsBits.SendMessagesInThreads);
  if (!member || bits === 0n || bits === ALL_PERMISSIONS) return bits;
  const isIn = thread.thread?.memberIds.includes(member.userId) ?? false;
  if (thread.type === 12 && !isIn && !has(bits, PermissionFlagsBits.ManageThreads)) return 0n;
  return isTimedOut(member, now) ? bits & DURING_TIMEOUT : bits;
}

/** Whether role `a` stands above role `b`: by position, and of two at one position the older one. */
export function isAbove(a: RoleRecord, b: RoleRecord): boolean {
  return a.position > b.position || (a.position === b.position && BigInt(a.id) < BigInt(b.id));
}
