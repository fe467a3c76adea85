import { describe, expect, it } from 'vitest';
import { createRedactor, displayUrl, isSecretName, maskSecrets } from '../../../src/agents/net/secrets.js';

describe('secrets', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'Set-Cookie',
    'X-Api-Key',
    'apikey',
    'x-auth-token',
    'key',
    'password',
    'client_secret',
  ])('are behind %s', (name) => expect(isSecretName(name)).toBe(true));
  it.each(['Accept', 'Content-Type', 'author', 'keyword', 'monkey', 'topic', 'x-request-id'])('are not behind %s', (name) =>
    expect(isSecretName(name)).toBe(false),
  );

  it('are masked in an input, at every depth, and nothing else is', () => {
    const input = {
      url: 'https://example.com/a?api_key=abc&x=1#part',
      plain: 'https://example.com/a?x=1#part',
      headers: { Authorization: 'Bearer abc', Accept: 'text/plain' },
      list: [{ password: 'abc', maxTokens: 5 }],
      tokens: ['abc'],
      secret: { deep: 'abc' },
      empty: null,
    };
    const masked = maskSecrets(input);
    expect(JSON.stringify(masked)).not.toContain('abc');
    expect(masked).toMatchObject({
      url: 'https://example.com/a?api_key=hidden&x=1',
      plain: input.plain,
      headers: { Accept: 'text/plain' },
      list: [{ password: '[hidden]', maxTokens: 5 }],
      empty: null,
    });
  });

  it('are taken out of URLs', () => {
    expect(displayUrl(new URL('https://me:pw@example.com/?token=a&token=b&q=c#d'))).toBe('https://example.com/?token=hidden&q=c');
  });

  it('are taken out of texts and bytes, whole and in parts, also as JSON writes them', () => {
    const redactor = createRedactor(
      [
        ['Authorization', 'Bearer a"b"c-d'],
        ['Accept', 'text/plain'],
      ],
      new URL('https://example.com/'),
    );
    expect(redactor.text('a"b"c-d, text/plain and {"x":"Bearer a\\"b\\"c-d"}')).toBe('[hidden], text/plain and {"x":"[hidden]"}');
    expect(redactor.bytes(Buffer.from([0xff, ...Buffer.from('<a"b"c-d>'), 0xfe])).toString('latin1')).toBe(
      '\u00ff<[hidden]>\u00fe',
    );
  });
});
