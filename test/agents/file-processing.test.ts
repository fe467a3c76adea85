import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../src/agents/contract.js';
import type { FileSummary } from '../../src/agents/file-processing/analyse.js';
import { fileProcessingAgent } from '../../src/agents/file-processing/index.js';
import { detectKind } from '../../src/agents/file-processing/kind.js';
import { fileOf, startAgent } from '../support/run-agent.js';

const MIB = 1024 * 1024;

async function examine(name: string, content: string | Uint8Array, contentType?: string) {
  const run = startAgent(fileProcessingAgent, { files: [fileOf(name, content, contentType)] });
  const { text } = await run.result;
  const attached = JSON.parse(Buffer.from(run.files[0]?.bytes ?? []).toString()) as { files: FileSummary[] };
  const summary = attached.files[0] ?? expect.unreachable();
  return { text, summary, run };
}

describe('the kind of a file', () => {
  it.each<[string, Uint8Array | string, string]>([
    ['a.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'PNG image'],
    ['a.jpg', Buffer.from('ffd8ffe000104a464946', 'hex'), 'JPEG image'],
    ['a.gif', 'GIF89a\u0001\u0000', 'GIF image'],
    ['a.webp', 'RIFF\u0001\u0002\u0003\u0004WEBPVP8 ', 'WebP image'],
    ['a.pdf', '%PDF-1.7\n', 'PDF document'],
    ['a.zip', 'PK\u0003\u0004\u0014\u0000\u0000\u0000', 'zip archive'],
    ['a.docx', 'PK\u0003\u0004…[Content_Types].xml…word/document.xml', 'Word document'],
    ['a.odt', 'PK\u0003\u0004…mimetypeapplication/vnd.oasis.opendocument.text', 'OpenDocument file'],
    ['a.gz', gzipSync('x'), 'gzip archive'],
    ['a.tar', Buffer.concat([Buffer.alloc(257), Buffer.from('ustar')]), 'tar archive'],
    ['a.mp4', '\u0000\u0000\u0000\u0018ftypisom', 'MP4 video'],
    ['a.exe', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]), 'Windows program'],
    ['MZ.txt', 'MZ is the first word of this text', 'plain text'],
    ['a.bin', randomBytes(2000), 'binary data'],
    ['a.html', '<!DOCTYPE html><p>', 'HTML page'],
    ['a.svg', '<svg xmlns="x"/>', 'SVG image'],
    ['a.md', '# Title', 'Markdown text'],
    ['a.csv', 'a,b', 'CSV table'],
    ['empty', '', 'empty file'],
  ])('%s', (name, content, format) => {
    expect(detectKind(Buffer.from(content as Uint8Array), name, '').format).toBe(format);
  });

  it('does not believe a declared type', async () => {
    const { text, summary } = await examine('photo.png', 'just words', 'image/png');
    expect(summary).toMatchObject({ format: 'plain text', declaredContentType: 'image/png' });
    expect(text).toContain('(declared as `image/png`)');
  });
});

describe('the statistics of a text', () => {
  it('counts lines, words and characters, and finds the frequent words', async () => {
    const content = 'The bee, the flower.\r\nThe bee’s knees: 🙂 łąka\rlast line without an end';
    const { text, summary, run } = await examine('bees.txt', content, 'text/plain');
    expect(summary.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(summary.text).toMatchObject({ encoding: 'UTF-8', lines: 3, words: 13, characters: [...content].length });
    expect(summary.text?.frequentWords).toEqual([{ word: 'the', count: 3 }]);
    expect(text).toContain('3 lines, 13 words, 70 characters');
    expect(run.progress.at(-1)).toMatchObject({ percent: 100, step: 'Done' });
    expect(run.progress.map(({ description }) => description)).toContain('counting words');
  });

  it.each<[string, Uint8Array, string]>([
    ['UTF-8 with a mark', Buffer.from('\ufeffgrün Maß'), 'UTF-8 with byte order mark'],
    ['UTF-16LE', Buffer.from('\ufeffgrün Maß', 'utf16le'), 'UTF-16 (little-endian)'],
    ['UTF-16BE', Buffer.from('\ufeffgrün Maß', 'utf16le').swap16(), 'UTF-16 (big-endian)'],
    ['Windows-1252', Buffer.from('grün Maß', 'latin1'), 'not valid UTF-8, read as Windows-1252'],
  ])('reads %s', async (_, bytes, encoding) => {
    const { summary } = await examine('x.txt', bytes);
    expect(summary.text).toMatchObject({ encoding, characters: 8, words: 2, lines: 1 });
  });

  it('does not split what lies across two chunks', async () => {
    // 64 KiB chunks: a word, an emoji and a CRLF each lie across a border.
    const content = `${'x'.repeat(65_530)} borderword 🙂${' '.repeat(65_511)}🙂 a`;
    const { summary } = await examine('x.txt', content);
    expect(summary.text).toMatchObject({ words: 3, characters: [...content].length });
    const lines = await examine('y.txt', `${'a'.repeat(65_535)}\r\nb`);
    expect(lines.summary.text).toMatchObject({ lines: 2, words: 2 });
  });
});

describe('the columns of a table', () => {
  it('tells what each holds', async () => {
    const rows = [
      'id;name;price;born;active;note',
      '1;"Ann; B";1.5;2020-01-02;yes;',
      '2;Bob;-3;2019-05-06;no;',
      '3;Ann;1.5;;yes;',
    ];
    const { summary, text } = await examine('people.csv', `\ufeff${rows.join('\r\n')}\r\n4;short\r\n`, 'text/csv');
    expect(summary.csv).toMatchObject({ delimiter: ';', header: true, rows: 4, unevenRows: 1, columnsLeftOut: 0 });
    expect(summary.csv?.columns).toEqual([
      { name: 'id', kind: 'integer', filled: 4, distinct: 4, distinctIsMinimum: false, min: 1, max: 4, mean: 2.5 },
      { name: 'name', kind: 'text', filled: 4, distinct: 4, distinctIsMinimum: false },
      { name: 'price', kind: 'number', filled: 3, distinct: 2, distinctIsMinimum: false, min: -3, max: 1.5, mean: 0 },
      { name: 'born', kind: 'date', filled: 2, distinct: 2, distinctIsMinimum: false, min: '2019-05-06', max: '2020-01-02' },
      { name: 'active', kind: 'boolean', filled: 3, distinct: 2, distinctIsMinimum: false },
      { name: 'note', kind: 'empty', filled: 0, distinct: 0, distinctIsMinimum: false },
    ]);
    expect(text).toContain('4 rows, 6 columns, separated by semicolon, first row names the columns');
    expect(text).toMatch(/price +number +3 +2 +-3 +1\.5 +0/);
  });

  it('notices that there is no header, and that a quote never ends', async () => {
    const { summary } = await examine('n.csv', '1,2\n3,4\n');
    expect(summary.csv).toMatchObject({ header: false, rows: 2, columns: [{ name: 'column 1', min: 1, max: 3 }, {}] });
    const broken = await examine('b.csv', 'a,b\n1,"open\n2,3\n');
    expect(broken.summary.csv?.problem).toMatch(/quote/i);
    expect(broken.text).toContain('Reading stopped early');
  });

  it('keeps to its bounds with hundreds of columns and long cells', async () => {
    const header = Array.from({ length: 500 }, (_, index) => `c${index}`).join(',');
    const { summary, text } = await examine('wide.csv', `${header}\n1,2\n${'x'.repeat(2 * MIB)}\n`);
    expect(summary.csv).toMatchObject({ columnsLeftOut: 300, rows: 1, problem: expect.stringContaining('Max Record Size') });
    expect(text).toContain('and 488 more columns');
    expect(text.length).toBeLessThan(4000);
  });
});

describe('the structure of JSON', () => {
  it('lists the places and what stands there', async () => {
    const content = [
      { id: 1, tags: ['a', 'b'], 'odd key': null },
      { id: 'x', tags: [], deep: { yes: true } },
    ];
    const { summary, text } = await examine('x.json', JSON.stringify(content), 'application/json');
    expect(summary.json).toEqual({
      valid: true,
      kind: 'array',
      values: 12,
      depth: 3,
      pathsLeftOut: false,
      paths: [
        { path: '$', kinds: { array: 1 } },
        { path: '$[]', kinds: { object: 2 } },
        { path: '$[].id', kinds: { number: 1, string: 1 } },
        { path: '$[].tags', kinds: { array: 2 } },
        { path: '$[].tags[]', kinds: { string: 2 } },
        { path: '$[]["odd key"]', kinds: { null: 1 } },
        { path: '$[].deep', kinds: { object: 1 } },
        { path: '$[].deep.yes', kinds: { boolean: 1 } },
      ],
    });
    expect(text).toContain('$[].tags[]: 2 × string');
  });

  it.each([
    ['1', true],
    ['"a\\u00e9\\n"', true],
    [' [ ] ', true],
    ['{"a":{}}', true],
    ['-0.5e+3', true],
    ['', false],
    ['{', false],
    ['[1,]', false],
    ['{"a":1,}', false],
    ['{a:1}', false],
    ["['a']", false],
    ['01', false],
    ['1.', false],
    ['"\\x"', false],
    ['"a\nb"', false],
    ['"open', false],
    ['[1 2]', false],
    ['[] []', false],
    ['nul', false],
    ['"\\u12g4"', false],
  ])('agrees with JSON.parse about %j', async (content, valid) => {
    const parses = () => JSON.parse(content);
    if (valid) expect(parses).not.toThrow();
    else expect(parses).toThrow();
    const { summary } = await examine('x.json', content || ' ');
    expect(summary.json?.valid).toBe(valid);
  });

  it('says where it goes wrong', async () => {
    const { text } = await examine('x.json', '{\n  "a": 1,\n  b: 2\n}');
    expect(text).toContain('Not valid JSON: line 3, column 3: expected a property name in quotes');
    expect((await examine('x.json', '['.repeat(5000))).text).toContain('nested more than 1000 deep');
  });
});

/** The longest time that the event loop was held: wall time, or processor time where others held the processor. */
async function longestStretch(work: Promise<unknown>): Promise<number> {
  let ended = false;
  let longest = 0;
  const done = work.finally(() => {
    ended = true;
  });
  while (!ended) {
    const wall = performance.now();
    const processor = process.cpuUsage();
    await new Promise((resolve) => setImmediate(resolve));
    const used = process.cpuUsage(processor);
    longest = Math.max(longest, Math.min(performance.now() - wall, (used.user + used.system) / 1000));
  }
  await done;
  return longest;
}

describe('files of 10 MiB', () => {
  const words = () => 'the quick brown fox jumps over it\n'.repeat(400_000).slice(0, 10 * MIB);
  const contents: [string, () => string | Buffer][] = [
    ['text.txt', words],
    [
      'different.txt',
      () =>
        Array.from({ length: 1_400_000 }, (_, index) => (index * 7919).toString(36))
          .join(' ')
          .slice(0, 10 * MIB),
    ],
    ['one-word.txt', () => 'x'.repeat(10 * MIB)],
    ['lines.txt', () => '\n'.repeat(10 * MIB)],
    [
      'table.csv',
      () =>
        `id,name,price\n${Array.from({ length: 400_000 }, (_, index) => `${index},name ${index},${index / 7}`).join('\n')}`.slice(
          0,
          10 * MIB,
        ),
    ],
    ['quote.csv', () => `a,"${'x\n'.repeat(5 * MIB - 10)}`],
    ['list.json', () => `[${'{"id":1,"tags":["a","b"],"n":null},'.repeat(290_000)}0]`],
    ['numbers.json', () => `[${'0,'.repeat(5 * MIB - 10)}0]`],
    ['string.json', () => `"${'é'.repeat(5 * MIB - 10)}"`],
    ['spaces.json', () => ' '.repeat(10 * MIB)],
  ];

  it.each(contents)('do not hold up the event loop: %s', async (name, make) => {
    const content = make();
    const files = [fileOf(name, content)];
    const run = startAgent(fileProcessingAgent, { files });
    const longest = await longestStretch(run.result);
    // Idle, the longest is 30 ms; the machine that runs all tests at once is slower.
    expect(longest).toBeLessThan(100);
    expect((await run.result).text.length).toBeLessThan(4000);
  });

  it('stop in the middle when they are told to', async () => {
    const run = startAgent(fileProcessingAgent, {
      files: [fileOf('text.txt', words())],
      onProgress: (_, started) => {
        if (started.progress.at(-1)?.description === 'counting words') setImmediate(() => started.abort());
      },
    });
    await expect(run.result).rejects.toThrow('cancelled');
    expect(run.files).toEqual([]);
  });
});

describe('the file-processing agent', () => {
  it('examines several files and keeps their names harmless', async () => {
    const files = [fileOf('a_b*.txt', 'one'), fileOf('c.bin', randomBytes(50))];
    const run = startAgent(fileProcessingAgent, { files });
    const { text, data } = await run.result;
    expect(text).toContain('**a\\_b\\*.txt**');
    expect(data).toMatchObject({ files: [{ name: 'a_b*.txt' }, { name: 'c.bin', format: 'binary data', size: 50 }] });
    expect(run.progress.map(({ step }) => step)).toContain('c.bin (2 of 2)');
    expect(run.files).toMatchObject([{ name: 'summary.json', contentType: 'application/json' }]);
  });

  it('needs a file', async () => {
    await expect(startAgent(fileProcessingAgent).result).rejects.toThrow(PermanentError);
  });
});
