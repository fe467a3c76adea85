/**
 * Command definitions as constants, and the options of a call read by them: the handler's types follow from the definition, and whatever
 * Discord (or somebody who forges a call) sends is checked against it again.
 */
import { z } from 'zod';
import { InvalidError } from '../../tasks/errors.js';
import { isStorable } from '../../tasks/model.js';

/** Discord's numbers of option types, as far as they are used here. */
export const OPTION = {
  subcommand: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  attachment: 11,
} as const;

interface OptionBase {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
}
interface StringOption extends OptionBase {
  readonly type: typeof OPTION.string;
  readonly choices?: readonly { readonly name: string; readonly value: string }[];
  readonly autocomplete?: boolean;
  readonly min_length?: number;
  readonly max_length?: number;
}
interface IntegerOption extends OptionBase {
  readonly type: typeof OPTION.integer;
  readonly choices?: readonly { readonly name: string; readonly value: number }[];
  readonly min_value?: number;
  readonly max_value?: number;
}
interface PlainOption extends OptionBase {
  readonly type: typeof OPTION.boolean | typeof OPTION.user | typeof OPTION.attachment;
}
interface ChannelOption extends OptionBase {
  readonly type: typeof OPTION.channel;
  readonly channel_types?: readonly number[];
}
export type OptionDefinition = StringOption | IntegerOption | PlainOption | ChannelOption;

/** A subcommand, or a command that has none. */
export interface ActionDefinition {
  readonly name: string;
  readonly description: string;
  readonly options?: readonly OptionDefinition[];
}

/** A file as Discord describes it: the bytes are fetched later (attachments.ts). `size` in bytes. */
export interface AttachmentRef {
  url: string;
  filename: string;
  size: number;
  contentType: string;
}

type ValueOf<O extends OptionDefinition> = O extends {
  readonly choices: readonly { readonly value: infer V }[];
}
  ? V
  : O['type'] extends typeof OPTION.string | typeof OPTION.user | typeof OPTION.channel
    ? string
    : O['type'] extends typeof OPTION.integer
      ? number
      : O['type'] extends typeof OPTION.boolean
        ? boolean
        : AttachmentRef;

type OptionOf<D extends ActionDefinition> = D extends { readonly options: readonly (infer O extends OptionDefinition)[] }
  ? O
  : never;

/** The options of a call by name; users and channels are ids. Those that were not given are undefined. */
export type OptionValues<D extends ActionDefinition> = {
  [O in OptionOf<D> as O['name']]: O extends { readonly required: true } ? ValueOf<O> : ValueOf<O> | undefined;
};

const attachmentSchema = z
  .object({
    url: z.string().max(4000),
    filename: z.string().min(1).max(1024),
    size: z.number().int().min(0),
    content_type: z.string().max(255).nullish(),
  })
  .transform(
    ({ content_type, ...rest }): AttachmentRef => ({
      ...rest,
      contentType: content_type ?? 'application/octet-stream',
    }),
  );

export const resolvedSchema = z.object({
  attachments: z.record(z.string(), attachmentSchema).optional(),
  messages: z.record(z.string(), z.unknown()).optional(),
});
export type Resolved = z.output<typeof resolvedSchema>;

/** One option as it came; `options` for subcommands and groups. */
export interface GivenOption {
  name: string;
  type: number;
  value?: string | number | boolean | undefined;
  focused?: boolean | undefined;
  options?: GivenOption[] | undefined;
}
export const givenOptionSchema: z.ZodType<GivenOption> = z.lazy(() =>
  z.object({
    name: z.string().max(100),
    type: z.number().int(),
    value: z.union([z.string(), z.number(), z.boolean()]).optional(),
    focused: z.boolean().optional(),
    options: z.array(givenOptionSchema).max(25).optional(),
  }),
);

/** Attachments of a message or a call, checked; anything else than a list of them is an empty list. */
export function readAttachments(value: unknown): AttachmentRef[] {
  const parsed = z.array(attachmentSchema).max(10).safeParse(value);
  return parsed.success ? parsed.data : [];
}

/**
 * Reads a call's options by the definition. Throws InvalidError, naming the option, when a required one is absent or a value is not what the
 * definition allows (Discord's own client never sends such a call).
 */
export function readOptions<D extends ActionDefinition>(
  definition: D,
  given: readonly GivenOption[],
  resolved: Resolved,
): OptionValues<D> {
  const values: Record<string, unknown> = {};
  for (const option of definition.options ?? []) {
    const raw = given.find(({ name, type }) => name === option.name && type === option.type)?.value;
    if (raw !== undefined) values[option.name] = readOption(option, raw, resolved);
    else if (option.required) throw refusal(option.name, 'is required');
  }
  return values as OptionValues<D>;
}

function refusal(name: string, problem: string): InvalidError {
  return new InvalidError(`\`${name}\` ${problem}.`, [{ field: name, problem }]);
}

const ID = /^\d{17,20}$/;

function readOption(option: OptionDefinition, raw: string | number | boolean, resolved: Resolved): unknown {
  switch (option.type) {
    case OPTION.string:
      return readString(option, raw);
    case OPTION.integer:
      if (typeof raw !== 'number' || !Number.isInteger(raw)) throw refusal(option.name, 'must be a whole number');
      if (raw < (option.min_value ?? -Infinity)) throw refusal(option.name, `must be at least ${option.min_value}`);
      if (raw > (option.max_value ?? Infinity)) throw refusal(option.name, `must be at most ${option.max_value}`);
      if (option.choices && !option.choices.some(({ value }) => value === raw)) throw refusal(option.name, 'is not a choice');
      return raw;
    case OPTION.boolean:
      if (typeof raw !== 'boolean') throw refusal(option.name, 'must be true or false');
      return raw;
    case OPTION.user:
    case OPTION.channel:
      if (typeof raw !== 'string' || !ID.test(raw)) throw refusal(option.name, 'is not a Discord id');
      return raw;
    case OPTION.attachment: {
      const file = resolved.attachments?.[String(raw)];
      if (!file) throw refusal(option.name, 'came without its file; please try again');
      return file;
    }
  }
}

/** Discord's own upper bound of a string option. */
const LONGEST_STRING = 6000;

function readString(option: StringOption, raw: string | number | boolean): string {
  if (typeof raw !== 'string') throw refusal(option.name, 'must be text');
  const most = option.max_length ?? LONGEST_STRING;
  if (raw.length > most) throw refusal(option.name, `must have at most ${most} characters`);
  if (raw.length < (option.min_length ?? 0)) throw refusal(option.name, `must have at least ${option.min_length} characters`);
  if (!isStorable(raw))
    throw refusal(option.name, 'contains a character that cannot be stored (NUL or half of a surrogate pair)');
  if (option.choices && !option.choices.some(({ value }) => value === raw))
    throw refusal(option.name, `must be one of ${option.choices.map(({ value }) => value).join(', ')}`);
  return raw;
}
