import type { PlaygroundClock } from './api.js';
import { createTimerHeap } from './timers.js';

/** setTimeout's largest delay; longer waits are taken in pieces. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * The real clock plus an offset that `advance` enlarges. Timers fire in order of their due time, and while the clock is
 * moved each one sees `now()` at its own due time, so that what a timer starts is dated as it would have been.
 * A `frozen` clock stands still but for `advance`, for tests that must not depend on how fast the machine is.
 *
 * Everything that belongs to Discord reads this clock. Real time is left to what belongs to the machine: the pause between two
 * writes of the state file, the page's gathering of changes into one snapshot, and how long a test waits before it gives up.
 */
export function createClock(options: { frozen?: boolean } = {}): PlaygroundClock {
  const timers = createTimerHeap();
  const listeners = new Set<(byMs: number) => void>();
  let offsetMs = 0;
  let wake: NodeJS.Timeout | undefined;
  /** When `wake` rings, by this clock. */
  let wakeAt = Number.POSITIVE_INFINITY;

  const startedAt = Date.now();
  const now = () => (options.frozen ? startedAt : Date.now()) + offsetMs;

  const disarm = () => {
    clearTimeout(wake);
    wakeAt = Number.POSITIVE_INFINITY;
  };

  /** A timer that rings too early only looks again: so a wake-up is moved only when something is due before it. */
  const arm = () => {
    const due = timers.nextDueMs();
    if (options.frozen || due === undefined || due >= wakeAt) return;
    clearTimeout(wake);
    wakeAt = due;
    wake = setTimeout(runDue, Math.min(Math.max(0, due - now()), LONGEST_TIMEOUT_MS));
    wake.unref();
  };

  const runDue = () => {
    disarm();
    for (let callback = timers.take(now()); callback; callback = timers.take(now())) callback();
    arm();
  };

  const moveTo = (target: number) => {
    offsetMs += Math.max(0, target - now());
  };

  return {
    now,
    after(ms, callback) {
      const cancel = timers.add(now() + Math.max(0, ms), callback);
      arm();
      return cancel;
    },
    async advance(ms) {
      const target = now() + ms;
      for (const listener of listeners) listener(ms);
      for (let due = timers.nextDueMs(); due !== undefined && due <= target; due = timers.nextDueMs()) {
        moveTo(due);
        timers.take(due)?.();
        // What the timer started may set further timers that are due in the same move.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      moveTo(target);
      disarm();
      arm();
    },
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
