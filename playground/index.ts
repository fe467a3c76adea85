import type { Playground, PlaygroundOptions } from './api.js';
import { createCore } from './assembly.js';
import type { Core } from './core.js';
import { createGateway } from './gateway/server.js';
import { createHost } from './host.js';
import { createDevServer } from './pageserver/dev.js';
import { createPageServer } from './pageserver/server.js';
import { defaultPageDir } from './pageserver/static.js';
import { findChannel } from './people/lookup.js';
import { createPeople } from './people/person.js';
import { transcriptOf } from './people/transcript.js';
import { waitForBot, waitForMessage } from './people/waiting.js';
import { createPersistence } from './persistence.js';
import { createRecordings } from './recording/recorder.js';
import { createFaults } from './triggers.js';
import { loadSchemas } from './validation/spec.js';
import {
  addChannel,
  addGuild,
  addMember,
  addPerson,
  addThread,
  removeMember,
  setBotRole,
  setCommandPermissions,
} from './world/additions.js';
import { WORLD_IDS } from './world/seed.js';
import { createThreadLife } from './world/thread-life.js';

export type * from './api.js';
export { createClock } from './clock.js';
export { Refused } from './people/refused.js';

/** The part of the API that looks at the world and changes it; it works with or without a server. */
function worldApi(core: Core, online: () => boolean) {
  const visible = (channel: string) =>
    core.world.messagesIn(findChannel(core, channel).id).filter((stored) => !stored.ephemeralFor);
  return {
    world: WORLD_IDS,
    clock: core.clock,
    limits: core.limits,
    as: createPeople(core),
    addChannel: (guildId, name) => addChannel(core, guildId, name),
    addGuild: (name, memberIds) => addGuild(core, name, memberIds),
    addPerson: (username) => addPerson(core, username),
    addMember: (guildId, userId) => addMember(core, guildId, userId),
    removeMember: (guildId, userId) => removeMember(core, guildId, userId),
    setBotRole: (guildId, change) => setBotRole(core, guildId, change),
    setCommandPermissions: (guildId, commandId, permissions) => setCommandPermissions(core, guildId, commandId, permissions),
    addThread: (channelId, name, threadOptions) => addThread(core, channelId, name, threadOptions),
    ledger: () => core.ledger.entries(),
    counts: () => core.ledger.counts(),
    resetCounts: () => core.ledger.reset(),
    onRequest: (listener) => core.ledger.onRequest(listener),
    buckets: () => core.limiter.state(),
    notified: (messageId) => [...(core.world.message(messageId)?.notified ?? [])],
    messages: (channel) => visible(channel).map((stored) => structuredClone(stored.message)),
    transcript: (channel, asUser) => transcriptOf(core, channel, asUser),
    botReady: (timeoutMs = 10_000) => waitForBot(core, online, timeoutMs),
    waitFor: (channel, test, timeoutMs = 5_000) => waitForMessage(core, channel, test, timeoutMs),
  } satisfies Partial<Playground>;
}

/**
 * Builds a local Discord. It does nothing until it is attached to a server or listens on one of its own; every limit,
 * deadline and message time reads `clock`. A corrupt `stateFile` is put aside and told to `log`; it never throws for that.
 */
export function createPlayground(options: PlaygroundOptions = {}): Playground {
  const host = createHost();
  const core = createCore(options, host.baseUrl);
  const persistence = options.stateFile === undefined ? undefined : createPersistence(core, options.stateFile);
  // Before the gateway listens, so that what it tells is up to date.
  const threadLife = createThreadLife(core);
  const gateway = createGateway(core);
  const faults = createFaults(core, gateway);
  const recordings = createRecordings(core, gateway);
  const notices = options.notices ?? (() => []);
  const page =
    options.page === false
      ? undefined
      : {
          server: createPageServer(core, { botOnline: gateway.online, notices }),
          dev: createDevServer(core, gateway, faults),
          dir: options.pageDir ?? defaultPageDir(),
        };
  const onListen = () => {
    persistence?.reachableAt(core.baseUrl());
    // Once it listens there is time: the first body shall not wait for it. What fails here fails at that body, too.
    setImmediate(() => void loadSchemas().catch(() => undefined));
  };
  const parts = { core, gateway, page, onListen };
  return {
    ...worldApi(core, gateway.online),
    faults,
    record: recordings.record,
    gateway: { connections: gateway.connections, startLimit: gateway.startLimit, onFrame: gateway.onFrame },
    attach: (app) => host.attach(app, parts),
    listen: (where = {}) => host.listen(where, parts),
    apiUrl: () => `${core.baseUrl()}/api`,
    async close() {
      await recordings.close();
      core.faults.release();
      core.interactions.close();
      threadLife.close();
      gateway.close();
      page?.server.close();
      page?.dev.close();
      await host.close();
      await persistence?.close();
    },
  };
}
