import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarkdown, plainText } from '../../../playground/page/markdown.js';
import { parseInline } from '../../../playground/page/markdown-inline.js';

const text = (value: string) => ({ kind: 'text', text: value });
const userId = '100000000000000002';

describe('inline marks', () => {
  it.each([
    ['**a**', [{ kind: 'bold', children: [text('a')] }]],
    ['*a* _b_', [{ kind: 'italic', children: [text('a')] }, text(' '), { kind: 'italic', children: [text('b')] }]],
    ['__a__', [{ kind: 'underline', children: [text('a')] }]],
    ['~~a~~', [{ kind: 'strike', children: [text('a')] }]],
    ['||a||', [{ kind: 'spoiler', children: [text('a')] }]],
    ['***a***', [{ kind: 'bold', children: [{ kind: 'italic', children: [text('a')] }] }]],
    ['**a *b***', [{ kind: 'bold', children: [text('a '), { kind: 'italic', children: [text('b')] }] }]],
    ['__*a*__', [{ kind: 'underline', children: [{ kind: 'italic', children: [text('a')] }] }]],
    ['`a **b**`', [{ kind: 'code', text: 'a **b**' }]],
    ['``a ` b``', [{ kind: 'code', text: 'a ` b' }]],
    ['**`a**`**', [{ kind: 'bold', children: [{ kind: 'code', text: 'a**' }] }]],
  ])('%s', (source, expected) => {
    expect(parseInline(source)).toEqual(expected);
  });

  it.each(['2 * 3 * 4', 'snake_case_name', '**open', '*', '****', '||', '`', '~~'])('leaves %s as it is', (source) => {
    expect(parseInline(source)).toEqual([text(source)]);
  });

  it('shows escaped marks', () => {
    expect(parseInline('\\*a\\* \\_b\\_ \\`c\\` \\\\')).toEqual([text('*a* _b_ `c` \\')]);
    expect(parseInline(`\\<@${userId}>`)).toEqual([text(`<@${userId}>`)]);
    expect(parseInline('C:\\dir')).toEqual([text('C:\\dir')]);
  });

  it('knows mentions, times and emoji', () => {
    expect(parseInline(`<@${userId}><@!${userId}><#${userId}><@&${userId}>`).map((node) => node.kind)).toEqual([
      'user',
      'user',
      'channel',
      'role',
    ]);
    expect(parseInline('</task create:123456789012345678>')).toEqual([
      { kind: 'command', name: 'task create', id: '123456789012345678' },
    ]);
    expect(parseInline('<t:1700000000><t:1700000000:R>')).toEqual([
      { kind: 'time', seconds: 1_700_000_000, style: 'f' },
      { kind: 'time', seconds: 1_700_000_000, style: 'R' },
    ]);
    expect(parseInline('<t:1700000000:x> <t:9999999999999999>')).toEqual([text('<t:1700000000:x> <t:9999999999999999>')]);
    expect(parseInline(`<:ok:${userId}>`)).toEqual([{ kind: 'emoji', name: 'ok', id: userId }]);
    expect(parseInline('@everyone, @here, me@here.org')).toMatchObject([
      { text: '@everyone' },
      text(', '),
      { text: '@here' },
      text(', me'),
      { text: '@here' },
      text('.org'),
    ]);
  });
});

describe('links', () => {
  const link = (url: string, label: string, masked: boolean) => ({ kind: 'link', url, children: [text(label)], masked });

  it('finds bare ones and leaves the punctuation after them', () => {
    expect(parseInline('See https://a.example/x_y_z?q=1.')).toEqual([
      text('See '),
      link('https://a.example/x_y_z?q=1', 'https://a.example/x_y_z?q=1', false),
      text('.'),
    ]);
    expect(parseInline('(https://a.example/b)')).toEqual([
      text('('),
      link('https://a.example/b', 'https://a.example/b', false),
      text(')'),
    ]);
    expect(parseInline('https://a.example/b_(c)')).toEqual([link('https://a.example/b_(c)', 'https://a.example/b_(c)', false)]);
    expect(parseInline('<https://a.example/b>')).toEqual([link('https://a.example/b', 'https://a.example/b', false)]);
  });

  it('reads masked ones, with http and https only', () => {
    expect(parseInline('[the *docs*](https://a.example/b)')).toMatchObject([
      { kind: 'link', url: 'https://a.example/b', masked: true, children: [text('the '), { kind: 'italic' }] },
    ]);
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//a.example', 'JaVaScRiPt:alert(1)']) {
      expect(parseInline(`[x](${url})`).some((node) => node.kind === 'link')).toBe(false);
    }
  });

  it('puts no link into a link', () => {
    expect(parseInline('[https://b.example](https://a.example/)')).toEqual([
      { kind: 'link', url: 'https://a.example/', masked: true, children: [text('https://b.example')] },
    ]);
  });
});

describe('blocks', () => {
  it('keeps the lines of a paragraph together', () => {
    expect(parseMarkdown('one\ntwo\n\nthree')).toEqual([{ kind: 'paragraph', children: [text('one\ntwo\n\nthree')] }]);
  });

  it('reads headings and small print', () => {
    expect(parseMarkdown('# a\n## b\n### c\n-# d\n#no\n####  e')).toMatchObject([
      { kind: 'heading', level: 1 },
      { kind: 'heading', level: 2 },
      { kind: 'heading', level: 3 },
      { kind: 'subtext', children: [text('d')] },
      { kind: 'paragraph', children: [text('#no\n####  e')] },
    ]);
  });

  it('reads code blocks with and without a language, also in the middle of a line', () => {
    expect(parseMarkdown('```ts\nconst a = 1;\n```')).toEqual([{ kind: 'code', language: 'ts', text: 'const a = 1;' }]);
    expect(parseMarkdown('see ```x``` there')).toEqual([
      { kind: 'paragraph', children: [text('see ')] },
      { kind: 'code', language: '', text: 'x' },
      { kind: 'paragraph', children: [text(' there')] },
    ]);
    expect(parseMarkdown('```\n# no heading\n> no quote\n```')).toEqual([
      { kind: 'code', language: '', text: '# no heading\n> no quote' },
    ]);
    expect(parseMarkdown('```never closed')).toMatchObject([{ kind: 'paragraph' }]);
  });

  it('reads quotes of lines and of the rest', () => {
    expect(parseMarkdown('> a\n> **b**\nc')).toMatchObject([
      { kind: 'quote', children: [{ kind: 'paragraph', children: [text('a\n'), { kind: 'bold' }] }] },
      { kind: 'paragraph', children: [text('c')] },
    ]);
    expect(parseMarkdown('a\n>>> b\nc')).toMatchObject([
      { kind: 'paragraph' },
      { kind: 'quote', children: [{ children: [text('b\nc')] }] },
    ]);
  });

  it('reads lists, lists in lists, and tells bullets from numbers', () => {
    const [bullets, numbers] = parseMarkdown('- a\n  - b\n- c\n3. d\n4. e');
    expect(bullets).toMatchObject({
      kind: 'list',
      ordered: false,
      items: [{ children: [text('a')], list: { items: [{ children: [text('b')] }] } }, { children: [text('c')] }],
    });
    expect(numbers).toMatchObject({
      kind: 'list',
      ordered: true,
      start: 3,
      items: [{ children: [text('d')] }, { children: [text('e')] }],
    });
  });
});

describe('any text', () => {
  it('is parsed without a crash and links nowhere but to http and https', () => {
    const marks = fc.constantFrom(
      '*',
      '**',
      '_',
      '__',
      '~~',
      '||',
      '`',
      '```',
      '\n',
      '> ',
      '>>> ',
      '- ',
      '1. ',
      '# ',
      '[',
      '](',
      ')',
      '<',
      '>',
      '<t:',
      ':R>',
      '\\',
      'https://x.example',
      'javascript:',
      'a',
      ' b ',
    );
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 60 }), (parts) => {
        const source = parts.join('');
        const tree = parseMarkdown(source);
        const shown = JSON.stringify(tree);
        expect(/"url":"(?!https?:)/.test(shown)).toBe(false);
        expect(typeof plainText(tree)).toBe('string');
      }),
      { numRuns: 300 },
    );
  });

  it('takes no noticeable time for hostile text', () => {
    const started = performance.now();
    for (const part of ['*', '**a', '[', '> ', '||', '`', '_a', '<t:', '- ', '(', '\\', '***a** '])
      parseMarkdown(part.repeat(Math.floor(4000 / part.length)));
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('plain text', () => {
  it('drops the marks and names who is meant', () => {
    const tree = parseMarkdown(`**Hi** <@${userId}>, see <#${userId}>: ||no|| [docs](https://a.example/)`);
    expect(plainText(tree, (kind) => (kind === 'user' ? 'Mia' : 'tasks'))).toBe('Hi @Mia, see #tasks: spoiler docs');
    expect(plainText(tree)).toContain('@unknown');
  });
});
