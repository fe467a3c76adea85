import type { PlaygroundClock, PlaygroundLimits } from './api.js';
import type { Bus } from './bus.js';
import type { FaultState } from './faults.js';
import type { FileStore } from './files.js';
import type { InteractionRegistry } from './interactions/registry.js';
import type { Ledger } from './ledger.js';
import type { UploadDesk } from './people/uploads.js';
import type { RateLimiter } from './rest/ratelimits.js';
import type { SnowflakeSource } from './snowflakes.js';
import type { World } from './world/world.js';

/** What every part of the playground works on; built once in `createPlayground` and handed on. */
export interface Core {
  world: World;
  bus: Bus;
  clock: PlaygroundClock;
  limits: PlaygroundLimits;
  ids: SnowflakeSource;
  files: FileStore;
  uploads: UploadDesk;
  ledger: Ledger;
  faults: FaultState;
  limiter: RateLimiter;
  interactions: InteractionRegistry;
  /** The person who owns the application (its `owner`). */
  applicationOwnerId: string;
  /** The accepted bot token; absent: any but `invalid`. It changes when it is reset. */
  token?: string;
  /** Tokens that were reset: refused by REST and gateway. */
  resetTokens: Set<string>;
  /** Bits of the privileged intents that the application has enabled. */
  privilegedIntents: number;
  log: (line: string) => void;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  baseUrl: () => string;
}

/** The clock's time as Discord writes it. */
export function isoNow(core: Core): string {
  return new Date(core.clock.now()).toISOString();
}
