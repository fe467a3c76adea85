import type { z } from 'zod';
import { DiscordError, type FormErrors } from '../errors.js';

/** One wrong field: where it is, and Discord's code and sentence for it. */
export interface Fault {
  path: (string | number)[];
  code: string;
  message: string;
}

type Issue = z.core.$ZodIssue;

function lengthFault(issue: Issue & { code: 'too_big' | 'too_small' }): { code: string; message: string } {
  if (issue.origin === 'number' || issue.origin === 'int') {
    return issue.code === 'too_big'
      ? { code: 'NUMBER_TYPE_MAX', message: `int value should be less than or equal to ${issue.maximum}.` }
      : { code: 'NUMBER_TYPE_MIN', message: `int value should be greater than or equal to ${issue.minimum}.` };
  }
  return issue.code === 'too_big'
    ? { code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${issue.maximum} or fewer in length.` }
    : { code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${issue.minimum} or more in length.` };
}

function typeFault(expected: string, value: unknown): { code: string; message: string } {
  if (value === undefined || value === null) return { code: 'BASE_TYPE_REQUIRED', message: 'This field is required' };
  if (expected === 'array') return { code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' };
  if (expected === 'object' || expected === 'record')
    return { code: 'DICT_TYPE_CONVERT', message: 'Only dictionaries may be used in a DictType' };
  if (expected === 'number' || expected === 'int')
    return { code: 'NUMBER_TYPE_COERCE', message: `Value ${JSON.stringify(value)} is not int.` };
  if (expected === 'boolean') return { code: 'BOOLEAN_TYPE_CONVERT', message: 'Must be either true or false.' };
  return { code: 'STRING_TYPE_CONVERT', message: 'Could not interpret value as string.' };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}

function faultOf(issue: Issue, input: unknown): Fault {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  const value = valueAt(input, issue.path);
  switch (issue.code) {
    case 'too_big':
    case 'too_small':
      return { path, ...lengthFault(issue) };
    case 'invalid_type':
      return { path, ...typeFault(issue.expected, value) };
    case 'invalid_value':
      if (value === undefined) return { path, ...typeFault('string', value) };
      return { path, code: 'BASE_TYPE_CHOICES', message: `Value must be one of (${issue.values.join(', ')}).` };
    case 'invalid_union':
      if (value === undefined) return { path, ...typeFault('string', value) };
      return { path, code: 'UNION_TYPE_CHOICES', message: 'Value of field "type" must be one of the allowed types.' };
    case 'custom': {
      const code: unknown = issue.params?.code;
      return { path, code: typeof code === 'string' ? code : 'BASE_TYPE_INVALID', message: issue.message };
    }
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

/** Parses a body; throws `DiscordError` 50035 with the tree of everything that is wrong with it. */
export function parseForm<T extends z.ZodType>(schema: T, input: unknown, prefix: (string | number)[] = []): z.output<T> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => faultOf(issue, input ?? {}));
  throw new DiscordError('invalidForm', formTree(faults.map((fault) => ({ ...fault, path: [...prefix, ...fault.path] }))));
}
