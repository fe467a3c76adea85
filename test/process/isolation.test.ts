/** The real program with an agent of AGENT_MODULES that loops, or brings its process down; and one that is stopped and continued. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { until } from '../support/until.js';
import { LEASE_SECONDS, openStage, type Stage } from './stage.js';

vi.setConfig({ testTimeout: 150_000 });

const AGENT_MODULES = fileURLToPath(new URL('./fixtures/rogue.mjs', import.meta.url));

const rogue = async (stage: Stage, title: string, input: string, more: Record<string, string | number> = {}) => {
  const answer = await stage.member.command('tasks', 'task create', { agent: 'rogue', title, input, ...more });
  if (answer.kind === 'deferred') await answer.settled();
};
const find = async (stage: Stage, title: string) => (await stage.tasks()).find((task) => task.title === title);

describe.concurrent('an agent of somebody else', () => {
  it('that loops for ever leaves the bot answering, and times out', async (context) => {
    const stage = await openStage(context);
    const program = stage.start({ AGENT_MODULES });
    await program.ready();
    await stage.ask('task list');
    await rogue(stage, 'Endless', 'how=loop', { timeout: '6s', retries: 0 });
    await until('it runs', async () => (await find(stage, 'Endless'))?.status === 'in_progress');
    const took: number[] = [];
    for (let n = 0; n < 10; n += 1) took.push((await stage.ask('task list')).afterMs);
    expect((await find(stage, 'Endless'))?.status).toBe('in_progress');
    expect(took.sort((a, b) => a - b)[4]).toBeLessThan(250);
    await until('it is timed out', async () => (await find(stage, 'Endless'))?.status === 'failed', 30_000);
    const [end] = await stage.sql`select error from tasks where title = 'Endless'`;
    expect(end?.error).toEqual({ reason: 'timeout', message: 'It did not finish within 6 seconds.' });
    await rogue(stage, 'After it', 'how=nothing');
    await until('the slot is free', async () => (await find(stage, 'After it'))?.status === 'completed');
    expect((await stage.tasks()).map(({ recoveries }) => recoveries)).toEqual([0, 0]);
  });

  it('that brings its process down is set aside after the third time, and its neighbours are done', async (context) => {
    const stage = await openStage(context);
    let program = stage.start({ AGENT_MODULES });
    await program.ready();
    await rogue(stage, 'Neighbour', 'how=wait');
    await rogue(stage, 'Poison', 'how=crash');
    for (let crash = 0; crash < 2; crash += 1) {
      expect(await program.ended(60_000)).toEqual({ code: null, signal: 'SIGKILL' });
      program = stage.start({ AGENT_MODULES });
      await program.ready();
    }
    await until('it is set aside', async () => (await find(stage, 'Poison'))?.status === 'failed', 60_000);
    await until('its neighbour is done', async () => (await find(stage, 'Neighbour'))?.status === 'completed', 60_000);
    const [end] = await stage.sql`select error, recoveries, failures from tasks where title = 'Poison'`;
    expect(end).toMatchObject({ error: { reason: 'poison' }, recoveries: 2 });
    expect((await stage.ask('task list')).text).toContain('Poison');
    await stage.allSaid();
  });
});

describe('a program that is stopped for longer than its lease, and goes on', () => {
  it('gives up its runs, which another one has; each task ends once', async (context) => {
    const stage = await openStage(context);
    const first = stage.start();
    await first.ready();
    for (let n = 1; n <= 4; n += 1) await stage.create(`Task ${n}`, 'delayMs=20000 steps=100');
    await stage.allTasks(4, ({ status }) => status === 'in_progress');
    const second = stage.start();
    await second.ready();
    first.kill('SIGSTOP');
    await stage.allTasks(4, ({ status, attempt }) => status === 'in_progress' && attempt === 2, (2 * LEASE_SECONDS + 10) * 1000);
    first.kill('SIGCONT');
    await first.said(/held up beyond its lease/);
    await stage.allTasks(4, ({ status }) => status === 'completed', 60_000);
    const ends = await stage.sql`select actor from audit_events where event = 'completed'`;
    expect(ends).toHaveLength(4);
    expect(await stage.tasks()).toMatchObject(Array.from({ length: 4 }, () => ({ attempt: 2, failures: 0, recoveries: 1 })));
  });
});
