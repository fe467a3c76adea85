import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import type { ReactionEmoji } from '../../bus.js';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { apiUser } from '../../gateway/payloads.js';
import { snowflake } from '../../validation/fields.js';
import { parseForm } from '../../validation/form.js';
import { addReaction, clearReactions, findEmoji, reactionOf, removeReaction } from '../../world/reactions.js';
import type { ChannelRecord, StoredMessage } from '../../world/types.js';
import { channelMessage, need, visibleChannel } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

/** The message of the request; one in an archived thread cannot be reacted to (50083). */
function messageOf({ core, params }: RestRequest): { channel: ChannelRecord; stored: StoredMessage } {
  const channel = visibleChannel(core, params.channelId);
  return { channel, stored: channelMessage(core, channel, params.messageId) };
}

function refuseArchived(channel: ChannelRecord): void {
  if (channel.thread?.archived) throw new DiscordError('threadArchived');
}

function emojiOf(core: Core, text: string | undefined): ReactionEmoji {
  const emoji = findEmoji(core, text ?? '');
  if (!emoji) throw new DiscordError('unknownEmoji');
  return emoji;
}

/** Needs Read Message History, Add Reactions for an emoji that nobody used yet, and Use External Emojis for one of another guild. */
function addOwn(request: RestRequest) {
  const { core, params } = request;
  const { channel, stored } = messageOf(request);
  need(core, channel, P.ReadMessageHistory);
  const emoji = emojiOf(core, params.emoji);
  refuseArchived(channel);
  if (!reactionOf(stored, emoji)) need(core, channel, P.AddReactions);
  const guild = core.world.guilds.get(channel.guildId ?? '');
  const isForeign = emoji.id !== null && guild && !guild.emojis?.some((one) => one.id === emoji.id);
  if (isForeign) need(core, channel, P.UseExternalEmojis);
  addReaction(core, stored, core.world.botId, emoji);
  return noContent();
}

function removeOwn(request: RestRequest) {
  const { core, params } = request;
  const { channel, stored } = messageOf(request);
  const emoji = emojiOf(core, params.emoji);
  refuseArchived(channel);
  removeReaction(core, stored, core.world.botId, emoji);
  return noContent();
}

function needManage(core: Core, channel: ChannelRecord): void {
  if (channel.guildId === null) throw new DiscordError('notInDm');
  need(core, channel, P.ManageMessages);
}

function removeOther(request: RestRequest) {
  const { core, params } = request;
  const { channel, stored } = messageOf(request);
  const emoji = emojiOf(core, params.emoji);
  if (params.userId !== core.world.botId) needManage(core, channel);
  refuseArchived(channel);
  if (!core.world.users.has(params.userId ?? '')) throw new DiscordError('unknownUser');
  removeReaction(core, stored, params.userId ?? '', emoji);
  return noContent();
}

function clear(request: RestRequest) {
  const { core, params } = request;
  const { channel, stored } = messageOf(request);
  const emoji = params.emoji === undefined ? undefined : emojiOf(core, params.emoji);
  needManage(core, channel);
  refuseArchived(channel);
  clearReactions(core, stored, emoji);
  return noContent();
}

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  after: snowflake.optional(),
  /** 1 asks for super reactions, of which there are none here. */
  type: z.coerce.number().int().min(0).max(1).default(0),
});

function list(request: RestRequest) {
  const { core, params, query } = request;
  const { channel, stored } = messageOf(request);
  need(core, channel, P.ReadMessageHistory);
  const emoji = emojiOf(core, params.emoji);
  const { limit, after, type } = parseForm(listQuery, query);
  const userIds = type === 1 ? [] : (reactionOf(stored, emoji)?.userIds ?? []);
  const page = userIds
    .filter((id) => after === undefined || BigInt(id) > BigInt(after))
    .toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
    .slice(0, limit);
  return ok(page.map((id) => apiUser(core.world.user(id))));
}

const reactions = '/channels/:channelId/messages/:messageId/reactions';
const common = { auth: 'bot', major: 'channelId' } as const;

/** Reactions of the bot and of others (resources/message). */
export const reactionRoutes: Route[] = [
  { ...common, method: 'PUT', path: `${reactions}/:emoji/@me`, bucket: 'reactions', handle: addOwn },
  { ...common, method: 'DELETE', path: `${reactions}/:emoji/@me`, bucket: 'reactions', handle: removeOwn },
  { ...common, method: 'DELETE', path: `${reactions}/:emoji/:userId`, bucket: 'reactions', handle: removeOther },
  { ...common, method: 'GET', path: `${reactions}/:emoji`, bucket: 'general', handle: list },
  { ...common, method: 'DELETE', path: `${reactions}/:emoji`, bucket: 'reactions', handle: clear },
  { ...common, method: 'DELETE', path: reactions, bucket: 'reactions', handle: clear },
];
