/** Tasks per second through the engine of one process, beside a plain queue in the same Postgres. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../src/store/database.js';
import { nothingAgent } from './agents.js';
import { countdown, inFlight, order } from './orders.js';
import { openReference } from './reference.js';
import { median, type Section } from './report.js';
import { type BenchStores, closeCore, dropSchema, freshName, openCore } from './stores.js';

const REPETITIONS = 3;
const SLOTS = 100;
const IN_FLIGHT = 100;

/** Per second. */
interface Rates {
  create: number;
  drain: number;
  both: number;
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count * 1000) / (performance.now() - startedAt);
}

/** Creates all, then runs all; then, in an empty schema, both at once. */
async function engine(stores: BenchStores, tasks: number, redis: boolean): Promise<Rates> {
  const apart = await inSchema(stores, async (schema) => {
    const creator = await openCore(stores, { schema, redis, agents: [nothingAgent(() => undefined, SLOTS)], run: 'none' });
    const create = await perSecond(tasks, () => inFlight(tasks, IN_FLIGHT, (n) => order(creator, n)));
    await closeCore(creator);
    let firstAt: number | undefined;
    const began = () => {
      firstAt ??= performance.now();
    };
    const worker = await openWorker(stores, schema, redis, tasks, began);
    await worker.allEnded();
    const drain = (tasks * 1000) / (performance.now() - (firstAt ?? Number.NaN));
    await closeCore(worker.core);
    return { create, drain };
  });
  const both = await inSchema(stores, async (schema) => {
    const { core, allEnded } = await openWorker(stores, schema, redis, tasks, () => undefined);
    const rate = await perSecond(tasks, async () => {
      await inFlight(tasks, IN_FLIGHT, (n) => order(core, n));
      await allEnded();
    });
    await closeCore(core);
    return rate;
  });
  return { ...apart, both };
}

/** A process that runs tasks. `allEnded` resolves when all are settled. */
async function openWorker(stores: BenchStores, schema: string, redis: boolean, tasks: number, began: () => void) {
  const core = await openCore(stores, { schema, redis, agents: [nothingAgent(began, SLOTS)], run: 'all' });
  const allEnded = async () => {
    while (core.engine.counters.total('completed') < tasks) await sleep(5);
  };
  return { core, allEnded };
}

async function reference(stores: BenchStores, tasks: number): Promise<Rates> {
  const apart = await withReference(stores, tasks, async (queue, ended) => {
    const create = await perSecond(tasks, () => inFlight(tasks, IN_FLIGHT, () => queue.create(randomUUID())));
    const drain = await perSecond(tasks, () => {
      queue.work(SLOTS, () => undefined, ended.one);
      return ended.reached;
    });
    return { create, drain };
  });
  const both = await withReference(stores, tasks, (queue, ended) =>
    perSecond(tasks, async () => {
      queue.work(SLOTS, () => undefined, ended.one);
      await inFlight(tasks, IN_FLIGHT, () => queue.create(randomUUID()));
      await ended.reached;
    }),
  );
  return { ...apart, both };
}

type Reference = Awaited<ReturnType<typeof openReference>>;

async function withReference<T>(
  stores: BenchStores,
  tasks: number,
  work: (queue: Reference, ended: ReturnType<typeof countdown>) => Promise<T>,
): Promise<T> {
  return inSchema(stores, async (schema) => {
    const sql = openDatabase({ url: stores.databaseUrl, schema, max: 10 });
    try {
      const queue = await openReference(sql, schema);
      const result = await work(queue, countdown(tasks));
      await queue.stop();
      return result;
    } finally {
      await sql.end();
    }
  });
}

async function inSchema<T>(stores: BenchStores, work: (schema: string) => Promise<T>): Promise<T> {
  const schema = freshName();
  try {
    return await work(schema);
  } finally {
    const sql = openDatabase({ url: stores.databaseUrl, schema, max: 1, statementTimeoutMs: 60_000 });
    await dropSchema(sql, schema);
    // What the dropped rows left to do for the server is not part of the next measurement.
    await sql`checkpoint`;
    await sql.end();
  }
}

export async function measureThroughput(stores: BenchStores, scale: number, full: boolean): Promise<Section> {
  const tasks = Math.ceil((full ? 20_000 : 4000) * scale);
  const ours: Rates[] = [];
  const without: Rates[] = [];
  const plain: Rates[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    ours.push(await engine(stores, tasks, true));
    plain.push(await reference(stores, tasks));
  }
  without.push(await engine(stores, tasks, false));
  const names = { create: 'create', drain: 'drain', both: 'create and run' } as const;
  const keys = Object.keys(names) as (keyof Rates)[];
  const figuresOf = (who: string, rates: readonly Rates[]) =>
    keys.map((key) => ({ name: `${names[key]}, ${who}`, unit: 'per s', values: rates.map((rate) => rate[key]) }));
  return {
    title: 'Throughput of one process',
    how:
      `${tasks} tasks of an agent that does nothing, created with ${IN_FLIGHT} in flight by the task service (limits, audit, card and place in the queue ` +
      `included) for 500 channels of 50 guilds, run in ${SLOTS} slots. The plain SKIP LOCKED queue stores and marks a row and nothing else.`,
    figures: [
      ...figuresOf('with Redis', ours),
      ...figuresOf('without Redis', without),
      ...figuresOf('plain SKIP LOCKED queue', plain),
      ...keys.map((key) => ({
        name: `${names[key]}: Guildhall ÷ plain queue`,
        unit: '×',
        values: [median(ours.map((rate) => rate[key])) / median(plain.map((rate) => rate[key]))],
      })),
    ],
  };
}
