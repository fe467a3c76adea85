/**
 * The windows: for each queue and priority, one Redis list with at most `WINDOW` hints, a copy of the head of the queue in Postgres.
 *
 * Invariant: a list plus its `more` mark tells where to look, never what is true. A new task is appended at once only while the list holds the whole queue (no
 * `more` mark) and has room; otherwise the mark is set, and a refill, when fewer than half are left, copies the head of the queue again, in Postgres'
 * order. The mark counts what was kept out, so that a refill sees whether a task came after it had read Postgres, and leaves the mark.
 * So no hint needs bookkeeping in Postgres, a doubled or stale hint claims nothing, and a lost one comes back with the next refill or the direct claim.
 * The alternative, marking tasks as hinted in Postgres, costs a write per task and is wrong after each lost reply.
 *
 * The four lists and four marks of a queue share a hash tag, so that one command reaches them in Redis Cluster.
 */
import type { ChainableCommander } from 'ioredis';
import { PRIORITIES } from '../tasks/model.js';
import type { Connection, RedisLink } from './link.js';

/** Hints that a list holds at most. */
export const WINDOW = 1000;

/** Appends ids unless the list is full or does not hold the whole queue. KEYS: list, mark. ARGV: window, ids… */
const PUSH = `
if redis.call('EXISTS', KEYS[2]) == 1 or redis.call('LLEN', KEYS[1]) + #ARGV - 1 > tonumber(ARGV[1]) then
  redis.call('INCR', KEYS[2])
  return 0
end
return redis.call('RPUSH', KEYS[1], unpack(ARGV, 2))`;

/**
 * Replaces the list by the head of the queue; what was appended while Postgres was read stays behind it. KEYS: list, mark. ARGV: window, more (0/1),
 * mark before Postgres was read ('' for none), ids…
 */
const REFILL = `
local known, order = {}, {}
for i = 4, #ARGV do known[ARGV[i]] = true; order[#order + 1] = ARGV[i] end
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if not known[id] and #order < tonumber(ARGV[1]) then known[id] = true; order[#order + 1] = id end
end
if ARGV[2] == '1' or (redis.call('GET', KEYS[2]) or '') ~= ARGV[3] then redis.call('INCR', KEYS[2]) else redis.call('DEL', KEYS[2]) end
redis.call('DEL', KEYS[1])
for i = 1, #order, 500 do redis.call('RPUSH', KEYS[1], unpack(order, i, math.min(i + 499, #order))) end
return #order`;

export interface Hint {
  taskId: string;
  queueId: string;
  priority: number;
}

export class Windows {
  readonly #link: RedisLink;

  constructor(link: RedisLink) {
    this.#link = link;
  }

  list(queueId: string, priority: number): string {
    return `${this.#link.prefix}:{agent:${queueId}}:${PRIORITIES[priority]}`;
  }

  #mark(queueId: string, priority: number): string {
    return `${this.list(queueId, priority)}:more`;
  }

  /** Appends hints, those of one list together. False when Redis is down. */
  async push(hints: readonly Hint[]): Promise<boolean> {
    const lists = new Map<string, { queueId: string; priority: number; ids: string[] }>();
    for (const { queueId, priority, taskId } of hints) {
      const key = this.list(queueId, priority);
      const entry = lists.get(key) ?? { queueId, priority, ids: [] };
      entry.ids.push(taskId);
      lists.set(key, entry);
    }
    const done = await this.#link.use((redis) =>
      Promise.all(
        [...lists.values()].flatMap(({ queueId, priority, ids }) =>
          chunks(ids, 500).map((some) =>
            redis.eval(PUSH, 2, this.list(queueId, priority), this.#mark(queueId, priority), WINDOW, ...some),
          ),
        ),
      ),
    );
    return done !== undefined;
  }

  /**
   * Takes up to `slots` hints of each queue, most urgent list first, in one pipeline.
   * @returns per queue the ids, and the priorities whose list is to be refilled; undefined when Redis is down.
   */
  async take(
    wanted: readonly { queueId: string; slots: number }[],
  ): Promise<{ queueId: string; ids: string[]; thin: number[] }[] | undefined> {
    if (wanted.length === 0) return [];
    return this.#link.use(async (redis) => Promise.all(wanted.map(({ queueId, slots }) => this.#takeOne(redis, queueId, slots))));
  }

  async #takeOne(redis: Connection, queueId: string, slots: number): Promise<{ queueId: string; ids: string[]; thin: number[] }> {
    const lists = PRIORITIES.map((_, priority) => this.list(queueId, priority));
    const marks = PRIORITIES.map((_, priority) => this.#mark(queueId, priority));
    const pipeline = redis.pipeline() as ChainableCommander;
    pipeline.lmpop(lists.length, ...lists, 'LEFT', 'COUNT', slots);
    pipeline.mget(...marks);
    for (const list of lists) pipeline.llen(list);
    const answers = (await pipeline.exec()) ?? [];
    const [popped, more, ...lengths] = answers.map(([error, value]) => {
      if (error) throw error;
      return value;
    });
    const ids = popped === null ? [] : (popped as [string, string[]])[1];
    const thin = PRIORITIES.flatMap((_, priority) =>
      (more as (string | null)[])[priority] !== null && Number(lengths[priority]) < WINDOW / 2 ? [priority] : [],
    );
    return { queueId, ids, thin };
  }

  /** The mark of a list, to be read before the head of the queue is; '' when there is none. */
  async mark(queueId: string, priority: number): Promise<string> {
    return (await this.#link.use((redis) => redis.get(this.#mark(queueId, priority)))) ?? '';
  }

  /**
   * Puts the head of the queue into a list. `ids` may be one longer than the window: then there is more.
   * @param marked what `mark` gave before the ids were read: when a task was kept out since, there is more too.
   */
  async refill(queueId: string, priority: number, ids: readonly string[], marked: string): Promise<void> {
    const more = ids.length > WINDOW ? 1 : 0;
    const keys = [this.list(queueId, priority), this.#mark(queueId, priority)];
    await this.#link.use((redis) => redis.eval(REFILL, 2, ...keys, WINDOW, more, marked, ...ids.slice(0, WINDOW)));
  }

  /**
   * The life of this Redis: changes when it was flushed or started empty (the first to miss it makes a new one), or when `renew` says so.
   * @returns undefined when Redis is down.
   */
  async epoch(fresh: string, renew: boolean): Promise<string | undefined> {
    const key = `${this.#link.prefix}:epoch`;
    return this.#link.use(async (redis) => {
      if (renew) await redis.set(key, fresh);
      else await redis.set(key, fresh, 'NX');
      return (await redis.get(key)) ?? fresh;
    });
  }
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
