import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseBatchFile, parseBatchLines } from '../../commands/creation/batch-file.js';
import { type Agent, defineAgent } from '../../src/agents/contract.js';

const agent = defineAgent({
  id: 'fetch',
  name: 'Fetch',
  description: 'fetches',
  inputSchema: z.object({ url: z.string(), times: z.int().min(1).max(5).default(1), tags: z.array(z.string()).optional() }),
  run: async () => ({ text: '' }),
});
const free = defineAgent({
  id: 'free',
  name: 'Free',
  description: 'takes what comes',
  inputSchema: z.object({ note: z.string().optional() }),
  run: async () => ({ text: '' }),
});

const file = (name: string, text: string, of: Agent = agent) => parseBatchFile(of, name, Buffer.from(text));
function problems(parsed: ReturnType<typeof file>): string {
  return parsed.ok ? '' : parsed.problems.join('\n');
}

describe('CSV', () => {
  it('reads the columns of a task and of the agent', () => {
    const parsed = file(
      'a.csv',
      '\uFEFFTitle,priority,url,times,retries,timeout\n"One, first",high,https://a.test,3,0,2m\nTwo,,https://b.test,,,\n',
    );
    expect(parsed).toEqual({
      ok: true,
      title: null,
      tasks: [
        {
          agentId: 'fetch',
          title: 'One, first',
          priority: 'high',
          input: { url: 'https://a.test', times: 3 },
          maxRetries: 0,
          timeoutSeconds: 120,
        },
        { agentId: 'fetch', title: 'Two', input: { url: 'https://b.test' } },
      ],
    });
  });

  it('reads semicolons, input as pairs or JSON, and input.field columns', () => {
    const parsed = file('a.csv', 'title;input;input.times\nOne;url=https://a.test;2\nTwo;"{""url"":""https://b.test""}";\n');
    expect(parsed.ok && parsed.tasks.map(({ input }) => input)).toEqual([
      { url: 'https://a.test', times: 2 },
      { url: 'https://b.test' },
    ]);
  });

  it('names every bad row, and refuses the whole', () => {
    const said = problems(
      file(
        'a.csv',
        'title,url,times,priority\nOne,https://a.test,1,\n,https://b.test,1,\nThree,,9,urgently\nFour,https://d.test,x,\n',
      ),
    );
    expect(said).toContain('Row 2: title is missing');
    expect(said).toContain('Row 3: priority must be low, medium, high or critical');
    expect(said).toContain('url is missing');
    expect(said).toContain('Row 4: times must be a number, not "x"');
  });

  it('refuses unknown and doubled columns, a missing header and surplus cells', () => {
    expect(problems(file('a.csv', 'title,ulr\nOne,x\n'))).toContain('“ulr” is neither a field of a task nor of Fetch');
    expect(problems(file('a.csv', 'title,url,url\nOne,x,y\n'))).toContain('Two columns are named “url”');
    expect(problems(file('a.csv', 'One\nTwo\n'))).toContain('one of them must be `title`');
    expect(problems(file('a.csv', 'title,url\nOne,x,y,z\n'))).toContain('more cells than columns');
    expect(problems(file('a.csv', 'title,url\n"One,x\n'))).toContain('not CSV');
  });
});

describe('JSON', () => {
  it('reads titles, objects, and a named batch', () => {
    expect(file('a.json', '["One", "Two"]', free)).toMatchObject({ ok: true, tasks: [{ title: 'One' }, { title: 'Two' }] });
    expect(
      file('a.json', '{"title": "All", "tasks": [{"title": "One", "input": {"note": "x"}, "hold": true}]}', free),
    ).toMatchObject({
      ok: true,
      title: 'All',
      tasks: [{ title: 'One', input: { note: 'x' }, hold: true }],
    });
  });

  it.each(['{', '42', '{"tasks": 1}', '[1, 2]', 'null'])('refuses %s', (text) => {
    expect(file('a.json', text).ok).toBe(false);
  });
});

describe('bounds', () => {
  it('takes up to 100 tasks and at least one', () => {
    const rows = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => `Task ${index}`));
    expect(file('a.json', rows(100), free).ok).toBe(true);
    expect(problems(file('a.json', rows(101), free))).toContain('101 tasks; a batch takes up to 100');
    expect(problems(file('a.json', '[]', free))).toContain('no tasks');
    expect(problems(file('a.csv', 'title\n', free))).toContain('no tasks');
  });

  it('refuses what is not text', () => {
    expect(problems(parseBatchFile(free, 'a.csv', Buffer.from([0x74, 0xff, 0xfe])))).toContain('UTF-8');
    expect(problems(file('a.csv', 'title\nO\u0000ne\n', free))).toContain('NUL');
  });

  it('refuses titles that are too long', () => {
    expect(problems(file('a.json', JSON.stringify(['x'.repeat(201)]), free))).toContain('at most 200 characters');
    expect(problems(file('a.json', JSON.stringify(['x'.repeat(100_000)]), free))).toContain('at most 200 characters');
  });
});

describe('lines', () => {
  it('makes a task of each line, with one input for all', () => {
    expect(parseBatchLines(agent, 'One\n\n Two \n', 'url=https://a.test')).toMatchObject({
      ok: true,
      tasks: [
        { title: 'One', input: { url: 'https://a.test' } },
        { title: 'Two', input: { url: 'https://a.test' } },
      ],
    });
    expect(problems(parseBatchLines(agent, 'One', ''))).toContain('url is missing');
    expect(problems(parseBatchLines(free, ' \n ', ''))).toContain('There is no title');
  });
});
