import { z } from 'zod';
import { type Fault, faultOf, REQUIRED, valueAt } from './form.js';
import { requestSchema } from './spec-routes.js';

type Issue = z.core.$ZodIssue;
type Path = (string | number)[];

/** Fields that Discord takes as decimal strings (topics/permissions.mdx), though its specification calls them numbers. */
const BIT_SETS = new Set(['permissions', 'allow', 'deny', 'default_member_permissions']);

/** Dictionaries whose entries may be null, which takes a translation away (reference.mdx, locales; discord-api-types). */
const TRANSLATIONS = new Set(['name_localizations', 'description_localizations']);

/**
 * Where the generated schemas refuse what Discord documents as right: ids as numbers (reference.mdx, "Snowflakes": both
 * are accepted, and the examples of uploads use them), bit sets as strings, times with an offset (reference.mdx, ISO8601),
 * null for a translation, an empty URL of an embed, which means none, and white space around an embed's texts, which is
 * not counted (resources/message.mdx, embed limits).
 */
function isForgiven(issue: Issue, path: Path, value: unknown): boolean {
  const key = path.at(-1);
  if (issue.code === 'invalid_type') {
    if (issue.expected === 'string' && Number.isSafeInteger(value))
      return /(^id|_id|_ids|messages|roles|users)$/.test(fieldOf(path));
    if (issue.expected === 'string' && value === null) return TRANSLATIONS.has(String(path.at(-2)));
    // Of an application (resources/application.mdx, Edit Current Application: a string).
    if (issue.expected === 'object' && key === 'description') return typeof value === 'string';
    return issue.expected === 'number' && BIT_SETS.has(String(key)) && /^\d{1,20}$/.test(String(value));
  }
  if (issue.code === 'too_big')
    return path.includes('embeds') && typeof value === 'string' && value.trim().length <= Number(issue.maximum);
  // Forwards (resources/message.mdx, Message Reference Types), which the specification leaves out.
  if (issue.code === 'invalid_value' || issue.code === 'invalid_union')
    return path.join('.').endsWith('message_reference.type') && value === 1;
  if (issue.code !== 'invalid_format') return false;
  if (issue.format === 'datetime') return z.iso.datetime({ offset: true, local: true }).safeParse(value).success;
  return issue.format === 'url' && value === '';
}

/** The name of a field, of the list when it is an item. */
function fieldOf(path: Path): string {
  return String(path.findLast((key) => typeof key === 'string') ?? '');
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Whether a branch of a union is ruled out by the `type` of the object. */
const wrongType = (branch: Issue[]) => branch.some((issue) => issue.path[0] === 'type');

/** Branches for values of this kind, when there are any: what such a one says of the inside is worth more than "no string". */
function ofKind(branches: Issue[][]): Issue[][] {
  const fitting = branches.filter((branch) => !branch.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0));
  return fitting.length > 0 ? fitting : branches;
}

/** A value with the schema that it is held to, for the words of faults. */
interface Held {
  schema: z.core.$ZodType;
  body: unknown;
}

/** Of a union the branch that the object's `type` names counts, or the one with the least to say against the value. */
function unionFaults(branches: Issue[][], value: unknown, path: Path, held: Held): Fault[] {
  const isTyped = isRecord(value) && branches.some(wrongType);
  const fitting = isTyped ? branches.filter((branch) => !wrongType(branch)) : ofKind(branches);
  if (fitting.length === 0) {
    const missing = (value as { type?: unknown }).type === undefined;
    return [
      {
        path: [...path, 'type'],
        ...(missing
          ? REQUIRED
          : { code: 'UNION_TYPE_CHOICES', message: 'Value of field "type" must be one of the allowed types.' }),
      },
    ];
  }
  const [first = [], ...others] = fitting.map((branch) => branch.flatMap((issue) => faultsOf(issue, path, held)));
  return others.reduce((least, faults) => (faults.length < least.length ? faults : least), first);
}

/** Faults of one issue, whose path starts at `prefix`. */
function faultsOf(issue: Issue, prefix: Path, held: Held): Fault[] {
  const path = [...prefix, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  const value = valueAt(held.body, path);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return unionFaults(issue.errors, value, path, held);
  return isForgiven(issue, path, value) ? [] : [faultOf({ ...issue, path }, held.schema, held.body)];
}

/** Loads Discord's own schemas (about 140 ms once); Node.js keeps them. */
export const loadSchemas = () => import('discord-api-spec/zod');

/**
 * Makes the judge of a route's bodies: it gives what Discord's own schemas say against one, as the faults of a 50035; none
 * when the body is right, when the request has no body or when the table does not know the route. `route` is the path with
 * parameters (`/channels/:id/messages`). The schemas are loaded once the playground listens: they are large, and it has to
 * start fast.
 *
 * Fields that the schemas do not know pass: Discord ignores them (discord/discord-api-docs#1361 shows it).
 */
export function judgeOf(method: string, route: string): (body: unknown) => Promise<Fault[]> {
  const schemaOf = requestSchema(method, route);
  if (!schemaOf) return async () => [];
  let schema: z.core.$ZodType | undefined;
  return async (body) => {
    schema ??= schemaOf(await loadSchemas());
    const held = { schema, body: body ?? {} };
    const result = z.safeParse(schema, held.body);
    return result.success ? [] : result.error.issues.flatMap((issue) => faultsOf(issue, [], held));
  };
}

/** What Discord's own schemas say against this body of a request; see `judgeOf`, which is faster for many. */
export function schemaViolations(method: string, route: string, body: unknown): Promise<Fault[]> {
  return judgeOf(method, route)(body);
}

/** A fault on one line, for logs and tests. */
export const faultLine = (fault: Fault): string => `${fault.path.join('.') || '(body)'}: ${fault.message} [${fault.code}]`;
