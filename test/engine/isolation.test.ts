/** What agents do that should hurt nobody else: endless loops, memory, exits, crashes; in threads and processes of their own. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/agents/contract.js';
import { cancelTasks } from '../../src/store/tasks/steer.js';
import fixtures from '../agents/fixtures/misbehaving.js';
import { agentOf, eventually, type Lab, openLab, USER } from '../support/lab.js';

const misbehaving: Agent = {
  ...(fixtures[0] as Agent),
  module: new URL('../agents/fixtures/misbehaving.ts', import.meta.url).href,
};
let lab: Lab;
afterEach(() => lab.close());

const does = (how: string, more = {}) => lab.create({ agentId: 'misbehaving', input: { how }, maxRetries: 0, ...more });

/** The longest time in ms that this thread did nothing while the work was under way. */
async function longestPause(work: Promise<unknown>): Promise<number> {
  let [last, longest] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 5);
  await work;
  clearInterval(timer);
  return longest;
}

const started = (id: string) =>
  eventually(
    () => lab.task(id),
    ({ status }) => status === 'in_progress',
  );

describe('an agent in a thread of its own', () => {
  test('that loops for ever times out, its slot is free again, and nothing else waits for it', async () => {
    lab = await openLab({ agents: [misbehaving] });
    const worker = await lab.worker({ concurrency: 1 });
    await lab.ended((await does('nothing')).id);
    const looping = await does('loop', { timeoutSeconds: 1 });
    const pause = await longestPause(lab.ended(looping.id));
    expect(pause).toBeLessThan(250);
    expect(await lab.task(looping.id)).toMatchObject({
      status: 'failed',
      failures: 1,
      error: { reason: 'timeout', message: 'It did not finish within 1 second.' },
    });
    expect(await lab.ended((await does('nothing')).id)).toMatchObject({ status: 'completed' });
    expect(worker.runner.counts().threads).toBe(1);
  });

  test('that loops for ever is ended when its task is cancelled', async () => {
    lab = await openLab({ agents: [misbehaving] });
    const worker = await lab.worker({ concurrency: 1 });
    const { id } = await does('loop');
    await started(id);
    lab.afterChange(await cancelTasks(lab.sql, [id], { actor: `person:${USER}`, actorId: USER, reason: null }));
    await eventually(
      () => worker.engine.running + worker.runner.counts().threads,
      (left) => left === 0,
    );
    expect(await lab.task(id)).toMatchObject({ status: 'cancelled' });
  });

  test('fails alone: neighbours are done, the process goes on', async () => {
    lab = await openLab({ agents: [misbehaving] });
    const worker = await lab.worker();
    const bad = await Promise.all(['exits', 'memory', 'rejects', 'throws later', 'text'].map((how) => does(how)));
    const good = await Promise.all(Array.from({ length: 3 }, () => does('nothing')));
    for (const { id } of good) expect(await lab.ended(id)).toMatchObject({ status: 'completed', attempt: 1, recoveries: 0 });
    const ends = await Promise.all(bad.map(({ id }) => lab.ended(id)));
    expect(ends.map(({ status, error }) => [status, error?.reason])).toEqual(bad.map(() => ['failed', 'error']));
    expect(ends[1]?.error?.message).toContain('64 MB');
    expect(worker.engine.healthy).toBe(true);
  });

  test('is handed back at a stop, whatever it is doing', async () => {
    lab = await openLab({ agents: [misbehaving] });
    const worker = await lab.worker();
    const tasks = await Promise.all([does('loop'), does('deaf'), does('waits')]);
    await eventually(
      () => worker.engine.running,
      (running) => running === 3,
    );
    const startedAt = performance.now();
    await worker.engine.stop(200);
    expect(performance.now() - startedAt).toBeLessThan(2200);
    for (const { id } of tasks) expect(await lab.task(id)).toMatchObject({ status: 'pending', failures: 0, recoveries: 0 });
    expect(worker.runner.counts()).toMatchObject({ threads: 0 });
  });
});

describe('a task that was aboard of two processes that died', () => {
  const suspect = async (how: string, recoveries: number) => {
    const { id } = await does(how, { startAt: new Date(Date.now() + 3_600_000) });
    await lab.sql`update tasks set recoveries = ${recoveries}, waiting_for = null, ready_at = now() where id = ${id}`;
    return id;
  };

  test('runs in a process of its own; only a crash there sets it aside', async () => {
    lab = await openLab({ agents: [misbehaving] });
    const poison = await suspect('kills its process', 2);
    const neighbour = await suspect('nothing', 9);
    const loud = await suspect('throws', 2);
    const worker = await lab.worker();
    expect(await lab.ended(poison)).toMatchObject({
      status: 'failed',
      error: { reason: 'poison', message: expect.stringMatching(/^It brought down the process that ran it/) },
    });
    expect(await lab.ended(neighbour)).toMatchObject({ status: 'completed', recoveries: 9 });
    expect(await lab.ended(loud)).toMatchObject({ status: 'failed', error: { reason: 'error', message: 'thrown on purpose' } });
    expect((await lab.history(neighbour)).map(({ event }) => event)).toEqual(['created', 'claimed', 'isolated', 'completed']);
    expect(worker.engine.counters.total('poison')).toBe(1);
    expect(worker.engine.healthy).toBe(true);
    await eventually(
      () => worker.runner.counts().processes,
      (left) => left === 0,
    );
  });

  test('is only a neighbour as long as it did not die alone: it is never given up', async () => {
    lab = await openLab({ agents: [misbehaving] });
    const first = await lab.worker({ leaseSeconds: 1 });
    const id = await suspect('waits', 7);
    await lab.sql`update workers set queues = queues`;
    await started(id);
    // Its worker dies: somebody else's fault.
    await lab.sql`update tasks set worker_id = gen_random_uuid() where id = ${id}`;
    const { recoveries } = await eventually(
      () => lab.task(id),
      (task) => task.recoveries === 8,
    );
    expect(recoveries).toBe(8);
    expect((await lab.task(id)).status).not.toBe('failed');
    await first.stop();
  });

  test('of an agent without a module runs here, one such task at a time, and one that dies then is set aside', async () => {
    let [most, now] = [0, 0];
    const agent = agentOf('given', async (_task, context) => {
      now += 1;
      most = Math.max(most, now);
      await context.wait(300);
      now -= 1;
      return 'ok';
    });
    lab = await openLab({ agents: [agent] });
    const ids = await Promise.all([1, 2, 3].map(async () => (await lab.create({ hold: true })).id));
    await lab.sql`update tasks set recoveries = 2, waiting_for = null`;
    const worker = await lab.worker({ leaseSeconds: 1 });
    for (const id of ids) expect(await lab.ended(id)).toMatchObject({ status: 'completed' });
    expect(most).toBe(1);
    const [culprit, neighbour] = await Promise.all([lab.create({ hold: true }), lab.create({ hold: true })]);
    // Both aboard of a third worker that died; one had noted that it ran alone.
    await lab.sql`
      update tasks set recoveries = 2, waiting_for = null, status = 'in_progress', worker_id = gen_random_uuid(), attempt = 1, started_at = now()
      where id in ${lab.sql([culprit.id, neighbour.id])}`;
    await lab.sql`
      insert into audit_events (task_id, actor, event, details) values (${culprit.id}, 'worker:gone', 'ran_alone', '{"attempt": 1}')`;
    expect(await lab.ended(culprit.id)).toMatchObject({ status: 'failed', error: { reason: 'poison' }, recoveries: 3 });
    expect(await lab.ended(neighbour.id)).toMatchObject({ status: 'completed', recoveries: 3 });
    await worker.stop();
  });
});
