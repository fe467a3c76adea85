import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/agents/registry.js';
import { openDatabase } from '../../src/store/database.js';
import type { Actor } from '../../src/tasks/actor.js';
import { Creation } from '../../src/tasks/creation.js';
import { ConflictError, ForbiddenError, GuildhallError, InvalidError, NotFoundError } from '../../src/tasks/errors.js';
import { BOUNDS, type NewTask, type Origin, type Task } from '../../src/tasks/model.js';
import type { TaskService } from '../../src/tasks/service.js';
import { createTaskService } from '../../src/tasks/task-service.js';
import { agentOf, CHANNEL, GUILD, ORIGIN, USER } from '../support/lab.js';
import { broken, done, type House, OTHER_CHANNEL, OTHER_GUILD, OTHER_USER, openHouse, snowflake, someone } from './house.js';

let house: House;
let service: TaskService;
beforeAll(async () => {
  house = await openHouse();
  service = house.service;
});
afterAll(() => house.close());
beforeEach(() => house.sql`delete from tasks`);

const count = async (table: string) => Number((await house.sql`select count(*) as n from ${house.sql(table)}`)[0]?.n);
const me = someone();
const moderator = someone({ userId: OTHER_USER, moderates: (scope) => scope === CHANNEL });

/** Everything that names one task. */
const calls: [string, boolean, (id: string, actor: Actor) => Promise<unknown>][] = [
  ['get', false, (id, actor) => service.get(id, actor)],
  ['details', false, (id, actor) => service.details(id, actor)],
  ['rate', false, (id, actor) => service.rate(id, 1, actor)],
  ['file', false, (id, actor) => service.file(id, id, actor)],
  ['start', true, (id, actor) => service.start(id, actor)],
  ['cancel', true, (id, actor) => service.cancel(id, actor)],
  ['retry', true, (id, actor) => service.retry(id, actor)],
  ['update', true, (id, actor) => service.update(id, { priority: 'high' }, actor)],
];
const outcome = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (error instanceof GuildhallError) return error.code;
    throw error;
  }
};

describe.each(calls)('%s', (_, controls, call) => {
  test('knows a task only in its guild and in scopes that can be seen, even when a hot copy is there', async () => {
    const task = await house.create();
    await service.get(task.id, me);
    const blind: Actor[] = [
      someone({ guildId: OTHER_GUILD }),
      someone({ guildId: null }),
      someone({ scopes: [] }),
      someone({ scopes: [OTHER_CHANNEL], moderates: () => true, isAdmin: true, isOwner: true }),
    ];
    for (const actor of blind) await expect(call(task.id, actor)).rejects.toThrow(NotFoundError);
  });

  test('knows a task of a private thread by the thread, and of direct messages by its requester', async () => {
    const thread = snowflake();
    const hidden = await house.create({}, { channelId: thread });
    await expect(call(hidden.id, me)).rejects.toThrow(NotFoundError);
    expect(await outcome(call(hidden.id, someone({ scopes: [thread] })))).not.toBe('forbidden');
    const direct = await house.create({}, { guildId: null, channelId: thread });
    for (const actor of [
      me,
      someone({ scopes: [thread] }),
      someone({ guildId: null, userId: OTHER_USER, scopes: [thread], isOwner: true }),
    ])
      await expect(call(direct.id, actor)).rejects.toThrow(NotFoundError);
    expect(await outcome(call(direct.id, someone({ guildId: null, scopes: [] })))).not.toBe('forbidden');
  });

  test(controls ? 'is for the requester and moderators of the channel' : 'is for everybody who sees the task', async () => {
    const task = await house.create();
    const others = [
      someone({ userId: OTHER_USER }),
      someone({ userId: OTHER_USER, isAdmin: true, moderates: (scope) => scope === OTHER_CHANNEL }),
    ];
    for (const other of others) expect((await outcome(call(task.id, other))) === 'forbidden').toBe(controls);
    for (const actor of [me, moderator]) expect(await outcome(call(task.id, actor))).not.toBe('forbidden');
  });

  test('answers what is no id with "not found"', async () => {
    for (const id of [
      '',
      'x',
      `${USER}`,
      '\u0000',
      "' or 1=1 --",
      'x'.repeat(100_000),
      '00000000-0000-0000-0000-000000000000',
      undefined as never,
    ])
      await expect(call(id, me)).rejects.toThrow(NotFoundError);
  });
});

describe('create', () => {
  test('stores the task, its card, its files and its first event together', async () => {
    const bytes = Buffer.from([0, 255, 13, 10]);
    const files = [{ name: 'ä.bin', contentType: 'application/octet-stream', bytes }];
    const { task, place, warnings } = await service.create(
      { agentId: 'filer', title: 'With a file', priority: 'high', input: { a: ['🦉', null] }, metadata: { k: 1 }, files },
      ORIGIN,
    );
    expect(task).toMatchObject({
      status: 'pending',
      waitingFor: null,
      attempt: 0,
      priority: 'high',
      input: { a: ['🦉', null] },
      metadata: { k: 1 },
      cardId: task.id,
    });
    expect(place).toMatchObject({ position: 1, blockedBy: 'No worker runs this agent right now.' });
    expect(warnings).toEqual([]);
    const details = await service.details(task.id, me);
    expect(details.history).toMatchObject([{ actor: `person:${USER}`, event: 'created', from: null, to: 'pending' }]);
    expect(details.files).toMatchObject([{ name: 'ä.bin', size: 4, direction: 'in', attempt: 0 }]);
    expect((await service.file(task.id, details.files[0]?.id as string, me)).bytes).toEqual(bytes);
    const other = await house.create();
    await expect(service.file(other.id, details.files[0]?.id as string, me)).rejects.toThrow(NotFoundError);
    expect(await house.sql`select kind, final, reserved_until from cards where id = ${task.id}`).toEqual([
      { kind: 'task', final: false, reserved_until: null },
    ]);
  });

  test('held and delayed tasks wait and do not expire; times in the past mean now', async () => {
    expect(await house.create({ hold: true })).toMatchObject({ waitingFor: 'hold', expiresAt: null });
    const startAt = new Date(Date.now() + 60_000);
    expect(await house.create({ startAt })).toMatchObject({ waitingFor: 'delay', expiresAt: null, readyAt: startAt });
    for (const past of [new Date(0), new Date(-8.64e15), new Date('0000-01-01T00:00:00Z')])
      expect(await house.create({ startAt: past })).toMatchObject({ waitingFor: null, expiresAt: expect.any(Date) });
  });

  const bad: [string, NewTask | unknown, string][] = [
    ['no title', { agentId: 'echo' }, 'title'],
    ['NUL', { agentId: 'echo', title: 'a\u0000' }, 'title'],
    ['100 KB', { agentId: 'echo', title: 'x'.repeat(100_000) }, 'title'],
    ['unknown agent', { agentId: 'nobody', title: 'x' }, 'agent'],
    ['no default agent', { title: 'x' }, 'agent'],
    ['missing input', { agentId: 'asks', title: 'x' }, 'input.url'],
    ['wrong input', { agentId: 'asks', title: 'x', input: { url: 'no', times: 4 } }, 'input.url'],
    ['no file', { agentId: 'filer', title: 'x' }, 'file'],
    [
      'a file too many',
      { agentId: 'echo', title: 'x', files: [{ name: 'a', contentType: '', bytes: new Uint8Array(1) }] },
      'file',
    ],
    ['two years', { agentId: 'echo', title: 'x', startAt: new Date(Date.now() + 2 * BOUNDS.delaySeconds * 1000) }, 'delay'],
    ['no date', { agentId: 'echo', title: 'x', startAt: new Date(Number.NaN) }, 'startAt'],
  ];
  test.each(bad)('%s is refused by field, and nothing is stored', async (_name, asked, field) => {
    const before = await count('audit_events');
    const error = await service.create(asked as NewTask, ORIGIN).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidError);
    expect((error as InvalidError).fields.map((each) => each.field)).toContain(field);
    expect((error as InvalidError).message.length).toBeLessThan(1000);
    expect([await count('tasks'), await count('audit_events')]).toEqual([0, before]);
  });

  test('an origin that is not Discord is refused', async () => {
    for (const origin of [
      { channelId: 'general' },
      { requesterId: '' },
      { guildId: '1' },
      { interactionId: 'x' },
    ] as Partial<Origin>[])
      await expect(service.create({ agentId: 'echo', title: 'x' }, { ...ORIGIN, ...origin })).rejects.toThrow(InvalidError);
  });

  test('a lost database after the commit does not say that nothing was changed', async () => {
    const gone = openDatabase({ url: 'postgres://127.0.0.1:1/none', schema: 'none', max: 1 });
    const settings = {
      queueSize: 0,
      channelLimit: 0,
      defaultTtlSeconds: 300,
      maxRetryCount: 0,
      softTimeoutSeconds: 1,
      hardTimeoutSeconds: 2,
    };
    const agents = createRegistry([agentOf('echo', async () => '')]);
    const deps = {
      agents,
      settings,
      newId: house.core.newId,
      now: Date.now,
      monotonic: () => performance.now(),
      afterChange: () => undefined,
      snapshots: null,
    };
    const half = createTaskService({ ...deps, sql: gone, creation: new Creation({ ...deps, sql: house.sql }) });
    const { task, place } = await half.create({ agentId: 'echo', title: 'x' }, ORIGIN);
    expect(place.etaSeconds).toBeNull();
    expect(await service.get(task.id, me)).toMatchObject({ title: 'x' });
    const batch = await half.createBatch(
      'two',
      [
        { agentId: 'echo', title: 'a' },
        { agentId: 'echo', title: 'b' },
      ],
      ORIGIN,
    );
    expect(batch).toMatchObject({ batch: { total: 2, counts: { pending: 2 } }, tasks: [{ title: 'a' }, { title: 'b' }] });
    await gone.end();
  });
});

test('tasks for no agent go to the default queue, which the agent of the settings serves', async () => {
  const served = await openHouse({ redis: false, defaultAgent: 'echo', working: true });
  const { task } = await served.service.create({ title: 'for anybody' }, ORIGIN);
  expect(task.agentId).toBe('default');
  await expect.poll(() => served.service.get(task.id, me), { timeout: 10_000 }).toMatchObject({ status: 'completed' });
  await served.close();
});

describe('what a person does to a task', () => {
  const ended = async (how: typeof done): Promise<Task> => {
    const task = await house.create();
    await house.end(task.id, how);
    return task;
  };

  test('start begins held and delayed tasks once', async () => {
    const held = await house.create({ hold: true });
    expect(await service.start(held.id, me)).toMatchObject({ waitingFor: null, expiresAt: expect.any(Date) });
    await expect(service.start(held.id, me)).rejects.toThrow(/not held back/);
    await house.end(held.id);
    await expect(service.start(held.id, me)).rejects.toThrow(/has been completed/);
  });

  test('cancel keeps its reason, tells the requester only when somebody else did it', async () => {
    const own = await house.create();
    expect(await service.cancel(own.id, me, '  changed my mind ')).toMatchObject({
      status: 'cancelled',
      finishedAt: expect.any(Date),
    });
    expect((await service.details(own.id, me)).history.at(-1)).toMatchObject({
      event: 'cancelled',
      details: { reason: 'changed my mind' },
    });
    const foreign = await house.create();
    await service.cancel(foreign.id, moderator);
    expect(await house.sql`select task_id from completions where task_id in (${own.id}, ${foreign.id})`).toEqual([
      { task_id: foreign.id },
    ]);
    await expect(service.cancel(own.id, me)).rejects.toThrow(ConflictError);
    for (const reason of ['a\u0000', 'x'.repeat(501)])
      await expect(service.cancel((await house.create()).id, me, reason)).rejects.toThrow(InvalidError);
  });

  test('retry gives a new allowance and takes back what was not told yet', async () => {
    const task = await ended(broken);
    expect(await service.get(task.id, me)).toMatchObject({ status: 'failed', failures: 1 });
    expect(await service.retry(task.id, me)).toMatchObject({
      status: 'pending',
      failures: 0,
      error: null,
      finishedAt: null,
      attempt: 1,
    });
    expect(await house.sql`select from completions where card_id = ${task.id}`).toHaveLength(0);
    await expect(service.retry(task.id, me)).rejects.toThrow(ConflictError);
    await expect(service.retry((await ended(done)).id, me)).rejects.toThrow(/only failed and cancelled/);
  });

  test('rate keeps the newest verdict on completed tasks', async () => {
    const task = await ended(done);
    for (const score of [1, 0, 0.5]) expect((await service.rate(task.id, score, me)).score).toBe(score);
    for (const score of [-0.1, 1.1, Number.NaN, '1' as never, null as never])
      await expect(service.rate(task.id, score, me)).rejects.toThrow(InvalidError);
    await expect(service.rate((await ended(broken)).id, 1, me)).rejects.toThrow(ConflictError);
  });

  test('update changes the priority of waiting tasks and merges metadata of any', async () => {
    const task = await house.create({ metadata: { keep: { deep: null }, gone: 1 } });
    const changed = await service.update(task.id, { priority: 'critical', metadata: { gone: null, more: [null] } }, me);
    expect(changed).toMatchObject({ priority: 'critical' });
    expect(changed.metadata).toEqual({ keep: { deep: null }, more: [null] });
    await house.end(task.id);
    expect((await service.update(task.id, { metadata: { late: true } }, me)).metadata).toMatchObject({ late: true });
    await expect(service.update(task.id, { priority: 'low' }, me)).rejects.toThrow(ConflictError);
    await expect(service.update(task.id, { priority: 'top' as never }, me)).rejects.toThrow(InvalidError);
    await expect(service.update(task.id, { metadata: { 'a\u0000': 1 } }, me)).rejects.toThrow(InvalidError);
  });

  test('metadata stays within its bound however often it is merged', async () => {
    const task = await house.create();
    const big = 'x'.repeat(40_000);
    await service.update(task.id, { metadata: { a: big } }, me);
    await expect(service.update(task.id, { metadata: { b: big } }, me)).rejects.toThrow(InvalidError);
    expect((await service.update(task.id, { metadata: { a: null, b: big } }, me)).metadata).toEqual({ b: big });
  });

  test('remove is for admins, for ended and announced tasks, and a removed task is gone at once', async () => {
    const task = await ended(done);
    const admin = someone({ isAdmin: true });
    await expect(service.remove([task.id], me)).rejects.toThrow(ForbiddenError);
    await expect(service.remove([task.id], someone({ isAdmin: true, scopes: [] }))).rejects.toThrow(NotFoundError);
    await expect(service.remove([(await house.create()).id], admin)).rejects.toThrow(/Cancel it before/);
    expect(await service.remove([task.id], admin)).toBe(0);
    await house.sql`update cards set shown_revision = revision`;
    await house.sql`update completions set told_at = now()`;
    await service.get(task.id, me);
    expect(await service.remove([task.id], admin)).toBe(1);
    await expect(service.get(task.id, me)).rejects.toThrow(NotFoundError);
    await expect(service.details(task.id, me)).rejects.toThrow(NotFoundError);
    expect((await house.sql`select event from audit_events where task_id = ${task.id} order by id`).at(-1)).toEqual({
      event: 'removed',
    });
  });
});

test('lists and suggestions take any text and cursor', async () => {
  await house.create({ title: 'findable 🦉' });
  for (const typed of ['', 'a\u0000', '\uD800', '%_\\', "'", 'x'.repeat(100_000)])
    expect(Array.isArray(await service.suggest('show', typed, me))).toBe(true);
  expect(await service.suggest('show', '🦉', me)).toHaveLength(1);
  for (const cursor of ['', 'x', '\u0000', 'x'.repeat(100_000), GUILD])
    expect(['ok', 'invalid']).toContain(await outcome(service.list({}, me, { cursor })));
  for (const filter of [{ search: '\u0000' }, { channelId: 'x' }, { metadata: { a: '\uD800' } }])
    await expect(service.list(filter, me)).rejects.toThrow(InvalidError);
});

describe('the place in the queue', () => {
  test('warns when the task may expire before its turn', async () => {
    const load = { other: { slots: 1, running: 1, meanMs: 400_000 } };
    await house.sql`update workers set load = ${house.sql.json(load)} where id = ${house.workerId}`;
    const { place, warnings } = await service.create({ agentId: 'other', title: 'x', ttlSeconds: 300 }, ORIGIN);
    expect(place).toEqual({ position: 1, etaSeconds: 400, blockedBy: null });
    expect(warnings).toEqual(['It may not start in time: about 7 minutes of work come before it, and it expires after 5.']);
    expect((await service.create({ agentId: 'other', title: 'x', ttlSeconds: 3600 }, ORIGIN)).warnings).toEqual([]);
    await house.sql`update workers set load = '{}'`;
  });
});
