/** Keeps a server running: when it ends without being told to, it is started again, with a growing wait between tries. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedLog } from './log.js';
import type { Supervised } from './supervised.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A server that ran this long counts as healthy: the next wait is short again. */
const HEALTHY_MS = 60_000;

/** A server that is kept running until `stop`. */
export interface Kept {
  stop(): Promise<void>;
}

/** Takes over a server that runs. `start` starts it again in the same place, and rejects when it does not come up. */
export function keepRunning(options: {
  name: string;
  first: Supervised;
  start: () => Promise<Supervised>;
  log: EmbeddedLog;
}): Kept {
  const stopping = new AbortController();
  let current = options.first;
  const keeper = (async () => {
    let waitMs = FIRST_WAIT_MS;
    let startedAt = performance.now();
    while (!stopping.signal.aborted) {
      const code = await current.exited;
      if (stopping.signal.aborted) return;
      if (performance.now() - startedAt > HEALTHY_MS) waitMs = FIRST_WAIT_MS;
      options.log.warn({ code, waitMs }, `the embedded ${options.name} ended; starting it again`);
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      try {
        current = await options.start();
        startedAt = performance.now();
      } catch (error) {
        options.log.warn({ err: error }, `the embedded ${options.name} did not start`);
      }
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await current.stop();
      await keeper;
      // A start that was under way when the stop came has ended by now, perhaps with a server.
      await current.stop();
    },
  };
}
