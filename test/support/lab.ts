/** Engines on real stores without Discord: as many workers as a test wants, over one schema and key prefix. */
import { pino } from 'pino';
import type postgres from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { type Agent, defineAgent, type RunContext, type RunningTask } from '../../src/agents/contract.js';
import { createIsolatedRunner, type IsolatedRunner } from '../../src/agents/isolated/pool.js';
import { createRegistry } from '../../src/agents/registry.js';
import { Engine } from '../../src/engine/engine.js';
import { Bus } from '../../src/queue/bus.js';
import { RedisLink } from '../../src/queue/link.js';
import { Windows } from '../../src/queue/window.js';
import { openDatabase } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { readHistory, readTask } from '../../src/store/tasks/read.js';
import { type TaskRow, toTask } from '../../src/store/tasks/row.js';
import { type AfterChange, createAfterChange } from '../../src/tasks/changes.js';
import { Creation, type CreationSettings } from '../../src/tasks/creation.js';
import type { NewTask, Origin, Task } from '../../src/tasks/model.js';
import { testStores } from './stores.js';
import { until } from './until.js';

export const GUILD = '100000000000000001';
export const CHANNEL = '200000000000000001';
export const USER = '300000000000000001';
export const ORIGIN: Origin = { guildId: GUILD, channelId: CHANNEL, scopeId: CHANNEL, requesterId: USER };

/** What `look` gives, once the test holds for it; fails with what was seen last. */
export async function eventually<T>(look: () => Promise<T> | T, holds: (value: T) => boolean, limitMs = 15_000): Promise<T> {
  let last: T | undefined;
  const seen = async () => {
    last = await look();
    return holds(last) ? { value: last } : undefined;
  };
  const found = await until('what is waited for', seen, limitMs).catch((error: Error) => {
    throw new Error(`${error.message}; last seen: ${JSON.stringify(last)?.slice(0, 500)}`);
  });
  return found.value;
}

type Behaviour = (task: RunningTask<Record<string, unknown>>, context: RunContext) => Promise<string>;

/** An agent of any input whose run is the test's. */
export function agentOf(id: string, run: Behaviour, more: Partial<Agent> = {}): Agent {
  return defineAgent({
    id,
    name: id,
    description: `test agent ${id}`,
    inputSchema: z.looseObject({}),
    ...more,
    run: async (task, context) => ({ text: await run(task, context) }),
  });
}

export interface LabOptions {
  agents: Agent[];
  /** The agent that serves the default queue. */
  defaultAgent?: string;
  /** Default true. */
  redis?: boolean;
  settings?: Partial<CreationSettings>;
  /** Addresses of fault proxies instead of the stores. */
  databaseUrl?: string;
  redisUrl?: string;
}

export interface Worker {
  engine: Engine;
  bus: Bus;
  link: RedisLink | null;
  afterChange: AfterChange;
  sql: postgres.Sql;
  runner: IsolatedRunner;
  /** This worker in `workers`. */
  id: string;
  stop(graceMs?: number): Promise<void>;
}

export type Lab = Awaited<ReturnType<typeof openLab>>;

export async function openLab(options: LabOptions) {
  const stores = testStores();
  const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 4 });
  await migrate(sql, stores.schema);
  const settings: CreationSettings = {
    queueSize: 0,
    channelLimit: 0,
    defaultTtlSeconds: 3600,
    maxRetryCount: 3,
    softTimeoutSeconds: 60,
    hardTimeoutSeconds: 90,
    ...options.settings,
  };
  const agents = createRegistry(options.agents, { defaultAgent: options.defaultAgent });
  const workers: Worker[] = [];
  const creation = new Creation({ sql, agents, settings, newId: uuidv7, now: Date.now });
  const client = await connect(stores.databaseUrl);

  async function connect(url: string): Promise<{ bus: Bus; windows: Windows | null; link: RedisLink | null; sql: postgres.Sql }> {
    const own = openDatabase({ url, schema: stores.schema, max: 6 });
    const link =
      options.redis === false
        ? null
        : new RedisLink({ address: { kind: 'single', url: options.redisUrl ?? stores.redisUrl }, prefix: stores.prefix, log });
    const bus = new Bus({ link, sql: own, schema: stores.schema, processId: uuidv7(), log });
    await link?.start();
    await bus.start();
    return { bus, windows: link && new Windows(link), link, sql: own };
  }

  const tell = createAfterChange(client.bus, client.windows);
  const lab = {
    sql,
    stores,
    creation,
    windows: client.windows as Windows,
    link: client.link,
    workers,
    afterChange: tell,
    async worker(
      more: { concurrency?: number; leaseSeconds?: number; only?: Agent[]; healthy?: boolean; now?: () => number } = {},
    ): Promise<Worker> {
      // `healthy`: past the fault proxy.
      const connected = await connect(more.healthy ? stores.databaseUrl : (options.databaseUrl ?? stores.databaseUrl));
      const afterChange = createAfterChange(connected.bus, connected.windows);
      const runner = createIsolatedRunner({ moduleOf: agents.moduleOf, memoryMb: 64, log });
      const id = uuidv7();
      const engine = new Engine({
        ...connected,
        runner,
        ...(more.now ? { now: more.now } : {}),
        served: more.only ? createRegistry(more.only).served() : agents.served(),
        afterChange,
        settings: {
          leaseSeconds: more.leaseSeconds ?? 2,
          concurrency: more.concurrency ?? 10,
          retry: { baseRetryDelaySeconds: 0.1, maxRetryDelaySeconds: 1 },
        },
        workerId: id,
        workerName: 'lab',
        newId: uuidv7,
        random: Math.random,
        log,
      });
      await engine.start();
      let stopped: Promise<void> | undefined;
      const worker: Worker = {
        engine,
        runner,
        id,
        bus: connected.bus,
        link: connected.link,
        afterChange,
        sql: connected.sql,
        stop: (graceMs = 0) => {
          stopped ??= (async () => {
            await engine.stop(graceMs);
            await connected.bus.stop();
            await connected.link?.stop();
            await connected.sql.end({ timeout: 1 });
          })();
          return stopped;
        },
      };
      workers.push(worker);
      return worker;
    },
    async create(asked: Partial<NewTask> = {}, origin: Partial<Origin> = {}): Promise<Task> {
      const prepared = creation.prepare(
        { agentId: options.agents[0]?.id ?? 'default', title: 'A task', ...asked },
        { ...ORIGIN, ...origin },
      );
      const row = await creation.create(prepared);
      tell([row]);
      return toTask(row);
    },
    async task(id: string): Promise<Task> {
      return toTask((await readTask(sql, id)) as TaskRow);
    },
    history: (id: string) => readHistory(sql, id, 100),
    ended: (id: string, ms?: number) =>
      eventually(
        () => lab.task(id),
        (task) => task.finishedAt !== null,
        ms,
      ),
    async close(): Promise<void> {
      await Promise.all(workers.map((worker) => worker.stop()));
      await client.bus.stop();
      await client.link?.stop();
      await client.sql.end({ timeout: 1 });
      await sql.end({ timeout: 1 });
      await stores.dispose();
    },
  };
  return lab;
}
