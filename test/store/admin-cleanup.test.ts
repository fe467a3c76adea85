import { randomBytes } from 'node:crypto';
import pino from 'pino';
import type postgres from 'postgres';
import { v7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Cleanup, createCleanup, type Retention } from '../../src/engine/cleanup.js';
import { removeTasks } from '../../src/store/admin/remove.js';
import { ANNA, BEN, CHANNEL, CHANNEL_B, freshDatabase, GUILD, give, nextId, OTHER_CHANNEL, OTHER_GUILD } from './admin-rows.js';

const DAY = 86_400;
const KEEPER = 'keeper';
const NONE = { completed: 0, failed: 0, cancelled: 0, spared: 0 };
let sql: postgres.Sql;
let dispose: () => Promise<void>;
beforeAll(async () => {
  ({ sql, dispose } = await freshDatabase());
});
afterAll(() => dispose());
beforeEach(async () => {
  await sql`truncate tasks, cards, batches, completions, daily_stats, cleanup_runs, audit_events, drafts, interaction_claims, task_files cascade`;
});

function cleanupWith(retention: Partial<Retention> = {}, intervalMs = 60_000): Cleanup {
  return createCleanup({
    sql,
    retention: { retentionDays: 7, maxCompleted: 0, maxFailed: 0, ...retention },
    intervalMs,
    onRemoved: () => undefined,
    log: pino({ level: 'silent' }),
  });
}

const left = async () => new Set((await sql<{ id: string }[]>`select id from tasks`).map((row) => row.id));

async function giveBatch(unfinished: number, shown = 1): Promise<string> {
  const id = nextId();
  await sql`insert into batches (id, guild_id, channel_id, scope_id, requester_id, agent_id, title, total, unfinished)
    values (${id}, ${GUILD}, ${CHANNEL}, ${CHANNEL}, ${ANNA}, 'sample', 'Batch', 2, ${unfinished})`;
  await sql`insert into cards (id, kind, guild_id, channel_id, requester_id, shown_revision) values (${id}, 'batch', ${GUILD}, ${CHANNEL}, ${ANNA}, ${shown})`;
  return id;
}

it('removes what ended longer ago than the retention, and says before what it would remove', async () => {
  const kept = [
    await give(sql, { endedAgo: 6 * DAY }),
    await give(sql, { status: 'pending' }),
    await give(sql, { status: 'in_progress' }),
  ];
  await give(sql, { endedAgo: 8 * DAY });
  await give(sql, { endedAgo: 9 * DAY, status: 'failed', guildId: null, channelId: CHANNEL_B });
  await give(sql, { endedAgo: 9 * DAY, status: 'cancelled', guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
  const cleanup = cleanupWith();
  const expected = { ...NONE, completed: 1, failed: 1, cancelled: 1 };
  expect(await cleanup.preview({}, null)).toEqual(expected);
  expect(await cleanup.runNow(KEEPER, {}, null)).toEqual(expected);
  expect(await left()).toEqual(new Set(kept));
  expect(await cleanup.preview({}, null)).toEqual(NONE);
  expect(await sql`select count(*)::int as n from cards`).toEqual([{ n: 3 }]);
});

it('keeps per channel the newest completed, and of failed and cancelled together', async () => {
  const kept = [];
  for (let n = 1; n <= 5; n += 1) {
    const id = await give(sql, { endedAgo: n * 60 });
    const bad = await give(sql, { endedAgo: n * 60, status: n % 2 ? 'failed' : 'cancelled' });
    if (n <= 3) kept.push(id);
    if (n <= 2) kept.push(bad);
  }
  kept.push(await give(sql, { endedAgo: 6 * DAY, channelId: CHANNEL_B }));
  expect(await cleanupWith({ maxCompleted: 3, maxFailed: 2 }).runNow(KEEPER, {}, null)).toEqual({
    ...NONE,
    completed: 2,
    failed: 2,
    cancelled: 1,
  });
  expect(await left()).toEqual(new Set(kept));
});

it('narrows a cleanup by hand to guild, channel, status and age', async () => {
  const mine = await give(sql, { endedAgo: 2 * DAY });
  const failed = await give(sql, { endedAgo: 2 * DAY, status: 'failed' });
  const beside = await give(sql, { endedAgo: 2 * DAY, channelId: CHANNEL_B });
  const young = await give(sql, { endedAgo: 60 });
  const elsewhere = await give(sql, { endedAgo: 2 * DAY, guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
  const cleanup = cleanupWith({ maxCompleted: 1 });
  expect(await cleanup.preview({ olderThanDays: 1, channelId: OTHER_CHANNEL }, GUILD)).toEqual(NONE);
  expect(await cleanup.runNow('person:1', { olderThanDays: 1, status: 'completed', channelId: CHANNEL }, GUILD)).toEqual({
    ...NONE,
    completed: 1,
  });
  expect(await left()).toEqual(new Set([failed, beside, young, elsewhere]));
  expect(await cleanup.runNow('person:1', { olderThanDays: 1 }, GUILD)).toEqual({ ...NONE, completed: 1, failed: 1 });
  expect(await left()).toEqual(new Set([young, elsewhere]));
  expect(mine).not.toBe(beside);
  const runs = await sql`select actor, guild_id, removed from cleanup_runs order by id`;
  expect(runs).toHaveLength(2);
  expect(runs[1]).toMatchObject({ actor: 'person:1', guild_id: GUILD, removed: { failed: 1 } });
  expect(await sql`select event, guild_id from audit_events where task_id is null`).toMatchObject([
    { event: 'cleanup', guild_id: GUILD },
    {},
  ]);
  expect(await cleanup.status(GUILD)).toMatchObject({
    lastRun: { by: 'person:1', removed: { completed: 1, failed: 1 } },
    maxCompleted: 1,
  });
  expect((await cleanup.status(OTHER_GUILD)).lastRun).toBeNull();
});

it('tells a guild of its own cleanups and when the regular one was, and nothing of other guilds', async () => {
  await give(sql, { endedAgo: 9 * DAY });
  await give(sql, { endedAgo: 9 * DAY, guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
  const cleanup = cleanupWith();
  expect(await cleanup.status(GUILD)).toMatchObject({ lastRun: null, lastRegularAt: null });
  await cleanup.runNow(`person:${ANNA}`, {}, GUILD);
  await cleanup.runNow(`person:${BEN}`, {}, OTHER_GUILD);
  await cleanup.runNow(KEEPER, {}, null);
  await cleanup.runNow(`person:${BEN}`, {}, null);
  const [regular] = await sql<{ at: Date }[]>`select at from cleanup_runs where actor = 'keeper'`;
  expect(await cleanup.status(GUILD)).toMatchObject({
    lastRun: { by: `person:${ANNA}`, removed: { ...NONE, completed: 1 } },
    lastRegularAt: regular?.at,
  });
  expect(await cleanup.status('100000000000000003')).toMatchObject({ lastRun: null, lastRegularAt: regular?.at });
  expect(await cleanup.status(null)).toMatchObject({
    lastRun: { by: `person:${BEN}`, removed: NONE },
    lastRegularAt: regular?.at,
  });
});

it('spares what is not announced yet and what belongs to an unfinished batch', async () => {
  const old = { endedAgo: 30 * DAY };
  const unshown = await give(sql, { ...old, announced: false });
  const untold = await give(sql, old);
  await sql`insert into completions (card_id, ending, task_id, channel_id, requester_id, status) values (${untold}, 1, ${untold}, ${CHANNEL}, ${ANNA}, 'completed')`;
  const open = await giveBatch(1);
  const inOpen = await give(sql, { ...old, batchId: open });
  const unshownBatch = await giveBatch(0, 0);
  const inUnshown = await give(sql, { ...old, batchId: unshownBatch });
  const lost = await give(sql, { ...old, announced: false });
  await sql`update cards set undeliverable = 'channel is gone' where id = ${lost}`;
  const cleanup = cleanupWith();
  expect(await cleanup.preview({}, null)).toEqual({ ...NONE, completed: 1, spared: 4 });
  expect(await cleanup.runNow(KEEPER, {}, null)).toEqual({ ...NONE, completed: 1, spared: 4 });
  expect(await left()).toEqual(new Set([unshown, untold, inOpen, inUnshown]));
  expect(await removeTasks(sql, { ids: [unshown, untold, inOpen, v7()], actor: KEEPER })).toEqual({ ...NONE, spared: 3 });
  await sql`update completions set told_at = now()`;
  await sql`update cards set shown_revision = revision`;
  await sql`update batches set unfinished = 0`;
  expect(await cleanup.runNow(KEEPER, {}, null)).toEqual({ ...NONE, completed: 4 });
  for (const table of ['tasks', 'cards', 'completions', 'batches'])
    expect([table, await sql`select * from ${sql(table)}`]).toEqual([table, []]);
});

it('removes a batch with its last task only, also when two removals take one half each', async () => {
  const batchId = await giveBatch(0);
  const one = await give(sql, { batchId, endedAgo: 30 * DAY });
  const two = await give(sql, { batchId, endedAgo: DAY });
  await cleanupWith().runNow(KEEPER, {}, null);
  expect(await left()).toEqual(new Set([two]));
  expect(await sql`select id from batches`).toHaveLength(1);
  const three = await give(sql, { batchId });
  await Promise.all([removeTasks(sql, { ids: [two], actor: KEEPER }), removeTasks(sql, { ids: [three], actor: KEEPER })]);
  expect(await sql`select id from batches`).toHaveLength(0);
  expect(await sql`select id from cards`).toHaveLength(0);
  expect(one).not.toBe(two);
});

it('rolls up exactly what it removes, and keeps the history', async () => {
  const at = { endedAgo: 60, ranFor: 10 };
  const ids = [
    await give(sql, { ...at, score: 1 }),
    await give(sql, { ...at, score: 0.5 }),
    await give(sql, at),
    await give(sql, { ...at, requesterId: BEN }),
    await give(sql, { ...at, status: 'failed', guildId: null }),
    await give(sql, { ...at, status: 'pending' }),
  ];
  await sql`insert into task_files (id, task_id, direction, attempt, name, content_type, size, sha256, bytes)
    values (${v7()}, ${ids[0] as string}, 'in', 0, 'a', 'text/plain', 1, ${'0'.repeat(64)}, 'x')`;
  await sql`insert into audit_events (task_id, actor, event) values (${ids[0] as string}, 'x', 'created')`;
  // Once in two halves at the same time and once more: what is gone is not counted again.
  const counts = await Promise.all([
    removeTasks(sql, { ids: ids.slice(0, 3), actor: 'person:1' }),
    removeTasks(sql, { ids, actor: 'person:1' }),
  ]);
  expect(counts.reduce((sum, each) => sum + each.completed + each.failed, 0)).toBe(5);
  expect(await removeTasks(sql, { ids, actor: 'person:1' })).toEqual(NONE);
  const rows =
    await sql`select guild_id, requester_id, status, tasks, run_seconds, score_sum, score_count from daily_stats order by guild_id, requester_id`;
  const seconds = rows.map((row) => Math.round(Number(row.run_seconds)));
  expect(rows.map(({ run_seconds: _, ...row }) => row)).toEqual([
    { guild_id: '', requester_id: ANNA, status: 'failed', tasks: 1, score_sum: 0, score_count: 0 },
    { guild_id: GUILD, requester_id: ANNA, status: 'completed', tasks: 3, score_sum: 1.5, score_count: 2 },
    { guild_id: GUILD, requester_id: BEN, status: 'completed', tasks: 1, score_sum: 0, score_count: 0 },
  ]);
  expect(seconds).toEqual([10, 30, 10]);
  expect(await sql`select count(*)::int as n from audit_events where event = 'removed' and actor = 'person:1'`).toEqual([
    { n: 5 },
  ]);
  expect(await sql`select count(*)::int as n from audit_events where event = 'created'`).toEqual([{ n: 1 }]);
  expect(await sql`select count(*)::int as n from task_files`).toEqual([{ n: 0 }]);
});

it('removes thousands, chunk by chunk', async () => {
  await sql`
    insert into tasks (id, guild_id, channel_id, scope_id, requester_id, card_id, agent_id, title, priority, status, max_retries, ttl_seconds,
      soft_timeout_seconds, hard_timeout_seconds, finished_at)
    select gen_random_uuid(), ${GUILD}, ${CHANNEL}, ${CHANNEL}, ${ANNA}, gen_random_uuid(), 'sample', 'x', 2, 'completed', 0, 300, 1, 1, now() - interval '9 days'
    from generate_series(1, 1300)`;
  expect(await cleanupWith().runNow(KEEPER, {}, null)).toEqual({ ...NONE, completed: 1300 });
  expect(await sql`select sum(tasks)::int as n from daily_stats`).toEqual([{ n: 1300 }]);
});

it('sweeps what nobody needs any more', async () => {
  const done = await give(sql, { attempt: 2 });
  const failed = await give(sql, { attempt: 2, status: 'failed' });
  const running = await give(sql, { attempt: 2, status: 'in_progress' });
  const file = async (taskId: string, direction: string, attempt: number) => {
    const bytes = randomBytes(3);
    await sql`insert into task_files (id, task_id, direction, attempt, name, content_type, size, sha256, bytes)
      values (${v7()}, ${taskId}, ${direction}, ${attempt}, ${`${direction}${attempt}`}, 'text/plain', 3, ${'0'.repeat(64)}, ${bytes})`;
  };
  for (const id of [done, failed, running])
    for (const attempt of [0, 1, 2]) await file(id, attempt === 0 ? 'in' : 'out', attempt);
  await sql`insert into audit_events (actor, event, at) values ('x', 'old', now() - interval '91 days'), ('x', 'young', now() - interval '89 days')`;
  await sql`insert into interaction_claims (id, at) values ('1', now() - interval '61 minutes'), ('2', now())`;
  await sql`insert into drafts (id, user_id, draft, expires_at) values (${v7()}, '1', '{}', now() - interval '1 second'), (${v7()}, '2', '{}', now() + interval '1 hour')`;
  await sql`insert into cleanup_runs (actor, removed, took_ms, at) values ('x', '{}', 1, now() - interval '91 days')`;
  await sql`insert into daily_stats (day, hour, guild_id, channel_id, requester_id, agent_id, type, status, priority, tasks, run_seconds, score_sum, score_count)
    select current_date - d, h, ${GUILD}, ${CHANNEL}, ${ANNA}, 'sample', '', 'completed', 2, 1, 2, 0, 0 from generate_series(0, 9, 9) d, generate_series(0, 5) h`;
  await cleanupWith().sweep();
  const files = await sql`select task_id, name from task_files order by task_id, name`;
  expect(files.map((row) => [row.task_id, row.name])).toEqual([
    [done, 'in0'],
    [done, 'out2'],
    [failed, 'in0'],
    [running, 'in0'],
    [running, 'out2'],
  ]);
  expect(await sql`select event from audit_events`).toEqual([{ event: 'young' }]);
  expect(await sql`select id from interaction_claims`).toEqual([{ id: '2' }]);
  expect(await sql`select user_id from drafts`).toEqual([{ user_id: '2' }]);
  expect(await sql`select actor from cleanup_runs`).toEqual([]);
  expect(await sql`select count(*)::int as n, sum(tasks)::int as tasks from daily_stats group by day order by day`).toEqual([
    { n: 1, tasks: 6 },
    { n: 6, tasks: 6 },
  ]);
});

it('is done by one process an interval, on its own, and stops', async () => {
  await give(sql, { endedAgo: 9 * DAY });
  const processes = [cleanupWith(), cleanupWith(), cleanupWith()];
  const outcomes = await Promise.all(processes.map((each) => each.regular()));
  expect(outcomes.filter((each) => each !== null)).toEqual([{ ...NONE, completed: 1 }]);
  expect(await (processes[0] as Cleanup).regular()).toBeNull();
  await sql`truncate cleanup_runs`;
  const id = await give(sql, { endedAgo: 9 * DAY });
  const alone = cleanupWith({}, 20);
  alone.start();
  expect((await alone.status(null)).nextRunAt).toBeInstanceOf(Date);
  await expect.poll(async () => (await left()).has(id)).toBe(false);
  await alone.stop();
  expect((await alone.status(null)).nextRunAt).toBeNull();
});
