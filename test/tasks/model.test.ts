import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openDatabase } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { priorityNumber } from '../../src/store/tasks/row.js';
import {
  agentIdSchema,
  BOUNDS,
  isStorable,
  jsonObjectSchema,
  newTaskSchema,
  originSchema,
  PRIORITIES,
  type Priority,
  prioritySchema,
  taskFilterSchema,
  text,
} from '../../src/tasks/model.js';
import { type TestStores, testStores } from '../support/stores.js';
import { plainRow, refusalOf } from './rows.js';

const EMOJI = '🦉';
const NUL = 'a\u0000b';
const HALVES = ['\uD800', 'a\uDC00', '\uDC00\uD800', `${EMOJI}\uD83E`, '\uD800\uD800\uDC00'];
const HUGE = 'x'.repeat(100_000);

/** The problems of the fields, by path. */
function problems(value: unknown): Record<string, string> {
  const parsed = newTaskSchema.safeParse(value);
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join('.'), issue.message]));
}
const accepts = (more: object) => newTaskSchema.safeParse({ title: 'A task', ...more }).success;

/** An object nested `levels` deep: 1 is `{}`. */
function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 1; level < levels; level += 1) value = { a: value };
  return value;
}

describe('priority', () => {
  test('by name, by its other names, and as 1 to 10', () => {
    const expected: Record<string, Priority> = { urgent: 'critical', normal: 'medium' };
    for (const priority of PRIORITIES) expected[priority] = priority;
    const bands: Priority[] = ['low', 'low', 'low', 'medium', 'medium', 'medium', 'high', 'high', 'critical', 'critical'];
    for (const [name, priority] of Object.entries(expected)) expect(prioritySchema.parse(name)).toBe(priority);
    for (const [index, priority] of bands.entries()) {
      expect(prioritySchema.parse(index + 1)).toBe(priority);
      expect(prioritySchema.parse(`${index + 1}`)).toBe(priority);
    }
  });

  test('nothing else', () => {
    const others = [
      0,
      11,
      -1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '0',
      '00',
      '11',
      '1.5',
      '１',
      '',
      'Urgent',
      'HIGH',
      null,
      [1],
      {},
      true,
      1n,
    ];
    for (const value of others) expect(prioritySchema.safeParse(value).success, String(value)).toBe(false);
  });
});

describe('text', () => {
  test('counts characters as Postgres does: an emoji is one, a family of them five', () => {
    expect(accepts({ title: EMOJI.repeat(200) })).toBe(true);
    expect(problems({ title: EMOJI.repeat(201) })).toEqual({ title: 'must have at most 200 characters' });
    expect(text(5, 5).safeParse('👨‍👩‍👧').success).toBe(true);
  });

  test('is trimmed before it is measured', () => {
    expect(newTaskSchema.parse({ title: `  ${'x'.repeat(200)}\n` }).title).toHaveLength(200);
    for (const empty of ['', '   ', '\n\t', '\u00a0']) expect(problems({ title: empty })).toEqual({ title: 'must not be empty' });
    expect(newTaskSchema.parse({ title: 'x', description: '   ' }).description).toBe('');
  });

  test('with NUL or half of a surrogate pair is refused, whole pairs are not', () => {
    for (const bad of [NUL, ...HALVES]) {
      expect(isStorable(bad)).toBe(false);
      for (const field of ['title', 'description', 'type'])
        expect(problems({ title: 'x', [field]: bad })[field]).toContain('cannot be stored');
    }
    expect(isStorable(`${EMOJI}${EMOJI} ā́`)).toBe(true);
  });

  test('of 100 KB is refused with one problem a field', () => {
    const found = problems({ title: HUGE, description: HUGE, type: HUGE, agentId: HUGE });
    expect(Object.keys(found).sort()).toEqual(['agentId', 'description', 'title', 'type']);
  });

  test('of other types is refused', () => {
    for (const title of [undefined, null, 5, {}, ['x']]) expect(Object.keys(problems({ title }))).toEqual(['title']);
  });
});

describe('input and metadata', () => {
  test('are objects up to 64 KiB and 32 levels', () => {
    expect(jsonObjectSchema.safeParse(nested(32)).success).toBe(true);
    expect(jsonObjectSchema.safeParse(nested(34)).success).toBe(false);
    const frame = Buffer.byteLength(JSON.stringify({ a: '' }));
    expect(jsonObjectSchema.safeParse({ a: 'x'.repeat(BOUNDS.jsonBytes - frame) }).success).toBe(true);
    expect(jsonObjectSchema.safeParse({ a: 'x'.repeat(BOUNDS.jsonBytes - frame + 1) }).success).toBe(false);
    expect(jsonObjectSchema.safeParse({ a: EMOJI.repeat(BOUNDS.jsonBytes / 4) }).success).toBe(false);
    for (const value of ['{}', [], null, 5, new Map(), undefined]) expect(jsonObjectSchema.safeParse(value).success).toBe(false);
  });

  test('with text that cannot be stored, in values and in keys at any depth, are refused', () => {
    for (const bad of [NUL, ...HALVES]) {
      for (const value of [{ a: bad }, { [bad]: 1 }, { a: [{ b: [bad] }] }, { a: { [bad]: null } }]) {
        expect(jsonObjectSchema.safeParse(value).success).toBe(false);
      }
    }
  });

  test('that are no JSON at all are refused, never thrown at', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const bomb = {
      toJSON: () => {
        throw new Error('boom');
      },
    };
    for (const value of [
      circular,
      { list: [circular] },
      { n: 1n },
      { a: bomb },
      nested(200_000),
      JSON.parse(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`),
    ]) {
      expect(jsonObjectSchema.safeParse(value).success).toBe(false);
    }
  });

  test('keep no key that could change an object', () => {
    const parsed = jsonObjectSchema.parse(JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}'));
    expect((parsed as { admin?: boolean }).admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('files', () => {
  const file = (more: object = {}) => ({ name: 'a.txt', contentType: 'text/plain', bytes: new Uint8Array(1), ...more });

  test('up to ten, each up to 10 MiB', () => {
    expect(accepts({ files: Array.from({ length: 10 }, () => file()) })).toBe(true);
    expect(accepts({ files: Array.from({ length: 11 }, () => file()) })).toBe(false);
    expect(accepts({ files: [file({ bytes: new Uint8Array(BOUNDS.fileBytes) })] })).toBe(true);
    expect(accepts({ files: [file({ bytes: new Uint8Array(BOUNDS.fileBytes + 1) })] })).toBe(false);
  });

  test('with names and types that can be stored', () => {
    expect(accepts({ files: [file({ name: EMOJI.repeat(255) })] })).toBe(true);
    for (const name of ['', ' ', NUL, HALVES[0], 'x'.repeat(256)]) expect(accepts({ files: [file({ name })] }), name).toBe(false);
    expect(accepts({ files: [file({ contentType: '' })] })).toBe(true);
    for (const contentType of [NUL, HALVES[1], 'x'.repeat(256)]) expect(accepts({ files: [file({ contentType })] })).toBe(false);
  });
});

test('absent fields have their defaults, and unknown ones are dropped', () => {
  expect(newTaskSchema.parse({ title: 'x', status: 'completed', id: 'mine' })).toEqual({
    agentId: 'default',
    title: 'x',
    description: '',
    priority: 'medium',
    input: {},
    metadata: {},
    files: [],
    hold: false,
  });
});

test('a filter bounds and checks what is searched', () => {
  expect(taskFilterSchema.safeParse({ search: NUL }).success).toBe(false);
  expect(taskFilterSchema.safeParse({ search: HUGE }).success).toBe(false);
  expect(taskFilterSchema.safeParse({ status: 'deleted' }).success).toBe(false);
  expect(taskFilterSchema.parse({ priority: '10' }).priority).toBe('critical');
});

describe('the schema and the CHECK constraints agree', () => {
  let stores: TestStores;
  let sql: ReturnType<typeof openDatabase>;
  beforeAll(async () => {
    stores = testStores();
    sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 2 });
    await migrate(sql, stores.schema);
  });
  afterAll(async () => {
    await sql.end();
    await stores.dispose();
  });

  const task = (field: string) => (value: unknown) => newTaskSchema.safeParse({ title: 'A task', [field]: value }).success;
  const origin = (field: string) => (value: unknown) =>
    originSchema.safeParse({
      guildId: null,
      channelId: '1'.repeat(18),
      scopeId: '1'.repeat(18),
      requesterId: '1'.repeat(18),
      [field]: value,
    }).success;
  const around = ({ min, max }: { min: number; max: number }) => [min - 1, min, min + 1, max - 1, max, max + 1, -1];
  const letters = (length: number) => ['x', EMOJI, 'é'].flatMap((letter) => [letter.repeat(length), letter.repeat(length + 1)]);
  const snowflakes = [
    '1'.repeat(16),
    '1'.repeat(17),
    '1'.repeat(20),
    '1'.repeat(21),
    `${'1'.repeat(17)}a`,
    ` ${'1'.repeat(18)}`,
    `${'1'.repeat(18)}\n`,
    '١'.repeat(18),
    '',
  ];
  const ids = ['a', 'a-b_c', '0', 'a'.repeat(100), 'a'.repeat(101), '', '-a', '_a', 'A', 'a b', 'é', 'a\n', 'agent.x', NUL];
  const cases: [string, (value: unknown) => boolean, unknown[], ((value: unknown) => Record<string, unknown>)?][] = [
    ['title', task('title'), ['', 'x', ...letters(BOUNDS.title), NUL]],
    ['description', task('description'), ['', ...letters(BOUNDS.description), NUL]],
    ['type', task('type'), [null, '', 'x', ...letters(BOUNDS.type), NUL]],
    ['agent_id', (value) => agentIdSchema.safeParse(value).success, ids],
    ['ttl_seconds', task('ttlSeconds'), around(BOUNDS.ttlSeconds)],
    ['max_retries', task('maxRetries'), around(BOUNDS.retries)],
    [
      'hard_timeout_seconds',
      task('timeoutSeconds'),
      around(BOUNDS.timeoutSeconds),
      (value) => ({ hard_timeout_seconds: value, soft_timeout_seconds: Math.max(1, Math.min(60, value as number)) }),
    ],
    ['guild_id', origin('guildId'), [null, ...snowflakes]],
    ['channel_id', origin('channelId'), snowflakes],
    ['scope_id', origin('scopeId'), snowflakes],
    ['requester_id', origin('requesterId'), snowflakes],
    ['interaction_id', origin('interactionId'), [null, ...snowflakes]],
    ['input', task('input'), [{}, { a: 1 }, [], 'text', 5, true]],
    ['metadata', task('metadata'), [{}, { a: [null] }, [], 'text', 5, { a: NUL }]],
  ];

  test.each(cases)('%s', async (column, allowed, values, columns) => {
    for (const value of values) {
      const json = column === 'input' || column === 'metadata';
      const set = columns ? columns(value) : { [column]: json ? sql.json(value as never) : value };
      const refusal = await refusalOf(sql, { ...plainRow(), ...set });
      // NUL never reaches the constraint: Postgres has no such character.
      expect(refusal === null, `${column} = ${JSON.stringify(value)?.slice(0, 60)} (${refusal})`).toBe(allowed(value));
      if (refusal !== null) expect(['23514', '22021', '22P05', '23502']).toContain(refusal);
    }
  });

  test('priorities are the numbers 0 to 3', async () => {
    for (const priority of [-1, 0, 1, 2, 3, 4]) {
      const known = PRIORITIES.map(priorityNumber).includes(priority);
      expect((await refusalOf(sql, { ...plainRow(), priority })) === null).toBe(known);
    }
  });

  test('a score is from 0 to 1, and the soft time-out not after the hard one', async () => {
    for (const score of [-0.1, 0, 0.5, 1, 1.1]) {
      expect((await refusalOf(sql, { ...plainRow(), score })) === null).toBe(z.number().min(0).max(1).safeParse(score).success);
    }
    expect(await refusalOf(sql, { ...plainRow(), soft_timeout_seconds: 91 })).toBe('23514');
  });
});
