/**
 * The budget of all requests of one token: Discord allows 50 per second. The processes of the token share it through one key in Redis; without Redis each
 * takes its part, by the number of live processes. Requests are spread evenly with a small burst, so that no second, wherever it begins, holds
 * more than rate + burst (a counter per calendar second would allow twice as many across its edge).
 */
import type { Redis } from 'ioredis';
import type { Clock } from './clock.js';

export interface BudgetOptions {
  clock: Clock;
  redis?: Redis | null;
  /** Before every key. */
  prefix: string;
  perSecond: number;
  burst: number;
  /** Live processes of the token, at least 1. */
  processes: () => number;
  /** Told once when Redis fails and once when it is back. */
  onRedis?: (state: 'lost' | 'back') => void;
}

/** Waits until one request may be sent. */
export interface Budget {
  /** @param patient lets all others go first */
  take(signal?: AbortSignal, patient?: boolean): Promise<void>;
  /** Discord has limited the whole token: nothing for so long. */
  block(ms: number): void;
}

/**
 * Generic cell rate algorithm: the key holds the time (ms) at which the next request would be due if all were spread evenly. Answers how long to wait;
 * 0 takes one. By the clock of Redis.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = due - now - interval * burst
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.3f', due + interval), 'PX', 60000)
return 0`;

/** How often a patient request looks whether the others are done. */
const PATIENT_STEP_MS = 50;
/** A reply of Redis is waited for so long; then this process goes by its own count. */
const REDIS_PATIENCE_MS = 250;

export function createBudget(options: BudgetOptions): Budget {
  const { clock, redis, perSecond, burst } = options;
  const key = `${options.prefix}{rest}:due`;
  let dueAt = 0;
  let blockedUntil = 0;
  let lost = false;
  let urgent = 0;

  const own = (): number => {
    const part = Math.max(1, options.processes());
    const interval = (1000 / perSecond) * part;
    const now = clock.now();
    const due = Math.max(dueAt, now);
    const wait = due - now - interval * Math.max(1, Math.floor(burst / part));
    if (wait > 0) return wait;
    dueAt = due + interval;
    return 0;
  };

  const note = (state: 'lost' | 'back') => {
    if (lost === (state === 'lost')) return;
    lost = state === 'lost';
    options.onRedis?.(state);
  };

  const shared = async (): Promise<number> => {
    if (redis?.status !== 'ready') return own();
    try {
      const reply = redis.eval(TAKE, 1, key, 1000 / perSecond, burst) as Promise<number>;
      const late = clock.sleep(REDIS_PATIENCE_MS).then(() => null);
      const wait = await Promise.race([reply, late]);
      if (wait === null) {
        // Its answer, whatever it is, comes too late to matter.
        reply.catch(() => undefined);
        note('lost');
        return own();
      }
      note('back');
      return wait;
    } catch {
      // Not a failure of the request: the budget is kept without Redis, and `note` tells of it.
      note('lost');
      return own();
    }
  };

  return {
    async take(signal, patient = false) {
      if (!patient) urgent += 1;
      try {
        while (!signal?.aborted) {
          if (patient && urgent > 0) {
            await clock.sleep(PATIENT_STEP_MS, signal);
            continue;
          }
          const blocked = blockedUntil - clock.now();
          const wait = blocked > 0 ? blocked : await shared();
          if (wait <= 0) return;
          await clock.sleep(wait, signal);
        }
      } finally {
        if (!patient) urgent -= 1;
      }
    },
    block(ms) {
      blockedUntil = Math.max(blockedUntil, clock.now() + ms);
    },
  };
}
