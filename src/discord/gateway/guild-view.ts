/** A guild of discord.js's cache as the permission arithmetic wants it. Reads the cache at each call: nothing is copied. */
import { type Guild, type GuildBasedChannel, GuildChannel } from 'discord.js';
import type { ChannelView, GuildView } from '../router/permissions.js';

export function guildView(guild: Guild): GuildView {
  return {
    id: guild.id,
    ownerId: guild.ownerId,
    rolePermissions: (roleId) => guild.roles.cache.get(roleId)?.permissions.bitfield ?? 0n,
    channel(id) {
      const channel = guild.channels.cache.get(id);
      return channel && channelView(channel);
    },
    *channels() {
      for (const channel of guild.channels.cache.values()) yield channelView(channel);
    },
  };
}

function channelView(channel: GuildBasedChannel): ChannelView {
  const overwrites = channel instanceof GuildChannel ? [...channel.permissionOverwrites.cache.values()] : [];
  return {
    id: channel.id,
    type: channel.type,
    parentId: channel.parentId,
    overwrites: overwrites.map(({ id, allow, deny }) => ({ id, allow: allow.bitfield, deny: deny.bitfield })),
  };
}
