/**
 * Guildhall without Discord: stores, services and the engine of one process. `createGuildhall` (guildhall.ts) puts Discord on top; a process that only
 * runs tasks needs no more than this.
 */
import os from 'node:os';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import { createIsolatedRunner, type IsolatedRunner } from './agents/isolated/pool.js';
import type { Registry } from './agents/registry.js';
import type { RedisAddress, Settings } from './config.js';
import { type Cleanup, createCleanup } from './engine/cleanup.js';
import { Engine } from './engine/engine.js';
import { within } from './patience.js';
import { Bus } from './queue/bus.js';
import { RedisLink } from './queue/link.js';
import { Snapshots } from './queue/snapshots.js';
import { Windows } from './queue/window.js';
import { openDatabase } from './store/database.js';
import { migrate } from './store/migrate.js';
import { waitForDatabase } from './store/wait.js';
import { createAdminService, type HealthProbe } from './tasks/admin.js';
import { type AfterChange, createAfterChange } from './tasks/changes.js';
import { Creation } from './tasks/creation.js';
import { UnavailableError } from './tasks/errors.js';
import type { AdminService, DependencyHealth, TaskService } from './tasks/service.js';
import { createTaskService } from './tasks/task-service.js';

export interface CoreOptions {
  settings: Pick<Settings, 'stores' | 'agents' | 'tasks' | 'engine'>;
  databaseUrl: string;
  /** Null: database-only mode. */
  redis: Extract<RedisAddress, { kind: 'single' | 'sentinel' | 'cluster' }> | null;
  agents: Registry;
  log: Logger;
  /** Why there is no Redis, for the health check; default: it is switched off. */
  redisAbsence?: string;
  /** 0–1, for jitter. */
  random?: () => number;
}

export interface Core {
  readonly sql: postgres.Sql;
  readonly link: RedisLink | null;
  readonly bus: Bus;
  readonly engine: Engine;
  /** Where agents run apart from this thread. */
  readonly runner: IsolatedRunner;
  readonly cleanup: Cleanup;
  readonly tasks: TaskService;
  readonly admin: AdminService;
  /** Time-ordered ids (UUIDv7). */
  readonly newId: () => string;
  /** This process in `workers`, leases and messages. */
  readonly processId: string;
  /** `redis`, or `database` while Redis is absent or down. */
  mode(): 'redis' | 'database';
  /** Adds a check to the health report. */
  addProbe(probe: HealthProbe): void;
  /** Waits for Postgres, migrates, connects to Redis, begins to run tasks. Rejects when it is stopped meanwhile. */
  start(): Promise<void>;
  /** Stops running tasks: waits `graceMs` for them (default: the setting), then hands back what is left: 1.5 s at most. */
  stopWork(graceMs?: number): Promise<void>;
  /** Closes the stores. */
  close(): Promise<void>;
}

/** Milliseconds that statements under way may take at a stop; on a dead line they would take 20 s. */
const LAST_STATEMENT_MS = 400;

/** Builds the core; nothing is connected before `start`. */
export function createCore(options: CoreOptions): Core {
  const { settings, agents, log } = options;
  const { stores, tasks: limits } = settings;
  const random = options.random ?? Math.random;
  const newId = () => uuidv7();
  const processId = newId();
  const stopped = new AbortController();
  const sql = openDatabase({
    url: options.databaseUrl,
    tls: stores.databaseTls,
    schema: stores.databaseSchema,
    onNotice: (message) => log.debug({ notice: message }, 'Postgres says'),
  });
  const link = options.redis === null ? null : new RedisLink({ address: options.redis, prefix: stores.redisPrefix, log });
  const windows = link === null ? null : new Windows(link);
  const bus = new Bus({ link, sql, schema: stores.databaseSchema, processId, log });
  const afterChange: AfterChange = createAfterChange(bus, windows);
  const runner = createIsolatedRunner({ moduleOf: agents.moduleOf, memoryMb: settings.agents.memoryMb, log });
  const engine = new Engine({
    sql,
    bus,
    link,
    windows,
    served: agents.served(),
    afterChange,
    settings: { leaseSeconds: settings.engine.leaseSeconds, concurrency: settings.agents.concurrency, retry: limits },
    workerId: processId,
    workerName: `${os.hostname()}:${process.pid}`,
    newId,
    runner,
    random,
    log,
  });
  const snapshots = link === null ? null : new Snapshots(link, () => engine.epoch, bus);
  const creationSettings = { ...limits, queueSize: limits.maxQueueSize };
  const creationDeps = { sql, agents, settings: creationSettings, newId, now: Date.now };
  const tasks = createTaskService({
    ...creationDeps,
    creation: new Creation(creationDeps),
    afterChange,
    monotonic: () => performance.now(),
    snapshots,
  });
  // `forget` never rejects.
  const onRemoved = (ids: readonly string[]) => void snapshots?.forget(ids);
  const retention = {
    retentionDays: limits.retentionDays,
    maxCompleted: limits.maxCompletedTasks,
    maxFailed: limits.maxFailedTasks,
  };
  const cleanup = createCleanup({ sql, retention, intervalMs: limits.cleanupIntervalMs, onRemoved, log });
  const probes: HealthProbe[] = [
    { name: 'postgres', check: () => probePostgres(sql) },
    { name: 'redis', check: () => probeRedis(link, options.redisAbsence) },
    { name: 'engine', check: async () => probeEngine(engine) },
    { name: 'event_loop', check: async () => probeLoop(engine) },
    { name: 'clock', check: async () => probeClock(engine) },
  ];
  const admin = createAdminService({
    sql,
    cleanup,
    settings: { ...retention, queueSize: limits.maxQueueSize, channelLimit: limits.channelLimit },
    afterChange,
    onRemoved,
    refill: (queueId) => void engine.refill(queueId),
    healthProbes: probes,
    agents,
    log,
  });
  return {
    sql,
    link,
    bus,
    engine,
    runner,
    cleanup,
    tasks,
    admin,
    newId,
    processId,
    mode: () => (link?.up ? 'redis' : 'database'),
    addProbe: (probe) => probes.push(probe),
    async start() {
      await waitForDatabase(sql, stores.databaseWaitSeconds, (message) => log.warn(message), stopped.signal);
      stopped.signal.throwIfAborted();
      const applied = await migrate(sql, stores.databaseSchema);
      if (applied.length > 0) log.info({ migrations: applied }, 'the schema was brought up to date');
      await link?.start();
      if (link !== null && !stores.redisAllowEviction) await refuseEviction(link);
      await bus.start();
      stopped.signal.throwIfAborted();
      await engine.start();
      cleanup.start();
    },
    async stopWork(graceMs = settings.engine.shutdownGraceSeconds * 1000) {
      stopped.abort();
      const cleaned = cleanup.stop();
      await engine.stop(graceMs);
      await within(LAST_STATEMENT_MS, cleaned);
    },
    async close() {
      await within(LAST_STATEMENT_MS, Promise.all([bus.stop(), link?.stop()]));
      await sql.end({ timeout: LAST_STATEMENT_MS / 1000 });
    },
  };
}

/** A Redis that throws keys away under pressure belongs to a cache, not to a queue. */
async function refuseEviction(link: RedisLink): Promise<void> {
  const policy = await link.evictionPolicy();
  if (policy === undefined || policy === 'noeviction') return;
  throw new UnavailableError(
    `The Redis at REDIS_URL evicts keys when it is full (maxmemory-policy ${policy}). Set its maxmemory-policy to noeviction, use another Redis, or set REDIS_ALLOW_EVICTION=true to accept it.`,
  );
}

type Check = Omit<DependencyHealth, 'name'>;

async function probePostgres(sql: postgres.Sql): Promise<Check> {
  const startedAt = performance.now();
  try {
    await Promise.race([sql`select 1`, timeOut(2000)]);
    const latencyMs = performance.now() - startedAt;
    return { ok: true, detail: 'answers', latencyMs };
  } catch (error) {
    return { ok: false, detail: `does not answer (${(error as Error).message})`, latencyMs: null };
  }
}

async function probeRedis(link: RedisLink | null, absence = 'switched off'): Promise<Check> {
  if (link === null) return { ok: true, detail: `not used (${absence}): database-only mode`, latencyMs: null };
  const startedAt = performance.now();
  const answer = await link.use((redis) => redis.ping());
  if (answer === undefined)
    return { ok: false, detail: `not usable (${link.reason}): database-only until it is back`, latencyMs: null };
  return { ok: true, detail: 'answers', latencyMs: performance.now() - startedAt };
}

function probeEngine(engine: Engine): Check {
  const detail = engine.healthy
    ? `running ${engine.running} tasks here`
    : 'the lease of this process is not in force: nothing new is started';
  return { ok: engine.healthy, detail, latencyMs: null };
}

/** Milliseconds of one delay of the event loop from which on it needs attention: a person waits 3 s for an answer at most. */
const LOOP_ALARM_MS = 3000;

function probeLoop(engine: Engine): Check {
  const { meanMs, p99Ms, maxMs } = engine.loopDelay;
  const lapses = engine.counters.total('lapses');
  const held = lapses === 0 ? '' : `; held up beyond the lease ${lapses} ${lapses === 1 ? 'time' : 'times'} since the start`;
  const detail = `${p99Ms < 1 ? 'under 1' : Math.round(p99Ms)} ms late at the 99th percentile, ${Math.round(maxMs)} ms at most${held}`;
  return { ok: maxMs < LOOP_ALARM_MS, detail, latencyMs: meanMs };
}

function probeClock(engine: Engine): Check {
  const { aheadMs, alarm } = engine.clock;
  if (aheadMs === null) return { ok: true, detail: 'not compared with the database’s yet', latencyMs: null };
  const off = `${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead of'} the database’s`;
  return { ok: !alarm, detail: alarm ? `${off}: times that people see may be wrong; what is due is not` : off, latencyMs: null };
}

async function timeOut(ms: number): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms).unref());
}
