import { afterEach, expect, test } from 'vitest';
import { settleRuns } from '../../src/store/tasks/run.js';
import { cancelTasks, rateTask, retryTasks } from '../../src/store/tasks/steer.js';
import { agentOf, eventually, type Lab, ORIGIN, openLab } from '../support/lab.js';

let lab: Lab;
afterEach(() => lab.close());

const agents = [agentOf('quick', async () => 'ok')];

type Batch = Awaited<ReturnType<typeof batchOf>>;

async function batchOf(count: number) {
  const id = crypto.randomUUID();
  const prepared = Array.from({ length: count }, (_, n) =>
    lab.creation.prepare({ agentId: 'quick', title: `t${n}` }, ORIGIN, id),
  );
  const rows = await lab.creation.createBatch({ id, interactionId: null, title: 'A batch' }, prepared);
  lab.afterChange(rows ?? []);
  return { id, taskIds: prepared.map((task) => task.id) };
}

test('a batch ends once, however its tasks end together, and again after a retry', async () => {
  lab = await openLab({ agents });
  const { id, taskIds } = await batchOf(40);
  await Promise.all([lab.worker(), lab.worker()]);
  await eventually(
    () => lab.sql`select unfinished, round from batches where id = ${id}`,
    (rows) => rows[0]?.unfinished === 0,
  );
  const completions = () => lab.sql`select ending from completions where card_id = ${id} order by ending`;
  const card = async () => (await lab.sql`select final from cards where id = ${id}`)[0]?.final;
  expect(await completions()).toEqual([{ ending: 1 }]);
  expect(await card()).toBe(true);
  await rateTask(lab.sql, taskIds[0] as string, 1, 'person:1');
  expect(await card()).toBe(true);
  await lab.sql`update tasks set status = 'failed' where id = ${taskIds[3] as string}`;
  await Promise.all(lab.workers.map((worker) => worker.stop()));
  expect(await retryTasks(lab.sql, [taskIds[3] as string], 'person:1')).toHaveLength(1);
  expect(await card()).toBe(false);
  await cancelTasks(lab.sql, [taskIds[3] as string], { actor: 'person:1', actorId: '1', reason: null });
  expect(await card()).toBe(true);
  expect((await completions()).at(-1)).toEqual({ ending: 2 });
});

test('statements that touch the same batches in any order do not wait for each other', async () => {
  lab = await openLab({ agents });
  const batches = await Promise.all([batchOf(60), batchOf(60), batchOf(60)]);
  const worker = crypto.randomUUID();
  await lab.sql`insert into workers (id, name, queues, lease_until) values (${worker}, 'w', '{quick}', now() + interval '1 minute')`;
  await lab.sql`update tasks set status = 'in_progress', worker_id = ${worker}, attempt = 1, started_at = now()`;
  const mixed = Array.from({ length: 60 }, (_, n) => batches.map(({ taskIds }) => taskIds[n] as string));
  const outcome = { kind: 'completed' as const, result: { text: '' } };
  const settled = await Promise.all(
    mixed.map((ids, n) =>
      settleRuns(
        lab.sql,
        worker,
        (n % 2 ? ids : ids.toReversed()).map((taskId) => ({ taskId, attempt: 1, outcome })),
      ),
    ),
  );
  expect(settled.flat()).toHaveLength(180);
  expect(await lab.sql`select distinct unfinished, round from batches`).toEqual([{ unfinished: 0, round: 1 }]);
});

test('nor do statements that share only some of their batches', async () => {
  lab = await openLab({ agents });
  const batches = await Promise.all([batchOf(80), batchOf(80), batchOf(80)]);
  const worker = crypto.randomUUID();
  await lab.sql`insert into workers (id, name, queues, lease_until) values (${worker}, 'w', '{quick}', now() + interval '1 minute')`;
  await lab.sql`update tasks set status = 'in_progress', worker_id = ${worker}, attempt = 1, started_at = now()`;
  const outcome = { kind: 'completed' as const, result: { text: '' } };
  const chunks = [0, 1, 2].flatMap((first) =>
    Array.from({ length: 40 }, (_, n) => [
      (batches[first] as Batch).taskIds[n] as string,
      (batches[(first + 1) % 3] as Batch).taskIds[40 + n] as string,
    ]),
  );
  const settled = await Promise.all(
    chunks.map((ids) =>
      settleRuns(
        lab.sql,
        worker,
        ids.map((taskId) => ({ taskId, attempt: 1, outcome })),
      ),
    ),
  );
  expect(settled.flat()).toHaveLength(240);
});
