import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiEmoji, apiUser } from '../../gateway/payloads.js';
import { picture } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import type { EmojiRecord, GuildRecord } from '../../world/types.js';
import { memberGuild, needInGuild } from '../access.js';
import { created, noContent, ok, type RestRequest, type Route } from '../route.js';

/** Emoji of a guild without boosts, of each kind (still and animated). */
const MOST = 50;

/** With the permission to manage them an emoji tells who made it. */
function shown(core: Core, guild: GuildRecord, emoji: EmojiRecord) {
  const bits = core.world.guildPermissions(guild.id, core.world.botId);
  const manages = (bits & (P.CreateGuildExpressions | P.ManageGuildExpressions)) !== 0n;
  return { ...apiEmoji(emoji), ...(manages && { user: apiUser(core.world.user(emoji.userId)) }) };
}

function find({ core, params }: RestRequest): { guild: GuildRecord; emoji: EmojiRecord } {
  const guild = memberGuild(core, params.guildId);
  const emoji = guild.emojis?.find((one) => one.id === params.emojiId);
  if (!emoji) throw new DiscordError('noSuchEmoji');
  return { guild, emoji };
}

function list({ core, params }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  return ok((guild.emojis ?? []).map((emoji) => shown(core, guild, emoji)));
}

function get(request: RestRequest) {
  const { guild, emoji } = find(request);
  return ok(shown(request.core, guild, emoji));
}

const emojiName = z.string().regex(/^\w{2,32}$/);
const createBody = z.object({ name: emojiName, image: picture });

function create({ core, params, body }: RestRequest) {
  const guild = memberGuild(core, params.guildId);
  needInGuild(core, guild, P.CreateGuildExpressions);
  const { name, image } = parseForm(createBody, body);
  const animated = image.startsWith('data:image/gif');
  const emojis = guild.emojis ?? [];
  if (emojis.filter((one) => one.animated === animated).length >= MOST) throw new DiscordError('maxEmojis');
  const emoji: EmojiRecord = { id: core.ids.next(), name, animated, userId: core.world.botId };
  guild.emojis = [...emojis, emoji];
  core.bus.publish({ type: 'emojis_update', guildId: guild.id });
  return created(shown(core, guild, emoji));
}

/** Its own emoji a bot may change when it may create any; those of others take Manage Expressions. */
function needToChange(core: Core, guild: GuildRecord, emoji: EmojiRecord): void {
  const isOwn = emoji.userId === core.world.botId;
  const bits = core.world.guildPermissions(guild.id, core.world.botId);
  const may = P.ManageGuildExpressions | (isOwn ? P.CreateGuildExpressions : 0n);
  if ((bits & may) === 0n) throw new DiscordError('missingPermissions');
}

const patchBody = z.object({ name: emojiName.nullish() });

function patch(request: RestRequest) {
  const { core, body } = request;
  const { guild, emoji } = find(request);
  needToChange(core, guild, emoji);
  emoji.name = parseForm(patchBody, body).name ?? emoji.name;
  core.bus.publish({ type: 'emojis_update', guildId: guild.id });
  return ok(shown(core, guild, emoji));
}

function remove(request: RestRequest) {
  const { core } = request;
  const { guild, emoji } = find(request);
  needToChange(core, guild, emoji);
  guild.emojis = guild.emojis?.filter((one) => one !== emoji);
  core.bus.publish({ type: 'emojis_update', guildId: guild.id });
  return noContent();
}

const emojis = '/guilds/:guildId/emojis';
const common = { auth: 'bot', bucket: 'general', major: 'guildId' } as const;

/** Custom emoji of guilds, for reactions and messages (resources/emoji). */
export const emojiRoutes: Route[] = [
  { ...common, method: 'GET', path: emojis, handle: list },
  { ...common, method: 'POST', path: emojis, handle: create },
  { ...common, method: 'GET', path: `${emojis}/:emojiId`, handle: get },
  { ...common, method: 'PATCH', path: `${emojis}/:emojiId`, handle: patch },
  { ...common, method: 'DELETE', path: `${emojis}/:emojiId`, handle: remove },
];
