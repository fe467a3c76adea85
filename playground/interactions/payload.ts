import type { APIInteraction, InteractionType } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { apiChannel, apiMember, apiUser } from '../gateway/payloads.js';
import type { ChannelRecord } from '../world/types.js';
import type { NewInteraction } from './registry.js';

/** What is common to all interactions. `data` and `message` are built by who dispatches. */
export interface Dispatch extends NewInteraction {
  channel: ChannelRecord;
  data: Record<string, unknown>;
  message?: Record<string, unknown>;
}

function guildFields(core: Core, channel: ChannelRecord, userId: string): Record<string, unknown> {
  const { world } = core;
  const user = apiUser(world.user(userId));
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const member = guild?.members.find((one) => one.userId === userId);
  if (!guild || !member) return { user, context: 1, authorizing_integration_owners: { 0: '0' } };
  return {
    guild_id: guild.id,
    guild_locale: guild.locale,
    guild: { id: guild.id, locale: guild.locale, features: [] },
    member: { ...apiMember(world, member), permissions: world.permissions(channel, userId).toString() },
    context: 0,
    authorizing_integration_owners: { 0: guild.id },
  };
}

/** The payload of INTERACTION_CREATE with everything that the client's parsers read. */
export function interactionPayload(core: Core, dispatch: Dispatch, id: string, token: string): APIInteraction {
  const { channel, userId, type } = dispatch;
  const memberPermissions = core.world.permissions(channel, userId).toString();
  return {
    version: 1,
    id,
    application_id: core.world.botId,
    token,
    type: type as InteractionType,
    channel_id: channel.id,
    channel: { ...apiChannel(core.world, channel), permissions: memberPermissions },
    app_permissions: core.world.permissions(channel, core.world.botId).toString(),
    locale: core.world.user(userId).locale,
    entitlements: [],
    attachment_size_limit: core.limits.maxFileBytes,
    ...guildFields(core, channel, userId),
    data: dispatch.data,
    ...(dispatch.message && { message: dispatch.message }),
  } as unknown as APIInteraction;
}

/** Opens the interaction and sends it to the bot. */
export function dispatchInteraction(core: Core, dispatch: Dispatch) {
  const { channel: _channel, data: _data, message: _message, ...about } = dispatch;
  const record = core.interactions.open(core.ids.next(), about, (id, token) => interactionPayload(core, dispatch, id, token));
  core.faults.deliver(core.clock, () => core.bus.publish({ type: 'interaction', payload: record.payload }));
  return record;
}
