/**
 * What arrives: Discord's INTERACTION_CREATE payload, checked and narrowed. The payload itself is read, not discord.js's objects made from it,
 * because those leave out what is not cached (the channel of a direct message, a thread's parent) and drop kinds they do not know.
 */
import { z } from 'zod';
import { isStorable } from '../../tasks/model.js';
import { type GivenOption, givenOptionSchema, type Resolved, resolvedSchema } from './options.js';

/** Interaction kinds by Discord's number. */
const KIND = { command: 2, component: 3, autocomplete: 4, form: 5 } as const;

/** The flag of a message that only its addressee sees. */
export const EPHEMERAL = 64;

const id = z.string().regex(/^\d{15,20}$/);
const bits = z
  .string()
  .regex(/^\d{1,30}$/)
  .transform(BigInt);

const userSchema = z.object({ id });
const memberSchema = z.object({
  user: userSchema,
  roles: z.array(id).default([]),
  permissions: bits.optional(),
  communication_disabled_until: z.string().nullish(),
});

const envelopeSchema = z.object({
  id,
  application_id: id,
  type: z.union([z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
  token: z.string().min(1).max(500),
  guild_id: id.nullish(),
  channel: z.object({ id, type: z.number().int(), parent_id: id.nullish() }),
  member: memberSchema.nullish(),
  user: userSchema.nullish(),
  app_permissions: bits.optional(),
  locale: z.string().max(20).optional(),
  data: z.unknown(),
  message: z.object({ id, flags: z.number().int().optional() }).nullish(),
});

/** Everything but what was asked. */
export interface Envelope {
  id: string;
  applicationId: string;
  token: string;
  guildId: string | null;
  channel: { id: string; type: number; parentId: string | null };
  userId: string;
  /** Null in a direct message. `permissions`: of the member in this channel, as Discord computed them. */
  member: { roles: readonly string[]; permissions: bigint; timedOutUntil: Date | null } | null;
  /** What the bot may do in this channel; null when Discord did not say. */
  appPermissions: bigint | null;
  /** The message that holds the pressed button, or from which the form was opened. */
  message: { id: string; ephemeral: boolean } | null;
}

export interface CommandCall {
  kind: 'command' | 'autocomplete';
  /** Discord's number: 1 slash command, 2 user menu, 3 message menu. */
  type: number;
  name: string;
  /** Subcommand group and subcommand, if any: `failed list`. */
  path: readonly string[];
  options: readonly GivenOption[];
  resolved: Resolved;
  targetId: string | null;
}
export interface ComponentCall {
  kind: 'component';
  customId: string;
  values: readonly string[];
}
export interface FormCall {
  kind: 'form';
  customId: string;
  /** What was typed or chosen, by the field's custom_id. */
  fields: ReadonlyMap<string, string>;
}
export type Incoming = Envelope & { call: CommandCall | ComponentCall | FormCall };

const commandSchema = z.object({
  name: z.string().max(100),
  type: z.number().int().default(1),
  options: z.array(givenOptionSchema).max(25).default([]),
  resolved: resolvedSchema.default({}),
  target_id: id.nullish(),
});
const componentSchema = z.object({ custom_id: z.string().max(200), values: z.array(z.string().max(200)).max(25).default([]) });

interface Field {
  custom_id?: string | undefined;
  value?: string | undefined;
  values?: string[] | undefined;
  component?: Field | undefined;
  components?: Field[] | undefined;
}
const fieldSchema: z.ZodType<Field> = z.lazy(() =>
  z.object({
    custom_id: z.string().max(200).optional(),
    value: z.string().optional(),
    values: z.array(z.string()).max(25).optional(),
    component: fieldSchema.optional(),
    components: z.array(fieldSchema).max(10).optional(),
  }),
);
const formSchema = z.object({ custom_id: z.string().max(200), components: z.array(fieldSchema).max(10).default([]) });

/**
 * A payload that is not what Discord documents. `envelope` is there when it can still be answered, `calls` the command's name or
 * the custom_id, as far as there is one.
 */
export interface Unreadable {
  envelope: Envelope | null;
  problem: string;
  calls: string | null;
}

/** Parses a payload. Never throws. */
export function readIncoming(payload: unknown): Incoming | Unreadable {
  const parsed = envelopeSchema.safeParse(payload);
  if (!parsed.success) return { envelope: null, problem: z.prettifyError(parsed.error), calls: null };
  const raw = parsed.data;
  const userId = raw.member?.user.id ?? raw.user?.id;
  if (userId === undefined) return { envelope: null, problem: 'no user', calls: null };
  const envelope: Envelope = {
    id: raw.id,
    applicationId: raw.application_id,
    token: raw.token,
    guildId: raw.guild_id ?? null,
    channel: { id: raw.channel.id, type: raw.channel.type, parentId: raw.channel.parent_id ?? null },
    userId,
    member: raw.member ? readMember(raw.member) : null,
    appPermissions: raw.app_permissions ?? null,
    message: raw.message ? { id: raw.message.id, ephemeral: ((raw.message.flags ?? 0) & EPHEMERAL) !== 0 } : null,
  };
  const call = readCall(raw.type, raw.data);
  return 'problem' in call ? { envelope, problem: call.problem, calls: calledIn(raw.data) } : { ...envelope, call };
}

const calledSchema = z.object({ name: z.string().optional(), custom_id: z.string().optional() });

function calledIn(data: unknown): string | null {
  const parsed = calledSchema.safeParse(data);
  return parsed.success ? (parsed.data.custom_id ?? parsed.data.name ?? null) : null;
}

function readMember(raw: z.output<typeof memberSchema>): Envelope['member'] {
  const until = raw.communication_disabled_until ? new Date(raw.communication_disabled_until) : null;
  return {
    roles: raw.roles,
    permissions: raw.permissions ?? 0n,
    timedOutUntil: until && !Number.isNaN(until.getTime()) ? until : null,
  };
}

function readCall(type: number, data: unknown): Incoming['call'] | { problem: string } {
  if (type === KIND.component) {
    const parsed = componentSchema.safeParse(data);
    if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
    return { kind: 'component', customId: parsed.data.custom_id, values: parsed.data.values };
  }
  if (type === KIND.form) {
    const parsed = formSchema.safeParse(data);
    if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
    return { kind: 'form', customId: parsed.data.custom_id, fields: collectFields(parsed.data.components, new Map()) };
  }
  const parsed = commandSchema.safeParse(data);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const { name, target_id, resolved } = parsed.data;
  const kind = type === KIND.autocomplete ? 'autocomplete' : 'command';
  return { kind, type: parsed.data.type, name, resolved, targetId: target_id ?? null, ...descend(parsed.data.options) };
}

/** Subcommand groups and subcommands come as options that hold options. */
function descend(options: readonly GivenOption[]): { path: string[]; options: readonly GivenOption[] } {
  const path: string[] = [];
  let rest = options;
  for (let depth = 0; depth < 2; depth += 1) {
    const [only] = rest;
    if (!only || (only.type !== 1 && only.type !== 2)) break;
    path.push(only.name);
    rest = only.options ?? [];
  }
  return { path, options: rest };
}

function collectFields(fields: readonly Field[], into: Map<string, string>): Map<string, string> {
  for (const field of fields) {
    if (field.component) collectFields([field.component], into);
    if (field.components) collectFields(field.components, into);
    if (field.custom_id === undefined) continue;
    const value = field.value ?? field.values?.[0];
    if (value !== undefined) into.set(field.custom_id, value);
  }
  return into;
}

/** Discord's own upper bound of a text input. */
export const LONGEST_FIELD = 4000;

/** The name of the first field whose text is longer than a form allows or cannot be stored; null when all are fine. */
export function unfitField(fields: ReadonlyMap<string, string>): string | null {
  for (const [name, value] of fields) if (value.length > LONGEST_FIELD || !isStorable(value)) return name;
  return null;
}
