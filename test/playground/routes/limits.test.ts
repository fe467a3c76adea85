/** Limits of resources that have a code of their own: topics/opcodes-and-status-codes.mdx, topics/rate-limits.mdx. */
import { describe, expect, it } from 'vitest';
import { each, ground, type Row } from '../conformance/ground.js';
import { expectRefusal } from './shapes.js';

const here = ground();

describe('limits of resources', () => {
  each(
    [
      ['opcodes 20028', 'writing in a channel', 20028, 'POST', '/channels/{tasks}/messages', { content: 'x' }],
      ['opcodes 20029', 'writing in a server', 20029, 'POST', '/channels/{tasks}/threads', { name: 'x', type: 11 }],
      ['opcodes 40003', 'opening DMs', 40003, 'POST', '/users/@me/channels', { recipient_id: 'mia' }],
      [
        'opcodes 40062',
        'any other resource',
        40062,
        'PUT',
        '/channels/{tasks}/messages/{mine}/reactions/%F0%9F%91%8D/@me',
        undefined,
      ],
    ] as Row<[code: 20028 | 20029 | 40003 | 40062, method: string, path: string, body: unknown]>[],
    async (code, method, path, body) => {
      const { playground, ids, bot } = here();
      const filled = body && 'recipient_id' in (body as object) ? { recipient_id: ids.mia } : body;
      playground.faults.limitRoute({ route: '/', method, limit: 1, windowMs: 60_000, scope: 'shared', code });
      await bot(method, path, filled);
      const refused = await bot(method, path, filled);
      expectRefusal(refused, 429, code);
      await playground.clock.advance(60_001);
      playground.faults.clear();
    },
  );

  it('are found by the path, too', async () => {
    const { playground, bot } = here();
    playground.faults.limitRoute({ route: '/users/@me', limit: 1, windowMs: 60_000 });
    const statuses = [await bot('GET', '/users/@me'), await bot('GET', '/users/@me'), await bot('GET', '/users/{mia}')];
    expect(statuses.map((one) => one.status)).toEqual([200, 429, 200]);
    await playground.clock.advance(60_001);
    playground.faults.clear();
  });
});
