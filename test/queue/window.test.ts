import { Redis } from 'ioredis';
import type postgres from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RedisLink } from '../../src/queue/link.js';
import { type Hint, WINDOW, Windows } from '../../src/queue/window.js';
import { migrate } from '../../src/store/migrate.js';
import { headOfQueue } from '../../src/store/tasks/claim.js';
import { CHANNEL, GUILD, USER } from '../support/lab.js';
import { type Line, openLine } from './line.js';

let line: Line;
let link: RedisLink;
let windows: Windows;
let redis: Redis;
beforeEach(async () => {
  line = openLine();
  link = await line.link();
  windows = new Windows(link);
  redis = new Redis(line.stores.redisUrl);
});
afterEach(async () => {
  redis.disconnect();
  await line.close();
});

const hints = (many: number, priority = 2, queueId = 'echo'): Hint[] =>
  Array.from({ length: many }, () => ({ taskId: uuidv7(), queueId, priority }));
const ids = (some: readonly Hint[]) => some.map(({ taskId }) => taskId);
const listed = (priority = 2, queueId = 'echo') => redis.lrange(windows.list(queueId, priority), 0, -1);
const marked = async (priority = 2) => (await windows.mark('echo', priority)) !== '';
const take = async (slots: number, queueId = 'echo') => (await windows.take([{ queueId, slots }]))?.[0];
/** As the engine does it. */
async function refill(sql: postgres.Sql, priority = 2, between: () => Promise<unknown> = async () => undefined): Promise<void> {
  const mark = await windows.mark('echo', priority);
  const head = await headOfQueue(sql, 'echo', priority, WINDOW + 1);
  await between();
  await windows.refill('echo', priority, head, mark);
}

async function seed(many: number): Promise<{ sql: postgres.Sql; order: string[] }> {
  const sql = line.database();
  await migrate(sql, line.stores.schema);
  const order = Array.from({ length: many }, () => uuidv7());
  await sql`
    insert into tasks (id, card_id, guild_id, channel_id, scope_id, requester_id, agent_id, title, priority, status, max_retries, ttl_seconds,
      soft_timeout_seconds, hard_timeout_seconds, ready_at)
    select id, id, ${GUILD}, ${CHANNEL}, ${CHANNEL}, ${USER}, 'echo', 'x', 2, 'pending', 3, 3600, 60, 90, now() - interval '1 hour' + n * interval '1 ms'
    from unnest(${order}::uuid[]) with ordinality as u (id, n)`;
  return { sql, order };
}

describe('pushing and taking', () => {
  test('first in first out within a priority, most urgent first', async () => {
    const some = [3, 2, 1, 0].flatMap((priority) => hints(3, priority));
    await windows.push(some);
    const byPriority = [...some].sort((a, b) => a.priority - b.priority);
    expect(await take(2)).toEqual({ queueId: 'echo', ids: ids(byPriority).slice(0, 2), thin: [] });
    const rest: string[] = [];
    for (let got = await take(5); got && got.ids.length > 0; got = await take(5)) rest.push(...got.ids);
    expect(rest).toEqual(ids(byPriority).slice(2));
    expect(await take(5)).toEqual({ queueId: 'echo', ids: [], thin: [] });
  });

  test('queues do not mix, and none wanted asks nothing', async () => {
    const [mine, other] = [hints(2), hints(2, 2, 'other')];
    await windows.push([...mine, ...other]);
    expect(await windows.take([])).toEqual([]);
    expect(
      await windows.take([
        { queueId: 'other', slots: 9 },
        { queueId: 'echo', slots: 9 },
      ]),
    ).toMatchObject([{ ids: ids(other) }, { ids: ids(mine) }]);
  });

  test('two takers share a list without a double or a loss', async () => {
    const some = hints(600);
    await windows.push(some);
    const second = new Windows(await line.link());
    const taken: string[] = [];
    const drain = async (from: Windows) => {
      for (;;) {
        const got = (await from.take([{ queueId: 'echo', slots: 7 }]))?.[0]?.ids ?? [];
        if (got.length === 0) return;
        taken.push(...got);
      }
    };
    await Promise.all([drain(windows), drain(second)]);
    expect(taken).toHaveLength(600);
    expect(new Set(taken)).toEqual(new Set(ids(some)));
  });

  test('a list is never longer than the window, also when many push at once; what does not fit sets the mark', async () => {
    const second = new Windows(await line.link());
    const all = hints(3000);
    const parts = Array.from({ length: 60 }, (_, index) => all.slice(index * 50, index * 50 + 50));
    const lengths: number[] = [];
    await Promise.all(
      parts.map(async (part, index) => {
        await (index % 2 ? second : windows).push(part);
        lengths.push(await redis.llen(windows.list('echo', 2)));
      }),
    );
    expect(Math.max(...lengths)).toBe(WINDOW);
    expect(await marked()).toBe(true);
    await windows.push(hints(1));
    expect(await redis.llen(windows.list('echo', 2))).toBe(WINDOW);
    expect((await take(1))?.thin).toEqual([]);
    expect((await take(WINDOW / 2))?.thin).toEqual([2]);
    expect(await redis.keys(`${line.stores.prefix}*echo*`)).toHaveLength(2);
  });

  test('with Redis down nothing is thrown', async () => {
    await link.stop();
    expect(await windows.push(hints(1))).toBe(false);
    expect(await windows.take([{ queueId: 'echo', slots: 1 }])).toBeUndefined();
    await windows.refill('echo', 2, [], '');
    expect(await windows.epoch('e', false)).toBeUndefined();
  });
});

describe('refilling from 3,000 tasks', () => {
  test('gives all of them in order, a window at a time', async () => {
    const { sql, order } = await seed(3000);
    await windows.push(order.slice(0, 900).map((taskId) => ({ taskId, queueId: 'echo', priority: 2 })));
    await windows.push(order.slice(900).map((taskId) => ({ taskId, queueId: 'echo', priority: 2 })));
    const taken: string[] = [];
    let refills = 0;
    for (;;) {
      const got = await take(40);
      if (got === undefined || (got.ids.length === 0 && got.thin.length === 0)) break;
      taken.push(...got.ids);
      await sql`update tasks set status = 'cancelled', finished_at = now() where id = any(${got.ids}::uuid[])`;
      if (got.thin.length > 0) {
        refills += 1;
        await refill(sql);
        expect(await redis.llen(windows.list('echo', 2))).toBeLessThanOrEqual(WINDOW);
      }
    }
    expect(taken).toEqual(order);
    expect(refills).toBeLessThan(8);
    expect(await marked()).toBe(false);
  });

  test('keeps the order of Postgres, drops nothing that was appended meanwhile, and doubles nothing', async () => {
    const { sql, order } = await seed(20);
    const late = hints(3);
    await windows.push([order[7], order[3]].map((taskId) => ({ taskId: taskId as string, queueId: 'echo', priority: 2 })));
    await refill(sql, 2, () => windows.push(late));
    expect(await listed()).toEqual([...order, ...ids(late)]);
    await refill(sql);
    expect(await listed()).toEqual([...order, ...ids(late)]);
    expect(await marked()).toBe(false);
  });

  test('a task kept out while Postgres was read leaves the mark, so that the next refill finds it', async () => {
    const { sql, order } = await seed(1200);
    await refill(sql);
    expect(await marked()).toBe(true);
    await take(WINDOW);
    await sql`update tasks set status = 'cancelled', finished_at = now() where id = any(${order.slice(0, 1100)}::uuid[])`;
    const late = hints(1);
    await refill(sql, 2, () => windows.push(late));
    expect(await listed()).toEqual(order.slice(1100));
    expect((await take(1))?.thin).toEqual([2]);
    await refill(sql);
    expect(await marked()).toBe(false);
  });

  test('stale hints never push the queue out of its window', async () => {
    const { sql, order } = await seed(1500);
    await windows.push(hints(WINDOW));
    await refill(sql);
    expect(await listed()).toEqual(order.slice(0, WINDOW));
  });
});

test('all keys of a queue share one hash tag, each queue its own', async () => {
  for (const queueId of ['echo', 'other'])
    for (const priority of [0, 1, 2, 3])
      await windows.push([...hints(WINDOW, priority, queueId), ...hints(1, priority, queueId)]);
  const keys = (await redis.keys(`${line.stores.prefix}:*`)).filter((key) => /:(critical|high|medium|low)/.test(key));
  expect(keys).toHaveLength(16);
  const tags = keys.map((key) => /\{([^{}]+)\}/.exec(key)?.[1]);
  expect(new Set(tags)).toEqual(new Set(['agent:echo', 'agent:other']));
});

test('an epoch lasts until it is renewed or lost', async () => {
  expect(await windows.epoch('a', false)).toBe('a');
  expect(await windows.epoch('b', false)).toBe('a');
  expect(await windows.epoch('c', true)).toBe('c');
  await redis.del(`${line.stores.prefix}:epoch`);
  const both = await Promise.all([windows.epoch('d', false), windows.epoch('e', false)]);
  expect(both[0]).toBe(both[1]);
});
