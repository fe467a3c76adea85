/**
 * The link to Redis: two connections (commands, subscriptions) and the breaker between them and the database-only mode.
 *
 * States: `up` — commands go to Redis · `down` — nothing is sent but a probe every second; the program works from Postgres alone.
 * Any failed command (refused, reset, timed out, READONLY, LOADING, OOM, MISCONF, CLUSTERDOWN) opens the breaker at once, because every use of Redis here is a
 * hint that Postgres can replace, so a wrong "down" costs a little speed and a wrong "up" costs a stall. The probe writes, reads back and checks the
 * subscription, so a read-only or full Redis, or a subscription that died silently, stays down.
 */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import type { RedisAddress } from '../config.js';

/** Milliseconds a command may take before Redis counts as gone. */
const COMMAND_TIMEOUT_MS = 1000;
/** Milliseconds a whole probe may take. A cluster that is not whole answers, and yet never becomes ready. */
const PROBE_LIMIT_MS = 5000;
/** Milliseconds between two probes. */
const PROBE_MS = 1000;

const UNKNOWN = 'not connected yet';

export type Connection = Redis | Cluster;

export interface LinkOptions {
  address: Extract<RedisAddress, { kind: 'single' | 'sentinel' | 'cluster' }>;
  /** Prefix of all keys and channels. */
  prefix: string;
  log: Logger;
}

function connect(address: LinkOptions['address'], role: string): Connection {
  const common = {
    connectionName: `guildhall-${role}`,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (times: number) => Math.min(100 * times, PROBE_MS),
    // A replica after a failover answers READONLY: connect anew, to the new master.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
  if (address.kind === 'single') return new Redis(address.url, common);
  const login = { username: address.username, password: address.password, ...(address.tls ? { tls: {} } : {}) };
  if (address.kind === 'sentinel') {
    return new Redis({
      ...common,
      ...login,
      sentinels: address.sentinels,
      name: address.master,
      db: address.database,
      enableTLSForSentinelMode: address.tls,
    });
  }
  return new Cluster(address.nodes, {
    lazyConnect: true,
    enableOfflineQueue: false,
    redisOptions: { ...common, ...login },
    clusterRetryStrategy: (times: number) => Math.min(100 * times, PROBE_MS),
  });
}

export class RedisLink {
  readonly #options: LinkOptions;
  #commands: Connection;
  #subscriber: Connection;
  readonly #listeners = new Set<(up: boolean) => void>();
  readonly #handlers = new Map<string, Set<(message: string) => void>>();
  #up = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #probing: Promise<void> | undefined;
  #echo: { token: string; heard: () => void } | undefined;
  #probes = 0;
  #reason = UNKNOWN;

  constructor(options: LinkOptions) {
    this.#options = options;
    [this.#commands, this.#subscriber] = this.#connections();
  }

  #connections(): [Connection, Connection] {
    const commands = connect(this.#options.address, 'commands');
    const subscriber = connect(this.#options.address, 'subscriber');
    for (const connection of [commands, subscriber]) {
      const ours = () => connection === this.#commands || connection === this.#subscriber;
      // Errors of the sockets show in the probe; without a listener ioredis prints each.
      connection.on('error', (error) => ours() && this.#fail(error));
      connection.on('close', () => ours() && this.#fail(new Error('connection closed')));
    }
    subscriber.on('message', (channel: string, message: string) => {
      if (this.#echo !== undefined && channel === this.channel('echo') && message === this.#echo.token) this.#echo.heard();
      for (const handler of this.#handlers.get(channel) ?? []) handler(message);
    });
    return [commands, subscriber];
  }

  get up(): boolean {
    return this.#up;
  }

  /** The connection for commands while it is usable, for callers that handle errors themselves. */
  get usable(): Connection | null {
    return this.#up ? this.#commands : null;
  }

  /** Why it is down, for a person. */
  get reason(): string {
    return this.#reason;
  }

  get prefix(): string {
    return this.#options.prefix;
  }

  channel(name: string): string {
    return `${this.#options.prefix}:${name}`;
  }

  /**
   * What Redis does when its memory is full, for example `noeviction` or `allkeys-lru`; undefined when it cannot be asked. Evicted hints cost no task, but a
   * Redis that evicts is most often one that others fill.
   */
  async evictionPolicy(): Promise<string | undefined> {
    const info = await this.use((redis) => redis.info('memory'));
    return info === undefined ? undefined : /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  }

  /** Connects and begins to watch. Resolves after the first probe, up or down; never rejects. */
  async start(): Promise<void> {
    await this.#probe();
    this.#timer = setInterval(() => void this.#probe(), PROBE_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#probing;
    this.#commands.disconnect();
    this.#subscriber.disconnect();
  }

  /** Calls back when the link goes up or down. */
  onChange(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs a command; undefined when Redis is down or just failed, which opens the breaker. */
  async use<T>(command: (redis: Connection) => Promise<T>): Promise<T | undefined> {
    if (!this.#up) return undefined;
    try {
      return await command(this.#commands);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Hears a channel (name without the prefix) while the link is up. */
  subscribe(name: string, handler: (message: string) => void): () => void {
    const channel = this.channel(name);
    const handlers = this.#handlers.get(channel) ?? new Set();
    handlers.add(handler);
    this.#handlers.set(channel, handlers);
    if (this.#up) this.#subscriber.subscribe(channel).catch((error: unknown) => this.#fail(error));
    return () => {
      handlers.delete(handler);
    };
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // The end of a connection is told after its cause, and says less.
    if (this.#up || this.#reason === UNKNOWN || !/^connection (is )?closed/i.test(message)) this.#reason = message;
    if (!this.#up) return;
    this.#up = false;
    if (this.#stopped) return;
    this.#options.log.warn({ reason: this.#reason }, 'Redis is not usable; working from Postgres alone until it is back');
    for (const listener of this.#listeners) listener(false);
  }

  async #probe(): Promise<void> {
    if (this.#probing !== undefined || this.#stopped) return;
    this.#probing = this.#inTime(this.#check())
      .then(() => {
        if (this.#up || this.#stopped) return;
        this.#up = true;
        this.#options.log.info('Redis is usable');
        for (const listener of this.#listeners) listener(true);
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#probing = undefined;
      });
    await this.#probing;
  }

  /** Gives the check up when it takes too long, and the connections with it: a client that got stuck while connecting does not come free by itself. */
  async #inTime(check: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const stuck = [this.#commands, this.#subscriber];
        [this.#commands, this.#subscriber] = this.#connections();
        for (const connection of stuck) connection.disconnect();
        reject(new Error(`not ready within ${PROBE_LIMIT_MS / 1000} s`));
      }, PROBE_LIMIT_MS);
    });
    await Promise.race([check, late]).finally(() => clearTimeout(timer));
  }

  async #check(): Promise<void> {
    await Promise.all([this.#commands, this.#subscriber].map((connection) => this.#open(connection)));
    this.#probes += 1;
    const token = `${process.pid}:${this.#probes}:${performance.now()}`;
    const key = `${this.#options.prefix}:probe:${process.pid}`;
    await this.#commands.set(key, token, 'EX', 60);
    await this.#subscriber.subscribe(this.channel('echo'), ...this.#handlers.keys());
    await this.#hear(token);
  }

  async #open(connection: Connection): Promise<void> {
    if (connection.status === 'ready') return;
    if (connection.status === 'wait' || connection.status === 'end' || connection.status === 'close') {
      await connection.connect().catch((error: unknown) => {
        if (!(error instanceof Error) || !/already (connecting|connected)/.test(error.message)) throw error;
      });
      return;
    }
    throw new Error(this.#reason === UNKNOWN ? `still ${connection.status}` : this.#reason);
  }

  /** Publishes a token and waits until the subscriber hears it. */
  async #hear(token: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the subscription is silent')), COMMAND_TIMEOUT_MS);
      this.#echo = {
        token,
        heard: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#commands.publish(this.channel('echo'), token).catch((error: unknown) => {
        clearTimeout(timer);
        reject(error);
      });
    }).finally(() => {
      this.#echo = undefined;
    });
  }
}
