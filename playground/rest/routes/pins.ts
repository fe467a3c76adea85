import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { z } from 'zod';
import { DiscordError } from '../../errors.js';
import { parseForm } from '../../validation/form.js';
import { isSystemMessage, pinMessage, pinnedIn, unpinMessage } from '../../world/pins.js';
import { botHas, channelMessage, need, visibleChannel } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

const listQuery = z.object({
  before: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(50),
});

/** Without Read Message History there are no pins to see. */
function visiblePins({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  return botHas(core, channel, P.ReadMessageHistory) ? pinnedIn(core, channel.id) : [];
}

function list(request: RestRequest) {
  const pins = visiblePins(request);
  const { before, limit } = parseForm(listQuery, request.query);
  const older = pins.filter((one) => before === undefined || Date.parse(one.pinnedAt ?? '') < Date.parse(before));
  const items = older.slice(0, limit).map((one) => ({ pinned_at: one.pinnedAt, message: one.message }));
  return ok({ items, has_more: older.length > limit });
}

/** The older form of the list: messages only, 50 at most. */
function listOld(request: RestRequest) {
  return ok(
    visiblePins(request)
      .slice(0, 50)
      .map((one) => one.message),
  );
}

function target({ core, params }: RestRequest) {
  const channel = visibleChannel(core, params.channelId);
  need(core, channel, P.PinMessages);
  const stored = channelMessage(core, channel, params.messageId);
  if (isSystemMessage(stored)) throw new DiscordError('systemMessage');
  if (channel.thread?.archived) throw new DiscordError('threadArchived');
  return { channel, stored };
}

function pin(request: RestRequest) {
  const { channel, stored } = target(request);
  pinMessage(request.core, channel, stored, request.core.world.botId);
  return noContent();
}

function unpin(request: RestRequest) {
  const { channel, stored } = target(request);
  unpinMessage(request.core, channel, stored);
  return noContent();
}

const common = { auth: 'bot', bucket: 'general', major: 'channelId' } as const;
const both = (path: string): Route[] => [
  { ...common, method: 'PUT', path, handle: pin },
  { ...common, method: 'DELETE', path, handle: unpin },
];

/** Pins, in today's form and in the older one that clients still use (resources/message, resources/channel). */
export const pinRoutes: Route[] = [
  { ...common, method: 'GET', path: '/channels/:channelId/messages/pins', handle: list },
  { ...common, method: 'GET', path: '/channels/:channelId/pins', handle: listOld },
  ...both('/channels/:channelId/messages/pins/:messageId'),
  ...both('/channels/:channelId/pins/:messageId'),
];
