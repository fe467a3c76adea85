import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openProxy, through } from '../support/proxy.js';
import { until } from '../support/until.js';
import { eventOf, type Line, openLine } from './line.js';

let line: Line;
beforeEach(() => {
  line = openLine();
});
afterEach(() => line.close());

const pgChannel = () => `guildhall_${line.stores.schema}`;

describe.each([{ redis: true }, { redis: false }])('between two processes, with redis: $redis', ({ redis }) => {
  test('everything of one turn arrives once and in order, own events at once and once', async () => {
    const [a, b] = [await line.bus(redis), await line.bus(redis)];
    const events = Array.from({ length: 500 }, (_, revision) => eventOf({ revision: revision + 1 }));
    for (const event of events) a.bus.publish([event]);
    a.bus.wake(['echo', 'other']);
    a.bus.wake(['echo']);
    expect(a.heard).toEqual(events);
    expect(a.woken).toEqual(['echo', 'other', 'echo']);
    await until('all events at the other', () => b.heard.length === events.length && b.woken.length > 0);
    expect(b.heard).toEqual(events);
    expect(b.woken).toEqual(['echo', 'other']);
    b.bus.publish([eventOf()]);
    await until('the answer', () => a.heard.length === events.length + 1);
    expect(a.heard).toHaveLength(501);
  });

  test('what is published in the last turn before the stop still goes out', async () => {
    const [a, b] = [await line.bus(redis), await line.bus(redis)];
    a.bus.publish([eventOf()]);
    a.bus.wake(['echo']);
    await a.bus.stop();
    await until('the last event', () => b.heard.length === 1 && b.woken.length === 1, 3000);
  });

  test('a reader that fails harms no other; one that has left hears nothing', async () => {
    const a = await line.bus(redis);
    const left = a.bus.subscribe(() => {
      throw new Error('left too late');
    });
    left();
    const later: string[] = [];
    a.bus.subscribe(() => {
      throw new Error('a bad reader');
    });
    a.bus.subscribe((event) => later.push(event.taskId));
    a.bus.publish([eventOf()]);
    expect(later).toHaveLength(1);
    expect(line.warnings).toEqual(['a reader of events failed']);
  });

  test('malformed, foreign and doubled messages are ignored with a warning', async () => {
    const [a, b] = [await line.bus(redis), await line.bus(redis)];
    const junk = [
      '',
      'x',
      'null',
      '[]',
      '{}',
      '{"from":"x"}',
      `{"from":"x","events":[],"wake":"echo"}`,
      JSON.stringify({ from: 'x', events: [{ ...eventOf(), status: 'gone' }], wake: [] }),
      JSON.stringify({ from: 'x'.repeat(101), events: [], wake: [] }),
      JSON.stringify({ from: 'x', events: [], wake: Array(1001).fill('e') }),
      '['.repeat(5000),
      '\u{1F989}',
    ];
    const own = JSON.stringify({ from: b.processId, events: [eventOf()], wake: ['echo'] });
    const sql = line.database();
    const client = new Redis(line.stores.redisUrl);
    for (const text of [...junk, own]) {
      await sql.notify(pgChannel(), text);
      if (redis) await client.publish(`${line.stores.prefix}:events`, text);
    }
    client.disconnect();
    a.bus.publish([eventOf()]);
    await until('the good one', () => b.heard.length > 0);
    expect([b.heard.length, b.woken.length]).toEqual([1, 0]);
    await until('a warning for each', () => line.warnings.length >= junk.length);
    expect(new Set(line.warnings)).toEqual(new Set(['a message of the event bus was malformed and is ignored']));
  });
});

test('each message fits a NOTIFY, however many and long its parts are', async () => {
  const sizes: number[] = [];
  const { unlisten } = await line.database().listen(pgChannel(), (text) => sizes.push(Buffer.byteLength(text)));
  const [a, b] = [await line.bus(false), await line.bus(false)];
  const events = Array.from({ length: 300 }, () =>
    eventOf({
      agentId: 'a'.repeat(100),
      guildId: '1'.repeat(20),
      channelId: '1'.repeat(20),
      status: 'in_progress',
      kind: 'progress',
      revision: 2 ** 31 - 1,
      attempt: 2 ** 31 - 1,
    }),
  );
  a.bus.publish(events);
  a.bus.wake(Array.from({ length: 600 }, (_, index) => `q${index}`));
  a.bus.wake(['z'.repeat(100)]);
  await until('all of it', () => b.heard.length === events.length && b.woken.length === 601);
  expect(Math.max(...sizes)).toBeLessThan(8000);
  expect(sizes.length).toBeLessThan(40);
  expect(line.warnings).toEqual([]);
  await unlisten();
});

test('more than can wait is dropped, oldest first, and said', async () => {
  const [a, b] = [await line.bus(true), await line.bus(true)];
  const events = Array.from({ length: 20_100 }, (_, revision) => eventOf({ revision }));
  a.bus.publish(events);
  await until('the last one', () => b.heard.at(-1)?.revision === 20_099);
  expect(b.heard).toHaveLength(20_000);
  expect(b.heard[0]?.revision).toBe(100);
  expect(line.warnings).toHaveLength(1);
  expect(line.warnings[0]).toContain('dropped');
});

test('over NOTIFY while Redis is down, over Redis when it is back', async () => {
  const { hostname, port } = new URL(line.stores.redisUrl);
  const proxy = await openProxy({ host: hostname, port: Number(port) });
  const link = await line.link(through(line.stores.redisUrl, proxy));
  const [a, b] = [await line.bus(link), await line.bus(true)];
  proxy.cut();
  await until('down', () => !link.up);
  a.bus.publish([eventOf()]);
  await until('the event over NOTIFY', () => b.heard.length === 1);
  proxy.heal();
  await until('up', () => link.up);
  a.bus.publish([eventOf()]);
  await until('the event over Redis', () => b.heard.length === 2);
  b.bus.publish([eventOf()]);
  await until('subscribed again', () => a.heard.length === 3);
  await link.stop();
  await proxy.close();
});
