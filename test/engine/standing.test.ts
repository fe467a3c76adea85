/** What a process finds out about itself: that it was held up, that it runs what it does not know of, that its clock is wrong, that its writes come too late. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { agentOf, eventually, type Lab, openLab } from '../support/lab.js';

let lab: Lab;
afterEach(() => lab.close());

const started = (id: string) =>
  eventually(
    () => lab.task(id),
    ({ status }) => status === 'in_progress',
  );

describe('a process whose event loop was held up', () => {
  test('beyond its lease stops its runs, says so, and goes on with a new lease', async () => {
    const reasons: unknown[] = [];
    const waiting = agentOf('waiting', async (task, context) => {
      if (task.attempt > 1) return 'second time';
      await context.wait(60_000).catch((error: { why: string }) => {
        reasons.push(error.why);
        throw error;
      });
      return '';
    });
    lab = await openLab({ agents: [waiting] });
    const worker = await lab.worker({ leaseSeconds: 1 });
    const { id } = await lab.create();
    await started(id);
    const end = performance.now() + 2000;
    while (performance.now() < end);
    expect(await lab.ended(id)).toMatchObject({ status: 'completed', attempt: 2, failures: 0, recoveries: 0 });
    expect(reasons).toEqual(['lapsed']);
    expect(worker.engine.counters.total('lapses')).toBe(1);
    expect(worker.engine.loopDelay.maxMs).toBeGreaterThan(1500);
    expect(worker.engine.healthy).toBe(true);
  });

  test('for a moment goes on', async () => {
    lab = await openLab({ agents: [agentOf('waiting', async (_task, context) => context.wait(1500).then(() => 'ok'))] });
    const worker = await lab.worker({ leaseSeconds: 2 });
    const { id } = await lab.create();
    await started(id);
    const end = performance.now() + 700;
    while (performance.now() < end);
    expect(await lab.ended(id)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(worker.engine.counters.total('lapses')).toBe(0);
  });
});

describe('a claim whose reply was lost', () => {
  test('is handed back within a few renewals, and the task runs', async () => {
    lab = await openLab({ agents: [agentOf('quick', async (task) => `attempt ${task.attempt}`)] });
    const worker = await lab.worker({ leaseSeconds: 1 });
    const { id } = await lab.create({ hold: true });
    // What such a claim leaves behind.
    await lab.sql`
      update tasks set status = 'in_progress', waiting_for = null, worker_id = ${worker.id}, attempt = 1, started_at = now() where id = ${id}`;
    expect(await lab.ended(id, 5000)).toMatchObject({ status: 'completed', attempt: 2, failures: 0, recoveries: 0 });
    expect(worker.engine.counters.total('orphans')).toBe(1);
  });

  test('is not mistaken for what runs and is claimed all the time', async () => {
    lab = await openLab({ agents: [agentOf('short', async (_task, context) => context.wait(20).then(() => 'ok'))] });
    const worker = await lab.worker({ leaseSeconds: 1, concurrency: 5 });
    const tasks = await Promise.all(Array.from({ length: 100 }, () => lab.create()));
    for (const { id } of tasks) expect(await lab.ended(id)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(worker.engine.counters.total('orphans')).toBe(0);
  });
});

describe('the clock of the machine', () => {
  test.each([600_000, -600_000])('off by %i ms raises an alarm and changes nothing else', async (offMs) => {
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')] });
    const worker = await lab.worker({ leaseSeconds: 1, now: () => Date.now() + offMs });
    const { id } = await lab.create();
    expect(await lab.ended(id)).toMatchObject({ status: 'completed' });
    await eventually(
      () => worker.engine.clock,
      ({ alarm }) => alarm,
    );
    expect(Math.abs((worker.engine.clock.aheadMs ?? 0) - offMs)).toBeLessThan(1500);
    expect(worker.engine.counters.total('clockAlarms')).toBe(1);
  });

  test('has no part in a relative delay: the database counts it from its own now', async () => {
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')] });
    const { id } = await lab.create({ startInSeconds: 600 });
    const [row] = await lab.sql`
      select waiting_for, expires_at, extract(epoch from ready_at - created_at)::float8 as seconds from tasks where id = ${id}`;
    expect(row).toEqual({ waiting_for: 'delay', expires_at: null, seconds: 600 });
    expect(await lab.create({ startInSeconds: 0 })).toMatchObject({ waitingFor: null });
    await expect(lab.create({ startInSeconds: 400 * 86_400 })).rejects.toThrow(/startInSeconds/);
  });

  test('that is right raises none', async () => {
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')] });
    const worker = await lab.worker({ leaseSeconds: 1 });
    await eventually(
      () => worker.engine.clock,
      ({ aheadMs }) => aheadMs !== null,
    );
    expect(worker.engine.clock.alarm).toBe(false);
  });
});

describe('writes of a run that is no longer the task’s', () => {
  const takenAway = (id: string) => lab.sql`update tasks set attempt = attempt + 1 where id = ${id}`;

  test('progress is refused, counted, and stops the run', async () => {
    let why: unknown;
    const agent = agentOf('tells', async (_task, context) => {
      for (let n = 0; ; n += 1) {
        context.progress(n % 100, 'still at it');
        await context.wait(50).catch((error: { why: string }) => {
          why = error.why;
          throw error;
        });
      }
    });
    lab = await openLab({ agents: [agent] });
    const worker = await lab.worker({ leaseSeconds: 60 });
    const { id } = await lab.create();
    await started(id);
    await takenAway(id);
    await eventually(
      () => worker.engine.counters.total('staleProgress'),
      (refused) => refused === 1,
    );
    await eventually(
      () => why,
      (reason) => reason === 'stale',
    );
  });

  test('a file is refused, counted, and stops the run', async () => {
    const agent = agentOf('attaches', async (_task, context) => {
      for (;;) {
        await sleep(50);
        await context.attach({ name: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('a') }).catch((error: Error) => {
          if (error.name === 'AbortError') throw error;
        });
      }
    });
    lab = await openLab({ agents: [agent] });
    const worker = await lab.worker({ leaseSeconds: 60 });
    const { id } = await lab.create();
    await started(id);
    await takenAway(id);
    await eventually(
      () => worker.engine.counters.total('staleFiles'),
      (refused) => refused === 1,
    );
    await eventually(
      () => worker.engine.running,
      (running) => running === 0,
    );
  });
});
