/**
 * The connection through which interactions arrive. With a token of its own it keeps the connection up for as long as the process lives: it waits
 * for a Discord that is down, and makes a new client when the old one does not come back. A client that was handed in is only listened to.
 */
import { type Client, Events, GatewayDispatchEvents } from 'discord.js';
import type { Logger } from 'pino';
import type { GuildView } from '../router/permissions.js';
import type { Rest } from '../router/rest.js';
import { buildClient } from './client.js';
import { fatalLogin, GatewayError } from './errors.js';
import { guildView } from './guild-view.js';
import { fetchApplication } from './owners.js';
import { type ShardWatch, watchShards } from './shards.js';

/** Where the client comes from: a token, or somebody's client that logs in by itself. */
export type ClientSource = { token: string; apiUrl: string; waitGuildTimeoutMs?: number } | { client: Client };

export interface GatewayOptions {
  source: ClientSource;
  /** User ids that count as owners besides those that Discord names. */
  ownerIds: readonly string[];
  /** Called with each payload of INTERACTION_CREATE. Must not throw. */
  onInteraction: (payload: unknown) => void;
  /** Called once for what can never mend after the start; the process should end with it. */
  onFatal: (error: GatewayError) => void;
  log: Logger;
  /** Milliseconds of a monotonic clock. */
  monotonic: () => number;
  /** Milliseconds without connection after which an own client is replaced. Default 90 s: discord.js had its many chances by then. */
  replaceAfterMs?: number;
}

export interface Gateway {
  /**
   * Connects, waiting (with pauses of up to 30 s) for a Discord that cannot be reached. Resolves when interactions arrive, and with null when it was
   * stopped before. Throws GatewayError when it can never work.
   */
  start(): Promise<{ applicationId: string } | null>;
  /** Ends the own client; of somebody else's only the listeners. */
  stop(): Promise<void>;
  /** The client's REST, with its token; stays good when the client is replaced. */
  rest(): Rest;
  guild(id: string): GuildView | undefined;
  /** Whether the bot is a member of the guild, an unavailable one included. */
  isMember(guildId: string): boolean;
  /** Ids of the guilds that the bot is in. */
  guilds(): string[];
  isOwner(userId: string): boolean;
  health(): { ok: boolean; detail: string; latencyMs: number | null };
}

/** Milliseconds between two looks at the connection. */
const WATCH_MS = 5000;
/** Milliseconds between two looks at who owns the application. */
const OWNERS_MS = 3_600_000;

export function createGateway(options: GatewayOptions): Gateway {
  return new ClientGateway(options);
}

class ClientGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #stopped = new AbortController();
  #client: Client;
  #shards: ShardWatch;
  #owners = new Set<string>();
  #timers: NodeJS.Timeout[] = [];
  #applicationId: string | null = null;
  #replacing = false;
  #started = false;
  #fatalError: GatewayError | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#client = 'client' in options.source ? options.source.client : buildClient(options.source);
    this.#shards = this.#attach(this.#client);
  }

  async start(): Promise<{ applicationId: string } | null> {
    const { source } = this.#options;
    if ('token' in source) await this.#connect(source.token);
    else if (!source.client.isReady()) await this.#ready(source.client);
    if (this.#stopped.signal.aborted) return null;
    await this.#readOwners();
    const applicationId = this.#applicationId ?? this.#client.application?.id;
    if (applicationId === undefined) throw new Error('the client is ready but names no application');
    this.#started = true;
    this.#timers.push(
      setInterval(() => void this.#watch(), WATCH_MS),
      setInterval(() => void this.#readOwners(), OWNERS_MS),
    );
    return { applicationId };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const timer of this.#timers) clearInterval(timer);
    this.#detach(this.#client);
    if ('token' in this.#options.source) await this.#client.destroy();
  }

  readonly #rest: Rest = {
    get: (route, data) => this.#client.rest.get(route, data),
    post: (route, data) => this.#client.rest.post(route, data),
    put: (route, data) => this.#client.rest.put(route, data),
    patch: (route, data) => this.#client.rest.patch(route, data),
    delete: (route, data) => this.#client.rest.delete(route, data),
  };

  rest = (): Rest => this.#rest;

  guild(id: string): GuildView | undefined {
    const guild = this.#client.guilds.cache.get(id);
    return guild?.available ? guildView(guild) : undefined;
  }

  isMember = (guildId: string): boolean => this.#client.guilds.cache.has(guildId);

  guilds = (): string[] => [...this.#client.guilds.cache.keys()];

  isOwner = (userId: string): boolean => this.#owners.has(userId) || this.#options.ownerIds.includes(userId);

  health() {
    const { ready, of } = this.#shards.connected();
    const ok = ready === of && this.#shards.downSince() === null;
    const ping = this.#client.ws.ping;
    const latencyMs = ok && Number.isFinite(ping) && ping >= 0 ? Math.round(ping) : null;
    const shards = of === 1 ? '' : ` (${ready} of ${of} shards)`;
    const guilds = this.#client.guilds.cache.size;
    const down = this.#fatalError ? `closed for good: ${this.#fatalError.message}` : `not connected${shards}, trying again`;
    const detail = ok ? `connected${shards}, ${guilds} ${guilds === 1 ? 'server' : 'servers'}` : down;
    return { ok, detail, latencyMs };
  }

  #onInteraction = (payload: unknown): void => this.#options.onInteraction(payload);
  #onError = (error: unknown): void => this.#options.log.warn({ err: error }, 'trouble with the connection to Discord');

  #attach(client: Client): ShardWatch {
    client.ws.on(GatewayDispatchEvents.InteractionCreate, this.#onInteraction);
    client.on(Events.Error, this.#onError);
    client.on(Events.ShardError, this.#onError);
    return watchShards({
      client,
      monotonic: this.#options.monotonic,
      onFatal: (error) => this.#fatal(error),
      onChange: (shard, state, code) => this.#options.log.info({ shard, state, code }, 'gateway'),
    });
  }

  #detach(client: Client): void {
    client.ws.off(GatewayDispatchEvents.InteractionCreate, this.#onInteraction);
    client.off(Events.Error, this.#onError);
    client.off(Events.ShardError, this.#onError);
    this.#shards.end();
  }

  #fatal(error: GatewayError): void {
    if (this.#fatalError || this.#stopped.signal.aborted) return;
    this.#fatalError = error;
    // Before that, `start` throws it.
    if (this.#started) this.#options.onFatal(error);
  }

  /** Logs in, with a new client for each try after a failed one: discord.js does not revive a destroyed client. */
  async #connect(token: string): Promise<void> {
    for (let tries = 1; !this.#stopped.signal.aborted; tries += 1) {
      try {
        // Attached before the login: a close that never mends comes as an event only.
        const ready = this.#ready(this.#client);
        ready.catch(() => {}); // Awaited below; a login that fails first must not leave it unhandled.
        // A login that is under way when this gateway is stopped may never end.
        await Promise.race([this.#client.login(token).then(() => ready), ready]);
        return;
      } catch (error) {
        const fatal = error instanceof GatewayError ? error : fatalLogin(error);
        if (fatal) throw fatal;
        if (this.#stopped.signal.aborted) return;
        const pauseMs = Math.min(1000 * 2 ** (tries - 1), 30_000);
        this.#options.log.warn({ err: error, pauseMs }, 'Discord cannot be reached; trying again');
        await this.#pause(pauseMs);
        await this.#renew();
      }
    }
  }

  /** Resolves when the client is ready, or when this gateway is stopped; rejects when it never can be. */
  #ready(client: Client): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        client.off(Events.ClientReady, onReady);
        clearInterval(watch);
        this.#stopped.signal.removeEventListener('abort', onReady);
      };
      const onReady = () => {
        done();
        resolve();
      };
      const startedAt = this.#options.monotonic();
      const patience = this.#options.replaceAfterMs ?? 90_000;
      const own = 'token' in this.#options.source;
      const watch = setInterval(() => {
        if (this.#fatalError) {
          done();
          reject(this.#fatalError);
        } else if (own && this.#options.monotonic() - startedAt > patience) {
          done();
          reject(new Error(`not ready after ${patience} ms`));
        }
      }, 250);
      client.once(Events.ClientReady, onReady);
      this.#stopped.signal.addEventListener('abort', onReady);
    });
  }

  async #renew(): Promise<void> {
    const { source } = this.#options;
    if (!('token' in source)) return;
    const old = this.#client;
    this.#detach(old);
    this.#client = buildClient(source);
    this.#shards = this.#attach(this.#client);
    await old.destroy().catch((error: unknown) => this.#options.log.debug({ err: error }, 'the old client did not end cleanly'));
  }

  /** Replaces an own client that has been without connection for too long. */
  async #watch(): Promise<void> {
    const { source, monotonic, replaceAfterMs = 90_000, log } = this.#options;
    const since = this.#shards.downSince();
    if (!('token' in source) || this.#replacing || this.#fatalError || since === null || monotonic() - since < replaceAfterMs)
      return;
    this.#replacing = true;
    log.warn('the connection to Discord does not come back; starting a new one');
    try {
      await this.#renew();
      await this.#connect(source.token);
    } catch (error) {
      if (error instanceof GatewayError) this.#fatal(error);
      else log.error({ err: error }, 'the connection to Discord could not be started anew');
    } finally {
      this.#replacing = false;
    }
  }

  async #readOwners(): Promise<void> {
    try {
      const { id, owners } = await fetchApplication(this.#client.rest);
      this.#applicationId = id;
      this.#owners = new Set(owners);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the owners of the application are not known; asking again within the hour');
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const signal = this.#stopped.signal;
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}
