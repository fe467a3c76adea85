import pino from 'pino';
import type postgres from 'postgres';
import { v7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { batchAgent as batch } from '../../src/agents/batch/index.js';
import { createRegistry } from '../../src/agents/registry.js';
import { sampleAgent as sample } from '../../src/agents/sample/index.js';
import { createCleanup } from '../../src/engine/cleanup.js';
import { removeTasks } from '../../src/store/admin/remove.js';
import { SWEEPS } from '../../src/store/admin/sweep.js';
import type { Told } from '../../src/store/tasks/row.js';
import { createAdminService, type HealthProbe } from '../../src/tasks/admin.js';
import { ForbiddenError, InvalidError } from '../../src/tasks/errors.js';
import type { AdminService } from '../../src/tasks/service.js';
import {
  ANNA,
  admin,
  BEN,
  CHANNEL,
  CHANNEL_B,
  freshDatabase,
  GUILD,
  give,
  OTHER_CHANNEL,
  OTHER_GUILD,
  otherAdmin,
  owner,
  someone,
} from '../store/admin-rows.js';

const DAY = 86_400;
const settings = { retentionDays: 7, maxCompleted: 0, maxFailed: 0, queueSize: 1000, channelLimit: 100 };
const log = pino({ level: 'silent' });

let sql: postgres.Sql;
let dispose: () => Promise<void>;
let changed: Told[] = [];
let refilled: string[] = [];
let service: AdminService;

function build(healthProbes: HealthProbe[] = []): AdminService {
  const cleanup = createCleanup({ sql, retention: settings, intervalMs: 60_000, onRemoved: () => undefined, log });
  return createAdminService({
    sql,
    cleanup,
    settings,
    afterChange: (rows) => changed.push(...rows),
    onRemoved: () => undefined,
    refill: (agentId) => refilled.push(agentId),
    healthProbes,
    agents: createRegistry([sample, batch], { defaultAgent: 'sample' }),
    log,
  });
}

beforeAll(async () => {
  ({ sql, dispose } = await freshDatabase());
  service = build();
});
afterAll(() => dispose());
beforeEach(async () => {
  changed = [];
  refilled = [];
  await sql`truncate tasks, cards, batches, completions, daily_stats, cleanup_runs, agent_pauses, guild_settings, workers, audit_events cascade`;
});

const audits = async (event: string) =>
  sql`select task_id, guild_id, actor, details from audit_events where event = ${event} order by id`;

describe('who may', () => {
  const calls: [string, (actor: typeof admin, everywhere?: boolean) => Promise<unknown>][] = [
    ['cleanup', (actor, everywhere) => service.cleanup({}, actor, { everywhere })],
    ['cleanupPreview', (actor, everywhere) => service.cleanupPreview({}, actor, { everywhere })],
    ['timeoutStale', (actor, everywhere) => service.timeoutStale(actor, { everywhere })],
    ['stats', (actor, everywhere) => service.stats({ hours: 24 }, actor, { everywhere })],
    ['pause', (actor, everywhere) => service.pause('sample', actor, { everywhere })],
    ['resume', (actor, everywhere) => service.resume('sample', actor, { everywhere })],
    ['failed', (actor, everywhere) => service.failed(actor, {}, { everywhere })],
    ['requeue', (actor, everywhere) => service.requeue(null, actor, { everywhere })],
    ['purgeFailed', (actor, everywhere) => service.purgeFailed(actor, { everywhere })],
    ['countFailed', (actor, everywhere) => service.countFailed(actor, { everywhere })],
  ];
  it.each(calls)('%s: admins here, owners everywhere, in direct messages owners alone', async (_, call) => {
    await expect(call(someone())).rejects.toThrow(ForbiddenError);
    await expect(call(admin, true)).rejects.toThrow(/owner/);
    await expect(call(someone({ guildId: null, isAdmin: true }))).rejects.toThrow(ForbiddenError);
    await call(admin);
    await call(owner);
    await call(owner, true);
    await call(someone({ guildId: null, isOwner: true }));
  });

  it('limits and the state of the cleanup: admins', async () => {
    for (const actor of [someone(), someone({ guildId: null, isOwner: true })]) {
      await expect(service.limits(actor)).rejects.toThrow(ForbiddenError);
      await expect(service.setLimits({ queueSize: 100 }, actor)).rejects.toThrow(ForbiddenError);
    }
    await expect(service.cleanupStatus(someone())).rejects.toThrow(ForbiddenError);
    expect(await service.cleanupStatus(admin)).toMatchObject({ lastRun: null, retentionDays: 7 });
  });
});

describe('pause and resume', () => {
  it('pauses once, in one guild or everywhere, and is audited', async () => {
    expect(await service.pause('sample', admin)).toBe('paused');
    expect(await service.pause('sample', admin)).toBe('already');
    expect(await service.pause('sample', owner, { everywhere: true })).toBe('paused');
    expect(await service.resume('batch', admin)).toBe('not_paused');
    expect(await audits('agent_paused')).toMatchObject([
      { task_id: null, guild_id: GUILD, actor: `person:${BEN}`, details: { agent: 'sample' } },
      { guild_id: null },
    ]);
    expect(await service.agentStates(admin)).toMatchObject([
      { agentId: 'sample', paused: true, pausedEverywhere: true },
      { agentId: 'batch', paused: false, pausedEverywhere: false },
    ]);
    expect(await service.agentStates(otherAdmin)).toMatchObject([{ paused: false, pausedEverywhere: true }, {}]);
    expect(await service.resume('sample', admin)).toBe('resumed');
    expect(refilled).toEqual(['sample', 'default']);
    expect(await audits('agent_resumed')).toHaveLength(1);
    // The default queue is paused with the agent that serves it, here and everywhere.
    expect(await sql`select agent_id, guild_id from agent_pauses order by 1`).toEqual([
      { agent_id: 'default', guild_id: '' },
      { agent_id: 'sample', guild_id: '' },
    ]);
    await expect(service.pause('No Agent!', admin)).rejects.toThrow(InvalidError);
  });

  const secondsLeft = async (id: string) =>
    Math.round(Number((await sql`select extract(epoch from expires_at - now()) as s from tasks where id = ${id}`)[0]?.s));
  const pausedAgo = (guildId: string, seconds: number) =>
    sql`insert into agent_pauses (agent_id, guild_id, paused_by, paused_at) values ('sample', ${guildId}, 'x', now() - ${seconds}::float8 * interval '1 second')`;

  it('gives pending tasks back the time that each of them was paused', async () => {
    // Older than the pause of 600 s; made 100 s ago, inside it; of another guild; of another agent.
    const before = await give(sql, { status: 'pending', expiresIn: 1000, ttlSeconds: 3600 });
    const inside = await give(sql, { status: 'pending', expiresIn: 3500, ttlSeconds: 3600 });
    const overdue = await give(sql, { status: 'pending', expiresIn: -50, ttlSeconds: 3600 });
    const elsewhere = await give(sql, { status: 'pending', expiresIn: 1000, guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
    const other = await give(sql, { status: 'pending', expiresIn: 1000, agentId: 'batch' });
    const held = await give(sql, { status: 'pending', waitingFor: 'hold', expiresIn: null });
    await pausedAgo(GUILD, 600);
    await service.resume('sample', admin);
    expect([await secondsLeft(before), await secondsLeft(inside), await secondsLeft(overdue)]).toEqual([1600, 3600, 550]);
    expect([await secondsLeft(elsewhere), await secondsLeft(other)]).toEqual([1000, 1000]);
    expect((await sql`select expires_at from tasks where id = ${held}`)[0]?.expires_at).toBeNull();
  });

  it('counts time under two pauses once, whichever ends first', async () => {
    for (const hereFirst of [true, false]) {
      const id = await give(sql, { status: 'pending', expiresIn: 100, ttlSeconds: 3600 });
      await pausedAgo(GUILD, 500);
      await pausedAgo('', 300);
      const resumeHere = () => service.resume('sample', admin);
      const resumeAll = () => service.resume('sample', owner, { everywhere: true });
      for (const resume of hereFirst ? [resumeHere, resumeAll] : [resumeAll, resumeHere]) await resume();
      expect(await secondsLeft(id)).toBe(600);
      await sql`delete from tasks`;
    }
  });
});

describe('agent states', () => {
  it('counts tasks of the guild and live workers that run the queue, busy ones too', async () => {
    await give(sql, { status: 'pending' });
    await give(sql, { status: 'in_progress' });
    await give(sql, { status: 'pending', guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
    await give(sql, { status: 'pending', guildId: null });
    await give(sql, { status: 'pending', agentId: 'default' });
    const worker = (slots: number, running: number, lease: number) =>
      sql`insert into workers (id, name, queues, load, lease_until)
        values (${v7()}, 'w', '{sample}', ${sql.json({ sample: { slots, running, meanMs: null } })}, now() + ${lease}::float8 * interval '1 second')`;
    await worker(10, 2, 15);
    await worker(10, 10, 15);
    await worker(10, 0, -1);
    expect(await service.agentStates(admin)).toEqual([
      { agentId: 'sample', paused: false, pausedEverywhere: false, pending: 2, running: 1, workers: 2 },
      { agentId: 'batch', paused: false, pausedEverywhere: false, pending: 0, running: 0, workers: 0 },
    ]);
    expect((await service.agentStates({ guildId: null }))[0]).toMatchObject({ pending: 1, running: 0 });
  });
});

describe('failed tasks', () => {
  it('lists, counts, requeues and purges those of the guild alone', async () => {
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push(await give(sql, { status: 'failed', channelId: n === 0 ? CHANNEL_B : CHANNEL }));
    const elsewhere = await give(sql, { status: 'failed', guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
    await give(sql, { status: 'cancelled' });
    expect(await service.countFailed(admin)).toBe(3);
    expect(await service.countFailed(owner, { everywhere: true })).toBe(4);
    const page = await service.failed(admin, { size: 2 });
    expect(page.tasks.map((task) => task.id)).toEqual([ids[2], ids[1]]);
    expect((await service.failed(admin, { size: 2, cursor: page.next })).tasks.map((task) => task.id)).toEqual([ids[0]]);
    await expect(service.failed(admin, { cursor: 'forged' })).rejects.toThrow(InvalidError);
    expect((await service.failed(owner, {}, { everywhere: true })).tasks).toHaveLength(4);
    expect(await service.requeue([ids[0] as string, elsewhere], admin)).toBe(1);
    expect(changed.map((row) => [row.id, row.status])).toEqual([[ids[0], 'pending']]);
    expect(await audits('retried')).toMatchObject([{ task_id: ids[0], actor: `person:${BEN}` }]);
    await expect(service.requeue(['no id'], admin)).rejects.toThrow(InvalidError);
    await sql`update cards set revision = 5 where id = ${ids[1] as string}`;
    expect(await service.purgeFailed(admin)).toBe(1);
    expect(await service.countFailed(admin)).toBe(1);
    expect(await service.countFailed(otherAdmin)).toBe(1);
    expect(await audits('failed_purged')).toMatchObject([{ guild_id: GUILD, details: { removed: 1 } }]);
    expect(await service.requeue(null, admin)).toBe(1);
    expect(await service.requeue(null, admin)).toBe(0);
  });

  it('requeues at most 1,000 at once', async () => {
    await sql`
      insert into tasks (id, guild_id, channel_id, scope_id, requester_id, card_id, agent_id, title, priority, status, max_retries, ttl_seconds,
        soft_timeout_seconds, hard_timeout_seconds, finished_at)
      select gen_random_uuid(), ${GUILD}, ${CHANNEL}, ${CHANNEL}, ${ANNA}, gen_random_uuid(), 'sample', 'x', 2, 'failed', 0, 300, 1, 1, now()
      from generate_series(1, 1050)`;
    expect(await service.requeue(null, admin)).toBe(1000);
    expect(changed).toHaveLength(1000);
    expect(await service.countFailed(admin)).toBe(50);
  });
});

describe('stale tasks', () => {
  it('fails those past their time-out or without a worker, of the guild alone', async () => {
    const alive = v7();
    await sql`insert into workers (id, name, queues, lease_until) values (${alive}, 'w', '{}', now() + interval '1 minute')`;
    const late = await give(sql, { status: 'in_progress', workerId: alive, ranFor: 100, hardTimeoutSeconds: 60 });
    const orphan = await give(sql, { status: 'in_progress' });
    await give(sql, { status: 'in_progress', workerId: alive });
    await give(sql, { status: 'in_progress', guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
    const failed = await service.timeoutStale(admin);
    expect(new Set(failed.map((task) => task.id))).toEqual(new Set([late, orphan]));
    expect(failed[0]).toMatchObject({ status: 'failed', error: { reason: 'stale' } });
    expect(changed).toHaveLength(2);
    expect(await audits('timed_out')).toHaveLength(2);
    expect(await service.timeoutStale(owner, { everywhere: true })).toHaveLength(1);
  });
});

describe('limits', () => {
  it('are set, shown and taken back', async () => {
    expect(await service.limits(admin)).toEqual({
      guild: { queueSize: null, channelLimit: null },
      inForce: { queueSize: 1000, channelLimit: 100 },
    });
    expect(await service.setLimits({ queueSize: 200 }, admin)).toEqual({ queueSize: 200, channelLimit: null });
    expect(await service.setLimits({ channelLimit: 50 }, admin)).toEqual({ queueSize: 200, channelLimit: 50 });
    expect(await service.setLimits({ queueSize: null }, admin)).toEqual({ queueSize: null, channelLimit: 50 });
    expect((await service.limits(admin)).inForce).toEqual({ queueSize: 1000, channelLimit: 50 });
    await service.setLimits({ queueSize: 5000, channelLimit: 500 }, admin);
    expect((await service.limits(admin)).inForce).toEqual({ queueSize: 1000, channelLimit: 100 });
    await service.setLimits({ queueSize: null, channelLimit: 50 }, admin);
    expect((await service.limits(otherAdmin)).guild).toEqual({ queueSize: null, channelLimit: null });
    for (const limits of [{ queueSize: 99 }, { queueSize: 10_001 }, { channelLimit: 0 }, { channelLimit: 1.5 }])
      await expect(service.setLimits(limits, admin)).rejects.toThrow(InvalidError);
    const [first] = await audits('limits_changed');
    expect(first).toMatchObject({
      guild_id: GUILD,
      actor: `person:${BEN}`,
      details: { to: { queueSize: 200, channelLimit: null } },
    });
  });
});

describe('health', () => {
  it('asks every dependency and survives those that fail', async () => {
    const good: HealthProbe = { name: 'postgres', check: async () => ({ ok: true, detail: 'fine', latencyMs: 1 }) };
    const bad: HealthProbe = { name: 'redis', check: async () => Promise.reject(new Error('refused')) };
    expect(await build([good, bad]).health()).toEqual([
      { name: 'postgres', ok: true, detail: 'fine', latencyMs: 1 },
      { name: 'redis', ok: false, detail: 'refused', latencyMs: null },
    ]);
  });
});

describe('statistics', () => {
  async function history(): Promise<void> {
    await give(sql, { ranFor: 10, score: 1, priority: 0, endedAgo: 3600 });
    await give(sql, { ranFor: 30, score: 0.5, requesterId: BEN, endedAgo: 5 * 3600 });
    await give(sql, { ranFor: 20, agentId: 'batch', channelId: CHANNEL_B, endedAgo: 3 * DAY });
    await give(sql, { status: 'failed', endedAgo: 2 * DAY });
    await give(sql, { status: 'cancelled', endedAgo: 3600 });
    await give(sql, { status: 'pending' });
    await give(sql, { ranFor: 5, endedAgo: 20 * DAY });
    await give(sql, { ranFor: 500, guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
  }

  it('counts a guild, a channel, a user, an agent, everything', async () => {
    await history();
    const stats = await service.stats({ hours: 7 * 24 }, admin);
    expect(stats).toMatchObject({
      byStatus: { pending: 1, in_progress: 0, completed: 3, failed: 1, cancelled: 1 },
      byPriority: { critical: 1, high: 0, medium: 5, low: 0 },
      successRate: 0.75,
    });
    expect(stats.meanSeconds).toBeCloseTo(20);
    expect(stats.p95Seconds).toBeCloseTo(29);
    expect(stats.agents.map((agent) => agent.agentId)).toEqual(['sample', 'batch']);
    expect(stats.agents[0]).toMatchObject({ meanScore: 0.75, byStatus: { completed: 2 } });
    expect(stats.buckets).toHaveLength(8);
    expect(stats.buckets.reduce((sum, bucket) => sum + bucket.completed + bucket.failed + bucket.cancelled, 0)).toBe(5);
    const of = async (reach: object) => (await service.stats({ hours: 7 * 24 }, admin, reach)).byStatus.completed;
    expect([await of({ channelId: CHANNEL_B }), await of({ requesterId: BEN }), await of({ agentId: 'sample' })]).toEqual([
      1, 1, 2,
    ]);
    expect(await of({ channelId: OTHER_CHANNEL })).toBe(0);
    expect((await service.stats({ hours: 7 * 24 }, owner, { everywhere: true })).byStatus.completed).toBe(4);
    expect((await service.stats({ hours: 24 }, admin)).buckets).toHaveLength(25);
    expect(await service.stats({ hours: 1 }, otherAdmin, { agentId: 'none' })).toMatchObject({
      successRate: null,
      meanSeconds: null,
      agents: [],
    });
    await expect(service.stats({ hours: 0 }, admin)).rejects.toThrow(InvalidError);
  });

  it('counts one type, also of tasks that have been removed and whose hours were added up', async () => {
    const ids = [
      await give(sql, { type: 'report', endedAgo: 5 * DAY }),
      await give(sql, { type: 'report', endedAgo: 5 * DAY + 7200 }),
      await give(sql, { type: 'digest', endedAgo: 5 * DAY }),
      await give(sql, { endedAgo: 5 * DAY }),
    ];
    await give(sql, { type: 'report', status: 'pending' });
    await give(sql, { type: 'report', guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
    const of = async (type?: string) => (await service.stats({ hours: 7 * 24 }, admin, { type })).byStatus;
    const read = async () => [await of('report'), await of('digest'), await of(), await of('none')];
    const before = await read();
    expect(before).toMatchObject([
      { completed: 2, pending: 1 },
      { completed: 1, pending: 0 },
      { completed: 4 },
      { completed: 0 },
    ]);
    await removeTasks(sql, { ids, actor: 'keeper' });
    expect(await read()).toEqual(before);
    await SWEEPS.hoursIntoDays(sql);
    expect(await read()).toEqual(before);
    expect((await sql`select distinct type from daily_stats order by 1`).map((row) => row.type)).toEqual([
      '',
      'digest',
      'report',
    ]);
    await expect(of('x'.repeat(51))).rejects.toThrow(InvalidError);
  });

  it('are the same before and after a cleanup, but for the percentile', async () => {
    await history();
    const read = async (hours: number) => {
      const { p95Seconds: _, agents, ...stats } = await service.stats({ hours }, admin);
      return { ...stats, agents: agents.map(({ p95Seconds: __, ...agent }) => agent) };
    };
    const before = [await read(24), await read(48), await read(7 * 24), await read(60 * 24)];
    const removed = await service.cleanup({ olderThanDays: 0 }, admin);
    expect(removed).toEqual({ completed: 4, failed: 1, cancelled: 1, spared: 0 });
    expect(await sql`select count(*)::int as n from tasks where guild_id = ${GUILD}`).toEqual([{ n: 1 }]);
    const after = [await read(24), await read(48), await read(7 * 24), await read(60 * 24)];
    for (const [n, stats] of after.entries()) {
      expect(stats.meanSeconds).toBeCloseTo(before[n]?.meanSeconds ?? Number.NaN, 3);
      const exact = ({ meanSeconds: _, agents, ...rest }: typeof stats) => ({
        ...rest,
        agents: agents.map(({ meanSeconds: __, ...agent }) => agent),
      });
      expect(exact(stats)).toEqual(exact(before[n] as typeof stats));
    }
  });
});
