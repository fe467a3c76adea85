/** What agents and circumstances do to a run that nobody expects: the task still ends, and ends once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { Keeper } from '../../src/engine/keeper.js';
import { isPassing } from '../../src/store/database.js';
import { cancelTasks, retryTasks } from '../../src/store/tasks/steer.js';
import { agentOf, eventually, type Lab, openLab } from '../support/lab.js';
import { type FaultProxy, openProxy, through } from '../support/proxy.js';
import { databaseUrl } from '../support/stores.js';

let lab: Lab;
let line: FaultProxy | undefined;
afterEach(async () => {
  line?.heal();
  await lab.close();
  await line?.close();
  line = undefined;
});

async function cuttable(): Promise<string> {
  const { hostname, port } = new URL(databaseUrl());
  line = await openProxy({ host: hostname, port: Number(port) });
  return through(databaseUrl(), line);
}

test.each<[string, () => unknown]>([
  ['what has no text', () => Object.create(null)],
  ['nothing', () => undefined],
  ['an error whose message is no text', () => Object.assign(new Error('x'), { message: { code: 1 } })],
  [
    'an error that cannot be read',
    () =>
      new Proxy(new Error('x'), {
        get: () => {
          throw new Error('trap');
        },
      }),
  ],
])('an agent that throws %s fails its task', async (_, thrown) => {
  lab = await openLab({
    agents: [
      agentOf('odd', async () => {
        throw thrown();
      }),
    ],
    settings: { maxRetryCount: 0 },
  });
  await lab.worker();
  const task = await lab.create();
  expect(await lab.ended(task.id, 5000)).toMatchObject({ status: 'failed', error: { reason: 'error' }, failures: 1 });
});

test('a result that cannot be read fails its task', async () => {
  const agent = agentOf('odd', async () => '');
  lab = await openLab({
    agents: [
      {
        ...agent,
        run: async () => ({
          text: 'a',
          get data(): never {
            throw new Error('no data');
          },
        }),
      },
    ],
    settings: { maxRetryCount: 0 },
  });
  await lab.worker();
  const task = await lab.create();
  expect(await lab.ended(task.id, 5000)).toMatchObject({ status: 'failed', error: { message: 'no data' } });
});

test('a run that winds up after its task was cancelled does not disturb the next attempt in the same process', async () => {
  const started: number[] = [];
  let release: () => void = () => undefined;
  const late = new Promise<void>((resolve) => {
    release = resolve;
  });
  const refused: unknown[] = [];
  lab = await openLab({
    agents: [
      agentOf('slow', async (task, context) => {
        started.push(task.attempt);
        if (task.attempt === 2) {
          await eventually(
            () => refused.length,
            (count) => count === 1,
          );
          await context.wait(300);
          return 'the new one';
        }
        await late;
        await context
          .attach({ name: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('x') })
          .catch((error) => refused.push(error));
        return 'the old one';
      }),
    ],
  });
  await lab.worker();
  const task = await lab.create();
  await eventually(
    () => started.length,
    (count) => count === 1,
  );
  lab.afterChange(await cancelTasks(lab.sql, [task.id], { actor: 'person:1', actorId: '1', reason: null }));
  lab.afterChange(await retryTasks(lab.sql, [task.id], 'person:1'));
  await eventually(
    () => started.length,
    (count) => count === 2,
  );
  release();
  expect(await lab.ended(task.id)).toMatchObject({ status: 'completed', attempt: 2, result: { text: 'the new one' } });
});

test('a file that an agent does not wait for cannot end the process', async () => {
  const stray: unknown[] = [];
  const listen = (error: unknown) => stray.push(error);
  process.on('unhandledRejection', listen);
  lab = await openLab({
    agents: [
      agentOf('careless', async (_task, context) => {
        void context.attach({ name: '', contentType: 'text/plain', bytes: Buffer.from('x') });
        await context.wait(50);
        return 'ok';
      }),
    ],
  });
  await lab.worker();
  const task = await lab.create();
  expect((await lab.ended(task.id)).status).toBe('completed');
  process.off('unhandledRejection', listen);
  expect(stray).toEqual([]);
});

describe('Postgres away', () => {
  test('a result that waits for it longer than the time-out is not thrown away by a keeper that is back first', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    lab = await openLab({
      agents: [
        agentOf('quick', async () => {
          await gate;
          return 'ok';
        }),
      ],
      databaseUrl: await cuttable(),
    });
    await lab.worker({ leaseSeconds: 2 });
    const task = await lab.create();
    await eventually(
      () => lab.task(task.id),
      ({ status }) => status === 'in_progress',
    );
    line?.cut();
    release();
    // It was away for an hour and more.
    await lab.sql`update tasks set started_at = now() - interval '2 hours' where id = ${task.id}`;
    const due = await lab.create({ startAt: new Date(Date.now() + 500) });
    const keeper = new Keeper({
      sql: lab.sql,
      leaseSeconds: 60,
      afterChange: lab.afterChange,
      mayJudge: () => true,
      log: pino({ level: 'silent' }),
      count: () => undefined,
    });
    keeper.start();
    await eventually(
      () => lab.task(due.id),
      ({ waitingFor }) => waitingFor === null,
    );
    await keeper.stop();
    line?.heal();
    expect(await lab.ended(task.id, 20_000)).toMatchObject({ status: 'completed', attempt: 1, result: { text: 'ok' } });
  }, 60_000);

  test('a stop takes its grace and a moment, also on a line that is dead', async () => {
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')], databaseUrl: await cuttable() });
    const worker = await lab.worker({ leaseSeconds: 5 });
    line?.hang();
    await sleep(2500);
    const startedAt = performance.now();
    await worker.engine.stop(0);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  }, 60_000);

  test('what says nothing against a statement is tried again, what does is not', async () => {
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')] });
    const slow = await lab.sql
      .begin(async (sql) => {
        await sql`set local statement_timeout = 20`;
        await sql`select pg_sleep(1)`;
      })
      .catch((error: unknown) => error);
    const wrong = await lab.sql`select ${'x'}::text::int`.catch((error: unknown) => error);
    expect([isPassing(slow), isPassing(wrong)]).toEqual([true, false]);
  });
});
