/** Time, handed in, so that tests can make it run as they like. */
import { setTimeout as timer } from 'node:timers/promises';

export interface Clock {
  /** Monotonic milliseconds: for durations and deadlines. */
  now(): number;
  /** Milliseconds since 1970, as Discord's ids count them. */
  wall(): number;
  /** Waits; ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The computer's own clock. */
export function systemClock(): Clock {
  return {
    now: () => performance.now(),
    wall: () => Date.now(),
    sleep: async (ms, signal) => {
      // Ended early by the signal is an expected end of a wait, not an error.
      await timer(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
    },
  };
}
