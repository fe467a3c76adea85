/** Slash commands as a flat list, the way they are typed: one entry for each subcommand. Pure. */
import type { APIApplicationCommand, APIApplicationCommandOption } from 'discord-api-types/v10';
import type { GivenOption } from '../../protocol.js';

/** One option of a command, with Discord's limits under plain names. */
export interface OptionSpec {
  name: string;
  description: string;
  /** Discord's application command option type. */
  type: number;
  required: boolean;
  choices: { name: string; value: string | number }[];
  autocomplete: boolean;
  minValue?: number;
  maxValue?: number;
  minLength?: number;
  maxLength?: number;
  channelTypes: number[];
}

export interface CommandEntry {
  commandId: string;
  /** Subcommand group and subcommand, outermost first. */
  path: string[];
  /** As typed, without the slash: `task create`. */
  name: string;
  description: string;
  options: OptionSpec[];
}

export const optionTypes = {
  subcommand: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;

/** Word for what an option takes, for people. */
export function typeName({ type, choices }: Pick<OptionSpec, 'type' | 'choices'>): string {
  if (choices.length > 0) return 'one of a list';
  const names: Record<number, string> = {
    3: 'text',
    4: 'whole number',
    5: 'true or false',
    6: 'person',
    7: 'channel',
    8: 'role',
    9: 'person or role',
    10: 'number',
    11: 'file',
  };
  return names[type] ?? 'value';
}

/** Fields of the option types that the page reads; Discord's own union names them per type. */
interface RawOption {
  name: string;
  description: string;
  type: number;
  required?: boolean;
  choices?: { name: string; value: string | number }[];
  autocomplete?: boolean;
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  channel_types?: number[];
  options?: RawOption[];
}

/** All slash commands of an application, in the order it registered them. */
export function commandEntries(commands: readonly APIApplicationCommand[]): CommandEntry[] {
  return commands
    .filter((command) => command.type === 1)
    .flatMap((command) => {
      const options = (command.options ?? []) as APIApplicationCommandOption[] as RawOption[];
      return entries(command.id, command.name, command.description, options, []);
    });
}

function entries(commandId: string, name: string, description: string, options: RawOption[], path: string[]): CommandEntry[] {
  const below = options.filter((option) => option.type === optionTypes.subcommand || option.type === optionTypes.group);
  if (below.length > 0) {
    return below.flatMap((one) =>
      entries(commandId, `${name} ${one.name}`, one.description, one.options ?? [], [...path, one.name]),
    );
  }
  return [{ commandId, path, name, description, options: options.map(spec) }];
}

function spec(option: RawOption): OptionSpec {
  return {
    name: option.name,
    description: option.description,
    type: option.type,
    required: option.required ?? false,
    choices: option.choices ?? [],
    autocomplete: option.autocomplete ?? false,
    minValue: option.min_value,
    maxValue: option.max_value,
    minLength: option.min_length,
    maxLength: option.max_length,
    channelTypes: option.channel_types ?? [],
  };
}

/** The entries that fit what is typed after the slash, the best first. */
export function filterCommands(all: readonly CommandEntry[], typed: string): CommandEntry[] {
  const query = typed.trim().toLowerCase();
  if (query === '') return [...all];
  return all
    .map((entry, order) => ({ entry, order, rank: rank(entry, query) }))
    .filter((scored) => scored.rank > 0)
    .sort((one, other) => other.rank - one.rank || one.order - other.order)
    .map((scored) => scored.entry);
}

/** 4: begins with it, 3: each typed word begins a word of the name, 2: the name has it, 1: the description has it. */
function rank(entry: CommandEntry, query: string): number {
  const name = entry.name.toLowerCase();
  if (name.startsWith(query)) return 4;
  const words = name.split(/[\s-]+/);
  if (query.split(/\s+/).every((part) => words.some((word) => word.startsWith(part)))) return 3;
  if (name.includes(query)) return 2;
  return query.length > 2 && entry.description.toLowerCase().includes(query) ? 1 : 0;
}

/** The command that a typed line names in full, with the rest of the line: `/task create title: Hi`. */
export function exactCommand(all: readonly CommandEntry[], line: string): { entry: CommandEntry; rest: string } | null {
  const lower = line.toLowerCase();
  const fits = all.filter((entry) => lower.startsWith(`/${entry.name.toLowerCase()} `));
  const entry = fits.sort((one, other) => other.name.length - one.name.length)[0];
  return entry ? { entry, rest: line.slice(entry.name.length + 2) } : null;
}

/** Reads `agent: sample title: Hello there` into texts by option name; text before the first name goes to the first option. */
export function typedOptions(entry: CommandEntry, rest: string): Record<string, string> {
  const names = entry.options.map((option) => option.name);
  const found: { name: string; from: number; at: number }[] = [];
  for (const match of rest.matchAll(/(^|\s)([\p{L}\p{N}_-]{1,32}):\s*/gu)) {
    const name = match[2] ?? '';
    if (names.includes(name)) found.push({ name, at: match.index, from: match.index + match[0].length });
  }
  const texts: Record<string, string> = {};
  const lead = rest.slice(0, found[0]?.at ?? rest.length).trim();
  if (lead !== '' && names[0]) texts[names[0]] = lead;
  found.forEach((one, index) => {
    texts[one.name] = rest.slice(one.from, found[index + 1]?.at ?? rest.length).trim();
  });
  return texts;
}

/** What an option's chip holds. */
export interface FieldState {
  text: string;
  /** An entry of the list that was chosen. */
  chosen: { label: string; value: string | number | boolean } | null;
  /** Id of an uploaded file. */
  fileId: string | null;
}

export type Reading = { kind: 'empty' } | { kind: 'value'; value: GivenOption['value'] } | { kind: 'invalid'; reason: string };

/** The value that a chip stands for, or why there is none. `listed`: what the option's list offers. */
export function readOption(
  option: OptionSpec,
  state: FieldState,
  listed: readonly { label: string; value: string | number | boolean }[],
): Reading {
  if (option.type === optionTypes.attachment) return state.fileId ? { kind: 'value', value: state.fileId } : { kind: 'empty' };
  if (state.chosen) return { kind: 'value', value: state.chosen.value };
  const text = state.text.trim();
  if (text === '') return { kind: 'empty' };
  const named = listed.find((item) => item.label.toLowerCase() === text.toLowerCase() || String(item.value) === text);
  if (named) return { kind: 'value', value: named.value };
  if (listed.length > 0 && !option.autocomplete) return invalid(`Choose ${article(option)} from the list`);
  if (option.type === optionTypes.integer || option.type === optionTypes.number) return readNumber(option, text);
  if (option.type !== optionTypes.string) return invalid(`Choose ${article(option)} from the list`);
  return readText(option, state.text);
}

function invalid(reason: string): Reading {
  return { kind: 'invalid', reason };
}

function article(option: OptionSpec): string {
  const named: Record<number, string> = { 5: 'True or False', 6: 'a person', 7: 'a channel', 8: 'a role', 9: 'a person or role' };
  return named[option.type] ?? 'an entry';
}

function readNumber(option: OptionSpec, text: string): Reading {
  const value = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value)) return invalid('Give a number');
  if (option.type === optionTypes.integer && !Number.isSafeInteger(value)) return invalid('Give a whole number');
  const { minValue, maxValue } = option;
  if ((minValue !== undefined && value < minValue) || (maxValue !== undefined && value > maxValue)) {
    return invalid(`Give a number ${range(minValue, maxValue)}`);
  }
  return { kind: 'value', value };
}

/** Discord's limit for text options that set none. */
const longestText = 6000;

function readText(option: OptionSpec, text: string): Reading {
  const { minLength, maxLength = longestText } = option;
  if (minLength !== undefined && text.length < minLength) return invalid(`At least ${minLength} characters, now ${text.length}`);
  if (text.length > maxLength) return invalid(`At most ${maxLength} characters, now ${text.length}`);
  return { kind: 'value', value: text };
}

/** "from 1 to 10", "of at least 1", "of at most 10"; empty without bounds. */
export function range(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `of at least ${min}`;
  return max === undefined ? '' : `of at most ${max}`;
}
