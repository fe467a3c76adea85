import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import type { MessageBody } from '../validation/messages.js';
import { has } from '../world/permissions.js';
import type { ChannelRecord } from '../world/types.js';

type AllowedMentions = MessageBody['allowed_mentions'];

/** Who a message names, after `allowed_mentions` and permissions. */
export interface Mentions {
  userIds: string[];
  roleIds: string[];
  everyone: boolean;
}

/** `all` for messages of a bot or a person in a channel; interactions and webhooks default to users only. */
export type MentionDefault = 'all' | 'users';

function idsIn(content: string, pattern: RegExp): string[] {
  return [...new Set([...content.matchAll(pattern)].map((match) => match[1] ?? ''))];
}

/**
 * Computes the mentions of a content. Only what `allowed_mentions` lets through counts: an empty `parse` lets nothing
 * through but the ids listed beside it. @everyone and role mentions need Mention Everyone in the channel.
 */
export function mentionsOf(
  core: Core,
  channel: ChannelRecord,
  authorId: string,
  content: string,
  allowed: AllowedMentions,
  byDefault: MentionDefault,
): Mentions {
  // Text in code does not mention anybody.
  const spoken = content.replaceAll(/```[\s\S]*?```|`[^`]*`/g, '');
  const parse = allowed ? (allowed.parse ?? []) : byDefault === 'all' ? ['users', 'roles', 'everyone'] : ['users'];
  const pass = (kind: 'users' | 'roles', id: string) => parse.includes(kind) || (allowed?.[kind] ?? []).includes(id);
  // Webhooks have no permissions; whoever could make one may ping all.
  const mayPingAll =
    core.world.webhooks.has(authorId) || has(core.world.permissions(channel, authorId), PermissionFlagsBits.MentionEveryone);
  return {
    userIds: idsIn(spoken, /<@!?(\d{17,19})>/g).filter((id) => core.world.users.has(id) && pass('users', id)),
    roleIds: channel.guildId === null || !mayPingAll ? [] : idsIn(spoken, /<@&(\d{17,19})>/g).filter((id) => pass('roles', id)),
    everyone: mayPingAll && channel.guildId !== null && parse.includes('everyone') && /@(everyone|here)/.test(spoken),
  };
}

/** The people a new message notifies: named, able to see it, not its author. A DM notifies the other side always. */
export function notifiedBy(
  core: Core,
  channel: ChannelRecord,
  authorId: string,
  mentions: Mentions,
  ephemeralFor: string | undefined,
): string[] {
  const guild = channel.guildId === null ? undefined : core.world.guilds.get(channel.guildId);
  const candidates = guild ? guild.members.map((member) => member.userId) : (channel.recipientIds ?? []);
  return candidates.filter((id) => {
    if (id === authorId || (ephemeralFor && ephemeralFor !== id)) return false;
    if (!core.world.canView(channel, id)) return false;
    if (!guild || mentions.everyone || mentions.userIds.includes(id)) return true;
    const roles = guild.members.find((member) => member.userId === id)?.roles ?? [];
    return mentions.roleIds.some((roleId) => roles.includes(roleId));
  });
}
