import { ApplicationCommandPermissionType as Type } from 'discord-api-types/v10';
import type { ChannelRecord } from './types.js';
import { permissionsKey, type World } from './world.js';

/**
 * Whether a server's administrators let this person use the command here (interactions/application-commands, Permissions):
 * what is set for the command counts, else what is set for the whole application; a channel that is off is off for
 * all; then the person, then any role, then everybody. Undefined when nothing says: then the command's default counts.
 */
export function commandPermission(world: World, channel: ChannelRecord, userId: string, commandId: string): boolean | undefined {
  const guildId = channel.guildId ?? '';
  const recordOf = (id: string) => world.commandPermissions.get(permissionsKey(guildId, id));
  const permissions = (recordOf(commandId) ?? recordOf(world.botId))?.permissions;
  const member = world.member(guildId, userId);
  if (!permissions || !member) return undefined;
  const find = (type: Type, id: string) => permissions.find((one) => one.type === type && one.id === id)?.permission;
  const place = channel.thread ? (channel.parentId ?? '') : channel.id;
  // "All channels" has the id before the guild's.
  const allChannels = (BigInt(guildId) - 1n).toString();
  if ((find(Type.Channel, place) ?? find(Type.Channel, allChannels)) === false) return false;
  const own = find(Type.User, userId);
  if (own !== undefined) return own;
  const byRole = member.roles.map((id) => find(Type.Role, id));
  if (byRole.includes(true)) return true;
  return byRole.includes(false) ? false : find(Type.Role, guildId);
}
