import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimHinted } from '../../src/store/tasks/claim.js';
import { settleRuns } from '../../src/store/tasks/run.js';
import type { Task } from '../../src/tasks/model.js';
import type { TaskService } from '../../src/tasks/service.js';
import { isFinal, mayMove, type Status } from '../../src/tasks/states.js';
import { ORIGIN } from '../support/lab.js';
import { broken, done, type House, OTHER_USER, openHouse, someone } from './house.js';

let house: House;
let services: TaskService[];
beforeAll(async () => {
  house = await openHouse({ redis: false });
  services = [house.service, (await house.open()).tasks];
});
afterAll(() => house.close());
beforeEach(
  () =>
    house.sql`with t as (delete from tasks), b as (delete from batches), c as (delete from cards), p as (delete from completions) delete from audit_events`,
);

const me = someone();
const moderator = someone({ userId: OTHER_USER, moderates: () => true });
const titles = (many: number) => Array.from({ length: many }, (_, index) => ({ agentId: 'echo', title: `task ${index}` }));
const batchRow = async (id: string) => (await house.sql`select unfinished, round from batches where id = ${id}`)[0];
const completions = () =>
  house.sql<
    { card_id: string; ending: number; told_at: Date | null }[]
  >`select card_id, ending, told_at from completions order by ending`;
const card = async (id: string) => (await house.sql`select final, revision from cards where id = ${id}`)[0];

/** Each event begins where the one before ended, by a legal move, and the last one is what the task says. */
async function expectUnbroken(id: string, states = 1): Promise<void> {
  const { task, history } = await house.service.details(id, me);
  const moves = history.filter(({ to, from }) => to !== from);
  expect(moves.length).toBeGreaterThanOrEqual(states);
  let at: string | null = null;
  for (const { from, to, actor } of moves) {
    expect(from).toBe(at);
    const by = actor.split(':')[0] as 'person' | 'worker' | 'keeper';
    if (from !== null)
      expect(mayMove(from.split(':')[0] as Status, to?.split(':')[0] as Status, by), `${from} → ${to} by ${by}`).toBe(true);
    at = to;
  }
  expect(at).toBe(task.status);
  // Created, and one for each change since.
  expect(task.revision).toBe(history.length);
  if (task.batchId === null) expect(await card(task.cardId)).toMatchObject({ final: isFinal(task.status) });
}

describe('100 rounds of one task', () => {
  test('cancel, complete and fail at once: exactly one of them happens', async () => {
    const ends: Record<string, number> = {};
    for (let round = 0; round < 100; round += 1) {
      const task = await house.create();
      await house.claim(task.id);
      const attempts = [
        (services[1] as TaskService).cancel(task.id, me),
        house.settle(task.id, done),
        house.settle(task.id, broken),
        house.service.cancel(task.id, moderator),
      ];
      const settled = await Promise.allSettled(round % 2 ? attempts : attempts.reverse());
      const won = settled.filter((each) => each.status === 'fulfilled' && (!Array.isArray(each.value) || each.value.length > 0));
      expect(won).toHaveLength(1);
      await expectUnbroken(task.id, 3);
      const { status, result } = await house.service.get(task.id, me);
      expect(result !== null).toBe(status === 'completed');
      ends[status] = (ends[status] ?? 0) + 1;
      expect((await completions()).filter(({ card_id }) => card_id === task.id).length).toBeLessThanOrEqual(1);
    }
    expect(Object.values(ends).reduce((sum, many) => sum + many, 0)).toBe(100);
  });

  test('cancel, claim and retry at once: the history is one line, and a cancelled run settles nothing', async () => {
    for (let round = 0; round < 100; round += 1) {
      const task = await house.create();
      if (round % 2) await house.end(task.id, broken);
      const work = [
        () => house.service.retry(task.id, me),
        () => (services[1] as TaskService).cancel(task.id, me),
        () => claimHinted(house.sql, house.workerId, [task.id]),
        () => (services[1] as TaskService).retry(task.id, moderator),
        () =>
          settleRuns(
            house.sql,
            house.workerId,
            [1, 2].map((attempt) => ({ taskId: task.id, attempt, outcome: done })),
          ),
      ];
      await Promise.allSettled(Array.from({ length: 5 }, (_, index) => work[(index * (1 + (round % 4)) + round) % 5]?.()));
      await expectUnbroken(task.id);
      const { status, attempt } = await house.service.get(task.id, me);
      if (status === 'cancelled') expect(await house.settle(task.id, done, attempt)).toHaveLength(0);
      const untold = (await completions()).filter(({ card_id }) => card_id === task.id);
      expect(untold.length, status).toBe(status === 'completed' || status === 'failed' ? 1 : 0);
    }
  });

  test('two retries at once are one', async () => {
    for (let round = 0; round < 25; round += 1) {
      const task = await house.create();
      await house.end(task.id, broken);
      const both = await Promise.allSettled(services.map((service) => service.retry(task.id, me)));
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expectUnbroken(task.id, 4);
    }
  });
});

describe('a batch', () => {
  const open = async (many: number): Promise<{ id: string; tasks: Task[] }> => {
    const { batch, tasks } = await house.service.createBatch('batch', titles(many), ORIGIN);
    return { id: batch.id, tasks };
  };

  test('ends once, told once, when its tasks are settled at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, tasks } = await open(12);
      await house.claim(...tasks.map((task) => task.id));
      const half = tasks.slice(0, 6).map((task) => house.settle(task.id, round % 2 ? done : broken));
      const together = settleRuns(
        house.sql,
        house.workerId,
        tasks.slice(6, 9).map((task) => ({ taskId: task.id, attempt: 1, outcome: done })),
      );
      const cancelled = tasks.slice(9).map((task, index) => (services[index % 2] as TaskService).cancel(task.id, moderator));
      await Promise.all([...half, together, ...cancelled]);
      expect(await batchRow(id)).toEqual({ unfinished: 0, round: 1 });
      expect((await completions()).filter(({ card_id }) => card_id === id)).toMatchObject([{ ending: 1 }]);
      expect(await card(id)).toMatchObject({ final: true, revision: 1 + 12 + 12 });
    }
  });

  test('is opened again by the retry of one task, and ends and is told again', async () => {
    const { id, tasks } = await open(3);
    const [first] = tasks as [Task];
    for (const task of tasks) await house.end(task.id, task === first ? broken : done);
    await house.sql`update completions set told_at = now()`;
    await house.service.retry(first.id, me);
    expect(await batchRow(id)).toEqual({ unfinished: 1, round: 1 });
    expect(await card(id)).toMatchObject({ final: false });
    await house.end(first.id);
    expect(await batchRow(id)).toEqual({ unfinished: 0, round: 2 });
    expect(await completions()).toMatchObject([
      { ending: 1, told_at: expect.any(Date) },
      { ending: 2, told_at: null },
    ]);
    expect(await house.service.batch(id, me)).toMatchObject({ counts: { completed: 3, failed: 0 } });
  });

  test('that is opened again before it was told is told once', async () => {
    const { id, tasks } = await open(2);
    for (const task of tasks) await house.end(task.id, broken);
    await Promise.all(tasks.map((task, index) => (services[index % 2] as TaskService).retry(task.id, me)));
    expect(await batchRow(id)).toEqual({ unfinished: 2, round: 1 });
    expect(await completions()).toHaveLength(0);
    for (const task of tasks) await house.end(task.id, done);
    expect(await completions()).toMatchObject([{ ending: 2 }]);
  });

  test('whose last task its requester cancels is not told: they did it themselves', async () => {
    const { id, tasks } = await open(2);
    for (const task of tasks) await house.service.cancel(task.id, me);
    expect(await completions()).toHaveLength(0);
    expect(await card(id)).toMatchObject({ final: true });
    const other = await open(2);
    for (const task of other.tasks) await house.service.cancel(task.id, moderator);
    expect(await completions()).toMatchObject([{ card_id: other.id }]);
  });

  test('changed by a rating or by metadata after its end stays ended and is not told again', async () => {
    const { id, tasks } = await open(1);
    const [task] = tasks as [Task];
    await house.end(task.id);
    await house.service.rate(task.id, 1, me);
    await house.service.update(task.id, { metadata: { a: 1 } }, me);
    expect(await batchRow(id)).toEqual({ unfinished: 0, round: 1 });
    expect(await card(id)).toMatchObject({ final: true, revision: 5 });
    expect(await completions()).toHaveLength(1);
  });

  test('15 rounds of settlements against retries: the count is right, and one completion is due exactly when it has ended', async () => {
    for (let round = 0; round < 15; round += 1) {
      const { id, tasks } = await open(4);
      for (const task of tasks.slice(0, 2)) await house.end(task.id, broken);
      await house.claim(...tasks.slice(2).map((task) => task.id));
      await Promise.allSettled([
        ...tasks.slice(0, 2).map((task) => house.service.retry(task.id, me)),
        ...tasks.slice(2).map((task) => house.settle(task.id, done)),
      ]);
      expect(await batchRow(id)).toMatchObject({ unfinished: 2 });
      for (const task of tasks.slice(0, 2)) await house.end(task.id, done);
      const row = await batchRow(id);
      expect(row).toMatchObject({ unfinished: 0 });
      expect((await completions()).filter((each) => each.card_id === id).at(-1)).toMatchObject({ ending: row?.round });
      for (const task of tasks) await expectUnbroken(task.id);
    }
  });
});
