/** Long calculations that leave the event loop to others, since leases, heartbeats and other tasks live on it. */
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long one stretch of work may hold the event loop, in milliseconds. Small next to the 50 ms a bot may be late unnoticed. */
const STRETCH_MS = 8;

/** Call it often, at least every millisecond or two of work: it is cheap until a stretch is over. Rejects when the run is to stop. */
export type Pace = () => Promise<void> | undefined;

export function createPace(signal: AbortSignal): Pace {
  let since = performance.now();
  const turn = async () => {
    await nextTurn();
    signal.throwIfAborted();
    since = performance.now();
  };
  return () => (performance.now() - since < STRETCH_MS ? undefined : turn());
}
