import { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Snapshots } from '../../src/queue/snapshots.js';
import type { Task } from '../../src/tasks/model.js';
import { CHANNEL, GUILD, USER } from '../support/lab.js';
import { eventOf, type Line, openLine } from './line.js';

let line: Line;
let redis: Redis;
let epoch: string | undefined;
let mine: Snapshots;
let theirs: Snapshots;
let publish: (more: Parameters<typeof eventOf>[0]) => void;

beforeEach(async () => {
  line = openLine();
  redis = new Redis(line.stores.redisUrl);
  epoch = 'one';
  const { bus } = await line.bus(false);
  publish = (more) => bus.publish([eventOf(more)]);
  mine = new Snapshots(await line.link(), () => epoch, bus);
  theirs = new Snapshots(await line.link(), () => epoch, (await line.bus(false)).bus);
});
afterEach(async () => {
  redis.disconnect();
  await line.close();
});

function taskOf(more: Partial<Task> = {}): Task {
  const id = uuidv7();
  const at = new Date('2026-02-03T04:05:06.789Z');
  return {
    id,
    guildId: GUILD,
    channelId: CHANNEL,
    scopeId: CHANNEL,
    requesterId: USER,
    batchId: null,
    cardId: id,
    agentId: 'echo',
    type: null,
    title: 'Größe 🦉',
    description: '',
    input: { deep: [{ a: null }] },
    metadata: {},
    priority: 'high',
    status: 'completed',
    waitingFor: null,
    attempt: 2,
    failures: 1,
    maxRetries: 3,
    recoveries: 0,
    ttlSeconds: 3600,
    softTimeoutSeconds: 60,
    hardTimeoutSeconds: 90,
    workerId: null,
    readyAt: at,
    expiresAt: null,
    startedAt: at,
    finishedAt: at,
    createdAt: at,
    updatedAt: at,
    result: { text: 'done', data: [1, { b: null }] },
    error: null,
    score: 0.5,
    revision: 5,
    ...more,
  };
}
const key = (id: string) => `${line.stores.prefix}:task:${epoch}:${id}`;

test('a copy comes back as it was, in every process, and lives 60 s', async () => {
  const tasks = [
    taskOf(),
    taskOf({ status: 'in_progress', workerId: uuidv7(), result: null, finishedAt: null }),
    taskOf({ status: 'pending', waitingFor: 'delay', guildId: null, score: null }),
    taskOf({ error: { reason: 'no_agent', message: 'x' }, result: { text: '' } }),
  ];
  for (const task of tasks) {
    await mine.put(task);
    expect(await mine.get(task.id)).toEqual(task);
    expect(await theirs.get(task.id)).toEqual(task);
    const ttl = await redis.ttl(key(task.id));
    expect(ttl).toBeGreaterThan(50);
    expect(ttl).toBeLessThanOrEqual(60);
  }
  expect(await mine.get(uuidv7())).toBeUndefined();
});

test('a copy replaces only an older one, whatever the order of writing', async () => {
  const old = taskOf();
  const next = { ...old, revision: 10, title: 'new' };
  await Promise.all([mine.put(next), theirs.put(old)]);
  await theirs.put({ ...old, revision: 9 });
  expect(await mine.get(old.id)).toEqual(next);
  await theirs.put({ ...next, revision: 11, title: 'newest' });
  expect(await mine.get(old.id)).toMatchObject({ title: 'newest' });
});

test('what is older than this process wrote or heard of is never read', async () => {
  const task = taskOf();
  await theirs.put(task);
  expect(await mine.get(task.id)).toMatchObject({ revision: 5 });
  publish({ taskId: task.id, revision: 6 });
  expect(await mine.get(task.id)).toBeUndefined();
  expect(await theirs.get(task.id)).toMatchObject({ revision: 5 });
  publish({ taskId: task.id, revision: 4 });
  expect(await mine.get(task.id)).toBeUndefined();
  await mine.put({ ...task, revision: 6 });
  expect(await mine.get(task.id)).toMatchObject({ revision: 6 });
});

test('a removed task is not read again, in any process', async () => {
  const task = taskOf();
  await mine.put(task);
  await mine.forget([task.id]);
  expect(await mine.get(task.id)).toBeUndefined();
  expect(await theirs.get(task.id)).toBeUndefined();
  await theirs.put({ ...task, revision: 99 });
  expect(await mine.get(task.id)).toBeUndefined();
  expect(await theirs.get(task.id)).toBeUndefined();
});

test('garbage, halves and copies of another task are passed over', async () => {
  const task = taskOf();
  const text = JSON.stringify(task);
  const bad = [
    '',
    'x',
    'null',
    '[]',
    '{}',
    text.slice(0, -10),
    JSON.stringify({ ...task, id: uuidv7() }),
    JSON.stringify({ ...task, status: 'gone' }),
    JSON.stringify({ ...task, readyAt: 'soon' }),
    JSON.stringify({ ...task, readyAt: 5 }),
    JSON.stringify({ ...task, revision: '5' }),
    JSON.stringify({ ...task, result: 'done' }),
    JSON.stringify({ ...task, input: [] }),
    JSON.stringify({ ...task, channelId: undefined }),
    JSON.stringify({ ...task, error: { reason: 'magic', message: '' } }),
  ];
  for (const stored of bad) {
    await redis.hset(key(task.id), { revision: 5, task: stored });
    expect(await mine.get(task.id), stored.slice(0, 40)).toBeUndefined();
  }
  await redis.hset(key(task.id), { revision: 5, task: text });
  expect(await mine.get(task.id)).toEqual(task);
  await redis.hdel(key(task.id), 'task');
  expect(await mine.get(task.id)).toBeUndefined();
});

test('a new epoch reads nothing of the old one; without one nothing is read or stored', async () => {
  const task = taskOf();
  await mine.put(task);
  epoch = 'two';
  expect(await mine.get(task.id)).toBeUndefined();
  epoch = undefined;
  expect(await mine.get(task.id)).toBeUndefined();
  const other = taskOf();
  await mine.put(other);
  expect((await redis.keys(`${line.stores.prefix}*`)).filter((each) => each.includes(other.id))).toEqual([]);
});
