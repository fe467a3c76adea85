/** From the commit of a creation to the start of its agent, one task at a time, beside a plain queue in the same Postgres. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../src/store/database.js';
import { nothingAgent } from './agents.js';
import { order } from './orders.js';
import { openReference, REFERENCE_POLL_MS } from './reference.js';
import { median, quantile, type Section, spread } from './report.js';
import { type BenchStores, closeCore, dropSchema, freshName, openCore } from './stores.js';

const REPETITIONS = 3;
const SLOTS = 10;
const TARGET_MS = 20;

/** When each task was committed and when its agent began. */
class Stopwatch {
  readonly #committed = new Map<string, number>();
  readonly #begun = new Map<string, (at: number) => void>();

  committed(id: string): void {
    this.#committed.set(id, performance.now());
  }

  begun(id: string): void {
    this.#begun.get(id)?.(performance.now());
    this.#begun.delete(id);
  }

  /** Milliseconds between the two. `create` has to call back as soon as it knows the id, before the agent can begin. */
  async time(create: (known: (id: string) => void) => Promise<unknown>): Promise<number> {
    let known: (id: string) => void = () => undefined;
    const begun = new Promise<[string, number]>((resolve) => {
      known = (id) => this.#begun.set(id, (at) => resolve([id, at]));
    });
    await create(known);
    const [id, at] = await begun;
    const committedAt = this.#committed.get(id) ?? at;
    this.#committed.delete(id);
    // A slot that polls may take a job before its creator hears of the commit.
    return Math.max(0, at - committedAt);
  }
}

/** Every task is met at another moment of the loops that poll. */
async function repeat(tasks: number, once: (n: number) => Promise<number>): Promise<number[][]> {
  const repetitions: number[][] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const times: number[] = [];
    for (let n = 0; n < tasks; n += 1) {
      times.push(await once(repetition * tasks + n));
      await sleep((n * 7) % 11);
    }
    repetitions.push(times);
  }
  return repetitions;
}

async function engine(stores: BenchStores, how: { redis: boolean; apart: boolean; tasks: number }): Promise<number[][]> {
  const watch = new Stopwatch();
  const schema = freshName();
  const asked = { schema, redis: how.redis, agents: [nothingAgent((id) => watch.begun(id), SLOTS)] };
  const worker = await openCore(stores, { ...asked, run: 'all' });
  const creator = how.apart ? await openCore(stores, { ...asked, run: 'none' }) : worker;
  let known: (id: string) => void = () => undefined;
  // Told in the same turn in which the commit is acknowledged, before any hint leaves.
  creator.bus.subscribe(({ taskId, status, attempt }) => {
    if (status !== 'pending' || attempt !== 0) return;
    known(taskId);
    watch.committed(taskId);
  });
  try {
    return await repeat(how.tasks, (n) =>
      watch.time(async (tell) => {
        known = tell;
        await order(creator, n);
      }),
    );
  } finally {
    if (how.apart) await closeCore(creator);
    await closeCore(worker);
    const sql = openDatabase({ url: stores.databaseUrl, schema, max: 1 });
    await dropSchema(sql, schema);
    await sql.end();
  }
}

async function reference(stores: BenchStores, tasks: number): Promise<number[][]> {
  const watch = new Stopwatch();
  const schema = freshName();
  const sql = openDatabase({ url: stores.databaseUrl, schema, max: 10 });
  try {
    const queue = await openReference(sql, schema);
    queue.work(
      SLOTS,
      (id) => watch.begun(id),
      () => undefined,
    );
    const times = await repeat(tasks, () =>
      watch.time(async (tell) => {
        const id = randomUUID();
        tell(id);
        await queue.create(id);
        watch.committed(id);
      }),
    );
    await queue.stop();
    return times;
  } finally {
    await dropSchema(sql, schema);
    await sql.end();
  }
}

export async function measurePickup(stores: BenchStores, scale: number): Promise<Section> {
  const tasks = Math.ceil(300 * scale);
  const withRedis = await engine(stores, { redis: true, apart: false, tasks });
  const apart = await engine(stores, { redis: true, apart: true, tasks });
  const without = await engine(stores, { redis: false, apart: false, tasks });
  const withoutApart = await engine(stores, { redis: false, apart: true, tasks });
  const plain = await reference(stores, Math.ceil(tasks / 4));
  const p50 = (runs: number[][]) => median(runs.map((times) => quantile(times, 0.5)));
  return {
    title: 'Pickup: from the commit of a creation to the start of its agent',
    how:
      `${tasks} tasks a repetition, one at a time, ${SLOTS} slots. "Another process": the worker has its own connections, bus and lease, and hears of ` +
      `work over Redis, or over NOTIFY without it. The plain SKIP LOCKED queue (bench/reference.ts) is one table in the same Postgres, ` +
      `${SLOTS} slots that sleep ${REFERENCE_POLL_MS} ms when there is nothing to do.`,
    figures: [
      ...spread('with Redis, worker in the creating process', withRedis, TARGET_MS),
      ...spread('with Redis, worker in another process', apart, TARGET_MS),
      ...spread('without Redis, worker in the creating process', without),
      ...spread('without Redis, worker in another process', withoutApart),
      ...spread('plain SKIP LOCKED queue', plain),
      { name: 'plain queue ÷ Guildhall with Redis, p50', unit: '×', values: [p50(plain) / p50(withRedis)] },
    ],
  };
}
