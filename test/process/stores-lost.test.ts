import { describe, expect, it, type TestContext, vi } from 'vitest';
import { openProxy, through } from '../support/proxy.js';
import { until } from '../support/until.js';
import { openStage, type Stage } from './stage.js';

vi.setConfig({ testTimeout: 120_000 });

/** Discord's deadline for the first answer. */
const DEADLINE_MS = 3000;
/** "Unavailable" is said at once when Postgres refuses; the pool waits up to 2 s between two tries to connect, and the machine is busy. */
const SENTENCE_MS = 8000;

async function proxied(context: TestContext, url: string) {
  const { hostname, port } = new URL(url);
  const proxy = await openProxy({ host: hostname, port: Number(port) });
  context.onTestFinished(() => proxy.close());
  return { proxy, url: through(url, proxy) };
}

const ready = async (url: string) => (await fetch(`${url}/readyz`)).status;

/** What is said while Postgres is away: within the deadline, politely, and what to do. */
async function refusesPolitely(stage: Stage): Promise<void> {
  for (const [line, options] of [
    ['task create', { agent: 'sample', title: 'Not now' }],
    ['task list', {}],
    ['task show', { id: '01a209ef-b4a3-76c7-affd-e2f7143873e0' }],
  ] as const) {
    const { answer, text, afterMs } = await stage.ask(line, options);
    expect(answer.latencyMs).toBeLessThan(DEADLINE_MS);
    expect(text).toMatch(/cannot be reached right now.*try again/);
    expect(afterMs).toBeLessThan(SENTENCE_MS);
  }
}

/** Both tasks end, and everybody is told once. */
async function allWell(stage: Stage): Promise<void> {
  await stage.allTasks(2, ({ status, failures }) => status === 'completed' && failures === 0, 45_000);
  await stage.allSaid(45_000);
  const seen = ['Before', 'After'].map((title) => [stage.cards(title).length, stage.told(title)]);
  expect(seen).toEqual([
    [1, 1],
    [1, 1],
  ]);
}

describe.concurrent('while a program runs', () => {
  it('Postgres is cut off: commands say so, running work goes on and settles when it is back', async (context) => {
    const stage = await openStage(context);
    const { proxy, url } = await proxied(context, stage.stores.databaseUrl);
    const program = stage.start({ DATABASE_URL: url });
    const page = (await program.ready()).url;
    await stage.create('Before', 'delayMs=3000 steps=6');
    await stage.allTasks(1, ({ status }) => status === 'in_progress');
    proxy.cut();
    await refusesPolitely(stage);
    expect(await ready(page)).toBe(503);
    await program.said(/lease could not be renewed/);
    proxy.heal();
    await until('ready again', async () => (await ready(page)) === 200, 30_000);
    await stage.create('After', 'delayMs=100 steps=1');
    await allWell(stage);
    expect(await stage.tasks()).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
    program.kill('SIGTERM');
    expect(await program.ended()).toEqual({ code: 0, signal: null });
  });

  it('Postgres answers nothing (a half-open line): commands are acknowledged, and all goes on when it is back', async (context) => {
    const stage = await openStage(context);
    const { proxy, url } = await proxied(context, stage.stores.databaseUrl);
    await stage.start({ DATABASE_URL: url }).ready();
    await stage.create('Before', 'delayMs=1000 steps=2');
    await stage.allTasks(1, ({ status }) => status === 'in_progress');
    proxy.hang();
    const answer = await stage.member.command('tasks', 'task list');
    expect(answer.kind).toBe('deferred');
    expect(answer.latencyMs).toBeLessThan(DEADLINE_MS);
    proxy.heal();
    await until('commands work', async () => (await stage.ask('task list')).text.includes('Before'), 45_000);
    await stage.create('After', 'delayMs=100 steps=1');
    await allWell(stage);
  });

  it('stops in time although Postgres is away; what ran is taken back later', async (context) => {
    const stage = await openStage(context);
    const { proxy, url } = await proxied(context, stage.stores.databaseUrl);
    const program = stage.start({ DATABASE_URL: url, SHUTDOWN_GRACE_SECONDS: '0' });
    await program.ready();
    await stage.create('Before', 'delayMs=2000 steps=2');
    await stage.allTasks(1, ({ status }) => status === 'in_progress');
    proxy.cut();
    program.kill('SIGTERM');
    expect(await program.ended(25_000)).toEqual({ code: 0, signal: null });
    await stage.start().ready();
    await stage.create('After', 'delayMs=100 steps=1');
    await allWell(stage);
  });

  it('Redis is cut off: tasks go on, and Redis is used again when it is back', async (context) => {
    const stage = await openStage(context);
    const { proxy, url } = await proxied(context, stage.stores.redisUrl);
    const program = stage.start({ REDIS_URL: url });
    const page = (await program.ready()).url;
    await stage.create('Before', 'delayMs=1500 steps=3');
    await stage.allTasks(1, ({ status }) => status === 'in_progress');
    proxy.cut();
    const answer = await stage.create('After', 'delayMs=100 steps=1');
    expect(answer.latencyMs).toBeLessThan(DEADLINE_MS);
    await allWell(stage);
    expect(await ready(page)).toBe(200);
    proxy.heal();
    await until('Redis is used', () => program.log.filter(({ msg }) => msg === 'Redis is usable').length === 2, 30_000);
    await stage.create('With Redis again', 'delayMs=100 steps=1');
    await stage.allTasks(3, ({ status }) => status === 'completed');
  });
});
