import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { type Fence, type Outcome, settleRuns, writeProgress } from '../../src/store/tasks/run.js';
import { cancelTasks, startTask } from '../../src/store/tasks/steer.js';
import { agentOf, CHANNEL, eventually, type Lab, openLab, USER } from '../support/lab.js';
import { type FaultProxy, openProxy, through } from '../support/proxy.js';
import { databaseUrl, redisUrl } from '../support/stores.js';

let lab: Lab;
const proxies: FaultProxy[] = [];
afterEach(async () => {
  for (const proxy of proxies) proxy.heal();
  await lab.close();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function proxyTo(url: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(url);
  const proxy = await openProxy({ host: hostname, port: Number(port) });
  proxies.push(proxy);
  return proxy;
}

/** An agent that runs until its task is let go by title. */
function gated() {
  const open = new Set<string>();
  const started: string[] = [];
  const waiting = new Map<string, () => void>();
  const agent = agentOf('gated', async (task, context) => {
    started.push(task.title);
    await new Promise<void>((resolve, reject) => {
      if (open.has(task.title)) resolve();
      waiting.set(task.title, resolve);
      context.signal.addEventListener('abort', () => reject(context.signal.reason));
    });
    return `${task.title} by attempt ${task.attempt}`;
  });
  return {
    agent,
    started,
    let: (title: string) => {
      open.add(title);
      waiting.get(title)?.();
    },
  };
}

const result: Outcome = { kind: 'completed', result: { text: 'late' } };

describe('the fence', () => {
  test('refuses each write of a run whose attempt or worker is not the present one', async () => {
    const gate = gated();
    lab = await openLab({ agents: [gate.agent] });
    await lab.worker();
    const task = await lab.create({ title: 'a' });
    const running = await eventually(
      () => lab.task(task.id),
      ({ status }) => status === 'in_progress',
    );
    const worker = running.workerId as string;
    const other = '0190a000-0000-7000-8000-000000000000';
    const cases: [string, Fence][] = [
      [other, { taskId: task.id, attempt: 1 }],
      [worker, { taskId: task.id, attempt: 0 }],
      [worker, { taskId: task.id, attempt: 2 }],
    ];
    for (const [by, run] of cases) {
      expect(await settleRuns(lab.sql, by, [{ ...run, outcome: result }])).toHaveLength(0);
      expect(await writeProgress(lab.sql, by, [{ ...run, percent: 1, step: '', description: '' }])).toHaveLength(0);
    }
    lab.afterChange(await cancelTasks(lab.sql, [task.id], { actor: 'person:1', actorId: '1', reason: null }));
    expect(await settleRuns(lab.sql, worker, [{ taskId: task.id, attempt: 1, outcome: result }])).toHaveLength(0);
    expect(await lab.task(task.id)).toMatchObject({ status: 'cancelled', result: null });
  });

  test('one bad settlement does not take its neighbours with it', async () => {
    lab = await openLab({ agents: [agentOf('many', async (task) => (task.title === '7' ? 'a\u0000b\uD800' : task.title))] });
    const tasks = await Promise.all(Array.from({ length: 20 }, (_, index) => lab.create({ title: `${index}` })));
    await lab.worker();
    for (const task of tasks) expect((await lab.ended(task.id)).status).toBe('completed');
    expect((await lab.task(tasks[7]?.id as string)).result?.text).toBe('a\uFFFDb\uFFFD');
  });
});

describe('when a worker dies', () => {
  test('its tasks run elsewhere after its lease, without a failure counted, and its late result is refused', async () => {
    const gate = gated();
    const line = await proxyTo(databaseUrl());
    lab = await openLab({ agents: [gate.agent], databaseUrl: through(databaseUrl(), line) });
    const cutOff = await lab.worker({ leaseSeconds: 1 });
    const task = await lab.create({ title: 'a' });
    await eventually(
      () => gate.started.length,
      (count) => count === 1,
    );
    line.hang();
    const healthy = await lab.worker({ leaseSeconds: 1, healthy: true });
    const taken = await eventually(
      () => lab.task(task.id),
      ({ attempt }) => attempt === 2,
      20_000,
    );
    expect(taken).toMatchObject({ status: 'in_progress', failures: 0, recoveries: 1 });
    gate.let('a');
    expect(await lab.ended(task.id)).toMatchObject({ status: 'completed', result: { text: 'a by attempt 2' } });
    line.heal();
    await eventually(
      () => cutOff.engine.running,
      (running) => running === 0,
      20_000,
    );
    expect(await lab.task(task.id)).toMatchObject({ attempt: 2, result: { text: 'a by attempt 2' } });
    expect((await lab.history(task.id)).filter(({ event }) => event === 'completed')).toHaveLength(1);
    await healthy.stop();
  }, 60_000);

  test('a graceful stop hands back what runs without a failure, and the next worker continues', async () => {
    const gate = gated();
    lab = await openLab({ agents: [gate.agent] });
    const first = await lab.worker();
    const task = await lab.create({ title: 'a', maxRetries: 0 });
    await eventually(
      () => gate.started.length,
      (count) => count === 1,
    );
    await first.stop(0);
    expect(await lab.task(task.id)).toMatchObject({ status: 'pending', failures: 0, workerId: null, attempt: 1 });
    expect(await lab.sql`select from workers`).toHaveLength(0);
    gate.let('a');
    await lab.worker();
    expect(await lab.ended(task.id)).toMatchObject({ status: 'completed', attempt: 2 });
  });
});

describe('without Redis', () => {
  test('a flush loses nothing: every pending task is hinted again', async () => {
    const gate = gated();
    lab = await openLab({ agents: [gate.agent] });
    await lab.worker({ concurrency: 2 });
    const tasks = await Promise.all(Array.from({ length: 30 }, (_, index) => lab.create({ title: `t${index}` })));
    const redis = new Redis(redisUrl());
    const keys = await redis.keys(`${lab.stores.prefix}*`);
    await redis.unlink(...keys);
    redis.disconnect();
    for (const task of tasks) gate.let(task.title);
    for (const task of tasks) expect((await lab.ended(task.id, 30_000)).status).toBe('completed');
  }, 60_000);

  test('a lost hint is found within the slow poll', async () => {
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')] });
    await lab.worker();
    const prepared = lab.creation.prepare(
      { agentId: 'quick', title: 'never hinted' },
      { guildId: null, channelId: CHANNEL, scopeId: CHANNEL, requesterId: USER },
    );
    const row = await lab.creation.create(prepared);
    expect((await lab.ended(row.id, 10_000)).status).toBe('completed');
  });

  test('forged, stale and doubled hints claim nothing', async () => {
    const gate = gated();
    lab = await openLab({ agents: [gate.agent] });
    const task = await lab.create({ title: 'a' });
    const hint = { taskId: task.id, queueId: 'gated', priority: 2 };
    await lab.windows.push([
      hint,
      hint,
      { ...hint, taskId: '0190a000-0000-7000-8000-00000000dead' },
      { ...hint, taskId: 'not an id' },
    ]);
    await lab.worker();
    gate.let('a');
    expect(await lab.ended(task.id)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(gate.started).toEqual(['a']);
  });

  test('an outage switches to the database and back by itself, under load', async () => {
    const line = await proxyTo(redisUrl());
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')], redisUrl: through(redisUrl(), line) });
    const worker = await lab.worker();
    expect(worker.link?.up).toBe(true);
    for (const fault of ['cut', 'hang'] as const) {
      line[fault]();
      const during = await Promise.all(Array.from({ length: 20 }, () => lab.create()));
      await eventually(
        () => worker.link?.up,
        (up) => up === false,
      );
      for (const task of during) expect((await lab.ended(task.id)).status).toBe('completed');
      line.heal();
      await eventually(
        () => worker.link?.up === true && lab.link?.up === true,
        (up) => up,
      );
      const after = await lab.create();
      expect((await lab.ended(after.id)).status).toBe('completed');
    }
  }, 60_000);
});

describe('without Postgres for a while', () => {
  test('running work goes on and is settled when it is back', async () => {
    const gate = gated();
    const line = await proxyTo(databaseUrl());
    lab = await openLab({ agents: [gate.agent], databaseUrl: through(databaseUrl(), line) });
    await lab.worker({ leaseSeconds: 15 });
    const task = await lab.create({ title: 'a' });
    await eventually(
      () => gate.started.length,
      (count) => count === 1,
    );
    line.cut();
    gate.let('a');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await lab.task(task.id)).status).toBe('in_progress');
    line.heal();
    expect(await lab.ended(task.id, 20_000)).toMatchObject({
      status: 'completed',
      attempt: 1,
      result: { text: 'a by attempt 1' },
    });
  }, 60_000);
});

describe('time', () => {
  test('a delayed task starts when it is due, a held one when it is started', async () => {
    lab = await openLab({ agents: [agentOf('quick', async () => 'ok')] });
    await lab.worker();
    const delayed = await lab.create({ startAt: new Date(Date.now() + 1500) });
    const held = await lab.create({ hold: true });
    expect(delayed).toMatchObject({ waitingFor: 'delay', expiresAt: null });
    expect(held).toMatchObject({ waitingFor: 'hold', expiresAt: null });
    const done = await lab.ended(delayed.id);
    expect((done.startedAt as Date).getTime()).toBeGreaterThanOrEqual(delayed.readyAt.getTime());
    expect((await lab.task(held.id)).status).toBe('pending');
    const started = await startTask(lab.sql, held.id, `person:${USER}`);
    lab.afterChange(started ? [started] : []);
    expect((await lab.ended(held.id)).status).toBe('completed');
  });

  test('a task that is not started within its time to live expires, but not while its agent is paused', async () => {
    const gate = gated();
    lab = await openLab({ agents: [gate.agent] });
    const overdue = await lab.create({ title: 'overdue' });
    const paused = await lab.create({ title: 'paused', agentId: 'gated' }, { guildId: '100000000000000002' });
    await lab.sql`insert into agent_pauses (agent_id, guild_id, paused_by) values ('gated', '100000000000000002', 'person:1')`;
    await lab.sql`update tasks set expires_at = now() - interval '1 second'`;
    await lab.worker();
    expect(await lab.ended(overdue.id)).toMatchObject({ status: 'failed', attempt: 0, error: { reason: 'expired' } });
    expect(await lab.task(paused.id)).toMatchObject({ status: 'pending' });
    expect(gate.started).toEqual([]);
  });

  test('the soft time-out asks to wind up, the hard one ends', async () => {
    lab = await openLab({
      agents: [
        agentOf('polite', async (_task, context) => {
          await context.wait(60_000).catch(() => undefined);
          return 'what I have so far';
        }),
        agentOf('deaf', async () => {
          await new Promise(() => undefined);
          return '';
        }),
      ],
      settings: { softTimeoutSeconds: 1, hardTimeoutSeconds: 2, maxRetryCount: 0 },
    });
    await lab.worker();
    const polite = await lab.create({ agentId: 'polite' });
    const deaf = await lab.create({ agentId: 'deaf' });
    expect(await lab.ended(polite.id)).toMatchObject({ status: 'completed', result: { text: 'what I have so far' } });
    expect(await lab.ended(deaf.id)).toMatchObject({ status: 'failed', error: { reason: 'timeout' } });
  });
});
