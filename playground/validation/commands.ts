import { z } from 'zod';
import { bits, localizations } from './fields.js';
import { type Fault, parseForm, refuseFaults } from './form.js';

/** All names, descriptions and choice values of a command together, the longest translation of each counted. */
const MAX_COMMAND_CHARACTERS = 8000;

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

const slashName = z.string().refine((name) => NAME.test(name) && name === name.toLowerCase(), {
  message: 'Command name is invalid',
  params: { code: 'APPLICATION_COMMAND_INVALID_NAME' },
});
const description = z.string().min(1).max(100);

const choice = z.object({
  name: z.string().min(1).max(100),
  name_localizations: localizations(100),
  value: z.union([z.string().max(100), z.number()]),
});

const optionBase = {
  type: z.number().int().min(1).max(11),
  name: slashName,
  name_localizations: localizations(32),
  description,
  description_localizations: localizations(100),
  required: z.boolean().nullish(),
  autocomplete: z.boolean().nullish(),
  choices: z.array(choice).max(25).nullish(),
  channel_types: z.array(z.number().int()).nullish(),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  min_length: z.number().int().min(0).max(6000).nullish(),
  max_length: z.number().int().min(1).max(6000).nullish(),
};

const leafOption = z.object(optionBase);
const middleOption = z.object({ ...optionBase, options: z.array(leafOption).max(25).nullish() });
const topOption = z.object({ ...optionBase, options: z.array(middleOption).max(25).nullish() });

/** An option as bodies give it; `options` only in subcommands (type 1) and groups (type 2). */
export type CommandOption = z.output<typeof leafOption> & { options?: CommandOption[] | null };

const rest = {
  name_localizations: localizations(32),
  default_member_permissions: bits.nullish(),
  dm_permission: z.boolean().nullish(),
  default_permission: z.boolean().nullish(),
  nsfw: z.boolean().nullish(),
  contexts: z.array(z.number().int().min(0).max(2)).min(1).nullish(),
  integration_types: z.array(z.number().int().min(0).max(1)).min(1).nullish(),
};

const chatInput = z.object({
  type: z.literal(1).nullish(),
  name: slashName,
  description,
  description_localizations: localizations(100),
  options: z.array(topOption).max(25).nullish(),
  ...rest,
});
const contextMenu = z.object({
  type: z.number().int().min(2).max(3),
  name: z.string().trim().min(1).max(32),
  ...rest,
});

/** A command as it is stored, without what the server adds. */
export type CommandBody = {
  type: number;
  name: string;
  description: string;
  options?: CommandOption[];
} & Omit<z.output<typeof chatInput>, 'type' | 'options' | 'name' | 'description'>;

const longest = (text: string, localized: Record<string, string | null> | null | undefined) =>
  Math.max(text.length, ...Object.values(localized ?? {}).map((one) => one?.length ?? 0));

function optionLength(option: CommandOption): number {
  const choices = (option.choices ?? []).reduce(
    (sum, one) => sum + longest(one.name, one.name_localizations) + (typeof one.value === 'string' ? one.value.length : 0),
    0,
  );
  const inner = (option.options ?? []).reduce((sum, one) => sum + optionLength(one), 0);
  return (
    longest(option.name, option.name_localizations) +
    longest(option.description, option.description_localizations) +
    choices +
    inner
  );
}

function singleOptionFaults(option: CommandOption, path: (string | number)[]): Fault[] {
  const faults: Fault[] = [];
  const invalid = (key: string, message: string) =>
    faults.push({ path: [...path, key], code: 'APPLICATION_COMMAND_OPTION_INVALID', message });
  const { type } = option;
  const choosable = type === 3 || type === 4 || type === 10;
  if ((option.choices?.length ?? 0) > 0 && !choosable) invalid('choices', 'Choices are for string, integer and number options');
  if (option.autocomplete && !choosable) invalid('autocomplete', 'Autocomplete is for string, integer and number options');
  if (option.autocomplete && (option.choices?.length ?? 0) > 0)
    invalid('autocomplete', 'An option cannot have both choices and autocomplete');
  if (type > 2 && option.options?.length) invalid('options', 'Only subcommands and groups have options');
  if (type === 2 && option.options?.some((one) => one.type !== 1)) invalid('options', 'A group holds subcommands only');
  if (type === 1 && option.options?.some((one) => one.type <= 2)) invalid('options', 'A subcommand holds no subcommands');
  option.choices?.forEach((one, index) => {
    const fits = type === 3 ? typeof one.value === 'string' : typeof one.value === 'number';
    if (choosable && !fits)
      faults.push({
        path: [...path, 'choices', index, 'value'],
        code: 'BASE_TYPE_CHOICES',
        message: 'Value does not fit the type of the option',
      });
  });
  return faults;
}

function listFaults(options: CommandOption[], path: (string | number)[]): Fault[] {
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
    faults.push(...singleOptionFaults(option, here), ...listFaults(option.options ?? [], [...here, 'options']));
  });
  return faults;
}

/** Checks one command; throws `DiscordError` 50035. `prefix` is the index in a bulk overwrite. */
export function parseCommand(input: unknown, prefix: (string | number)[] = []): CommandBody {
  const type = (input as { type?: unknown } | null | undefined)?.type;
  if (type === 2 || type === 3) {
    return { ...parseForm(contextMenu, input, prefix), description: '' };
  }
  const parsed = parseForm(chatInput, input, prefix);
  const options = (parsed.options ?? []) as CommandOption[];
  const faults = listFaults(options, ['options']);
  const length =
    longest(parsed.name, parsed.name_localizations) +
    longest(parsed.description, parsed.description_localizations) +
    options.reduce((sum, one) => sum + optionLength(one), 0);
  if (length > MAX_COMMAND_CHARACTERS)
    faults.push({
      path: [],
      code: 'APPLICATION_COMMAND_TOO_LARGE',
      message: `Command exceeds maximum size (${MAX_COMMAND_CHARACTERS})`,
    });
  refuseFaults(faults.map((fault) => ({ ...fault, path: [...prefix, ...fault.path] })));
  return { ...parsed, type: 1, options };
}
