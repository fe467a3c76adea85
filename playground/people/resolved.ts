import type { APIAttachment } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { apiChannel, apiMember, apiRole, apiUser } from '../gateway/payloads.js';
import type { ChannelRecord } from '../world/types.js';
import { Refused } from './refused.js';

/** The `resolved` part of an interaction: what its ids mean. */
export interface Resolved {
  users?: Record<string, unknown>;
  members?: Record<string, unknown>;
  roles?: Record<string, unknown>;
  channels?: Record<string, unknown>;
  messages?: Record<string, unknown>;
  attachments?: Record<string, APIAttachment>;
}

/** Adds a user, with its member when the channel is in a guild. */
export function resolveUser(core: Core, into: Resolved, channel: ChannelRecord, userId: string): void {
  const user = core.world.users.get(userId);
  if (!user) throw new Refused(`there is no user ${userId}`);
  into.users = { ...into.users, [userId]: apiUser(user) };
  const member = core.world.guilds.get(channel.guildId ?? '')?.members.find((one) => one.userId === userId);
  if (!member) return;
  const { user: _user, ...fields } = apiMember(core.world, member);
  into.members = { ...into.members, [userId]: { ...fields, permissions: core.world.permissions(channel, userId).toString() } };
}

function resolveRole(core: Core, into: Resolved, channel: ChannelRecord, roleId: string): void {
  const role = core.world.guilds.get(channel.guildId ?? '')?.roles.find((one) => one.id === roleId);
  if (!role) throw new Refused(`there is no role ${roleId}`);
  into.roles = { ...into.roles, [roleId]: apiRole(role) };
}

function resolveChannel(core: Core, into: Resolved, userId: string, channelId: string): void {
  const channel = core.world.channels.get(channelId);
  if (!channel || !core.world.canView(channel, userId)) throw new Refused(`there is no channel ${channelId}`);
  into.channels = {
    ...into.channels,
    [channelId]: {
      ...apiChannel(core.world, channel),
      permissions: core.world.permissions(channel, userId).toString(),
      app_permissions: core.world.permissions(channel, core.world.botId).toString(),
    },
  };
}

/** Adds what an option of this type (6 user, 7 channel, 8 role, 9 mentionable, 11 attachment) names. */
export function resolveOption(
  core: Core,
  into: Resolved,
  channel: ChannelRecord,
  userId: string,
  type: number,
  id: string,
): void {
  if (type === 6) resolveUser(core, into, channel, id);
  else if (type === 7) resolveChannel(core, into, userId, id);
  else if (type === 8) resolveRole(core, into, channel, id);
  else if (type === 9) {
    if (core.world.users.has(id)) resolveUser(core, into, channel, id);
    else resolveRole(core, into, channel, id);
  } else if (type === 11) {
    const attachment = core.uploads.take(userId, id);
    if (!attachment) throw new Refused(`there is no upload ${id}`);
    into.attachments = { ...into.attachments, [id]: { ...attachment, ephemeral: true } };
  }
}

/** Select menus whose values are ids, by component type, and the option type that resolves alike. */
export const SELECT_RESOLVES: Record<number, number> = { 5: 6, 6: 8, 7: 9, 8: 7 };
