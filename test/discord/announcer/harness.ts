/** A real Postgres, a real Redis, the local Discord, and announcers that can be started and killed. */
import { randomUUID } from 'node:crypto';
import type { APIMessage } from 'discord-api-types/v10';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type postgres from 'postgres';
import type { Playground, PlaygroundLimits, PlaygroundOptions } from '../../../playground/api.js';
import { createPlayground } from '../../../playground/index.js';
import { loadSchemas } from '../../../playground/validation/spec.js';
import { type Announcer, createAnnouncer } from '../../../src/discord/announcer/announcer.js';
import type { Pacing } from '../../../src/discord/announcer/options.js';
import { systemClock } from '../../../src/discord/rest/clock.js';
import { createRest, type DiscordRest } from '../../../src/discord/rest/rest.js';
import { openDatabase } from '../../../src/store/database.js';
import { migrate } from '../../../src/store/migrate.js';
import { queuePlaces } from '../../../src/store/places.js';
import type { EventBus, TaskEvent } from '../../../src/tasks/events.js';
import { expectConforming } from '../../support/conformance.js';
import { type Change, changeTasks, type SeedTask, seedTask } from '../../support/seed.js';
import { testStores } from '../../support/stores.js';

/** Everything ten to fifty times faster than in real life. */
export const QUICK: Partial<Pacing> = {
  pollMs: 100,
  leaseMs: 1_500,
  renewMs: 300,
  windowMs: 200,
  idleMs: 3_000,
  progress: [{ untilMs: Number.POSITIVE_INFINITY, everyMs: 150 }],
  boardEveryMs: 200,
  boardCloseMs: 300,
  closedMs: 2_000,
  oldEditEveryMs: 300,
  oldPauseMs: 500,
  placeStaleMs: 300,
  placeEveryMs: 100,
  retryMs: { first: 50, most: 400 },
};

/** Rate limits of the same shape as Discord's, with a window of a fifth of a second. */
export const QUICK_LIMITS: Partial<PlaygroundLimits> = { windowMs: 200, globalPerSecond: 1_000 };

export interface Process {
  announcer: Announcer;
  rest: DiscordRest;
  /** Ends as if killed: nothing is given up, nothing more is written. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface Harness {
  playground: Playground;
  sql: postgres.Sql;
  channel: string;
  guild: string;
  member: string;
  start(pacing?: Partial<Pacing>): Process;
  publish(events: readonly TaskEvent[]): void;
  task(over?: Partial<SeedTask>): Promise<string>;
  change(ids: string | readonly string[], change: Change): Promise<void>;
  card(id: string): Promise<CardRow>;
  completions(): Promise<{ told_how: string | null; message_id: string | null; requester_id: string }[]>;
  messages(channel?: string): APIMessage[];
  requests(method: string): number;
  close(): Promise<void>;
}

export interface CardRow {
  message_id: string | null;
  revision: number;
  shown_revision: number;
  undeliverable: string | null;
  at_channel_id: string | null;
  final: boolean;
}

function createBus(): EventBus {
  const handlers = new Set<(event: TaskEvent) => void>();
  return {
    publish: (events) => {
      for (const event of events) for (const handler of handlers) handler(event);
    },
    subscribe: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}

export async function openHarness(options: PlaygroundOptions = {}): Promise<Harness> {
  const stores = testStores();
  const sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 6 });
  await migrate(sql, stores.schema);
  const redis = new Redis(stores.redisUrl);
  // At the first request the local Discord would load them; the short time-outs here are not for that.
  await loadSchemas();
  const playground = createPlayground({ page: false, log: () => {}, ...options, limits: { ...QUICK_LIMITS, ...options.limits } });
  const { apiUrl } = await playground.listen();
  const bus = createBus();
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const processes = new Set<Process>();

  const start = (pacing: Partial<Pacing> = {}): Process => {
    const clock = systemClock();
    let killed = false;
    const own = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 6 });
    const rest = createRest({
      token: 'token',
      api: apiUrl,
      clock,
      log,
      redis,
      prefix: stores.prefix,
      perSecond: 900,
      timeoutMs: 2_000,
    });
    const announcer = createAnnouncer({
      sql: own,
      rest,
      bus,
      agents: { runner: () => ({ name: 'Sample agent' }) },
      place: (ids) => queuePlaces(own, ids),
      log,
      processId: randomUUID(),
      clock,
      pacing: { ...QUICK, ...pacing },
    });
    announcer.start();
    const process: Process = {
      announcer,
      rest,
      async kill() {
        if (killed) return;
        killed = true;
        processes.delete(process);
        await own.end({ timeout: 0 });
        await announcer.stop();
        rest.close();
      },
      async stop() {
        if (killed) return;
        killed = true;
        processes.delete(process);
        await announcer.stop();
        rest.close();
        await own.end();
      },
    };
    processes.add(process);
    return process;
  };

  const world = playground.world;
  const base = { guildId: world.guild, channelId: world.channels.tasks, requesterId: world.people.member };
  return {
    playground,
    sql,
    channel: world.channels.tasks,
    guild: world.guild,
    member: world.people.member,
    start,
    publish: (events) => bus.publish(events),
    task: (over = {}) => seedTask(sql, { ...base, ...over }),
    async change(ids, change) {
      bus.publish(await changeTasks(sql, typeof ids === 'string' ? [ids] : ids, change));
    },
    async card(id) {
      const [row] = await sql<CardRow[]>`select * from cards where id = ${id}`;
      if (row === undefined) throw new Error('no such card');
      return row;
    },
    completions: async () => [
      ...(await sql<
        { told_how: string | null; message_id: string | null; requester_id: string }[]
      >`select * from completions order by created_at`),
    ],
    messages: (channel = world.channels.tasks) => playground.messages(channel),
    requests: (method) =>
      playground
        .ledger()
        .filter((entry) => entry.method === method && entry.route === `/channels/:id/messages${method === 'POST' ? '' : '/:id'}`)
        .length,
    async close() {
      await Promise.all([...processes].map((process) => process.stop()));
      await playground.close();
      redis.disconnect();
      await sql.end();
      await stores.dispose();
      expectConforming(playground);
    },
  };
}
