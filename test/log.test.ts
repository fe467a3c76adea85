import { DiscordAPIError } from '@discordjs/rest';
import { expect, test } from 'vitest';
import { createLogger } from '../src/log.js';

test('an error of Discord is logged without the token in its address and without what people wrote', () => {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(line) });
  const url = 'https://discord.com/api/v10/webhooks/1200000000000000001/aW50ZXJhY3Rpb24-secret/messages/@original';
  const body = { code: 10062, message: 'Unknown interaction' };
  const error = new DiscordAPIError(body, 10062, 404, 'PATCH', url, {
    files: [],
    body: { json: { content: 'what Mia wrote' } },
  } as never);
  log.error({ err: error, token: 'bot token', discord: { token: 'another' } }, 'not delivered');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('Unknown interaction');
  expect(lines[0]).toContain('/webhooks/1200000000000000001/…/messages/@original');
  for (const secret of ['aW50ZXJhY3Rpb24', 'what Mia wrote', 'bot token', 'another']) expect(lines[0]).not.toContain(secret);
});
