import { type APIMessage, ApplicationCommandType, InteractionType, PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { DiscordError } from '../errors.js';
import { dispatchInteraction } from '../interactions/payload.js';
import type { InteractionRecord } from '../interactions/registry.js';
import { postMessage, refuseAutoMod } from '../messages/post.js';
import type { GivenOption } from '../protocol.js';
import { type AnyComponent, walkComponents } from '../validation/components.js';
import { parseMessageBody, refuseEmpty } from '../validation/messages.js';
import { has } from '../world/permissions.js';
import { slowmodeWaitMs } from '../world/slowmode.js';
import { setArchived } from '../world/threads.js';
import type { ChannelRecord, StoredMessage } from '../world/types.js';
import { offeredCommand, optionsAt, refuseBadOptions } from './commands.js';
import { Refused } from './refused.js';
import { type Resolved, resolveOption, resolveUser, SELECT_RESOLVES } from './resolved.js';

/** A command as a person sends it. */
export interface CommandUse {
  userId: string;
  channel: ChannelRecord;
  commandId: string;
  path: string[];
  options: GivenOption[];
  targetId?: string;
}

/** Puts options into the subcommands that they belong to. */
function nest(path: string[], options: object[]): object[] {
  return path.reduceRight<object[]>(
    (inner, name, index) => [{ type: index === path.length - 1 ? 1 : 2, name, options: inner }],
    options,
  );
}

function targetOf(core: Core, use: CommandUse, type: ApplicationCommandType, resolved: Resolved): { target_id?: string } {
  const { targetId, userId, channel } = use;
  if (type === ApplicationCommandType.ChatInput) return {};
  if (targetId === undefined) throw new Refused('this command needs a message or a user to act on');
  if (type === ApplicationCommandType.User) resolveUser(core, resolved, channel, targetId);
  else resolved.messages = { [targetId]: structuredClone(visibleMessage(core, userId, targetId).message) };
  return { target_id: targetId };
}

/** Sends a command (slash, user or message) to the bot; throws `Refused` when Discord's client would not. */
export function useCommand(core: Core, use: CommandUse): InteractionRecord {
  const { channel, userId, path } = use;
  const command = offeredCommand(core, channel, userId, (one) => one.id === use.commandId, use.commandId);
  const options = optionsAt(command, path);
  refuseBadOptions(options, use.options);
  const resolved: Resolved = {};
  const given = use.options.map(({ name, value }) => {
    const type = options.find((option) => option.name === name)?.type ?? 3;
    resolveOption(core, resolved, channel, userId, type, String(value));
    return { name, type, value };
  });
  const target = targetOf(core, use, command.type, resolved);
  const nested = nest(path, given);
  return dispatchInteraction(core, {
    type: InteractionType.ApplicationCommand,
    userId,
    channelId: channel.id,
    channel,
    commandName: [command.name, ...path].join(' '),
    commandType: command.type,
    data: {
      id: command.id,
      name: command.name,
      type: command.type,
      ...(command.guild_id && { guild_id: command.guild_id }),
      ...(nested.length > 0 && { options: nested }),
      ...target,
      ...(Object.keys(resolved).length > 0 && { resolved }),
    },
  });
}

/** Asks the bot for choices while a person types; the focused option carries what was typed so far. */
export function askChoices(core: Core, use: CommandUse): InteractionRecord {
  const { channel, userId, path } = use;
  const command = offeredCommand(core, channel, userId, (one) => one.id === use.commandId, use.commandId);
  const options = optionsAt(command, path);
  const given = use.options.map((one) => {
    const option = options.find((each) => each.name === one.name);
    if (!option) throw new Refused(`there is no option ${one.name}`);
    if (one.focused && !option.autocomplete) throw new Refused(`option ${one.name} has no autocomplete`);
    return { name: one.name, type: option.type, value: one.value, ...(one.focused && { focused: true }) };
  });
  if (given.filter((one) => 'focused' in one).length !== 1) throw new Refused('exactly one option must have the focus');
  return dispatchInteraction(core, {
    type: InteractionType.ApplicationCommandAutocomplete,
    userId,
    channelId: channel.id,
    channel,
    data: { id: command.id, name: command.name, type: command.type, options: nest(path, given) },
  });
}

/** A message that this person can see now; throws `Refused` otherwise. */
export function visibleMessage(core: Core, userId: string, messageId: string): StoredMessage {
  const stored = core.world.message(messageId);
  if (!stored || !core.world.sees(stored, userId))
    throw new Refused(`${core.world.user(userId).displayName} sees no message ${messageId}`);
  return stored;
}

/** The component with this custom_id, or the button with this label. */
export function findComponent(message: APIMessage, wanted: string): AnyComponent | undefined {
  const found: AnyComponent[] = [];
  walkComponents((message.components ?? []) as unknown as AnyComponent[], (one) => void found.push(one));
  return found.find((one) => one.custom_id === wanted) ?? found.find((one) => one.type === 2 && one.label === wanted);
}

function refuseBadValues(component: AnyComponent, values: string[]): void {
  const min = Number(component.min_values ?? 1);
  const max = Number(component.max_values ?? 1);
  if (values.length < min || values.length > max) throw new Refused(`this select takes ${min} to ${max} values`);
  const options = (component.options as { value: string }[] | undefined) ?? [];
  if (component.type === 3 && values.some((value) => !options.some((option) => option.value === value)))
    throw new Refused('this select has no such option');
}

/** Presses a button or picks from a select; throws `Refused` when the person could not. */
export function useComponent(
  core: Core,
  use: { userId: string; messageId: string; customId: string; values?: string[] },
): InteractionRecord {
  const { userId, messageId, values = [] } = use;
  const stored = visibleMessage(core, userId, messageId);
  const channel = core.world.channels.get(stored.message.channel_id);
  const component = findComponent(stored.message, use.customId);
  if (!channel || !component) throw new Refused(`the message has no component ${use.customId}`);
  if (component.disabled) throw new Refused(`${use.customId} is disabled`);
  if (!component.custom_id) throw new Refused(`${use.customId} is a link`);
  const resolved: Resolved = {};
  if (component.type !== 2) {
    refuseBadValues(component, values);
    const resolves = SELECT_RESOLVES[component.type];
    if (resolves) for (const value of values) resolveOption(core, resolved, channel, userId, resolves, value);
  }
  return dispatchInteraction(core, {
    type: InteractionType.MessageComponent,
    userId,
    channelId: channel.id,
    channel,
    sourceMessageId: messageId,
    message: structuredClone(stored.message) as unknown as Record<string, unknown>,
    data: {
      component_type: component.type,
      custom_id: component.custom_id,
      id: component.id,
      ...(component.type !== 2 && { values }),
      ...(Object.keys(resolved).length > 0 && { resolved }),
    },
  });
}

/** Posts a message of a person. Throws `Refused` when Discord's client would not send it. */
export function say(
  core: Core,
  userId: string,
  channel: ChannelRecord,
  content: string,
  options: { uploadIds?: string[]; replyTo?: string } = {},
): StoredMessage {
  const name = core.world.user(userId).displayName;
  if (!core.world.canSend(channel, userId)) throw new Refused(`${name} cannot send in this channel`);
  const uploadIds = options.uploadIds ?? [];
  if (uploadIds.length > 0 && !has(core.world.permissions(channel, userId), P.AttachFiles))
    throw new Refused(`${name} may not attach files`);
  try {
    if (slowmodeWaitMs(core, channel, userId) > 0) throw new DiscordError('slowmode');
    const reference = options.replyTo ? { message_reference: { message_id: options.replyTo } } : {};
    const body = parseMessageBody({ content, ...reference });
    refuseEmpty(body, uploadIds.length);
    refuseAutoMod(core, body);
    const attachments = uploadIds.map((id) => {
      const attachment = core.uploads.take(userId, id);
      if (!attachment) throw new Refused(`there is no upload ${id}`);
      return attachment;
    });
    if (channel.thread?.archived) setArchived(core, channel, false);
    return postMessage(core, channel, userId, {
      body,
      mentionDefault: 'all',
      ...(attachments.length > 0 && { extra: { attachments } }),
    });
  } catch (error) {
    if (error instanceof DiscordError) throw new Refused(error.message);
    throw error;
  }
}
