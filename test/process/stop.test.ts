import { describe, expect, it, vi } from 'vitest';
import { until } from '../support/until.js';
import { openStage, type Stage } from './stage.js';

vi.setConfig({ testTimeout: 90_000 });

/** Signal → exit: the grace, 1.5 s to hand back, 3 s of last words, and what a busy machine adds. */
const STOP_MS = 20_000;

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
