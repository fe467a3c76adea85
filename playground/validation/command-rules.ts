import type { CommandBody, CommandOption } from './commands.js';
import type { Fault } from './form.js';

/** All names, descriptions and choice values of a command together, the longest translation of each counted. */
const MAX_COMMAND_CHARACTERS = 8000;

type Path = (string | number)[];
const STRING = 3;
const INTEGER = 4;
const CHANNEL = 7;
const NUMBER = 10;
const ATTACHMENT = 11;

/** Which fields belong to which types of options (application-commands.mdx, option structure, "Valid Option Types"). */
const FIELDS: [field: keyof CommandOption, types: number[], says: string][] = [
  ['choices', [STRING, INTEGER, NUMBER], 'Choices are for string, integer and number options'],
  ['autocomplete', [STRING, INTEGER, NUMBER], 'Autocomplete is for string, integer and number options'],
  ['min_value', [INTEGER, NUMBER], 'A least value is for integer and number options'],
  ['max_value', [INTEGER, NUMBER], 'A greatest value is for integer and number options'],
  ['min_length', [STRING], 'A least length is for string options'],
  ['max_length', [STRING], 'A greatest length is for string options'],
  ['channel_types', [CHANNEL], 'Channel types are for channel options'],
  ['file_types', [ATTACHMENT], 'File types are for attachment options'],
  ['options', [1, 2], 'Only subcommands and groups have options'],
];

/** What is not there says nothing: absent, null, false and an empty list. */
const isGiven = (value: unknown) =>
  value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);

const longest = (text: string, localized: Record<string, string | null> | null | undefined) =>
  Math.max(text.length, ...Object.values(localized ?? {}).map((one) => one?.length ?? 0));

function lengthOf(option: CommandOption): number {
  const choices = (option.choices ?? []).reduce(
    (sum, one) => sum + longest(one.name, one.name_localizations) + (typeof one.value === 'string' ? one.value.length : 0),
    0,
  );
  const inner = (option.options ?? []).reduce((sum, one) => sum + lengthOf(one), 0);
  return (
    longest(option.name, option.name_localizations) +
    longest(option.description, option.description_localizations) +
    choices +
    inner
  );
}

/** A command over 8,000 characters in all. */
export function lengthFaults(command: CommandBody): Fault[] {
  const length =
    longest(command.name, command.name_localizations) +
    longest(command.description, command.description_localizations) +
    (command.options ?? []).reduce((sum, one) => sum + lengthOf(one), 0);
  if (length <= MAX_COMMAND_CHARACTERS) return [];
  const message = `Command exceeds maximum size (${MAX_COMMAND_CHARACTERS})`;
  return [{ path: [], code: 'APPLICATION_COMMAND_TOO_LARGE', message }];
}

/** User and message commands have no description and no options (application-commands.mdx, command structure). */
export function contextMenuFaults(input: Record<string, unknown>): Fault[] {
  const given = (['description', 'options'] as const).filter((key) => input[key] !== '' && isGiven(input[key]));
  return given.map((key) => ({
    path: [key],
    code: `APPLICATION_COMMAND_CONTEXT_MENU_${key.toUpperCase()}_INVALID`,
    message: `Context menu commands cannot have ${key}`,
  }));
}

function boundFaults(option: CommandOption, invalid: (key: string, message: string) => void): void {
  const { type, min_value: least, max_value: most, min_length: shortest, max_length: longestText } = option;
  if (least !== null && least !== undefined && most !== null && most !== undefined && least > most)
    invalid('min_value', 'min_value is above max_value');
  if (shortest !== null && shortest !== undefined && longestText !== null && longestText !== undefined && shortest > longestText)
    invalid('min_length', 'min_length is above max_length');
  for (const [key, value] of Object.entries({ min_value: least, max_value: most })) {
    if (value === null || value === undefined) continue;
    if (type === INTEGER && !Number.isSafeInteger(value)) invalid(key, 'Value is not a whole number within 2^53');
    if (type === NUMBER && Math.abs(value) > 2 ** 53) invalid(key, 'Value is beyond 2^53');
  }
}

function choiceFaults(option: CommandOption, path: Path): Fault[] {
  const choices = option.choices ?? [];
  return choices.flatMap((one, index) => {
    const faults: Fault[] = [];
    const here = [...path, 'choices', index];
    const fits =
      option.type === STRING
        ? typeof one.value === 'string'
        : option.type === INTEGER
          ? Number.isSafeInteger(one.value)
          : typeof one.value === 'number';
    if (!fits)
      faults.push({ path: [...here, 'value'], code: 'BASE_TYPE_CHOICES', message: 'Value does not fit the type of the option' });
    if (choices.findIndex((other) => other.name === one.name) < index)
      faults.push({
        path: [...here, 'name'],
        code: 'APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATED',
        message: 'Choice name is already used',
      });
    return faults;
  });
}

function singleOptionFaults(option: CommandOption, path: Path): Fault[] {
  const faults: Fault[] = [];
  const invalid = (key: string, message: string) =>
    void faults.push({ path: [...path, key], code: 'APPLICATION_COMMAND_OPTION_INVALID', message });
  const { type } = option;
  for (const [field, types, says] of FIELDS) if (isGiven(option[field]) && !types.includes(type)) invalid(field, says);
  if (option.autocomplete && isGiven(option.choices))
    invalid('autocomplete', 'An option cannot have both choices and autocomplete');
  if (type === 2 && option.options?.some((one) => one.type !== 1)) invalid('options', 'A group holds subcommands only');
  if (type === 1 && option.options?.some((one) => one.type <= 2)) invalid('options', 'A subcommand holds no subcommands');
  boundFaults(option, invalid);
  const isChoosable = type === STRING || type === INTEGER || type === NUMBER;
  return isChoosable ? [...faults, ...choiceFaults(option, path)] : faults;
}

/** What no single field of a command's options shows: order, doubled names, mixed kinds, fields of another type. */
export function optionFaults(options: CommandOption[], path: Path = ['options']): Fault[] {
  const faults: Fault[] = [];
  const names = new Set<string>();
  let optionalSeen = false;
  const anySub = options.some((one) => one.type <= 2);
  options.forEach((option, index) => {
    const here = [...path, index];
    if (names.has(option.name))
      faults.push({
        path: [...here, 'name'],
        code: 'APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED',
        message: 'Option name is already used',
      });
    names.add(option.name);
    if (option.required && optionalSeen)
      faults.push({
        path: here,
        code: 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        message: 'Required options must be placed before non-required options',
      });
    if (!option.required && option.type > 2) optionalSeen = true;
    if (anySub && option.type > 2)
      faults.push({
        path: here,
        code: 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
        message: 'Sub-command and sub-command group option types are mutually exclusive to all other types',
      });
    faults.push(...singleOptionFaults(option, here), ...optionFaults(option.options ?? [], [...here, 'options']));
  });
  return faults;
}
