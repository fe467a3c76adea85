import { afterEach, describe, expect, test } from 'vitest';
import { rescueTasks } from '../../src/store/tasks/keep.js';
import { ConflictError, InvalidError, QueueFullError } from '../../src/tasks/errors.js';
import type { NewTask } from '../../src/tasks/model.js';
import type { TaskService } from '../../src/tasks/service.js';
import { ORIGIN, USER } from '../support/lab.js';
import { broken, type House, OTHER_CHANNEL, OTHER_GUILD, OTHER_USER, openHouse, snowflake, someone } from './house.js';

let house: House;
afterEach(() => house.close());

const me = someone();
const count = async (table: string) => Number((await house.sql`select count(*) as n from ${house.sql(table)}`)[0]?.n);
const tasks = (many: number): NewTask[] =>
  Array.from({ length: many }, (_, index) => ({ agentId: 'echo', title: `task ${index}` }));

/** How many of the creations were accepted; all others must have been refused for a full queue. */
async function accepted(work: readonly Promise<unknown>[]): Promise<number> {
  const settled = await Promise.allSettled(work);
  for (const each of settled) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(QueueFullError);
  return settled.filter(({ status }) => status === 'fulfilled').length;
}

describe('limits are exact', () => {
  test("and a guild's own go no higher than the operator's", async () => {
    house = await openHouse({ redis: false, queueSize: 5, channelLimit: 3 });
    await house.sql`insert into guild_settings (guild_id, queue_size, channel_limit) values (${ORIGIN.guildId}, 100, 12)`;
    const create = (channelId: string) => house.service.create({ agentId: 'echo', title: 'x' }, { ...ORIGIN, channelId });
    expect(await accepted(Array.from({ length: 6 }, () => create(ORIGIN.channelId)))).toBe(3);
    expect(await accepted(Array.from({ length: 6 }, () => create(snowflake())))).toBe(2);
  });

  test('with 50 creations at once from two processes, per agent and guild', async () => {
    house = await openHouse({ redis: false, queueSize: 20 });
    const services = [house.service, (await house.open()).tasks];
    const create = (index: number, agentId: string, guildId: string | null) =>
      (services[index % 2] as TaskService).create({ agentId, title: 'x' }, { ...ORIGIN, guildId, channelId: snowflake() });
    expect(await accepted(Array.from({ length: 50 }, (_, index) => create(index, 'echo', ORIGIN.guildId)))).toBe(20);
    expect(await accepted([create(0, 'other', ORIGIN.guildId), create(1, 'echo', OTHER_GUILD), create(0, 'echo', null)])).toBe(3);
    expect(await accepted(Array.from({ length: 30 }, (_, index) => create(index, 'echo', null)))).toBe(30);
    expect([await count('tasks'), await count('cards'), await count('audit_events')]).toEqual([53, 53, 53]);
  });

  test('with 50 creations at once from two processes, per channel, whatever the agent', async () => {
    house = await openHouse({ redis: false, channelLimit: 10 });
    const services = [house.service, (await house.open()).tasks];
    const create = (index: number, channelId = ORIGIN.channelId) =>
      (services[index % 2] as TaskService).create(
        { agentId: index % 3 ? 'echo' : 'other', title: 'x' },
        { ...ORIGIN, channelId },
      );
    expect(await accepted(Array.from({ length: 50 }, (_, index) => create(index)))).toBe(10);
    expect(await accepted([create(1, OTHER_CHANNEL)])).toBe(1);
    const [any] = await house.sql<{ id: string }[]>`select id from tasks where channel_id = ${ORIGIN.channelId} limit 1`;
    await house.end(any?.id as string);
    expect(await accepted([create(1), create(2), create(3)])).toBe(1);
  });

  test('a guild has its own', async () => {
    house = await openHouse({ redis: false, queueSize: 200, channelLimit: 20 });
    await house.sql`insert into guild_settings (guild_id, queue_size, channel_limit) values (${ORIGIN.guildId}, 100, 12), (${OTHER_GUILD}, null, null)`;
    const create = (guildId: string | null, channelId: string) =>
      house.service.create({ agentId: 'echo', title: 'x' }, { ...ORIGIN, guildId, channelId });
    expect(await accepted(Array.from({ length: 30 }, () => create(ORIGIN.guildId, ORIGIN.channelId)))).toBe(12);
    expect(await accepted(Array.from({ length: 30 }, () => create(OTHER_GUILD, OTHER_CHANNEL)))).toBe(20);
  });

  test('running tasks leave the queue, but not the channel', async () => {
    house = await openHouse({ redis: false, queueSize: 2, channelLimit: 3 });
    const [a] = [await house.create(), await house.create()];
    await expect(house.create()).rejects.toThrow(/2 tasks of this server are waiting already/);
    await house.claim(a?.id as string);
    await house.create();
    await expect(house.create({ agentId: 'other' })).rejects.toThrow(/may have 3 unfinished tasks/);
  });

  test('retries and rescues are not limited', async () => {
    house = await openHouse({ redis: false, queueSize: 1, channelLimit: 1 });
    const first = await house.create();
    await house.end(first.id, broken);
    const second = await house.create();
    expect(await house.service.retry(first.id, me)).toMatchObject({ status: 'pending' });
    await house.claim(first.id, second.id);
    await house.sql`update workers set lease_until = now() - interval '1 second'`;
    expect(await rescueTasks(house.sql, 0)).toHaveLength(2);
    await expect(house.create()).rejects.toThrow(QueueFullError);
  });
});

describe('a batch', () => {
  test('that does not fit creates nothing, even when others fill the queue at the same time', async () => {
    house = await openHouse({ redis: false, queueSize: 15 });
    const second = (await house.open()).tasks;
    const batches = Array.from({ length: 6 }, (_, index) =>
      (index % 2 ? second : house.service).createBatch(`batch ${index}`, tasks(4), ORIGIN),
    );
    expect(await accepted(batches)).toBe(3);
    expect([await count('tasks'), await count('batches'), await count('cards'), await count('audit_events')]).toEqual([
      12, 3, 3, 12,
    ]);
    await expect(house.service.createBatch('late', tasks(4), ORIGIN)).rejects.toThrow(
      /These 4 tasks do not fit: .* takes 15 waiting tasks\. Nothing was created/,
    );
    expect(await accepted([house.service.createBatch('fits', tasks(3), ORIGIN)])).toBe(1);
  });

  test('names its bad row, and creates nothing', async () => {
    house = await openHouse({ redis: false });
    const rows: [NewTask[], RegExp, string][] = [
      [[...tasks(2), { agentId: 'echo', title: ' ' }], /^Row 3: .*title must not be empty.* Nothing was created\.$/, 'title'],
      [[{ agentId: 'asks', title: 'x', input: {} }], /^Row 1: .*input\.url is required/, 'input.url'],
      [[...tasks(99), { agentId: 'nobody', title: 'x' }], /^Row 100: There is no agent "nobody"/, 'agent'],
    ];
    for (const [asked, message, field] of rows) {
      const error = await house.service.createBatch('batch', asked, ORIGIN).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidError);
      expect((error as Error).message).toMatch(message);
      expect((error as InvalidError).fields[0]?.field).toBe(field);
    }
    for (const many of [0, 101])
      await expect(house.service.createBatch('batch', tasks(many), ORIGIN)).rejects.toThrow(/1 to 100 tasks/);
    for (const title of ['', 'x'.repeat(201), '\u0000'])
      await expect(house.service.createBatch(title, tasks(1), ORIGIN)).rejects.toThrow(InvalidError);
    expect([await count('tasks'), await count('batches'), await count('cards')]).toEqual([0, 0, 0]);
  });

  test('of 100 keeps the order of its rows', async () => {
    house = await openHouse({ redis: false });
    const { batch, tasks: made, place } = await house.service.createBatch('hundred', tasks(100), ORIGIN);
    expect(made.map(({ title }) => title)).toEqual(tasks(100).map(({ title }) => title));
    expect(batch).toMatchObject({ total: 100, title: 'hundred', counts: { pending: 100, completed: 0 } });
    expect(place.position).toBe(1);
    expect(await house.service.batch(batch.id, me)).toEqual(batch);
    await expect(house.service.batch(batch.id, someone({ scopes: [] }))).rejects.toThrow(/no such batch/);
    await expect(house.service.batch('x', me)).rejects.toThrow(InvalidError);
  });
});

describe('the same interaction twice', () => {
  test.each([{ limits: {} }, { limits: { queueSize: 1, channelLimit: 1 } }])(
    'makes one task in one process and in two, limits: $limits',
    async ({ limits }) => {
      house = await openHouse({ redis: false, ...limits });
      const services = [house.service, (await house.open()).tasks];
      for (const pair of [
        [0, 0],
        [0, 1],
        [1, 0, 1, 0, 1, 0],
      ]) {
        for (let round = 0; round < 8; round += 1) {
          const origin = { ...ORIGIN, interactionId: snowflake() };
          const made = await Promise.all(
            pair.map((which) => (services[which] as TaskService).create({ agentId: 'echo', title: 'x' }, origin)),
          );
          expect(new Set(made.map(({ task }) => task.id)).size).toBe(1);
          expect([await count('tasks'), await count('cards'), await count('audit_events')]).toEqual([1, 1, 1]);
          await house.sql`with t as (delete from tasks), c as (delete from cards) delete from audit_events`;
        }
      }
    },
  );

  test.each([{ limits: {} }, { limits: { queueSize: 3 } }])('makes one batch, limits: $limits', async ({ limits }) => {
    house = await openHouse({ redis: false, ...limits });
    const services = [house.service, (await house.open()).tasks];
    for (let round = 0; round < 8; round += 1) {
      const origin = { ...ORIGIN, interactionId: snowflake() };
      const made = await Promise.all(services.map((service) => service.createBatch('batch', tasks(3), origin)));
      expect(made[0]?.batch.id).toBe(made[1]?.batch.id);
      expect(made[1]?.tasks.map(({ id }) => id)).toEqual(made[0]?.tasks.map(({ id }) => id));
      expect([await count('tasks'), await count('batches'), await count('cards')]).toEqual([3, 1, 1]);
      await house.sql`with b as (delete from batches) delete from cards`;
    }
  });

  test('is nobody else’s', async () => {
    house = await openHouse({ redis: false });
    const origin = { ...ORIGIN, interactionId: snowflake() };
    await house.service.create({ agentId: 'echo', title: 'mine' }, origin);
    await expect(
      house.service.create({ agentId: 'echo', title: 'theirs' }, { ...origin, requesterId: OTHER_USER }),
    ).rejects.toThrow(ConflictError);
    expect(await house.sql`select requester_id from tasks`).toEqual([{ requester_id: USER }]);
  });
});
