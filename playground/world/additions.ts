import type { APIApplicationCommandPermission } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { botRole, dmChannel, everyoneRole, person, textChannel } from './seed.js';
import { openThread } from './threads.js';
import { permissionsKey } from './world.js';

/** Adds a text channel to a guild and gives its id. */
export function addChannel(core: Core, guildId: string, name: string): string {
  const { world } = core;
  if (!world.guilds.has(guildId)) throw new Error(`there is no guild ${guildId}`);
  const channel = textChannel(core.ids.next(), guildId, name, world.channelsOf(guildId).length);
  world.channels.set(channel.id, channel);
  core.bus.publish({ type: 'channel_create', channel });
  return channel.id;
}

/** Adds a guild with one channel, owned by the first member; the bot joins it. */
export function addGuild(core: Core, name: string, memberIds: string[]): { guildId: string; channelId: string } {
  const { world } = core;
  const guildId = core.ids.next();
  const role = botRole(core.ids.next(), { id: world.botId, name: world.bot.username });
  const joinedAt = new Date(core.clock.now()).toISOString();
  const people = memberIds.map((userId) => ({ userId: world.user(userId).id, roles: [], joinedAt }));
  world.guilds.set(guildId, {
    id: guildId,
    name,
    ownerId: memberIds[0] ?? world.botId,
    locale: 'en-US',
    roles: [everyoneRole(guildId), role],
    members: [{ userId: world.botId, roles: [role.id], joinedAt }, ...people],
  });
  const channel = textChannel(core.ids.next(), guildId, 'general', 0);
  world.channels.set(channel.id, channel);
  for (const { userId } of people) {
    if (world.findDm(userId)) continue;
    const dm = dmChannel(core.ids.next(), world.botId, userId);
    world.channels.set(dm.id, dm);
  }
  core.bus.publish({ type: 'guild_create', guildId });
  return { guildId, channelId: channel.id };
}

/** Adds a person, who is in no guild yet, and the DM channel with the bot. */
export function addPerson(core: Core, username: string): string {
  const { world } = core;
  const user = person(core.ids.next(), username, 'Member', '#99aab5');
  world.users.set(user.id, user);
  const dm = dmChannel(core.ids.next(), world.botId, user.id);
  world.channels.set(dm.id, dm);
  return user.id;
}

/** Makes a person a member of a guild; a second time changes nothing. */
export function addMember(core: Core, guildId: string, userId: string): void {
  const guild = core.world.guilds.get(guildId);
  if (!guild) throw new Error(`there is no guild ${guildId}`);
  if (core.world.isMember(guildId, userId)) return;
  if (guild.bans?.some((one) => one.userId === userId)) throw new Error(`${userId} is banned from ${guild.name}`);
  guild.members.push({ userId: core.world.user(userId).id, roles: [], joinedAt: new Date(core.clock.now()).toISOString() });
  core.bus.publish({ type: 'member_add', guildId, userId });
}

/** Takes a person out of a guild. */
export function removeMember(core: Core, guildId: string, userId: string): void {
  const guild = core.world.guilds.get(guildId);
  if (!guild) throw new Error(`there is no guild ${guildId}`);
  guild.members = guild.members.filter((member) => member.userId !== userId);
  core.bus.publish({ type: 'member_remove', guildId, userId });
}

/** Sets permissions and place of the bot's own role in a guild, as an administrator does in Discord's settings. */
export function setBotRole(core: Core, guildId: string, change: { permissions?: bigint; position?: number }): void {
  const role = core.world.guilds.get(guildId)?.roles.find((one) => one.botId === core.world.botId);
  if (!role) throw new Error(`the bot has no role in guild ${guildId}`);
  role.permissions = (change.permissions ?? BigInt(role.permissions)).toString();
  role.position = change.position ?? role.position;
  core.bus.publish({ type: 'role_update', guildId, roleId: role.id });
}

/** Sets who may use a command in a guild (or, by the application's id, all its commands), as an administrator does. */
export function setCommandPermissions(
  core: Core,
  guildId: string,
  commandId: string,
  permissions: APIApplicationCommandPermission[],
): void {
  core.world.commandPermissions.set(permissionsKey(guildId, commandId), { guildId, commandId, permissions });
  core.bus.publish({ type: 'command_permissions', guildId, commandId, permissions });
}

/** Adds a thread to a channel, opened by the guild's owner; the bot is a member of it. */
export function addThread(
  core: Core,
  channelId: string,
  name: string,
  options: { private?: boolean; memberIds?: string[] } = {},
): string {
  const parent = core.world.channels.get(channelId);
  const guild = core.world.guilds.get(parent?.guildId ?? '');
  if (!parent || !guild) throw new Error(`there is no guild channel ${channelId}`);
  return openThread(core, parent, {
    name,
    type: options.private ? 12 : 11,
    ownerId: guild.ownerId,
    autoArchiveMinutes: 1440,
    memberIds: options.memberIds ?? [core.world.botId],
  }).id;
}
