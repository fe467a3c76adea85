import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { ChannelRecord, GuildRecord, OverwriteRecord } from './types.js';

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

/** Whether `permissions` holds every bit of `needed`. */
export function has(permissions: bigint, needed: bigint): boolean {
  return (permissions & needed) === needed;
}

/** A member's permissions in the guild before any channel: @everyone, roles, administrator, owner. 0 for a non-member. */
export function guildPermissions(guild: GuildRecord, userId: string): bigint {
  const member = guild.members.find((one) => one.userId === userId);
  if (!member) return 0n;
  if (guild.ownerId === userId) return ALL_PERMISSIONS;
  const roleIds = new Set([guild.id, ...member.roles]);
  const bits = guild.roles.filter((role) => roleIds.has(role.id)).reduce((all, role) => all | BigInt(role.permissions), 0n);
  return has(bits, PermissionFlagsBits.Administrator) ? ALL_PERMISSIONS : bits;
}

function applyOverwrites(base: bigint, overwrites: OverwriteRecord[], guild: GuildRecord, userId: string): bigint {
  const roleIds = guild.members.find((one) => one.userId === userId)?.roles ?? [];
  const everyone = overwrites.find((one) => one.id === guild.id);
  let bits = everyone ? (base & ~BigInt(everyone.deny)) | BigInt(everyone.allow) : base;
  const ofRoles = overwrites.filter((one) => one.type === 0 && roleIds.includes(one.id));
  bits &= ~ofRoles.reduce((all, one) => all | BigInt(one.deny), 0n);
  bits |= ofRoles.reduce((all, one) => all | BigInt(one.allow), 0n);
  const own = overwrites.find((one) => one.type === 1 && one.id === userId);
  return own ? (bits & ~BigInt(own.deny)) | BigInt(own.allow) : bits;
}

/**
 * A member's permissions in a guild channel as Discord computes them: @everyone's overwrite, then all role overwrites
 * together, then the member's own; no View Channel means nothing at all; no Send Messages takes what depends on it.
 * For a thread give its parent: threads have no overwrites of their own (see `threadPermissions`).
 */
export function channelPermissions(guild: GuildRecord, channel: ChannelRecord, userId: string): bigint {
  const base = guildPermissions(guild, userId);
  if (base === 0n || base === ALL_PERMISSIONS) return base;
  const bits = applyOverwrites(base, channel.overwrites, guild, userId);
  if (!has(bits, PermissionFlagsBits.ViewChannel)) return 0n;
  return has(bits, PermissionFlagsBits.SendMessages) ? bits : bits & ~NEEDS_SENDING;
}

/**
 * Permissions in a thread: those of the parent, where Send Messages has no effect and Send Messages In Threads counts;
 * a private thread is seen by its members and by who may manage threads.
 */
export function threadPermissions(guild: GuildRecord, parent: ChannelRecord, thread: ChannelRecord, userId: string): bigint {
  const base = guildPermissions(guild, userId);
  if (base === 0n || base === ALL_PERMISSIONS) return base;
  const bits = applyOverwrites(base, parent.overwrites, guild, userId);
  if (!has(bits, PermissionFlagsBits.ViewChannel)) return 0n;
  const isMember = thread.thread?.memberIds.includes(userId) ?? false;
  if (thread.type === 12 && !isMember && !has(bits, PermissionFlagsBits.ManageThreads)) return 0n;
  return has(bits, PermissionFlagsBits.SendMessagesInThreads) ? bits : bits & ~NEEDS_SENDING;
}
