import type { z } from 'zod';
import { DiscordError, type FormErrors } from '../errors.js';
import { lengthsAt } from './bounds.js';

/** One wrong field: where it is, and Discord's code and sentence for it. */
export interface Fault {
  path: (string | number)[];
  code: string;
  message: string;
}

type Issue = z.core.$ZodIssue;

/** What Discord says where something is missing. */
export const REQUIRED = { code: 'BASE_TYPE_REQUIRED', message: 'This field is required' };

/** Under this key a body carries what Discord's own schemas say against it, until its handler parses it. */
const NOTED = Symbol('faults of the specification');
type Noting = { [NOTED]?: Fault[] };

/**
 * Leaves faults on a body for whoever parses it: a handler first looks whether there is such a channel and whether the
 * bot may do that, as Discord does, and only then refuses the body. What concerns an item of a list, or the `data` of a
 * callback, is left there: these are parsed on their own.
 */
export function noteFaults(body: unknown, faults: Fault[]): void {
  if (typeof body !== 'object' || body === null || faults.length === 0) return;
  const own: Fault[] = [];
  for (const fault of faults) {
    const [first, ...rest] = fault.path;
    const part = typeof first === 'number' || first === 'data' ? valueAt(body, [first]) : undefined;
    if (typeof part === 'object' && part !== null) noteFaults(part, [{ ...fault, path: rest }]);
    else own.push(fault);
  }
  if (own.length > 0) (body as Noting)[NOTED] = [...((body as Noting)[NOTED] ?? []), ...own];
}

/** What was noted against this body and the items of a list. */
export function notedFaults(body: unknown): Fault[] {
  if (typeof body !== 'object' || body === null) return [];
  const own = (body as Noting)[NOTED] ?? [];
  if (!Array.isArray(body)) return own;
  return [
    ...own,
    ...body.flatMap((item, index) => notedFaults(item).map((fault) => ({ ...fault, path: [index, ...fault.path] }))),
  ];
}

/** Discord names both bounds where there are two, and calls an empty text missing. */
function lengthFault(issue: Issue & { code: 'too_big' | 'too_small' }, schema: z.core.$ZodType, input: unknown) {
  if (issue.origin === 'number' || issue.origin === 'int') {
    return issue.code === 'too_big'
      ? { code: 'NUMBER_TYPE_MAX', message: `int value should be less than or equal to ${issue.maximum}.` }
      : { code: 'NUMBER_TYPE_MIN', message: `int value should be greater than or equal to ${issue.minimum}.` };
  }
  const value = valueAt(input, issue.path);
  if (typeof value === 'string' && value.trim() === '') return REQUIRED;
  const { least = 0, most } = lengthsAt(schema, issue.path, input);
  if (least > 0 && most !== undefined)
    return { code: 'BASE_TYPE_BAD_LENGTH', message: `Must be between ${least} and ${most} in length.` };
  return issue.code === 'too_big'
    ? { code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${issue.maximum} or fewer in length.` }
    : { code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${issue.minimum} or more in length.` };
}

function typeFault(expected: string, value: unknown): { code: string; message: string } {
  if (value === undefined || value === null) return REQUIRED;
  if (expected === 'array') return { code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' };
  if (expected === 'object' || expected === 'record')
    return { code: 'DICT_TYPE_CONVERT', message: 'Only dictionaries may be used in a DictType' };
  if (expected === 'number' || expected === 'int')
    return { code: 'NUMBER_TYPE_COERCE', message: `Value ${JSON.stringify(value)} is not int.` };
  if (expected === 'boolean') return { code: 'BOOLEAN_TYPE_CONVERT', message: 'Must be either true or false.' };
  return { code: 'STRING_TYPE_CONVERT', message: 'Could not interpret value as string.' };
}

function formatFault(format: string, value: unknown): { code: string; message: string } {
  if (format === 'datetime') return { code: 'DATE_TIME_TYPE_PARSE', message: 'Could not parse value. Should be ISO8601.' };
  if (format === 'url') return { code: 'URL_TYPE_INVALID_URL', message: 'Not a well formed URL.' };
  // The only patterns of Discord's schemas are ids.
  return { code: 'NUMBER_TYPE_COERCE', message: `Value ${JSON.stringify(value)} is not snowflake.` };
}

/** What is at this place of a body. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}

/** Discord's words for what `schema` found wrong with `input`. */
export function faultOf(issue: Issue, schema: z.core.$ZodType, input: unknown): Fault {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  const value = valueAt(input, issue.path);
  switch (issue.code) {
    case 'too_big':
    case 'too_small':
      return { path, ...lengthFault(issue, schema, input) };
    case 'invalid_type':
      return { path, ...typeFault(issue.expected, value) };
    case 'invalid_value':
      if (value === undefined) return { path, ...REQUIRED };
      return { path, code: 'BASE_TYPE_CHOICES', message: `Value must be one of (${issue.values.join(', ')}).` };
    case 'invalid_union': {
      if (value === undefined) return { path, ...REQUIRED };
      const literals = issue.errors.flat();
      if (literals.length > 0 && literals.every((one) => one.code === 'invalid_value')) {
        const values = literals.flatMap((one) => one.values);
        return { path, code: 'BASE_TYPE_CHOICES', message: `Value must be one of (${values.join(', ')}).` };
      }
      // Of "a text or a number" the half that fits the value's type says more.
      const fitting = issue.errors.find((branch) => branch.every((one) => one.code !== 'invalid_type'))?.[0];
      if (fitting && fitting.code !== 'invalid_value')
        return faultOf({ ...fitting, path: [...issue.path, ...fitting.path] }, schema, input);
      return { path, code: 'UNION_TYPE_CHOICES', message: 'Value of field "type" must be one of the allowed types.' };
    }
    case 'custom': {
      const code: unknown = issue.params?.code;
      return { path, code: typeof code === 'string' ? code : 'BASE_TYPE_INVALID', message: issue.message };
    }
    case 'invalid_format':
      return { path, ...formatFault(issue.format, value) };
    default:
      return { path, code: 'STRING_TYPE_REGEX', message: 'String value did not match validation regex.' };
  }
}

/** Builds Discord's tree of errors. */
export function formTree(faults: Fault[]): FormErrors {
  const root: FormErrors = {};
  for (const { path, code, message } of faults) {
    let node = root;
    for (const key of path) {
      const next = (node[String(key)] ?? {}) as FormErrors;
      node[String(key)] = next;
      node = next;
    }
    const leaves = (node._errors ?? []) as { code: string; message: string }[];
    node._errors = [...leaves, { code, message }];
  }
  return root;
}

/** Refuses with 50035 when there is any fault. */
export function refuseFaults(faults: Fault[]): void {
  if (faults.length > 0) throw new DiscordError('invalidForm', formTree(faults));
}

const placeOf = (fault: Fault) => fault.path.join('.');

/**
 * Parses a body; throws `DiscordError` 50035 with the tree of everything that is wrong with it, what was noted included.
 * Where both found something the schema's own words stay.
 */
export function parseForm<T extends z.ZodType>(schema: T, input: unknown, prefix: (string | number)[] = []): z.output<T> {
  const result = schema.safeParse(input ?? {});
  const own = result.success ? [] : result.error.issues.map((issue) => faultOf(issue, schema, input ?? {}));
  const places = new Set(own.map(placeOf));
  const noted = notedFaults(input).filter((fault) => !places.has(placeOf(fault)));
  refuseFaults([...own, ...noted].map((fault) => ({ ...fault, path: [...prefix, ...fault.path] })));
  return result.data as z.output<T>;
}
