import { describe, expect, it } from 'vitest';
import { createMask, maskSecrets } from '../../playground/secrets.js';

const BOT = 'MTMwMDAwMDAwMDAwMDAwMDAwMQ.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789AB';
const INTERACTION = Buffer.from('interaction:1300000000000000001:abcdefghijklmnop').toString('base64url');

describe('secrets', () => {
  const texts: [what: string, secret: string, text: string][] = [
    ['the field of a payload', 'any-token', '{"op":2,"d":{"token":"any-token"}}'],
    ['a field with blanks, in a text that breaks off', 'any-token', '{"op":2,"d":{"token" : "any-token'],
    ['a session', '0123456789abcdef', '{"session_id":"0123456789abcdef"}'],
    ['a path', 'any-token', 'PATCH /webhooks/1300000000000000001/any-token/messages/@original'],
    ['a bot token in a message', BOT, `{"content":"it is ${BOT}, keep it"}`],
    ['an interaction token in a message', INTERACTION, `{"content":"it is ${INTERACTION}, keep it"}`],
    ['a header', 'any-token', 'curl -H "Authorization: Bot any-token"'],
  ];
  it.each(texts)('are masked in %s', (_what, secret, text) => {
    expect(maskSecrets(text)).toBe(text.replace(secret, '***'));
    expect(maskSecrets(maskSecrets(text))).toBe(text.replace(secret, '***'));
    expect(createMask()(text)).toBe(text.replace(secret, '<secret 1>'));
  });

  it('have a number each where they are told apart', () => {
    const mask = createMask();
    expect(mask('{"token":"one"}{"token":"two"}')).toBe('{"token":"<secret 1>"}{"token":"<secret 2>"}');
    expect(mask(mask('{"token":"two"}{"token":"***"}'))).toBe('{"token":"<secret 2>"}{"token":"***"}');
  });

  it('are no other words', () => {
    const text = '{"content":"Bot connected; the token is secret","custom_id":"interaction:1"}';
    expect(maskSecrets(text)).toBe(text);
  });
});
