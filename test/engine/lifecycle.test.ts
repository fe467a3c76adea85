import { afterEach, describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/agents/contract.js';
import { cancelTasks, retryTasks } from '../../src/store/tasks/steer.js';
import { agentOf, eventually, type Lab, openLab, USER } from '../support/lab.js';

let lab: Lab;
afterEach(() => lab.close());

describe.each([{ redis: true }, { redis: false }])('with redis: $redis', ({ redis }) => {
  test('a task runs, tells its progress and is completed, with its history, card and completion', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const agent = agentOf('echo', async (task, context) => {
      context.progress(40, 'working', 'in the middle');
      await gate;
      return `done: ${task.title}`;
    });
    lab = await openLab({ agents: [agent], redis });
    await lab.worker();
    const task = await lab.create({ title: 'First' });
    expect(task).toMatchObject({ status: 'pending', attempt: 0, revision: 1 });
    const progress = await eventually(
      () => lab.sql`select percent, step, description from progress where task_id = ${task.id}`,
      (rows) => rows.length === 1,
    );
    expect(progress[0]).toMatchObject({ percent: 40, step: 'working', description: 'in the middle' });
    release();
    const ended = await lab.ended(task.id);
    expect(ended).toMatchObject({ status: 'completed', attempt: 1, result: { text: 'done: First' }, workerId: null });
    expect((await lab.history(task.id)).map(({ event, from, to }) => `${event} ${from ?? '-'}→${to}`)).toEqual([
      'created -→pending',
      'claimed pending→in_progress',
      'completed in_progress→completed',
    ]);
    const [card] = await lab.sql`select revision, final from cards where id = ${task.id}`;
    expect(card).toEqual({ revision: ended.revision, final: true });
    const told = await lab.sql`select status, requester_id from completions where card_id = ${task.id}`;
    expect(told).toHaveLength(1);
    expect(told[0]).toEqual({ status: 'completed', requester_id: USER });
    expect(await lab.sql`select from progress`).toHaveLength(0);
  });

  test('a failing task is retried with backoff and ends as failed when its retries are used up', async () => {
    let runs = 0;
    lab = await openLab({
      redis,
      agents: [
        agentOf('fails', async () => {
          runs += 1;
          throw new Error(`no luck ${runs}`);
        }),
      ],
    });
    await lab.worker();
    const task = await lab.create({ maxRetries: 2 });
    const ended = await lab.ended(task.id);
    expect(ended).toMatchObject({ status: 'failed', attempt: 3, failures: 3, error: { reason: 'error', message: 'no luck 3' } });
    expect(runs).toBe(3);
    expect((await lab.history(task.id)).map(({ event, to }) => `${event}→${to}`)).toEqual([
      'created→pending',
      'claimed→in_progress',
      'failed→pending:retry',
      'ready→pending',
      'claimed→in_progress',
      'failed→pending:retry',
      'ready→pending',
      'claimed→in_progress',
      'failed→failed',
    ]);
  });

  test('an error that trying again cannot mend fails at once', async () => {
    lab = await openLab({
      redis,
      agents: [
        agentOf('refuses', async () => {
          throw new PermanentError('404');
        }),
      ],
    });
    await lab.worker();
    const task = await lab.create();
    expect(await lab.ended(task.id)).toMatchObject({ status: 'failed', attempt: 1, error: { message: '404' } });
  });

  test('cancelling a running task stops it within a second and refuses its result', async () => {
    let aborted: unknown;
    lab = await openLab({
      redis,
      agents: [
        agentOf('long', async (_task, context) => {
          await context.wait(60_000).catch((error: unknown) => {
            aborted = error;
          });
          return 'too late';
        }),
      ],
    });
    const worker = await lab.worker();
    const task = await lab.create();
    await eventually(
      () => lab.task(task.id),
      ({ status }) => status === 'in_progress',
    );
    const startedAt = performance.now();
    lab.afterChange(await cancelTasks(lab.sql, [task.id], { actor: `person:${USER}`, actorId: USER, reason: 'enough' }));
    await eventually(
      () => worker.engine.running,
      (running) => running === 0,
    );
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(aborted).toMatchObject({ why: 'cancelled' });
    expect(await lab.task(task.id)).toMatchObject({ status: 'cancelled', result: null });
    expect(await lab.sql`select from completions`).toHaveLength(0);
  });

  test('a retry keeps the id, counts attempts on, and two of them make one', async () => {
    let runs = 0;
    lab = await openLab({
      redis,
      agents: [
        agentOf('second', async () => {
          runs += 1;
          if (runs === 1) throw new PermanentError('first time never works');
          return 'second time';
        }),
      ],
    });
    await lab.worker();
    const task = await lab.create();
    await lab.ended(task.id);
    const both = await Promise.all([1, 2].map(() => retryTasks(lab.sql, [task.id], `person:${USER}`)));
    expect(both.flat()).toHaveLength(1);
    lab.afterChange(both.flat());
    expect(await lab.ended(task.id)).toMatchObject({ status: 'completed', attempt: 2, failures: 0, error: null });
    const retried = (await lab.history(task.id)).find(({ event }) => event === 'retried');
    expect(retried?.details).toMatchObject({ error: { message: 'first time never works' } });
    expect(await lab.sql`select status from completions order by ending`).toMatchObject([{ status: 'completed' }]);
  });

  test('critical before high before medium before low, first in first out inside a priority', async () => {
    const order: string[] = [];
    lab = await openLab({
      redis,
      agents: [
        agentOf('ordered', async (task) => {
          order.push(task.title);
          return '';
        }),
      ],
    });
    for (const title of ['low 1', 'medium 1', 'critical 1', 'low 2', 'high 1', 'medium 2', 'critical 2', 'high 2']) {
      await lab.create({ title, priority: title.split(' ')[0] as 'low' });
    }
    await lab.worker({ concurrency: 1 });
    await eventually(
      () => order.length,
      (count) => count === 8,
    );
    expect(order).toEqual(['critical 1', 'critical 2', 'high 1', 'high 2', 'medium 1', 'medium 2', 'low 1', 'low 2']);
  });

  test('the default queue shares the slots of the agent that serves it, and takes turns with its own', async () => {
    const order: string[] = [];
    let running = 0;
    let most = 0;
    const agent = agentOf('serves', async (task) => {
      running += 1;
      most = Math.max(most, running);
      order.push(task.title);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      return '';
    });
    lab = await openLab({ agents: [agent], defaultAgent: 'serves', redis });
    for (let n = 1; n <= 6; n += 1) {
      await lab.create({ title: `own ${n}` });
      await lab.create({ title: `nobody's ${n}`, agentId: 'default' });
    }
    await lab.worker({ concurrency: 1 });
    await eventually(
      () => order.length,
      (count) => count === 12,
    );
    expect(most).toBe(1);
    for (const whose of ['own', "nobody's"]) {
      expect(order.filter((title) => title.startsWith(whose))).toEqual([1, 2, 3, 4, 5, 6].map((n) => `${whose} ${n}`));
      // Both had begun long before either was done.
      expect(order.findIndex((title) => title.startsWith(whose))).toBeLessThan(4);
    }
  });
});
