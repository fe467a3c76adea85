import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { permissionBits, snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { has } from '../../world/permissions.js';
import type { ChannelRecord, GuildRecord, OverwriteRecord } from '../../world/types.js';
import { guildChannel, need } from '../access.js';
import { noContent, type RestRequest, type Route } from '../route.js';

const fields = {
  type: z.literal([0, 1]).nullish(),
  allow: permissionBits.nullish(),
  deny: permissionBits.nullish(),
};
const overwriteBody = z.object(fields);

/** One entry of `permission_overwrites` in a channel's body. */
export const overwriteEntry = z.object({ id: snowflake, ...fields });

/** An overwrite as it is kept; what is in both lists is allowed, and the kind is guessed when it is not said. */
export function toOverwrite(guild: GuildRecord, entry: z.output<typeof overwriteEntry>): OverwriteRecord {
  const type = entry.type ?? (guild.roles.some((role) => role.id === entry.id) ? 0 : 1);
  return { id: entry.id, type, allow: entry.allow ?? '0', deny: entry.deny ?? '0' };
}

const bitsOf = (one: OverwriteRecord | undefined) => BigInt(one?.allow ?? 0) | BigInt(one?.deny ?? 0);

/**
 * The bot allows and denies only permissions that it has in the guild or the category, unless an overwrite of the channel
 * gives it Manage Roles (resources/channel, Edit Channel Permissions). Throws 10009 for a role that is not of the guild,
 * 10013 for no user, 50013.
 */
export function refuseOverwrites(
  core: Core,
  guild: GuildRecord,
  channel: Pick<ChannelRecord, 'overwrites' | 'parentId'>,
  wanted: OverwriteRecord[],
): void {
  const { world } = core;
  const bot = world.member(guild.id, world.botId);
  const parent = world.channels.get(channel.parentId ?? '');
  const held = world.guildPermissions(guild.id, world.botId) | (parent ? world.permissions(parent, world.botId) : 0n);
  const isTrusted = channel.overwrites.some(
    (one) => (one.id === world.botId || bot?.roles.includes(one.id)) && has(BigInt(one.allow), P.ManageRoles),
  );
  for (const one of wanted) {
    if (one.type === 0 && !guild.roles.some((role) => role.id === one.id)) throw new DiscordError('unknownOverwrite');
    if (one.type === 1 && !world.users.has(one.id)) throw new DiscordError('unknownUser');
    const before = channel.overwrites.find((each) => each.id === one.id);
    const isSame = before && before.allow === one.allow && before.deny === one.deny;
    if (!isSame && !isTrusted && !has(held, bitsOf(one) | bitsOf(before))) throw new DiscordError('missingPermissions');
  }
}

function target({ core, params }: RestRequest) {
  const { channel, guild } = guildChannel(core, params.channelId);
  if (channel.thread) throw new DiscordError('wrongChannelType');
  need(core, channel, P.ManageRoles);
  return { channel, guild };
}

function put(request: RestRequest) {
  const { core, params, body } = request;
  const { channel, guild } = target(request);
  const id = parseForm(snowflake, params.overwriteId);
  const overwrite = toOverwrite(guild, { id, ...parseForm(overwriteBody, body) });
  refuseOverwrites(core, guild, channel, [overwrite]);
  channel.overwrites = [...channel.overwrites.filter((one) => one.id !== id), overwrite];
  core.bus.publish({ type: 'channel_update', channel });
  return noContent();
}

function remove(request: RestRequest) {
  const { core, params } = request;
  const { channel } = target(request);
  const known = channel.overwrites.find((one) => one.id === params.overwriteId);
  if (!known) throw new DiscordError('unknownOverwrite');
  channel.overwrites = channel.overwrites.filter((one) => one !== known);
  core.bus.publish({ type: 'channel_update', channel });
  return noContent();
}

const path = '/channels/:channelId/permissions/:overwriteId';
const common = { auth: 'bot', bucket: 'general', major: 'channelId' } as const;

/** Permission overwrites of channels (resources/channel). */
export const overwriteRoutes: Route[] = [
  { ...common, method: 'PUT', path, handle: put },
  { ...common, method: 'DELETE', path, handle: remove },
];
