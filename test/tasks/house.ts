/** The task service on real stores without Discord: as many processes as a test wants over one schema, and a worker whose every step is the test's. */
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Agent } from '../../src/agents/contract.js';
import { createRegistry } from '../../src/agents/registry.js';
import { readSettings } from '../../src/config.js';
import { type Core, createCore } from '../../src/core.js';
import { claimHinted } from '../../src/store/tasks/claim.js';
import { type Outcome, settleRuns } from '../../src/store/tasks/run.js';
import { renewLease } from '../../src/store/tasks/workers.js';
import type { Actor } from '../../src/tasks/actor.js';
import type { NewTask } from '../../src/tasks/model.js';
import { agentOf, CHANNEL, GUILD, USER } from '../support/lab.js';
import { testStores } from '../support/stores.js';

export const OTHER_USER = '300000000000000002';
export const OTHER_CHANNEL = '200000000000000002';
export const OTHER_GUILD = '100000000000000002';
export const done: Outcome = { kind: 'completed', result: { text: 'done' } };
export const broken: Outcome = { kind: 'failed', error: { reason: 'error', message: 'broken' } };

/** Somebody in the guild who sees the channel; change what differs. */
export function someone(more: Partial<Actor> = {}): Actor {
  return { userId: USER, guildId: GUILD, scopes: [CHANNEL], moderates: () => false, isAdmin: false, isOwner: false, ...more };
}

/** An id as Discord's: new each time. */
export function snowflake(): string {
  return `${10n ** 18n + BigInt(`0x${uuidv7().replaceAll('-', '').slice(4, 16)}`)}`.slice(0, 19);
}

const AGENTS = [
  agentOf('echo', async () => ''),
  agentOf('other', async () => ''),
  agentOf('filer', async () => '', { files: 'required' }),
  agentOf('asks', async () => '', { inputSchema: z.object({ url: z.url(), times: z.int().max(3).optional() }) }),
];

export interface HouseOptions {
  /** Default true. */
  redis?: boolean;
  queueSize?: number;
  channelLimit?: number;
  agents?: Agent[];
  defaultAgent?: string;
  /** Address of a fault proxy instead of Postgres. */
  databaseUrl?: string;
  /** Whether the processes run tasks by themselves. Default false: they wait for `claim`. */
  working?: boolean;
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export async function openHouse(options: HouseOptions = {}) {
  const stores = testStores();
  const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const settings = readSettings({ DATABASE_SCHEMA: stores.schema, REDIS_PREFIX: stores.prefix });
  const tasks = { ...settings.tasks, maxQueueSize: options.queueSize ?? 0, channelLimit: options.channelLimit ?? 0 };
  const processes: Core[] = [];
  const workerId = uuidv7();

  async function open(): Promise<Core> {
    const core = createCore({
      settings: { ...settings, tasks },
      databaseUrl: options.databaseUrl ?? stores.databaseUrl,
      redis: options.redis === false ? null : { kind: 'single', url: stores.redisUrl },
      agents: createRegistry(options.agents ?? AGENTS, {
        defaultAgent: options.defaultAgent,
        run: options.working ? 'all' : 'none',
      }),
      log,
    });
    await core.start();
    processes.push(core);
    return core;
  }
  const first = await open();
  const { sql, tasks: service } = first;
  await renewLease(sql, { id: workerId, name: 'the test', queues: [], load: {}, leaseSeconds: 600 });

  return {
    stores,
    sql,
    service,
    core: first,
    open,
    workerId,
    /** Creates a task of USER in CHANNEL. */
    async create(
      asked: Partial<NewTask> = {},
      origin: {
        guildId?: string | null;
        channelId?: string;
        scopeId?: string;
        requesterId?: string;
        interactionId?: string;
      } = {},
    ) {
      const channelId = origin.channelId ?? CHANNEL;
      const from = { guildId: GUILD, scopeId: channelId, requesterId: USER, ...origin, channelId };
      return (await service.create({ agentId: 'echo', title: 'A task', ...asked }, from)).task;
    },
    /** Makes it run. */
    claim: (...ids: string[]) => claimHinted(sql, workerId, ids),
    /** Ends its run. */
    settle: (taskId: string, outcome: Outcome = done, attempt = 1) => settleRuns(sql, workerId, [{ taskId, attempt, outcome }]),
    /** Lets it run and end. */
    async end(taskId: string, outcome: Outcome = done) {
      const [row] = await claimHinted(sql, workerId, [taskId]);
      return settleRuns(sql, workerId, [{ taskId, attempt: row?.attempt ?? 0, outcome }]);
    },
    async close() {
      for (const core of processes) {
        await core.stopWork(0);
        await core.close();
      }
      await stores.dispose();
    },
  };
}
