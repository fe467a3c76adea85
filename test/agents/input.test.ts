import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeInput } from '../../src/agents/describe.js';
import { coerce, parseInput, readInput } from '../../src/agents/input.js';
import { parsePairs } from '../../src/agents/pairs.js';
import type { JsonObject } from '../../src/tasks/model.js';

const agent = {
  inputSchema: z.object({
    topic: z.string().min(3).max(200).describe('What it is about.').meta({ title: 'The topic' }),
    maxItems: z.int().min(1).max(50).default(5),
    ratio: z.number().gt(0).optional(),
    careful: z.boolean().nullable().optional(),
    tone: z.enum(['Plain', 'formal']).default('Plain'),
    tags: z.array(z.string()).max(3).default([]),
    levels: z.array(z.int()).optional(),
    colours: z.array(z.enum(['red', 'green'])).optional(),
    extra: z.record(z.string(), z.string()).optional(),
    anything: z.json().optional(),
    status: z.union([z.int(), z.string()]).optional(),
  }),
};

describe('describeInput', () => {
  it('lists the fields with their kinds and bounds', () => {
    const fields = describeInput(agent);
    expect(fields.map(({ name, kind }) => `${name}:${kind}`)).toEqual(
      'topic:string maxItems:integer ratio:number careful:boolean tone:choice tags:list levels:list colours:list extra:object anything:object status:string'.split(
        ' ',
      ),
    );
    expect(fields[0]).toEqual({
      name: 'topic',
      label: 'The topic',
      kind: 'string',
      required: true,
      description: 'What it is about.',
      minLength: 3,
      maxLength: 200,
    });
    expect(fields[1]).toEqual({
      name: 'maxItems',
      label: 'Max items',
      kind: 'integer',
      required: false,
      description: '',
      min: 1,
      max: 50,
      default: 5,
    });
    expect(fields[4]).toMatchObject({ choices: ['Plain', 'formal'], default: 'Plain', required: false });
    expect(fields[5]).toMatchObject({ max: 3, items: 'string', default: [] });
    expect(fields[7]).toMatchObject({ items: 'choice', choices: ['red', 'green'] });
  });

  it('is empty for an agent without input', () => {
    expect(describeInput({ inputSchema: z.object({}) })).toEqual([]);
  });
});

describe('parseInput', () => {
  it('fills in defaults', () => {
    expect(parseInput(agent, { topic: 'bees' })).toEqual({
      ok: true,
      value: { topic: 'bees', maxItems: 5, tone: 'Plain', tags: [] },
    });
  });

  it('tells what is missing apart from what is wrong', () => {
    const parsed = parseInput(agent, { maxItems: 51, levels: [1, 'x'] });
    expect(parsed).toMatchObject({ ok: false, missing: ['topic'] });
    expect(parsed.ok ? [] : parsed.problems.map(({ field }) => field)).toEqual(['maxItems', 'levels.1']);
  });

  it.each<[JsonObject, string, string]>([
    [{ maxItems: 0 }, 'maxItems', 'must be at least 1'],
    [{ maxItems: 1.5 }, 'maxItems', 'must be a whole number'],
    [{ maxItems: '5' }, 'maxItems', 'must be a number'],
    [{ ratio: 0 }, 'ratio', 'must be more than 0'],
    [{ careful: 'yes' }, 'careful', 'must be yes or no'],
    [{ tone: 'rude' }, 'tone', 'must be one of Plain, formal'],
    [{ topic: 'x' }, 'topic', 'must have at least 3 characters'],
    [{ tags: ['a', 'b', 'c', 'd'] }, 'tags', 'must have at most 3 items'],
    [{ tags: 'a' }, 'tags', 'must be a list'],
    [{ extra: 'a' }, 'extra', 'must be an object'],
    [{ status: true }, 'status', 'is not valid'],
  ])('says what is wrong with %j', (input, field, problem) => {
    expect(parseInput(agent, { topic: 'bees', ...input })).toEqual({ ok: false, missing: [], problems: [{ field, problem }] });
  });

  it("keeps the schema author's own words", () => {
    const own = {
      inputSchema: z.object({ even: z.int().refine((n) => n % 2 === 0, 'must be even'), at: z.string().min(2, 'is short') }),
    };
    expect(parseInput(own, { even: 1, at: '' })).toMatchObject({
      problems: [{ problem: 'must be even' }, { problem: 'is short' }],
    });
  });

  it('names a misspelt field', () => {
    const parsed = parseInput(agent, { topic: 'bees', tonne: 'formal' });
    expect(parsed).toMatchObject({ ok: false, missing: [], problems: [{ field: 'tonne' }] });
    expect(parseInput({ inputSchema: z.looseObject({}) }, { any: 1 })).toEqual({ ok: true, value: { any: 1 } });
    expect(parseInput({ inputSchema: z.strictObject({}) }, { any: 1 })).toMatchObject({ problems: [{ field: 'any' }] });
    const odd = JSON.parse('{"__proto__": {"topic": "x"}, "topic": "bees"}');
    expect(parseInput(agent, odd)).toMatchObject({ problems: [{ field: '__proto__' }] });
  });

  it('counts an explicit null as given', () => {
    expect(parseInput(agent, { topic: null })).toMatchObject({ missing: [], problems: [{ field: 'topic' }] });
  });
});

describe('coerce', () => {
  it.each<[Record<string, string>, unknown]>([
    [{ maxItems: ' 12 ' }, { maxItems: 12 }],
    [{ maxItems: '1 000' }, { maxItems: 1000 }],
    [{ ratio: '.5' }, { ratio: 0.5 }],
    [{ careful: 'Yes' }, { careful: true }],
    [{ careful: 'off' }, { careful: false }],
    [{ tone: 'FORMAL' }, { tone: 'formal' }],
    [{ tags: 'a, b,,c ' }, { tags: ['a', 'b', 'c'] }],
    [{ tags: 'one, two\nthree' }, { tags: ['one, two', 'three'] }],
    [{ tags: '["a,b"]' }, { tags: ['a,b'] }],
    [{ levels: '1,2' }, { levels: [1, 2] }],
    [{ colours: 'RED' }, { colours: ['red'] }],
    [{ extra: '{"a":"b"}' }, { extra: { a: 'b' } }],
    [{ anything: '[1,{"x":null}]' }, { anything: [1, { x: null }] }],
    [{ status: '200' }, { status: '200' }],
    [{ topic: '', tags: '  ' }, {}],
    [{ unheard: 'of' }, { unheard: 'of' }],
  ])('%j', (pairs, value) => {
    expect(coerce(agent, pairs)).toEqual({ ok: true, value });
  });

  it.each<[Record<string, string>, string]>([
    [{ maxItems: 'many' }, 'must be a number, not "many"'],
    [{ maxItems: '1.5' }, 'must be a whole number'],
    [{ maxItems: '1,5' }, 'must be a number'],
    [{ maxItems: '0x10' }, 'must be a number'],
    [{ ratio: '1e999' }, 'must be a number'],
    [{ careful: 'maybe' }, 'must be yes or no, not "maybe"'],
    [{ tone: 'rude' }, 'must be one of Plain, formal, not "rude"'],
    [{ levels: '1,x' }, 'item 2 must be a number'],
    [{ extra: '{a}' }, 'must be JSON'],
  ])('%j is refused', (pairs, problem) => {
    const coerced = coerce(agent, pairs);
    expect(coerced).toMatchObject({
      ok: false,
      problems: [{ field: Object.keys(pairs)[0], problem: expect.stringContaining(problem) }],
    });
  });
});

describe('parsePairs', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['a=1', { a: '1' }],
    ['a=1 b="two words"\nc=x=y', { a: '1', b: 'two words', c: 'x=y' }],
    ['a = 1', { a: '1' }],
    ['a= b=2', { a: '', b: '2' }],
    ['url=https://example.com/?q=1&r=2', { url: 'https://example.com/?q=1&r=2' }],
    ["a='it is' b=“typographic quotes”", { a: 'it is', b: 'typographic quotes' }],
    ['a="say \\"hi\\"\\nC:\\temp\\\\x"', { a: 'say "hi"\nC:\\temp\\x' }],
    ['headers={"A": "b }"} list=[1, 2]', { headers: '{"A": "b }"}', list: '[1, 2]' }],
    ['größe=5', { größe: '5' }],
  ])('reads %j', (text, pairs) => {
    expect(parsePairs(text)).toEqual({ ok: true, kind: 'pairs', pairs });
  });

  it.each([
    ['hello world', 'Expected key=value at "hello world"'],
    ['a=1 oops', 'Expected key=value at "oops"'],
    ['a="open', 'The value of a has no end'],
    ['a=[1, 2', 'The value of a has no end'],
    ['a=1 a=2', 'a is given twice'],
    ['{"a": }', 'starts like JSON, but is not'],
    ['x'.repeat(70_000), 'longer than 64 KiB'],
  ])('refuses %.20s', (text, problem) => {
    expect(parsePairs(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('leads to the same input from pairs and from JSON', () => {
    const typed = readInput(agent, 'topic="busy bees" maxItems=3 tags=a,b');
    expect(typed).toEqual({ ok: true, value: { topic: 'busy bees', maxItems: 3, tags: ['a', 'b'] } });
    expect(readInput(agent, '{"topic": "busy bees", "maxItems": 3, "tags": ["a", "b"]}')).toEqual(typed);
    expect(readInput(agent, 'nonsense')).toMatchObject({ ok: false, problems: [{ field: '' }] });
  });

  it('stays fast on the longest text', () => {
    const startedAt = performance.now();
    parsePairs('a1=b '.repeat(13_000));
    parsePairs(`${' '.repeat(65_000)}!`);
    parsePairs(`${'a'.repeat(65_000)}!`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
