import { describe, expect, it } from 'vitest';
import { encodeMentions, encodeTyped, mentionAt } from '../../../playground/page/composer/mention-text.js';

describe('mentions in the message box', () => {
  it('finds the word being typed after a sign', () => {
    expect(mentionAt('Hi @mi', 6)).toEqual({ sign: '@', query: 'mi', start: 3 });
    expect(mentionAt('#', 1)).toEqual({ sign: '#', query: '', start: 0 });
    expect(mentionAt('Hi @mi there', 6)).toEqual({ sign: '@', query: 'mi', start: 3 });
    for (const text of ['me@example', 'Hi @mia ', 'a#b', '']) expect(mentionAt(text, text.length)).toBeNull();
  });

  it('sends ids, the longest name first', () => {
    const written = [
      { label: '@Mia', tag: '<@1>' },
      { label: '@Mia Two', tag: '<@2>' },
    ];
    expect(encodeMentions('@Mia and @Mia Two', written)).toBe('<@1> and <@2>');
  });

  it('makes mentions of names that were typed, outside code and inside no word', () => {
    const known = new Map([
      ['@mia', '<@1>'],
      ['#tasks', '<#2>'],
    ]);
    expect(encodeTyped('Hi @Mia, see (#tasks) and @mia.', known)).toBe('Hi <@1>, see (<#2>) and <@1>.');
    const left = 'me@mia.org @miami @mia-lou `@mia` ```\n@mia\n``` #other <@1>';
    expect(encodeTyped(left, known)).toBe(left);
  });
});
