/**
 * Guildhall as one object: `createGuildhall({ client })` puts it into a discord.js bot that exists already, `createGuildhall({ token })` runs a bot of its own.
 * Together with core.ts this is where everything is built and handed on; nothing else makes its own dependencies.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import { createCommands, type Services } from '../commands/index.js';
import type { Agent } from './agents/contract.js';
import { builtInAgents } from './agents/index.js';
import { loadAgents } from './agents/load.js';
import { createRegistry, type Registry } from './agents/registry.js';
import { readSettings, type Settings } from './config.js';
import { type Core, createCore } from './core.js';
import { type Announcer, createAnnouncer } from './discord/announcer/announcer.js';
import type { Pacing } from './discord/announcer/options.js';
import { renderStatsChart } from './discord/charts/stats-chart.js';
import { whenReady } from './discord/gateway/client.js';
import { createGateway, type Gateway } from './discord/gateway/gateway.js';
import { systemClock } from './discord/rest/clock.js';
import { createRest, type DiscordRest } from './discord/rest/rest.js';
import { createAttachmentReader } from './discord/router/attachments.js';
import { createClaims } from './discord/router/claims.js';
import { createHistogram, type Histogram } from './discord/router/histogram.js';
import { registerCommands, removeElsewhere } from './discord/router/registration.js';
import { createRouter, type Router } from './discord/router/router.js';
import { createLogger } from './log.js';
import { within } from './patience.js';
import { recordPosted, releaseReservation } from './store/announcements/cards.js';
import { queuePlaces } from './store/places.js';
import { openStores, type Stores } from './stores.js';
import type { AdminService, DependencyHealth, TaskService } from './tasks/service.js';

export interface GuildhallOptions {
  /** A client that somebody else logs in and destroys, before or after `start`; it needs the intent Guilds. */
  client?: Client;
  /** For a client of our own. One of the two must be given. */
  token?: string;
  /** Default: what the environment says. */
  settings?: Settings;
  /** Agents besides the built-in ones and those of AGENT_MODULES. */
  agents?: readonly Agent[];
  /** Default: JSON lines on standard output at LOG_LEVEL. */
  log?: Logger;
  /** Commands to leave out by name (`help`), for a bot that has its own of that name. */
  omit?: readonly string[];
  /** Stores that are open already; default: those of the settings. */
  stores?: Stores;
  /** Another pace of announcing than that of Discord's limits: for a Discord with other ones. */
  pacing?: Partial<Pacing>;
  /** Called when the bot can never work again (token refused); default: the error is logged. The caller should stop the process. */
  onFatal?: (error: Error) => void;
}

export interface Guildhall {
  /**
   * Opens the stores, migrates, connects to Discord (or waits until the client that was given is ready), registers the commands, begins to run
   * tasks. Gives itself, so that one line builds and starts.
   */
  start(): Promise<Guildhall>;
  /**
   * Hands back what runs after the grace (default: the setting), says what is due, closes everything it opened, all within the grace and 2 s. Called again with 0, it
   * ends the grace of the stop that is under way.
   */
  stop(graceMs?: number): Promise<void>;
  /** Only after `start`. */
  readonly tasks: TaskService;
  readonly admin: AdminService;
  readonly core: Core;
  health(): Promise<DependencyHealth[]>;
  /** How long Discord waited for first answers. */
  readonly acknowledged: Histogram;
}

/** Milliseconds that a stop takes at most after its grace. */
const STOP_MS = 2000;
/** Milliseconds of them for closing what is open. */
const CLOSE_MS = 200;
/** Milliseconds that what is due at the stop may take to reach Discord; the rest is said by the next start. */
const LAST_WORDS_MS = 3000;

export function createGuildhall(options: GuildhallOptions): Guildhall {
  return new Hall(options);
}

interface Built {
  stores: Stores;
  core: Core;
  gateway: Gateway;
  router: Router;
  rest: DiscordRest;
  announcer: Announcer;
}

class Hall implements Guildhall {
  readonly acknowledged = createHistogram();
  readonly #options: GuildhallOptions;
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #ended = new AbortController();
  #built: Built | undefined;
  #stopping: Promise<void> | undefined;
  /** Monotonic ms at which a stop is to be done. */
  #endsAt = Number.POSITIVE_INFINITY;
  #announcing = false;

  constructor(options: GuildhallOptions) {
    if (options.client === undefined && options.token === undefined)
      throw new TypeError('createGuildhall needs a client or a token.');
    this.#options = options;
    this.#settings = options.settings ?? readSettings(process.env);
    this.#log = options.log ?? createLogger(this.#settings.logLevel);
  }

  get core(): Core {
    if (this.#built === undefined) throw new Error('Guildhall has not been started.');
    return this.#built.core;
  }

  get tasks(): TaskService {
    return this.core.tasks;
  }

  get admin(): AdminService {
    return this.core.admin;
  }

  health(): Promise<DependencyHealth[]> {
    return this.admin.health();
  }

  async start(): Promise<Guildhall> {
    const stores = this.#options.stores ?? (await openStores(this.#settings.stores, this.#log));
    try {
      const { client } = this.#options;
      // Its token is known from then on.
      if (client !== undefined) await whenReady(client, this.#ended.signal);
      this.#built = await this.#build(stores);
      const { core, gateway, announcer } = this.#built;
      await core.start();
      announcer.start();
      this.#announcing = true;
      const started = await gateway.start();
      if (started !== null) await this.#register(gateway, started.applicationId);
      return this;
    } catch (error) {
      if (this.#built === undefined) await stores.close();
      else await this.stop(0);
      throw error;
    }
  }

  stop(graceMs = this.#settings.engine.shutdownGraceSeconds * 1000): Promise<void> {
    // Hurried, it says no last words any more: the next start says them.
    const hurried = this.#stopping !== undefined && graceMs <= 0;
    this.#endsAt = Math.min(this.#endsAt, performance.now() + (hurried ? 0 : graceMs + STOP_MS));
    if (hurried) this.#built?.core.engine.hurry();
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  /** Milliseconds that the stop may still take, but some are left for closing what is open. */
  #left(): number {
    return Math.max(CLOSE_MS, this.#endsAt - performance.now() - CLOSE_MS);
  }

  async #stop(graceMs: number): Promise<void> {
    this.#ended.abort();
    if (this.#built === undefined) return;
    const { stores, core, gateway, router, rest, announcer } = this.#built;
    // At the same time: the grace of the runs begins at the signal, not when the last answer is given.
    const handedBack = core.stopWork(graceMs);
    await within(Math.min(LAST_WORDS_MS, this.#left()), Promise.all([gateway.stop(), router.idle()]));
    await handedBack;
    if (this.#announcing) await within(Math.min(LAST_WORDS_MS, this.#left()), allSaid(announcer));
    await within(this.#left(), announcer.stop());
    rest.close();
    await core.close();
    if (this.#options.stores === undefined) await stores.close();
  }

  async #build(stores: Stores): Promise<Built> {
    const settings = this.#settings;
    const log = this.#log;
    const agents = await this.#agents();
    const core = createCore({
      settings,
      databaseUrl: stores.databaseUrl,
      redis: stores.redis,
      agents,
      log,
      ...(stores.redisAbsence === null ? {} : { redisAbsence: stores.redisAbsence }),
    });
    const { client, token } = this.#options;
    const apiUrl = client?.rest.options.api ?? settings.discord.apiUrl;
    const rest = this.#rest(core, apiUrl, () => announcer.processes());
    const announcer: Announcer = createAnnouncer({
      sql: core.sql,
      rest,
      bus: core.bus,
      agents,
      place: (ids) => queuePlaces(core.sql, ids),
      log,
      processId: core.processId,
      ...(this.#options.pacing === undefined ? {} : { pacing: this.#options.pacing }),
    });
    const gateway = createGateway({
      source: client === undefined ? { token: token as string, apiUrl } : { client },
      ownerIds: settings.discord.ownerIds,
      onInteraction: (payload) => void router.handle(payload),
      onFatal: (error) => this.#fatal(error),
      log,
      monotonic: () => performance.now(),
    });
    const router = this.#router(core, gateway, agents, announcer, apiUrl);
    core.addProbe({ name: 'discord', check: async () => gateway.health() });
    return { stores, core, gateway, router, rest, announcer };
  }

  async #agents(): Promise<Registry> {
    const { agents } = this.#settings;
    const loaded = await loadAgents(agents.modules, process.cwd());
    const builtIn = builtInAgents({ allowedHosts: agents.apiCallAllowedHosts });
    const all = [...builtIn, ...loaded.keys(), ...(this.#options.agents ?? [])];
    const run = agents.run === 'all' ? 'all' : agents.run.length === 0 ? 'none' : agents.run;
    return createRegistry(all, { defaultAgent: agents.defaultAgent, run, modules: loaded });
  }

  #rest(core: Core, api: string, processes: () => number): DiscordRest {
    const { link } = core;
    const redis =
      link === null
        ? null
        : {
            get status() {
              return link.usable === null ? ('end' as const) : ('ready' as const);
            },
            eval: (...args: unknown[]) => {
              if (link.usable === null) return Promise.reject(new Error('Redis is not usable'));
              return (link.usable.eval as (...args: unknown[]) => Promise<unknown>)(...args);
            },
          };
    return createRest({
      token: this.#options.token ?? this.#options.client?.token ?? '',
      api,
      clock: systemClock(),
      log: this.#log,
      redis,
      prefix: this.#settings.stores.redisPrefix,
      processes,
      onFatal: (reason) => this.#fatal(new Error(reason)),
    });
  }

  #router(core: Core, gateway: Gateway, agents: Registry, announcer: Announcer, apiUrl: string): Router {
    const clock = () => new Date();
    const services: Services = {
      tasks: core.tasks,
      admin: core.admin,
      agents,
      sql: core.sql,
      readAttachment: createAttachmentReader({ apiUrl }),
      recordPosted: async (card) => {
        const recorded = await recordPosted(core.sql, card);
        // What changed since it was drawn, while the announcer kept off.
        announcer.nudge();
        return recorded;
      },
      releaseReservation: (cardId) => releaseReservation(core.sql, cardId),
      drawStats: renderStatsChart,
      clock,
      newId: core.newId,
      log: this.#log,
    };
    this.#commands = createCommands(services, this.#options.omit);
    return createRouter({
      rest: gateway.rest(),
      commands: this.#commands,
      guild: (id) => gateway.guild(id),
      isMember: (id) => gateway.isMember(id),
      claim: createClaims({
        sql: core.sql,
        redis: () => core.link?.usable ?? null,
        prefix: this.#settings.stores.redisPrefix,
        log: this.#log,
      }),
      isOwner: (id) => gateway.isOwner(id),
      acknowledged: this.acknowledged,
      log: this.#log,
      clock,
      monotonic: () => performance.now(),
      newRef: () => core.newId().slice(-8),
      shared: this.#options.client !== undefined,
    });
  }

  #commands: ReturnType<typeof createCommands> | undefined;

  async #register(gateway: Gateway, applicationId: string): Promise<void> {
    const mode = this.#options.client === undefined ? 'replace' : 'merge';
    const commands = this.#commands as ReturnType<typeof createCommands>;
    const result = await registerCommands({
      rest: gateway.rest(),
      applicationId,
      guildId: this.#settings.discord.guildId,
      commands,
      mode,
    });
    this.#log.info({ commands: result }, 'commands');
    if (mode === 'replace') void this.#removeElsewhere(gateway, applicationId, commands);
  }

  /** In the background: many guilds take a while, and nothing waits for it. Never rejects. */
  async #removeElsewhere(gateway: Gateway, applicationId: string, commands: ReturnType<typeof createCommands>): Promise<void> {
    await removeElsewhere({
      rest: gateway.rest(),
      applicationId,
      guildId: this.#settings.discord.guildId,
      commands,
      guilds: gateway.guilds(),
      log: this.#log,
      signal: this.#ended.signal,
    });
  }

  #fatal(error: Error): void {
    if (this.#options.onFatal) this.#options.onFatal(error);
    else this.#log.fatal({ err: error }, 'Guildhall cannot go on');
  }
}

/** Resolves when nothing is left to be announced, or when that cannot be known: then the next start says it. */
async function allSaid(announcer: Announcer): Promise<void> {
  try {
    while ((await announcer.health()).lagSeconds > 0) await sleep(50);
  } catch {
    // Postgres cannot be asked.
  }
}
