import {
  type APIApplicationCommand,
  type APIApplicationCommandOption,
  ApplicationCommandType,
  PermissionFlagsBits as P,
} from 'discord-api-types/v10';
import type { Core } from '../core.js';
import type { GivenOption } from '../protocol.js';
import { commandPermission } from '../world/command-permissions.js';
import { has } from '../world/permissions.js';
import type { ChannelRecord } from '../world/types.js';
import { Refused } from './refused.js';

/** Any option, with the fields that only some kinds have. */
export type LooseOption = APIApplicationCommandOption & {
  options?: LooseOption[];
  choices?: { name: string; value: string | number }[];
  autocomplete?: boolean;
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  channel_types?: number[];
};

/** Why this person may not use commands in this channel, or undefined. */
export function commandRefusal(core: Core, channel: ChannelRecord, userId: string): string | undefined {
  const { world } = core;
  if (!world.canView(channel, userId)) return 'cannot see this channel';
  if (!has(world.permissions(channel, userId), P.UseApplicationCommands)) return 'may not use application commands here';
  if (!world.canSend(channel, userId)) return 'cannot send in this channel';
  return undefined;
}

function isOffered(core: Core, command: APIApplicationCommand, channel: ChannelRecord, userId: string): boolean {
  if (channel.guildId === null) return command.contexts ? command.contexts.includes(1) : command.dm_permission !== false;
  if (command.contexts && !command.contexts.includes(0)) return false;
  const bits = core.world.permissions(channel, userId);
  if (has(bits, P.Administrator)) return true;
  const set = commandPermission(core.world, channel, userId, command.id);
  if (set !== undefined) return set;
  const needed = command.default_member_permissions;
  if (needed === null || needed === undefined) return true;
  // "0" is for administrators only.
  return BigInt(needed) !== 0n && has(bits, BigInt(needed));
}

/** Commands that Discord's client offers this person in this channel. */
export function offeredCommands(core: Core, channel: ChannelRecord, userId: string): APIApplicationCommand[] {
  if (commandRefusal(core, channel, userId) !== undefined) return [];
  return core.world.commandsIn(channel.guildId).filter((command) => isOffered(core, command, channel, userId));
}

/** Finds an offered command; throws `Refused` with the reason when there is none. */
export function offeredCommand(
  core: Core,
  channel: ChannelRecord,
  userId: string,
  test: (command: APIApplicationCommand) => boolean,
  called: string,
): APIApplicationCommand {
  const refusal = commandRefusal(core, channel, userId);
  if (refusal) throw new Refused(`${core.world.user(userId).displayName} ${refusal}`);
  const command = offeredCommands(core, channel, userId).find(test);
  if (!command) throw new Refused(`no command ${called} is offered to ${core.world.user(userId).displayName} here`);
  return command;
}

/** Goes down to the subcommand that `path` names and gives its options; throws `Refused` when the path is wrong. */
export function optionsAt(command: APIApplicationCommand, path: string[]): LooseOption[] {
  let options = (command.options ?? []) as LooseOption[];
  for (const name of path) {
    const next = options.find((option) => option.type <= 2 && option.name === name);
    if (!next) throw new Refused(`/${command.name} has no subcommand ${path.join(' ')}`);
    options = next.options ?? [];
  }
  if (command.type === ApplicationCommandType.ChatInput && options.some((option) => option.type <= 2))
    throw new Refused(`/${[command.name, ...path].join(' ')} needs a subcommand`);
  return options;
}

function lengthProblem(option: LooseOption, text: string): string | undefined {
  if (text.length < (option.min_length ?? 0)) return `needs at least ${option.min_length} characters`;
  // Discord's client takes no more than 6,000 characters in an option.
  if (text.length > (option.max_length ?? 6000)) return `takes at most ${option.max_length ?? 6000} characters`;
  return undefined;
}

function numberProblem(option: LooseOption, value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'needs a number';
  if (option.type === 4 && !Number.isSafeInteger(value)) return 'needs a whole number';
  if (option.min_value !== undefined && value < option.min_value) return `needs at least ${option.min_value}`;
  if (option.max_value !== undefined && value > option.max_value) return `takes at most ${option.max_value}`;
  return undefined;
}

function valueProblem(option: LooseOption, value: GivenOption['value']): string | undefined {
  const { choices } = option;
  if (choices && choices.length > 0 && !choices.some((choice) => choice.value === value)) return 'takes only its choices';
  if (option.type === 4 || option.type === 10) return numberProblem(option, value);
  if (option.type === 5) return typeof value === 'boolean' ? undefined : 'needs true or false';
  if (typeof value !== 'string') return 'needs a text';
  return option.type === 3 ? lengthProblem(option, value) : undefined;
}

/** Checks options as Discord's client does before it sends a command; throws `Refused`. */
export function refuseBadOptions(options: LooseOption[], given: GivenOption[]): void {
  for (const one of given) {
    const option = options.find((each) => each.name === one.name);
    if (!option) throw new Refused(`there is no option ${one.name}`);
    const problem = valueProblem(option, one.value);
    if (problem) throw new Refused(`option ${one.name} ${problem}`);
  }
  const missing = options.find((option) => option.required && !given.some((one) => one.name === option.name));
  if (missing) throw new Refused(`option ${missing.name} is required`);
}
