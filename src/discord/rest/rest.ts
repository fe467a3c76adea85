/**
 * Discord's REST API for programs that must neither flood nor double: requests wait until their bucket and the shared budget have room, are sent once,
 * and what came of them is a value. Nothing is repeated here: the caller knows what is still worth sending.
 */
import { REST, type RequestMethod } from '@discordjs/rest';
import type { Logger } from 'pino';
import { Buckets, type Headers, retryAfterMs } from './buckets.js';
import { type Budget, type BudgetRedis, createBudget } from './budget.js';
import type { Clock } from './clock.js';
import { type Outcome, outcomeOf } from './outcome.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RestRequest {
  body?: unknown;
  query?: Record<string, string>;
  files?: { name: string; contentType: string; data: Buffer | string }[];
}

/** The right to send one request now. Exactly one of the two must be called. */
export interface Permit {
  send<Body>(request: RestRequest): Promise<Outcome<Body>>;
  /** Nothing is sent after all. */
  release(): void;
}

export interface RestCounts {
  requests: number;
  /** Answers with status 429; 0 as long as the limits are kept. */
  status429: number;
  /** Answers with status 401, 403 or 429 in the last ten minutes; Discord bans an address at 10,000. */
  invalid: number;
}

export interface DiscordRest {
  /**
   * Waits for room, then gives the right to send; null when the signal was aborted first. What is sent is best made only then.
   * @param patient lets the requests of others go first when the shared budget is short
   */
  permit(method: Method, path: `/${string}`, signal?: AbortSignal, patient?: boolean): Promise<Permit | null>;
  /** Permit and send in one, for what cannot be superseded. Aborted before it was sent: `unreachable`. */
  request<Body>(method: Method, path: `/${string}`, request?: RestRequest, signal?: AbortSignal): Promise<Outcome<Body>>;
  /** Milliseconds until the route's bucket has room for one request and `keepFree` more; the shared budget not counted. */
  delayMs(method: Method, path: `/${string}`, keepFree?: number): number;
  counts(): RestCounts;
  /** Ends the timers of the client underneath. */
  close(): void;
}

export interface RestOptions {
  token: string;
  /** Base of the API without version, e.g. `https://discord.com/api`. */
  api: string;
  clock: Clock;
  log: Logger;
  /** Shared by the processes of the token; null: without. */
  redis?: BudgetRedis | null;
  /** Before every key in Redis. */
  prefix?: string;
  /** Live processes of the token, used while there is no Redis. */
  processes?: () => number;
  /** The token was refused (401): nothing can be sent any more. */
  onFatal?: (reason: string) => void;
  /** Of Discord's 50 requests per second; the rest is for the gateway client. */
  perSecond?: number;
  /** How long an answer is waited for. */
  timeoutMs?: number;
}

/** From so many refusals in ten minutes on (Discord bans at 10,000) requests are slowed to one a second. */
const INVALID_LIMIT = 5_000;

/** The shared budget is asked so long before the bucket has room, so that the round trip to Redis costs no time of the bucket's window. */
const EARLY_MS = 30;

export function createRest(options: RestOptions): DiscordRest {
  return new CarefulRest(options);
}

class CarefulRest implements DiscordRest {
  readonly #options: RestOptions;
  readonly #buckets: Buckets;
  readonly #budget: Budget;
  readonly #invalid: InvalidCount;
  readonly #client: REST;
  readonly #counts = { requests: 0, status429: 0 };
  /** The token was refused. */
  #dead = false;

  constructor(options: RestOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#buckets = new Buckets(clock);
    this.#invalid = createInvalidCount(clock);
    this.#budget = createBudget({
      clock,
      redis: options.redis ?? null,
      prefix: options.prefix ?? 'gh:',
      perSecond: options.perSecond ?? 45,
      burst: 3,
      processes: options.processes ?? (() => 1),
      onRedis: (state) => log.warn({ state }, 'the shared request budget in Redis'),
    });
    this.#client = new REST({
      api: options.api,
      retries: 0,
      timeout: options.timeoutMs ?? 15_000,
      offset: 0,
      // Both limits are kept here, by the headers; the client underneath never waits and never repeats.
      globalRequestsPerSecond: Number.POSITIVE_INFINITY,
      rejectOnRateLimit: () => true,
    }).setToken(options.token);
    this.#client.on('response', (request, response) =>
      this.#observe(request.method, request.path, response.status, response.headers as Headers),
    );
  }

  async permit(method: Method, path: `/${string}`, signal?: AbortSignal, patient = false): Promise<Permit | null> {
    const { clock } = this.#options;
    const end = await this.#buckets.turn(method, path);
    await this.#roomIn(method, path, EARLY_MS, signal);
    if (this.#invalid.count() >= INVALID_LIMIT) await clock.sleep(1_000, signal);
    await this.#budget.take(signal, patient);
    await this.#roomIn(method, path, 0, signal);
    if (signal?.aborted) {
      end();
      return null;
    }
    return { send: <Body>(request: RestRequest) => this.#send<Body>(method, path, request).finally(end), release: end };
  }

  /** Waits until the bucket will have room in `ms`. */
  async #roomIn(method: Method, path: `/${string}`, ms: number, signal?: AbortSignal): Promise<void> {
    for (let wait = this.delayMs(method, path) - ms; wait > 0 && !signal?.aborted; wait = this.delayMs(method, path) - ms) {
      await this.#options.clock.sleep(wait, signal);
    }
  }

  async request<Body>(
    method: Method,
    path: `/${string}`,
    request: RestRequest = {},
    signal?: AbortSignal,
  ): Promise<Outcome<Body>> {
    const allowed = await this.permit(method, path, signal);
    return allowed === null ? { kind: 'unreachable', why: 'stopped' } : allowed.send<Body>(request);
  }

  delayMs(method: Method, path: `/${string}`, keepFree?: number): number {
    return this.#buckets.delayMs(method, path, keepFree);
  }

  counts(): RestCounts {
    return { ...this.#counts, invalid: this.#invalid.count() };
  }

  close(): void {
    this.#client.clearHashSweeper();
    this.#client.clearHandlerSweeper();
  }

  async #send<Body>(method: Method, path: `/${string}`, request: RestRequest): Promise<Outcome<Body>> {
    if (this.#dead) return { kind: 'refused', status: 401, code: 0, message: 'The bot token was refused.' };
    try {
      const body = await this.#client.request({
        method: method as RequestMethod,
        fullRoute: path,
        body: request.body,
        ...(request.query ? { query: new URLSearchParams(request.query) } : {}),
        ...(request.files ? { files: request.files } : {}),
      });
      return { kind: 'ok', body: body as Body };
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome.kind === 'refused' && outcome.status === 401) {
        this.#dead = true;
        this.#options.onFatal?.('Discord refused the bot token (401).');
      }
      return outcome;
    }
  }

  #observe(method: string, path: string, status: number, headers: Headers): void {
    this.#counts.requests += 1;
    this.#buckets.observe(method, path, status, headers);
    const shared = headers.get('x-ratelimit-scope') === 'shared';
    if (status === 401 || status === 403 || (status === 429 && !shared)) this.#invalid.add();
    if (status !== 429) return;
    this.#counts.status429 += 1;
    if (headers.get('x-ratelimit-global') !== null) this.#budget.block(retryAfterMs(headers));
    this.#options.log.warn({ method, retryAfterMs: retryAfterMs(headers) }, 'Discord limited a request');
  }
}

interface InvalidCount {
  add(): void;
  count(): number;
}

/** Counts what Discord counts as invalid requests, by minute, over ten minutes. */
function createInvalidCount(clock: Clock): InvalidCount {
  const byMinute = new Map<number, number>();
  const forget = () => {
    const oldest = Math.floor(clock.now() / 60_000) - 10;
    for (const minute of byMinute.keys()) if (minute < oldest) byMinute.delete(minute);
  };
  return {
    add() {
      const minute = Math.floor(clock.now() / 60_000);
      byMinute.set(minute, (byMinute.get(minute) ?? 0) + 1);
      forget();
    },
    count() {
      forget();
      return [...byMinute.values()].reduce((sum, n) => sum + n, 0);
    },
  };
}
