import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { block, cut, line, markdown, shortId } from '../../../src/discord/cards/text.js';

/** What Discord would show: escapes taken away. */
const shown = (text: string) => text.replace(/\\([^0-9A-Za-z\s])/g, '$1').replaceAll('\u200b', '');

describe('line', () => {
  it('shows Markdown, mentions and links as they were typed', () => {
    const typed = '**bold** `code` ||spoiler|| <@123> @everyone [click](https://evil.example) # head';
    const safe = line(typed, 500);
    expect(shown(safe)).toBe(typed);
    expect(safe).not.toMatch(/(?<!\\)(\*|`|\||\[|<|#)/);
    expect(safe).not.toContain('@everyone');
  });

  it('leaves plain web addresses whole', () => {
    expect(line('see https://example.org/a_b_c?x=1&y=*', 200)).toBe('see https://example.org/a_b_c?x=1&y=*');
  });

  it('does not let a list or a quote begin', () => {
    expect(line('- a', 50)).toBe('\\- a');
    expect(line('12. a', 50)).toBe('12\\. a');
    expect(line('> a', 50)).toBe('\\> a');
    expect(line('a - b 1.5', 50)).toBe('a - b 1.5');
  });

  it('removes what nobody can see', () => {
    expect(line('a\u202eb\u0000c\u200bd\ud800e', 50)).toBe('abcde');
    expect(line(' \u200b \n ', 50)).toBe('–');
  });

  it('never passes the limit, never cuts a pair or an escape in two, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 120 }), (text, max) => {
        for (const out of [line(text, max), block(text, max), cut(text, max)]) {
          expect(out.length).toBeLessThanOrEqual(max);
          expect(Buffer.from(out, 'utf8').toString('utf8') === out || /[\ud800-\udfff]/.test(text)).toBe(true);
        }
        const out = line(text, max);
        expect(/(^|[^\\])(\\\\)*\\…?$/.test(out)).toBe(false);
      }),
    );
  });
});

describe('block', () => {
  it('keeps lines, and blank ones singly', () => {
    expect(block('a\n\n\n\nb\nc', 100)).toBe('a\n\nb\nc');
    expect(block('1\n2\n3\n4', 100, 2)).toBe('1\n2 …');
  });
});

describe('markdown', () => {
  it('keeps emphasis, lists and code, and tames mentions, headings and masked links', () => {
    const safe = markdown('# Big\n**bold** <@&1> @here [x](https://evil.example)\n- item\n```js\na[0](1) <@1>\n```', 500);
    expect(safe).toContain('**bold**');
    expect(safe).toContain('\n- item');
    expect(safe).toContain('a[0](1)');
    expect(safe).toContain('\\# Big');
    expect(safe).toContain(']\u200b(');
    expect(safe).not.toMatch(/@here|<@/);
  });

  it('closes a code block that the cut leaves open', () => {
    const safe = markdown(`\`\`\`\n${'x'.repeat(400)}\n\`\`\``, 100);
    expect(safe.length).toBeLessThanOrEqual(100);
    expect(safe.match(/```/g)).toHaveLength(2);
  });

  it('never passes its limit nor leaves a code block open, for any text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('```', '`', '@everyone', '<@1>', '](', '\n', '**'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 10, max: 300 }), (pieces, max) => {
        const out = markdown(pieces.join(''), max);
        expect(out.length).toBeLessThanOrEqual(max);
        expect((out.match(/```/g)?.length ?? 0) % 2).toBe(0);
        expect(out).not.toMatch(/@(everyone|here)/i);
        expect(out).not.toMatch(/<[@#]/);
      }),
    );
  });
});

it('shortens ids to their random end', () => {
  expect(shortId('01938f2e-0000-7000-8000-00005f2a9c1b')).toBe('5f2a9c1b');
});
