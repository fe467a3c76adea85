import type { PlaygroundOptions } from './api.js';
import { createBus } from './bus.js';
import { createClock } from './clock.js';
import type { Core } from './core.js';
import { createFaultState } from './faults.js';
import { createFileStore } from './files.js';
import { DEFAULT_PRIVILEGED_INTENTS } from './gateway/identify.js';
import { createInteractionRegistry } from './interactions/registry.js';
import { createLedger } from './ledger.js';
import { DEFAULT_LIMITS } from './limits.js';
import { createUploadDesk } from './people/uploads.js';
import { createRateLimiter } from './rest/ratelimits.js';
import { createSnowflakes } from './snowflakes.js';
import { createWorld, WORLD_IDS } from './world/seed.js';

/** Builds what every part of the playground works on, with the fresh world; `baseUrl` tells where it listens. */
export function createCore(options: PlaygroundOptions, baseUrl: () => string): Core {
  const clock = options.clock ?? createClock();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = createFileStore();
  const world = createWorld({ now: clock.now, ...(options.names && { names: options.names }) });
  world.onGone = ({ message }) => {
    for (const file of message.attachments) files.delete(file.id);
  };
  return {
    world,
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
    resetTokens: new Set(),
    privilegedIntents: options.privilegedIntents ?? DEFAULT_PRIVILEGED_INTENTS,
    log: options.log ?? ((line) => process.stderr.write(`${line}\n`)),
    baseUrl,
  };
}
