import { z } from 'zod';
import { contextMenuFaults, lengthFaults, optionFaults } from './command-rules.js';
import { bits, fileTypes, localizations } from './fields.js';
import { parseForm, refuseFaults } from './form.js';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

const slashName = z.string().refine((name) => NAME.test(name) && name === name.toLowerCase(), {
  message: 'Command name is invalid',
  params: { code: 'APPLICATION_COMMAND_INVALID_NAME' },
});
const description = z.string().min(1).max(100);
const choiceName = z.string().min(1).max(100);
const menuName = z.string().trim().min(1).max(32);

const choice = z.object({
  name: choiceName,
  name_localizations: localizations(choiceName),
  value: z.union([z.string().max(100), z.number()]),
});

const optionBase = {
  type: z.number().int().min(1).max(11),
  name: slashName,
  name_localizations: localizations(slashName),
  description,
  description_localizations: localizations(description),
  required: z.boolean().nullish(),
  autocomplete: z.boolean().nullish(),
  choices: z.array(choice).max(25).nullish(),
  channel_types: z.array(z.number().int()).nullish(),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  min_length: z.number().int().min(0).max(6000).nullish(),
  max_length: z.number().int().min(1).max(6000).nullish(),
  file_types: fileTypes,
};

const leafOption = z.object(optionBase);
const middleOption = z.object({ ...optionBase, options: z.array(leafOption).max(25).nullish() });
const topOption = z.object({ ...optionBase, options: z.array(middleOption).max(25).nullish() });

/** An option as bodies give it; `options` only in subcommands (type 1) and groups (type 2). */
export type CommandOption = z.output<typeof leafOption> & { options?: CommandOption[] | null };

const rest = {
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
  name_localizations: localizations(slashName),
  description,
  description_localizations: localizations(description),
  options: z.array(topOption).max(25).nullish(),
  ...rest,
});
const contextMenu = z.object({
  type: z.number().int().min(2).max(3),
  name: menuName,
  name_localizations: localizations(menuName),
  ...rest,
});

/** A command as it is stored, without what the server adds. */
export type CommandBody = {
  type: number;
  name: string;
  description: string;
  options?: CommandOption[];
} & Omit<z.output<typeof chatInput>, 'type' | 'options' | 'name' | 'description'>;

/** Checks one command; throws `DiscordError` 50035. `prefix` is the index in a bulk overwrite. */
export function parseCommand(input: unknown, prefix: (string | number)[] = []): CommandBody {
  const refuse = (faults: ReturnType<typeof optionFaults>) =>
    refuseFaults(faults.map((fault) => ({ ...fault, path: [...prefix, ...fault.path] })));
  const type = (input as { type?: unknown } | null | undefined)?.type;
  if (type === 2 || type === 3) {
    const parsed = parseForm(contextMenu, input, prefix);
    refuse(contextMenuFaults(input as Record<string, unknown>));
    return { ...parsed, description: '' };
  }
  const parsed = parseForm(chatInput, input, prefix);
  const options = (parsed.options ?? []) as CommandOption[];
  const command: CommandBody = { ...parsed, type: 1, options };
  refuse([...optionFaults(options), ...lengthFaults(command)]);
  return command;
}
