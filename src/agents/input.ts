/** Reading an agent's input: JSON from programs, `key=value` pairs and modal fields from people. */
import type { z } from 'zod';
import type { JsonObject, JsonValue } from '../tasks/model.js';
import type { Agent } from './contract.js';
import { describeInput, type InputField } from './describe.js';
import { describeIssue } from './issues.js';
import { parsePairs } from './pairs.js';

/** A field that breaks a rule. `field` is a path (`items.3`), empty for the input as a whole. */
export interface InputProblem {
  field: string;
  problem: string;
}

/** `missing` names the required fields that were not given, so that a modal can ask for them; they are not among the problems. */
export type ParsedInput =
  | { ok: true; value: Record<string, unknown> }
  | { ok: false; problems: InputProblem[]; missing: string[] };

type HasInput = Pick<Agent, 'inputSchema'>;

/**
 * Checks input against the agent's schema; `value` is what `run` gets. A field that the schema does not know is a problem,
 * because it is most often a misspelt one (unless the schema is loose).
 */
export function parseInput(agent: HasInput, raw: JsonObject): ParsedInput {
  const parsed = agent.inputSchema.safeParse(raw);
  const unknown = unknownFields(agent.inputSchema, raw);
  if (parsed.success && unknown.length === 0) return { ok: true, value: parsed.data };

  const missing = new Set<string>();
  const problems: InputProblem[] = [...unknown];
  const required = new Set(
    describeInput(agent)
      .filter((field) => field.required)
      .map(({ name }) => name),
  );
  for (const issue of parsed.error?.issues ?? []) {
    const [first] = issue.path;
    const absent = typeof first === 'string' && required.has(first) && !Object.hasOwn(raw, first);
    if (absent) missing.add(first);
    else if (issue.code !== 'unrecognized_keys') problems.push({ field: issue.path.join('.'), problem: describeIssue(issue) });
  }
  return { ok: false, problems, missing: [...missing] };
}

function unknownFields(schema: z.ZodObject, raw: JsonObject): InputProblem[] {
  const rest = schema.def.catchall;
  if (rest !== undefined && rest._zod.def.type !== 'never') return [];
  const known = Object.keys(schema.shape);
  return Object.keys(raw)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      field: name.slice(0, 100),
      problem: known.length > 0 ? `is not a field of this agent; it has: ${known.join(', ')}` : 'this agent takes no input',
    }));
}

/** JSON values from strings, or the fields that could not be read. */
export type CoercedInput = { ok: true; value: JsonObject } | { ok: false; problems: InputProblem[] };

/**
 * Turns strings as typed in a modal or in pairs into JSON values by the kind of each field. An empty string counts as not
 * given. Fields that the agent does not have are passed on as text, for `parseInput` to name.
 */
export function coerce(agent: HasInput, pairs: Readonly<Record<string, string>>): CoercedInput {
  const fields = new Map(describeInput(agent).map((field) => [field.name, field]));
  const entries: [string, JsonValue][] = [];
  const problems: InputProblem[] = [];
  for (const [name, typed] of Object.entries(pairs)) {
    const field = fields.get(name);
    const value = field ? coerceValue(field, field.kind, typed) : { value: typed };
    if (value === undefined) continue;
    if ('problem' in value) problems.push({ field: name, problem: value.problem });
    else entries.push([name, value.value]);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: Object.fromEntries(entries) };
}

type Coerced = { value: JsonValue } | { problem: string } | undefined;

function coerceValue(field: InputField, kind: FieldKindOf, typed: string): Coerced {
  const trimmed = typed.trim();
  if (trimmed === '') return undefined;
  switch (kind) {
    case 'string':
      return { value: typed };
    case 'integer':
    case 'number':
      return coerceNumber(kind, trimmed);
    case 'boolean':
      return coerceBoolean(trimmed);
    case 'choice':
      return coerceChoice(field.choices ?? [], trimmed);
    case 'list':
      return coerceList(field, trimmed);
    case 'object':
      return readJson(trimmed);
  }
}
type FieldKindOf = InputField['kind'];

function coerceNumber(kind: 'integer' | 'number', typed: string): Coerced {
  // `_` and the thin or plain spaces of 1 000 000 are ways to write a number; a comma is not, since it means two things.
  const digits = typed.replace(/(?<=\d)[_\u00a0\u202f ](?=\d{3})/g, '');
  const value = Number(digits);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits) || !Number.isFinite(value))
    return { problem: `must be a number, not "${shorten(typed)}"` };
  if (kind === 'integer' && !Number.isInteger(value)) return { problem: `must be a whole number, not "${shorten(typed)}"` };
  return { value };
}

const YES = new Set(['yes', 'y', 'true', 'on', '1']);
const NO = new Set(['no', 'n', 'false', 'off', '0']);

function coerceBoolean(typed: string): Coerced {
  const word = typed.toLowerCase();
  if (YES.has(word)) return { value: true };
  if (NO.has(word)) return { value: false };
  return { problem: `must be yes or no, not "${shorten(typed)}"` };
}

function coerceChoice(choices: readonly (string | number)[], typed: string): Coerced {
  const same = (choice: string | number) => String(choice).toLowerCase() === typed.toLowerCase();
  const value = choices.find((choice) => String(choice) === typed) ?? choices.find(same);
  return value === undefined ? { problem: `must be one of ${choices.join(', ')}, not "${shorten(typed)}"` } : { value };
}

/** A JSON array, else one item a line if there are lines, else items between commas. */
function coerceList(field: InputField, typed: string): Coerced {
  if (typed.startsWith('[')) return readJson(typed);
  const items: JsonValue[] = [];
  for (const part of typed.split(typed.includes('\n') ? '\n' : ',')) {
    const item = coerceValue(field, field.choices ? 'choice' : (field.items ?? 'string'), part.trim());
    if (item === undefined) continue;
    if ('problem' in item) return { problem: `item ${items.length + 1} ${item.problem}` };
    items.push(item.value);
  }
  return { value: items };
}

function readJson(typed: string): Coerced {
  try {
    return { value: JSON.parse(typed) as JsonValue };
  } catch (error) {
    return { problem: `must be JSON (${(error as Error).message})` };
  }
}

/**
 * Reads the `input` option of a command: a JSON object, taken as it is, or `key=value` pairs, read by the agent's fields.
 * The value has still to pass `parseInput`.
 */
export function readInput(agent: HasInput, typed: string): CoercedInput {
  const read = parsePairs(typed);
  if (!read.ok) return { ok: false, problems: [{ field: '', problem: read.problem }] };
  return read.kind === 'json' ? { ok: true, value: read.value } : coerce(agent, read.pairs);
}

function shorten(typed: string): string {
  const characters = [...typed];
  return characters.length > 40 ? `${characters.slice(0, 40).join('')}…` : typed;
}
