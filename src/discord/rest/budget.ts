/**
 * The budget of all requests of one token: Discord allows 50 per second. The processes of the token share it through one key in Redis; without Redis each
 * takes its part, by the number of live processes. Requests are spread evenly with a small burst, so that no second, wherever it begins, holds
 * more than rate + burst (a counter per calendar second would allow twice as many across its edge).
 */
import type { Clock } from './clock.js';

/** What the budget needs of Redis; ioredis gives it. Anything but `ready` means: not now. */
export interface BudgetRedis {
  readonly status: string;
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
}

export interface BudgetOptions {
  clock: Clock;
  redis?: BudgetRedis | null;
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
  return new SharedBudget(options);
}

class SharedBudget implements Budget {
  readonly #options: BudgetOptions;
  readonly #key: string;
  /** This process's own count, for when there is no Redis. */
  #dueAt = 0;
  #blockedUntil = 0;
  #lost = false;
  #urgent = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#key = `${options.prefix}{rest}:due`;
  }

  block(ms: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#options.clock.now() + ms);
  }

  async take(signal?: AbortSignal, patient = false): Promise<void> {
    if (patient) return this.#takePatiently(signal);
    this.#urgent += 1;
    try {
      await this.#takeNext(signal);
    } finally {
      this.#urgent -= 1;
    }
  }

  async #takePatiently(signal?: AbortSignal): Promise<void> {
    while (!signal?.aborted) {
      if (this.#urgent === 0 && (await this.#tryTake()) <= 0) return;
      await this.#options.clock.sleep(PATIENT_STEP_MS, signal);
    }
  }

  async #takeNext(signal?: AbortSignal): Promise<void> {
    while (!signal?.aborted) {
      const wait = await this.#tryTake();
      if (wait <= 0) return;
      await this.#options.clock.sleep(wait, signal);
    }
  }

  /** Takes one, or answers how long to wait. */
  async #tryTake(): Promise<number> {
    const { clock, redis } = this.#options;
    const blocked = this.#blockedUntil - clock.now();
    if (blocked > 0) return blocked;
    if (redis?.status !== 'ready') return this.#takeOwn();
    const wait = await this.#takeShared(redis);
    this.#note(wait === null ? 'lost' : 'back');
    return wait ?? this.#takeOwn();
  }

  /** By Redis; null when it fails or is too slow: then the budget is kept without it, and the log tells of it. */
  async #takeShared(redis: BudgetRedis): Promise<number | null> {
    const { clock, perSecond, burst } = this.#options;
    const reply = redis.eval(TAKE, 1, this.#key, 1000 / perSecond, burst) as Promise<number>;
    const answered = new AbortController();
    const late = clock.sleep(REDIS_PATIENCE_MS, answered.signal).then(() => null);
    return Promise.race([reply.catch(() => null), late]).finally(() => answered.abort());
  }

  #takeOwn(): number {
    const { clock, perSecond, burst } = this.#options;
    const part = Math.max(1, this.#options.processes());
    const interval = (1000 / perSecond) * part;
    const now = clock.now();
    const due = Math.max(this.#dueAt, now);
    const wait = due - now - interval * Math.max(1, Math.floor(burst / part));
    if (wait > 0) return wait;
    this.#dueAt = due + interval;
    return 0;
  }

  #note(state: 'lost' | 'back'): void {
    if (this.#lost === (state === 'lost')) return;
    this.#lost = state === 'lost';
    this.#options.onRedis?.(state);
  }
}
