import { describe, expect, it, vi } from 'vitest';
import { until } from '../support/until.js';
import { LEASE_SECONDS, openStage, type Stage, type StoredTask } from './stage.js';

vi.setConfig({ testTimeout: 120_000 });

/** Lease, two rounds of the keeper, and what a busy machine adds. */
const TAKE_OVER_MS = (LEASE_SECONDS + 4) * 1000 + 10_000;

const names = (count: number) => Array.from({ length: count }, (_, n) => `Number ${String(n + 1).padStart(2, '0')}`);
const completed = ({ status }: StoredTask) => status === 'completed';

async function createAll(stage: Stage, titles: string[], input: string): Promise<void> {
  for (const title of titles) await stage.create(title, input);
}

/** Each task has ended once, its one card is final, and its requester was told once. */
async function allOnce(stage: Stage, titles: string[]): Promise<void> {
  await stage.allSaid();
  expect(titles.map((title) => stage.cards(title).length)).toEqual(titles.map(() => 1));
  for (const title of titles) expect(stage.cards(title)[0]?.embeds[0]?.title).toMatch(/^✅/);
  expect(titles.map((title) => stage.told(title))).toEqual(titles.map(() => 1));
  const ends = await stage.sql`select task_id from audit_events where event = 'completed' group by task_id having count(*) > 1`;
  expect(ends).toHaveLength(0);
  expect(stage.playground.counts()).toMatchObject({ status429: 0, unknownRoutes: [] });
}

describe.concurrent('kill −9', () => {
  it('of the only program: the next start ends every task once', async (context) => {
    const stage = await openStage(context);
    const titles = names(6);
    const first = stage.start();
    await first.ready();
    await createAll(stage, titles, 'delayMs=3000 steps=6');
    await until('some run', async () => (await stage.tasks()).filter(({ status }) => status === 'in_progress').length > 2);
    first.kill('SIGKILL');
    expect(await first.ended()).toEqual({ code: null, signal: 'SIGKILL' });
    await stage.start().ready();
    const tasks = await stage.allTasks(titles.length, completed, TAKE_OVER_MS + 20_000);
    // A worker's death is not the task's failure.
    expect(tasks.map(({ failures }) => failures)).toEqual(titles.map(() => 0));
    await allOnce(stage, titles);
  });

  it('in the middle of a flow of short tasks, again and again: nothing is lost or doubled', async (context) => {
    const stage = await openStage(context);
    const titles = names(8);
    let program = stage.start();
    await program.ready();
    for (const [at, title] of titles.entries()) {
      await stage.create(title, 'delayMs=150 steps=3');
      if (at % 4 !== 3) continue;
      program.kill('SIGKILL');
      await program.ended();
      program = stage.start();
      await program.ready();
    }
    await stage.allTasks(titles.length, completed, TAKE_OVER_MS + 20_000);
    await allOnce(stage, titles);
  });

  it('of one of two programs on a token: the other one takes over', async (context) => {
    const stage = await openStage(context);
    const titles = names(8);
    const [first, second] = [stage.start(), stage.start()];
    await Promise.all([first.ready(), second.ready()]);
    await createAll(stage, titles, 'delayMs=6000 steps=6');
    await stage.allTasks(titles.length, ({ status }) => status === 'in_progress');
    const workers = new Set((await stage.tasks()).map(({ worker_id }) => worker_id));
    expect(workers.size).toBe(2);
    first.kill('SIGKILL');
    const killedAt = performance.now();
    const [dead] = await stage.sql<{ id: string }[]>`select id from workers where name like ${`%:${first.pid}`}`;
    await stage.allTasks(titles.length, ({ worker_id }) => worker_id !== dead?.id, TAKE_OVER_MS);
    context.annotate(`taken over after ${Math.round(performance.now() - killedAt)} ms`);
    await stage.allTasks(titles.length, completed, TAKE_OVER_MS + 20_000);
    await allOnce(stage, titles);
  });
});

describe('two programs on a token', () => {
  it('answer each interaction once and double nothing', async (context) => {
    const stage = await openStage(context);
    const titles = names(20);
    await Promise.all([stage.start().ready(), stage.start().ready()]);
    const answers = await Promise.all(titles.map((title) => stage.create(title, 'delayMs=600 steps=3')));
    expect(answers.filter(({ kind }) => kind === 'failed')).toHaveLength(0);
    await stage.allTasks(titles.length, completed);
    await allOnce(stage, titles);
    // Acknowledged twice (40060) would mean that both programs answered.
    expect(stage.playground.counts().errors).toEqual({});
    const runs = await stage.sql<{ attempt: number }[]>`select attempt from tasks where attempt <> 1`;
    expect(runs).toHaveLength(0);
  });
});
