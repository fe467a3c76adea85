/** Parts of the queue on real stores: links, buses and windows that end with the test. */
import { pino } from 'pino';
import type postgres from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import { Bus } from '../../src/queue/bus.js';
import { RedisLink } from '../../src/queue/link.js';
import { openDatabase } from '../../src/store/database.js';
import type { TaskEvent } from '../../src/tasks/events.js';
import { CHANNEL, GUILD } from '../support/lab.js';
import { type TestStores, testStores } from '../support/stores.js';

export interface Line {
  stores: TestStores;
  /** Messages logged at `warn` and above. */
  warnings: string[];
  database(): postgres.Sql;
  link(url?: string): Promise<RedisLink>;
  /** A bus of another process; `redis: false`: over NOTIFY alone. */
  bus(redis: boolean | RedisLink): Promise<{ bus: Bus; heard: TaskEvent[]; woken: string[]; processId: string }>;
  close(): Promise<void>;
}

export function openLine(): Line {
  const stores = testStores();
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (text: string) => void warnings.push((JSON.parse(text) as { msg: string }).msg) });
  const ends: (() => Promise<unknown>)[] = [];
  const line: Line = {
    stores,
    warnings,
    database() {
      const sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 2 });
      ends.push(() => sql.end({ timeout: 1 }));
      return sql;
    },
    async link(url = stores.redisUrl) {
      const link = new RedisLink({ address: { kind: 'single', url }, prefix: stores.prefix, log });
      ends.push(() => link.stop());
      await link.start();
      return link;
    },
    async bus(redis) {
      const link = redis === true ? await line.link() : redis || null;
      const processId = uuidv7();
      const bus = new Bus({ link, sql: line.database(), schema: stores.schema, processId, log });
      const heard: TaskEvent[] = [];
      const woken: string[] = [];
      bus.subscribe((event) => heard.push(event));
      bus.onWake((queueIds) => woken.push(...queueIds));
      await bus.start();
      ends.push(() => bus.stop());
      return { bus, heard, woken, processId };
    },
    async close() {
      for (const end of ends.reverse()) await end();
      await stores.dispose();
    },
  };
  return line;
}

export function eventOf(more: Partial<TaskEvent> = {}): TaskEvent {
  const id = uuidv7();
  const event = {
    kind: 'changed',
    taskId: id,
    cardId: id,
    guildId: GUILD,
    channelId: CHANNEL,
    agentId: 'echo',
    status: 'pending',
    attempt: 0,
    revision: 1,
  };
  return { ...event, ...more } as TaskEvent;
}
