import { GatewayIntentBits as Intent, PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { WorldEvent } from '../bus.js';
import type { Core } from '../core.js';
import { has } from '../world/permissions.js';
import type { World } from '../world/world.js';
import { channelEvent, pinsEvent, threadMembersEvent, typingEvent } from './channel-events.js';
import { type Dispatchable, one, type Reader } from './dispatchable.js';
import { deleteEvent, messageEvent, reactionEvent } from './message-events.js';
import { apiEmoji, apiGuild, apiMember, apiRole, apiUser, guildCreate } from './payloads.js';

function memberEvent(
  world: World,
  event: WorldEvent & { type: 'member_add' | 'member_update' | 'member_remove' },
): Dispatchable[] {
  const { guildId, userId, type } = event;
  const member = world.member(guildId, userId);
  if (type === 'member_remove' || !member) {
    return one('GUILD_MEMBER_REMOVE', guildId, Intent.GuildMembers, { guild_id: guildId, user: apiUser(world.user(userId)) });
  }
  const t = type === 'member_add' ? 'GUILD_MEMBER_ADD' : 'GUILD_MEMBER_UPDATE';
  // A bot is always told of changes of its own member (gateway.mdx, Caveats).
  const needs = userId === world.botId ? 0 : Intent.GuildMembers;
  return one(t, guildId, needs, { ...apiMember(world, member), guild_id: guildId });
}

/** The bot hears of its own user by USER_UPDATE, and of others as members of its guilds (gateway-events.mdx, Guild Member Update). */
function userEvent(world: World, userId: string): Dispatchable[] {
  const shared = world.guildsOf(userId).filter((guild) => world.isMember(guild.id, world.botId));
  const asMember = shared.flatMap((guild) => memberEvent(world, { type: 'member_update', guildId: guild.id, userId }));
  return userId === world.botId ? [...one('USER_UPDATE', null, 0, apiUser(world.bot)), ...asMember] : asMember;
}

function roleEvent(world: World, event: WorldEvent & { type: 'role_create' | 'role_update' | 'role_delete' }): Dispatchable[] {
  const { guildId, roleId, type } = event;
  if (type === 'role_delete') return one('GUILD_ROLE_DELETE', guildId, Intent.Guilds, { guild_id: guildId, role_id: roleId });
  const role = world.guilds.get(guildId)?.roles.find((each) => each.id === roleId);
  if (!role) return [];
  const t = type === 'role_create' ? 'GUILD_ROLE_CREATE' : 'GUILD_ROLE_UPDATE';
  return one(t, guildId, Intent.Guilds, { guild_id: guildId, role: apiRole(role) });
}

/** "Only sent to bots with the BAN_MEMBERS permission" (gateway-events.mdx, Guild Ban Add). */
function banEvent(world: World, t: string, guildId: string, userId: string): Dispatchable[] {
  if (!has(world.guildPermissions(guildId, world.botId), P.BanMembers)) return [];
  return one(t, guildId, Intent.GuildModeration, { guild_id: guildId, user: apiUser(world.user(userId)) });
}

function guildEvent(world: World, type: 'guild_create' | 'guild_update', guildId: string): Dispatchable[] {
  const guild = world.guilds.get(guildId);
  if (!guild) return [];
  if (type === 'guild_update') return one('GUILD_UPDATE', guildId, Intent.Guilds, apiGuild(guild));
  const data = ({ intents, largeThreshold }: Reader) =>
    guildCreate(world, guild, { allMembers: (intents & Intent.GuildPresences) !== 0, largeThreshold });
  return [{ t: 'GUILD_CREATE', guildId, needs: Intent.Guilds, data }];
}

function commandPermissions(world: World, event: WorldEvent & { type: 'command_permissions' }): Dispatchable[] {
  const { guildId, commandId, permissions } = event;
  const data = { id: commandId, application_id: world.botId, guild_id: guildId, permissions };
  return one('APPLICATION_COMMAND_PERMISSIONS_UPDATE', guildId, 0, data);
}

/** The guild that an event is about, when the bot has to be a member of it to be told. */
function guildOf(event: WorldEvent): string | undefined {
  return 'guildId' in event && event.type !== 'guild_delete' ? event.guildId : undefined;
}

/**
 * The gateway events that tell a bot what happened; none when it has no right to know. DM channels are never told of: since
 * version 8 bots get no CHANNEL_CREATE for them, which is for "a new guild channel" (gateway-events.mdx, Channel Create).
 */
export function dispatchesOf(core: Core, event: WorldEvent): Dispatchable[] {
  const { world } = core;
  const guildId = guildOf(event);
  if (guildId !== undefined && !world.isMember(guildId, world.botId)) return [];
  switch (event.type) {
    case 'message_create':
      return messageEvent(world, 'MESSAGE_CREATE', event.stored);
    case 'message_update':
      return messageEvent(world, 'MESSAGE_UPDATE', event.stored);
    case 'message_delete':
      return deleteEvent(world, event.channelId, event.removed, event.bulk);
    case 'reaction_add':
    case 'reaction_remove':
    case 'reaction_remove_all':
    case 'reaction_remove_emoji':
      return reactionEvent(world, event);
    case 'channel_create':
      return channelEvent(world, 'CREATE', event.channel);
    case 'channel_update':
      return channelEvent(world, 'UPDATE', event.channel);
    case 'channel_delete':
      return channelEvent(world, 'DELETE', event.channel);
    case 'pins_update':
      return pinsEvent(world, event.channelId, event.lastPinAt);
    case 'thread_members_update':
      return threadMembersEvent(world, event);
    case 'typing':
      return typingEvent(core, event.channelId, event.userId);
    case 'webhooks_update': {
      const data = { guild_id: event.guildId, channel_id: event.channelId };
      return one('WEBHOOKS_UPDATE', event.guildId, Intent.GuildWebhooks, data);
    }
    case 'guild_create':
    case 'guild_update':
      return guildEvent(world, event.type, event.guildId);
    case 'emojis_update': {
      const emojis = world.guilds.get(event.guildId)?.emojis ?? [];
      const data = { guild_id: event.guildId, emojis: emojis.map(apiEmoji) };
      return one('GUILD_EMOJIS_UPDATE', event.guildId, Intent.GuildExpressions, data);
    }
    case 'guild_delete':
      // No `unavailable`: the bot was removed, it is not an outage.
      return one('GUILD_DELETE', event.guildId, Intent.Guilds, { id: event.guildId });
    case 'member_add':
    case 'member_update':
    case 'member_remove':
      return memberEvent(world, event);
    case 'user_update':
      return userEvent(world, event.userId);
    case 'ban_add':
      return banEvent(world, 'GUILD_BAN_ADD', event.guildId, event.userId);
    case 'ban_remove':
      return banEvent(world, 'GUILD_BAN_REMOVE', event.guildId, event.userId);
    case 'role_create':
    case 'role_update':
    case 'role_delete':
      return roleEvent(world, event);
    case 'command_permissions':
      return commandPermissions(world, event);
    case 'interaction':
      return one('INTERACTION_CREATE', event.payload.guild_id ?? null, 0, event.payload);
    case 'read':
    case 'commands':
    case 'bot':
      return [];
  }
}
