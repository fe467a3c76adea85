import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Playground, PlaygroundOptions } from './api.js';
import { createBus } from './bus.js';
import { createClock } from './clock.js';
import type { Core } from './core.js';
import { createFaultState } from './faults.js';
import { createFileStore } from './files.js';
import { createGateway, type Gateway } from './gateway/server.js';
import { createInteractionRegistry } from './interactions/registry.js';
import { createLedger } from './ledger.js';
import { DEFAULT_LIMITS } from './limits.js';
import { createPageServer } from './pageserver/server.js';
import { defaultPageDir, registerPage } from './pageserver/static.js';
import { findChannel } from './people/lookup.js';
import { createPeople } from './people/person.js';
import { transcriptOf } from './people/transcript.js';
import { createUploadDesk } from './people/uploads.js';
import { createPersistence } from './persistence.js';
import { registerCdn } from './rest/cdn.js';
import { createRateLimiter } from './rest/ratelimits.js';
import { registerRest } from './rest/server.js';
import { createSnowflakes } from './snowflakes.js';
import { createFaults } from './triggers.js';
import { handleUpgrades, type UpgradeHandler } from './upgrades.js';
import { addChannel, addGuild, addThread } from './world/additions.js';
import { createWorld, WORLD_IDS } from './world/seed.js';

export type * from './api.js';
export { createClock } from './clock.js';
export { Refused } from './people/refused.js';

function baseUrlOf(server: Server | undefined): string {
  const address = server?.address() as AddressInfo | string | null | undefined;
  if (!address || typeof address === 'string') return 'http://127.0.0.1';
  const host = address.address === '::1' ? '[::1]' : '127.0.0.1';
  return `http://${host}:${address.port}`;
}

function createCore(options: PlaygroundOptions, server: () => Server | undefined): Core {
  const clock = options.clock ?? createClock();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = createFileStore();
  return {
    world: createWorld(),
    bus: createBus(),
    clock,
    limits,
    ids: createSnowflakes(clock),
    files,
    uploads: createUploadDesk(clock, (id) => files.delete(id)),
    ledger: createLedger(),
    faults: createFaultState(),
    limiter: createRateLimiter(clock, limits),
    interactions: createInteractionRegistry(clock, limits),
    applicationOwnerId: WORLD_IDS.people.admin,
    ...(options.token !== undefined && { token: options.token }),
    log: options.log ?? ((line) => process.stderr.write(`${line}\n`)),
    baseUrl: () => baseUrlOf(server()),
  };
}

/** Waits until `check` gives something; rejects with `failure()` when the real time is over. */
function until<T>(core: Core, check: () => T | undefined, timeoutMs: number, failure: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      unsubscribe();
      clearTimeout(timer);
    };
    const look = () => {
      const found = check();
      if (found === undefined) return;
      finish();
      resolve(found);
    };
    const unsubscribe = core.bus.subscribe(look);
    const timer = setTimeout(() => {
      finish();
      reject(new Error(failure()));
    }, timeoutMs);
    look();
  });
}

/** Closes a server that the playground made for itself, cutting what is still open. */
async function closeOwn(app: FastifyInstance | undefined): Promise<void> {
  app?.server.closeAllConnections();
  await app?.close();
}

/**
 * Builds a local Discord. It does nothing until it is attached to a server or listens on one of its own; every limit,
 * deadline and message time reads `clock`.
 */
export function createPlayground(options: PlaygroundOptions = {}): Playground {
  let server: Server | undefined;
  let own: FastifyInstance | undefined;
  let releaseUpgrades: () => void = () => {};
  const core = createCore(options, () => server);
  const persistence = options.stateFile === undefined ? undefined : createPersistence(core, options.stateFile);
  const gateway: Gateway = createGateway(core);
  const people = createPeople(core);
  const faults = createFaults(core, gateway);
  const visible = (channel: string) =>
    core.world.messagesIn(findChannel(core, channel).id).filter((stored) => !stored.ephemeralFor);

  const page =
    options.page === false
      ? undefined
      : createPageServer(core, { botOnline: gateway.online, notices: options.notices ?? (() => []) });

  const attach = async (app: FastifyInstance) => {
    await registerRest(app, core, gateway);
    await registerCdn(app, core);
    if (page) await registerPage(app, core, options.pageDir ?? defaultPageDir());
    server = app.server as Server;
    app.addHook('onListen', async () => persistence?.reachableAt(core.baseUrl()));
    const handlers: Record<string, UpgradeHandler> = { '/gateway': gateway.upgrade, ...(page && { '/page': page.upgrade }) };
    releaseUpgrades = handleUpgrades(server, handlers);
  };

  return {
    world: WORLD_IDS,
    clock: core.clock,
    faults,
    limits: core.limits,
    attach,
    async listen({ host = '127.0.0.1', port = 0 } = {}) {
      const { fastify } = await import('fastify');
      own = fastify({ forceCloseConnections: true });
      await attach(own);
      await own.listen({ host, port });
      const url = core.baseUrl();
      return { url, apiUrl: `${url}/api`, port: Number(new URL(url).port) };
    },
    apiUrl: () => `${core.baseUrl()}/api`,
    async close() {
      core.faults.cutHeld();
      core.interactions.close();
      releaseUpgrades();
      gateway.close();
      page?.close();
      await closeOwn(own);
      await persistence?.close();
    },
    as: people,
    addChannel: (guildId, name) => addChannel(core, guildId, name),
    addGuild: (name, memberIds) => addGuild(core, name, memberIds),
    addThread: (channelId, name, threadOptions) => addThread(core, channelId, name, threadOptions),
    ledger: () => core.ledger.entries(),
    counts: () => core.ledger.counts(),
    resetCounts: () => core.ledger.reset(),
    notified: (messageId) => [...(core.world.message(messageId)?.notified ?? [])],
    messages: (channel) => visible(channel).map((stored) => structuredClone(stored.message)),
    transcript: (channel, asUser) => transcriptOf(core, channel, asUser),
    async botReady(timeoutMs = 10_000) {
      const ready = () => (gateway.online() && core.world.commands.size > 0 ? true : undefined);
      const state = () => `the bot is ${gateway.online() ? 'online' : 'offline'} and has ${core.world.commands.size} commands`;
      await until(core, ready, timeoutMs, state);
    },
    async waitFor(channel, test, timeoutMs = 5_000) {
      const found = () => visible(channel).find((stored) => test(stored.message))?.message;
      const failure = () => `no message in ${channel} passed the test within ${timeoutMs} ms:\n${transcriptOf(core, channel)}`;
      return structuredClone(await until(core, found, timeoutMs, failure));
    },
  };
}
