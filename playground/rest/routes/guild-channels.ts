import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiChannel } from '../../gateway/payloads.js';
import { snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import type { ChannelRecord, GuildRecord } from '../../world/types.js';
import { memberGuild, needInGuild } from '../access.js';
import { created, noContent, ok, type RestRequest, type Route } from '../route.js';
import { CHANNEL_TYPES, channelFields, channelName, channelOverwrites, parentFor } from './channel-fields.js';

function list({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const channels = core.world.channelsOf(guild.id).filter((one) => !one.thread);
  return ok(channels.map((one) => apiChannel(core.world, one)));
}

const createBody = z.object({
  ...channelFields,
  name: channelName,
  type: z.literal(CHANNEL_TYPES).nullish(),
});

/** The position behind the last channel of its kind. */
function lastPosition(core: Core, guild: GuildRecord): number {
  const positions = core.world.channelsOf(guild.id).map((one) => (one.thread ? -1 : one.position));
  return Math.max(-1, ...positions) + 1;
}

/** A channel in a category without overwrites of its own takes those of the category. */
function create({ core, params, body: input }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.ManageChannels);
  const body = parseForm(createBody, input);
  const type = body.type ?? 0;
  const parent = parentFor(core, guild, type, body.parent_id);
  const count = core.world.channelsOf(guild.id).filter((one) => !one.thread).length;
  if (count >= core.limits.channelsPerGuild) throw new DiscordError('maxChannels');
  const about = { overwrites: [], parentId: parent?.id ?? null };
  const overwrites = channelOverwrites(core, guild, about, body.permission_overwrites);
  // Who may change overwrites in the new channel is for administrators to say (resources/guild, Create Guild Channel).
  const shares = overwrites?.some((one) => ((BigInt(one.allow) | BigInt(one.deny)) & P.ManageRoles) !== 0n);
  if (shares) needInGuild(core, guild, P.Administrator);
  const channel: ChannelRecord = {
    id: core.ids.next(),
    type,
    guildId: guild.id,
    parentId: about.parentId,
    name: nameFor(type, body.name),
    topic: body.topic ?? '',
    position: body.position ?? lastPosition(core, guild),
    overwrites: overwrites ?? structuredClone(parent?.overwrites ?? []),
    lastMessageId: null,
    ...(body.nsfw && { nsfw: true }),
    ...(body.rate_limit_per_user && { slowmodeSeconds: body.rate_limit_per_user }),
    ...(body.default_auto_archive_duration && { defaultArchiveMinutes: body.default_auto_archive_duration }),
    ...(body.default_thread_rate_limit_per_user && { defaultThreadSlowmodeSeconds: body.default_thread_rate_limit_per_user }),
  };
  core.world.channels.set(channel.id, channel);
  core.bus.publish({ type: 'channel_create', channel });
  return created(apiChannel(core.world, channel));
}

/** Text channels are written small and without spaces; voice channels and categories as they are. */
export function nameFor(type: number, name: string): string {
  return type === 2 || type === 4 ? name : name.toLowerCase().replaceAll(/\s+/g, '-');
}

const moveBody = z.array(
  z.object({
    id: snowflake,
    position: z.number().int().min(0).nullish(),
    parent_id: snowflake.nullish(),
    lock_permissions: z.boolean().nullish(),
  }),
);

function move({ core, params, body }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.ManageChannels);
  const moves = parseForm(moveBody, body ?? []).map((one) => {
    const channel = core.world.channels.get(one.id);
    if (channel?.guildId !== guild.id || channel.thread) throw new DiscordError('unknownChannel');
    return { ...one, channel, parent: parentFor(core, guild, channel.type, one.parent_id) };
  });
  for (const { channel, position, parent, parent_id: parentId, lock_permissions: locks } of moves) {
    channel.position = position ?? channel.position;
    if (parentId !== undefined) channel.parentId = parent?.id ?? null;
    if (locks && parent) channel.overwrites = structuredClone(parent.overwrites);
    core.bus.publish({ type: 'channel_update', channel });
  }
  return noContent();
}

const path = '/guilds/:guildId/channels';
const common = { auth: 'bot', bucket: 'general', major: 'guildId', path } as const;

/** The channels of a guild (resources/guild). */
export const guildChannelRoutes: Route[] = [
  { ...common, method: 'GET', handle: list },
  { ...common, method: 'POST', handle: create },
  { ...common, method: 'PATCH', handle: move },
];
