import type { PlaygroundClock } from './api.js';

interface Timer {
  dueMs: number;
  order: number;
  callback: () => void;
}

/** setTimeout's largest delay; longer waits are taken in pieces. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * The real clock plus an offset that `advance` enlarges. Timers fire in order of their due time, and while the clock is
 * moved each one sees `now()` at its own due time, so that what a timer starts is dated as it would have been.
 * A `frozen` clock stands still but for `advance`, for tests that must not depend on how fast the machine is.
 */
export function createClock(options: { frozen?: boolean } = {}): PlaygroundClock {
  let offsetMs = 0;
  let order = 0;
  let timers: Timer[] = [];
  let wake: NodeJS.Timeout | undefined;

  const startedAt = Date.now();
  const now = () => (options.frozen ? startedAt : Date.now()) + offsetMs;

  const arm = () => {
    clearTimeout(wake);
    const first = timers[0];
    if (!first || options.frozen) return;
    wake = setTimeout(runDue, Math.min(Math.max(0, first.dueMs - now()), LONGEST_TIMEOUT_MS));
    wake.unref();
  };

  const runDue = () => {
    for (let first = timers[0]; first && first.dueMs <= now(); first = timers[0]) {
      timers.shift();
      first.callback();
    }
    arm();
  };

  return {
    now,
    after(ms, callback) {
      const timer: Timer = { dueMs: now() + Math.max(0, ms), order: order++, callback };
      timers.push(timer);
      timers.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      arm();
      return () => {
        timers = timers.filter((one) => one !== timer);
        arm();
      };
    },
    async advance(ms) {
      const target = now() + ms;
      for (let first = timers[0]; first && first.dueMs <= target; first = timers[0]) {
        offsetMs += Math.max(0, first.dueMs - now());
        timers.shift();
        first.callback();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      offsetMs += Math.max(0, target - now());
      arm();
    },
  };
}
