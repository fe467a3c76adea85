/**
 * Reads a batch from a file: JSON (an array of titles or of objects, or `{ "title", "tasks" }`) or CSV with a header.
 * Every bad row is named; one bad row refuses the whole.
 */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Agent } from '../../src/agents/contract.js';
import { describeInput } from '../../src/agents/describe.js';
import { coerce, parseInput } from '../../src/agents/input.js';
import { parsePairs } from '../../src/agents/pairs.js';
import { BOUNDS, isStorable, type JsonObject, type NewTask, prioritySchema } from '../../src/tasks/model.js';
import { parseDuration } from './delay.js';

export type BatchRow = Omit<NewTask, 'files' | 'metadata' | 'startAt'>;
export type ParsedBatch = { ok: true; title: string | null; tasks: BatchRow[] } | { ok: false; problems: string[] };

/** Columns, and fields of JSON rows, that a task has; every other one must be a field of the agent's input. */
const FIELDS = ['title', 'description', 'priority', 'type', 'input', 'retries', 'timeout', 'hold'] as const;

/** Parses the file by its name's ending, else by its first character. */
export function parseBatchFile(agent: Agent, name: string, bytes: Uint8Array): ParsedBatch {
  const text = decode(bytes);
  if (text === null) return { ok: false, problems: ['The file is not UTF-8 text. Save it as UTF-8 and try again.'] };
  if (!isStorable(text)) return { ok: false, problems: ['The file contains NUL bytes or broken characters.'] };
  const json = /\.json$/i.test(name) || (!/\.(csv|tsv|txt)$/i.test(name) && /^\s*[[{]/.test(text));
  const read = json ? readJson(text) : readCsv(text);
  if (!read.ok) return read;
  const { rows, title } = read;
  if (rows.length === 0) return { ok: false, problems: ['The file contains no tasks.'] };
  if (rows.length > BOUNDS.batch)
    return {
      ok: false,
      problems: [`The file has ${rows.length} tasks; a batch takes up to ${BOUNDS.batch}. Split it into several.`],
    };
  return readRows(agent, rows, title);
}

/** Parses titles, one a line, that share one input. */
export function parseBatchLines(agent: Agent, lines: string, input: string): ParsedBatch {
  const titles = lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (titles.length === 0) return { ok: false, problems: ['There is no title: write one a line.'] };
  if (titles.length > BOUNDS.batch)
    return { ok: false, problems: [`There are ${titles.length} titles; a batch takes up to ${BOUNDS.batch}.`] };
  return readRows(
    agent,
    titles.map((title, index) => ({ number: index + 1, values: { title, ...(input.trim() === '' ? {} : { input }) } })),
    null,
  );
}

/** A row with the number by which its author knows it: its line in a list, its place in the file. */
interface Row {
  number: number;
  values: JsonObject;
}
type ReadRows = { ok: true; rows: Row[]; title: string | null } | { ok: false; problems: string[] };

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null; // Not UTF-8: the caller says so.
  }
}

const jsonSchema = z.union([
  z.array(z.union([z.string(), z.record(z.string(), z.unknown())])),
  z.object({ title: z.string().optional(), tasks: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])) }),
]);

function readJson(text: string): ReadRows {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [`The file is not JSON: ${error instanceof Error ? error.message : 'unknown error'}.`] };
  }
  const parsed = jsonSchema.safeParse(value);
  if (!parsed.success)
    return {
      ok: false,
      problems: [
        'The file must hold a list of titles or of objects with a `title`, such as `[{"title": "One"}, {"title": "Two"}]`.',
      ],
    };
  const { tasks, title = null } = Array.isArray(parsed.data) ? { tasks: parsed.data } : parsed.data;
  const rows = tasks.map((task, index) => ({
    number: index + 1,
    values: (typeof task === 'string' ? { title: task } : task) as JsonObject,
  }));
  return { ok: true, rows, title };
}

function readCsv(text: string): ReadRows {
  const firstLine = text.slice(0, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n'));
  const delimiter = [',', ';', '\t'].sort((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ',';
  let records: string[][];
  try {
    records = parse(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 512 * 1024,
    });
  } catch (error) {
    return { ok: false, problems: [`The file is not CSV: ${error instanceof Error ? error.message : 'unknown error'}.`] };
  }
  const [header = [], ...body] = records;
  const names = header.map((name) => name.trim());
  if (!names.some((name) => name.toLowerCase() === 'title'))
    return { ok: false, problems: ['The first line must name the columns, and one of them must be `title`.'] };
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) return { ok: false, problems: [`Two columns are named “${doubled}”.`] };
  const rows = body.map((cells, index): Row => {
    const pairs = names
      .map((name, at): [string, string] => [columnName(name), cells[at] ?? ''])
      .filter(([, cell]) => cell !== '');
    const extra: JsonObject = cells.length > names.length ? { 'more cells than columns': String(cells.length) } : {};
    return { number: index + 1, values: { ...Object.fromEntries(pairs), ...extra } };
  });
  return { ok: true, rows, title: null };
}

/** Columns of a task are found in any case; the agent's are taken as written. */
function columnName(name: string): string {
  const lower = name.toLowerCase();
  return (FIELDS as readonly string[]).includes(lower) ? lower : name;
}

/** Problems told of one file at most: enough to see what is wrong. */
const TOLD = 10;

function readRows(agent: Agent, rows: readonly Row[], title: string | null): ParsedBatch {
  const problems: string[] = [];
  const tasks: BatchRow[] = [];
  for (const { number, values } of rows) {
    const read = readRow(agent, values);
    if (read.ok) tasks.push(read.task);
    else problems.push(`Row ${number}: ${read.problems.join('; ')}.`);
  }
  if (problems.length === 0) return { ok: true, title, tasks };
  const more = problems.length > TOLD ? [`… and ${problems.length - TOLD} more rows.`] : [];
  return { ok: false, problems: [...problems.slice(0, TOLD), ...more] };
}

const rowSchema = z.object({
  title: z
    .string({ error: 'title is missing' })
    .trim()
    .min(1, 'title must not be empty')
    .refine((title) => [...title].length <= BOUNDS.title, `title must have at most ${BOUNDS.title} characters`),
  description: z
    .string('description must be text')
    .refine((text) => [...text].length <= BOUNDS.description, `description must have at most ${BOUNDS.description} characters`)
    .optional(),
  priority: z
    .unknown()
    .optional()
    .transform((value, context) => {
      if (value === undefined || value === null) return undefined;
      const parsed = prioritySchema.safeParse(typeof value === 'string' ? value.toLowerCase() : value);
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: 'priority must be low, medium, high or critical' });
      return z.NEVER;
    }),
  type: z
    .string('type must be text')
    .trim()
    .min(1)
    .max(BOUNDS.type, `type must have at most ${BOUNDS.type} characters`)
    .optional(),
  retries: z
    .union([z.string(), z.number()], 'retries must be a whole number from 0 to 10')
    .transform((value, context) => {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      const { min, max } = BOUNDS.retries;
      if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
      context.addIssue({ code: 'custom', message: `retries must be a whole number from ${min} to ${max}` });
      return z.NEVER;
    })
    .optional(),
  timeout: z
    .union([z.string(), z.number()], 'timeout must be a time such as 90s or 10m')
    .transform((value, context) => {
      const seconds = typeof value === 'number' ? value : parseDuration(value);
      const { min, max } = BOUNDS.timeoutSeconds;
      if (seconds !== null && Number.isInteger(seconds) && seconds >= min && seconds <= max) return seconds;
      context.addIssue({ code: 'custom', message: 'timeout must be a time from 1 second to 24 hours, such as 90s or 10m' });
      return z.NEVER;
    })
    .optional(),
  hold: z
    .union(
      [z.boolean(), z.enum(['true', 'false', 'yes', 'no']).transform((word) => word === 'true' || word === 'yes')],
      'hold must be yes or no',
    )
    .optional(),
});

function readRow(agent: Agent, values: JsonObject): { ok: true; task: BatchRow } | { ok: false; problems: string[] } {
  const input = readRowInput(agent, values);
  const parsed = rowSchema.safeParse(values);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.map(({ message }) => message)),
    ...(input.ok ? [] : input.problems),
  ];
  if (!parsed.success || !input.ok) return { ok: false, problems: problems.slice(0, 5) };
  const { title, description, priority, type, retries, timeout, hold } = parsed.data;
  return {
    ok: true,
    task: {
      agentId: agent.id,
      title,
      description,
      priority,
      type,
      input: input.value,
      maxRetries: retries,
      timeoutSeconds: timeout,
      hold,
    },
  };
}

/** `input` as an object, JSON or pairs, and columns that are the agent's own fields (`input.url` and `url` alike). */
function readRowInput(agent: Agent, values: JsonObject): { ok: true; value: JsonObject } | { ok: false; problems: string[] } {
  const value: JsonObject = {};
  const typed: Record<string, string> = {};
  const problems: string[] = [];
  const given = values.input;
  if (typeof given === 'string') {
    const pairs = parsePairs(given);
    if (!pairs.ok) problems.push(`input: ${pairs.problem}`);
    else if (pairs.kind === 'json') Object.assign(value, pairs.value);
    else Object.assign(typed, pairs.pairs);
  } else if (given !== null && typeof given === 'object' && !Array.isArray(given)) Object.assign(value, given);
  else if (given !== undefined && given !== null) problems.push('input must be an object, JSON or key=value pairs');

  const known = new Set(describeInput(agent).map(({ name }) => name));
  for (const [column, cell] of Object.entries(values)) {
    if ((FIELDS as readonly string[]).includes(column)) continue;
    const name = column.replace(/^input\./, '');
    if (!known.has(name)) problems.push(`“${column.slice(0, 50)}” is neither a field of a task nor of ${agent.name}`);
    else if (typeof cell === 'string') typed[name] = cell;
    else value[name] = cell;
  }
  if (problems.length > 0) return { ok: false, problems };
  const coerced = coerce(agent, typed);
  if (!coerced.ok) return { ok: false, problems: coerced.problems.map(({ field, problem }) => `${field} ${problem}`) };
  const raw = { ...value, ...coerced.value };
  const parsed = parseInput(agent, raw);
  if (parsed.ok) return { ok: true, value: raw };
  return {
    ok: false,
    problems: [
      ...parsed.missing.map((name) => `${name} is missing`),
      ...parsed.problems.map(({ field, problem }) => (field === '' ? problem : `${field} ${problem}`)),
    ],
  };
}
