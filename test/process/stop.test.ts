import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { until } from '../support/until.js';
import { openStage, type Stage } from './stage.js';

vi.setConfig({ testTimeout: 90_000 });

/** Signal → exit: the grace, 2 s, and what a busy machine adds. */
const STOP_MS = 20_000;
/** Milliseconds that the test itself may be late, on a busy machine. */
const LATE_MS = 500;

async function running(stage: Stage, title: string): Promise<void> {
  await stage.create(title, 'delayMs=4000 steps=4');
  await stage.allTasks(1, ({ status }) => status === 'in_progress');
}

async function goesOnAfter(stage: Stage, title: string): Promise<void> {
  const handedBack = await stage.tasks();
  expect(handedBack).toMatchObject([{ status: 'pending', failures: 0, recoveries: 0, worker_id: null }]);
  const second = stage.start();
  await second.ready();
  await stage.allTasks(1, ({ status }) => status === 'completed');
  await stage.allSaid();
  expect(await stage.tasks()).toMatchObject([{ status: 'completed', failures: 0, recoveries: 0 }]);
  expect(stage.cards(title)).toHaveLength(1);
  expect(stage.cards(title)[0]?.embeds[0]?.title).toContain('✅');
  expect(stage.told(title)).toBe(1);
  expect(stage.playground.counts()).toMatchObject({ status429: 0, unknownRoutes: [] });
}

describe.concurrent('a program that is told to stop in the middle of a task', () => {
  it('hands it back at SIGTERM, and the next start completes it', async (context) => {
    const stage = await openStage(context);
    const first = stage.start({ SHUTDOWN_GRACE_SECONDS: '0' });
    await first.ready();
    await running(stage, 'Interrupted');
    first.kill('SIGTERM');
    expect(await first.ended(STOP_MS)).toEqual({ code: 0, signal: null });
    await goesOnAfter(stage, 'Interrupted');
  });

  it('hands it back at Ctrl-C, which goes to the whole process group', async (context) => {
    const stage = await openStage(context);
    const first = stage.start({ SHUTDOWN_GRACE_SECONDS: '0' });
    await first.ready();
    await running(stage, 'Typed away');
    first.kill('SIGINT', 'group');
    // npm forwards the signal that the terminal sent to everybody already.
    first.kill('SIGINT');
    expect(await first.ended(STOP_MS)).toEqual({ code: 0, signal: null });
    await goesOnAfter(stage, 'Typed away');
  });

  it('lets a task end that ends within the grace, and says so before it goes', async (context) => {
    const stage = await openStage(context);
    const first = stage.start({ SHUTDOWN_GRACE_SECONDS: '30' });
    await first.ready();
    await stage.create('Nearly done', 'delayMs=2000 steps=2');
    await stage.allTasks(1, ({ status }) => status === 'in_progress');
    first.kill('SIGTERM');
    expect(await first.ended(STOP_MS)).toEqual({ code: 0, signal: null });
    expect(await stage.tasks()).toMatchObject([{ status: 'completed', attempt: 1 }]);
    expect(stage.told('Nearly done')).toBe(1);
    await stage.allSaid(1);
  });

  it('ends at SIGTERM also while it still waits for Postgres', async (context) => {
    const stage = await openStage(context);
    const program = stage.start({ DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none', DATABASE_WAIT_SECONDS: '600' });
    await program.said(/Postgres cannot be reached/);
    const asked = performance.now();
    program.kill('SIGTERM');
    expect(await program.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(8000);
    expect(program.output()).not.toContain('secret');
  });

  it('ends at SIGTERM also while it still waits for Discord', async (context) => {
    const stage = await openStage(context);
    stage.playground.faults.refuseGateway(true);
    const program = stage.start();
    await program.said(/gateway|Discord cannot be reached/);
    await until('the engine runs', async () => (await stage.sql`select 1 from workers`).length > 0);
    program.kill('SIGTERM');
    expect(await program.ended()).toEqual({ code: 0, signal: null });
  });
});

describe('a program with many runs', () => {
  it.for([
    ['once: after the grace', 1, null],
    ['twice: at the second signal, whatever the grace is', 60, 1500],
    ['twice, the second time at the end of the grace', 2, 2100],
  ] as const)('hands back many at SIGTERM %s, and has ended 2 s later', async ([, graceSeconds, againMs], context) => {
    const stage = await openStage(context);
    const program = stage.start({ SHUTDOWN_GRACE_SECONDS: String(graceSeconds), WORKER_CONCURRENCY: '30' });
    await program.ready();
    for (let n = 1; n <= 30; n += 1) await stage.create(`Task ${n}`, 'delayMs=60000 steps=100');
    await stage.allTasks(30, ({ status }) => status === 'in_progress');
    program.kill('SIGTERM');
    await program.said(/stopping/);
    const asked = performance.now();
    if (againMs !== null) {
      await sleep(againMs);
      program.kill('SIGTERM');
    }
    const from = againMs === null || againMs > graceSeconds * 1000 ? graceSeconds * 1000 : againMs;
    // 1: handed back, and what was still to be closed was not waited for.
    expect((await program.ended(STOP_MS)).code).toBeOneOf(againMs === null ? [0] : [0, 1]);
    expect(performance.now() - asked - from).toBeLessThan(2000 + LATE_MS);
    await stage.allTasks(30, (task) => task.status === 'pending' && task.worker_id === null);
    const burned = (await stage.tasks()).filter(({ failures, recoveries }) => failures + recoveries > 0);
    expect(burned).toHaveLength(0);
  });
});
