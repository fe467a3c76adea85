import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import { apiEmoji, apiGuild } from '../../gateway/payloads.js';
import { snowflake } from '../../validation/fields.js';
import { parseForm, refuseFaults } from '../../validation/form.js';
import type { GuildRecord } from '../../world/types.js';
import { memberGuild, needInGuild } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

/** Nobody here has a presence but the bot itself. */
const counts = (guild: GuildRecord) => ({ approximate_member_count: guild.members.length, approximate_presence_count: 1 });

function getGuild({ core, params, query }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  return ok({ ...apiGuild(guild), ...(query.with_counts === 'true' && counts(guild)) });
}

function preview({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  const { id, name, icon, splash, discovery_splash, home_header, description, features } = apiGuild(guild);
  const pictures = { icon, splash, discovery_splash, home_header };
  const emojis = (guild.emojis ?? []).map(apiEmoji);
  return ok({ id, name, ...pictures, description, features, emojis, stickers: [], ...counts(guild) });
}

const choice = (most: number) => z.number().int().min(0).max(most).nullish();
/** What a bot may set of a guild here, by Discord's names; pictures need the CDN of a real guild and are left as they are. */
const guildPatch = z.object({
  name: z.string().trim().min(2).max(100).optional(),
  description: z.string().max(300).nullish(),
  verification_level: choice(4),
  default_message_notifications: choice(1),
  explicit_content_filter: choice(2),
  preferred_locale: z.string().min(2).max(10).nullish(),
  afk_channel_id: snowflake.nullish(),
  afk_timeout: z.literal([60, 300, 900, 1800, 3600]).nullish(),
  system_channel_id: snowflake.nullish(),
  system_channel_flags: z.number().int().min(0).nullish(),
  rules_channel_id: snowflake.nullish(),
  public_updates_channel_id: snowflake.nullish(),
  safety_alerts_channel_id: snowflake.nullish(),
  premium_progress_bar_enabled: z.boolean().nullish(),
});

/** What the field is when it is taken back with null. */
const NULLABLE = /_channel_id$|^description$/;

function patchGuild({ core, params, body }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.ManageGuild);
  const { name, preferred_locale: locale, ...settings } = parseForm(guildPatch, body);
  const unknown = Object.entries(settings).filter(
    ([key, value]) => key.endsWith('_channel_id') && value && core.world.channels.get(String(value))?.guildId !== guild.id,
  );
  refuseFaults(unknown.map(([key]) => ({ path: [key], code: 'GUILD_CHANNEL_INVALID', message: 'Invalid channel' })));
  guild.name = name ?? guild.name;
  guild.locale = locale ?? guild.locale;
  guild.settings = { ...guild.settings };
  for (const [key, value] of Object.entries(settings)) {
    if (value === null && !NULLABLE.test(key)) delete guild.settings[key];
    else if (value !== undefined) guild.settings[key] = value;
  }
  core.bus.publish({ type: 'guild_update', guildId: guild.id });
  return ok(apiGuild(guild));
}

function ownGuilds({ core, query }: RestRequest) {
  const { limit, before, after, with_counts: withCounts } = parseForm(ownQuery, query);
  const guilds = core.world
    .guildsOf(core.world.botId)
    .toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
    .filter(({ id }) => (before === undefined || BigInt(id) < BigInt(before)) && (!after || BigInt(id) > BigInt(after)));
  const page = before !== undefined && !after ? guilds.slice(-limit) : guilds.slice(0, limit);
  return ok(
    page.map((guild) => ({
      id: guild.id,
      name: guild.name,
      icon: null,
      banner: null,
      owner: guild.ownerId === core.world.botId,
      permissions: core.world.guildPermissions(guild.id, core.world.botId).toString(),
      features: [],
      ...(withCounts === 'true' && counts(guild)),
    })),
  );
}

const ownQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(200),
  before: snowflake.optional(),
  after: snowflake.optional(),
  with_counts: z.string().optional(),
});

function leaveGuild({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  guild.members = guild.members.filter((member) => member.userId !== core.world.botId);
  core.bus.publish({ type: 'guild_delete', guildId: guild.id });
  return noContent();
}

const guild = '/guilds/:guildId';
const common = { auth: 'bot', bucket: 'general' } as const;

/** Guilds, as the bot sees and changes them (resources/guild, resources/user). */
export const guildRoutes: Route[] = [
  { ...common, method: 'GET', path: '/users/@me/guilds', handle: ownGuilds },
  { ...common, method: 'DELETE', path: '/users/@me/guilds/:guildId', handle: leaveGuild },
  { ...common, method: 'GET', path: guild, major: 'guildId', handle: getGuild },
  { ...common, method: 'PATCH', path: guild, major: 'guildId', handle: patchGuild },
  { ...common, method: 'GET', path: `${guild}/preview`, major: 'guildId', handle: preview },
];
