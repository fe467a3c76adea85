import type { Core } from '../core.js';

/** A client may be late by half an interval. */
const TOLERANCE = 1.5;

/** Watches whether a client still beats. */
export interface HeartbeatWatch {
  /** A heartbeat came. */
  beat(): void;
  stop(): void;
}

/**
 * Beats are due on the playground's clock. When one is missing the client is asked for it with op 1, as Discord may
 * (gateway.mdx, Heartbeat Requests), and is `lost` only when no beat follows within `heartbeatGraceMs` of real time: so a test
 * that moves the clock by an hour does not end the connection of a real client, which beats in real time and answers op 1 at once.
 */
export function watchHeartbeats(core: Core, on: { ask(): void; lost(): void }): HeartbeatWatch {
  let grace: NodeJS.Timeout | undefined;
  let cancel = () => {};
  const arm = () => {
    cancel = core.clock.after(core.limits.heartbeatIntervalMs * TOLERANCE, () => {
      on.ask();
      grace = setTimeout(on.lost, core.limits.heartbeatGraceMs);
      grace.unref();
    });
  };
  const stop = () => {
    cancel();
    clearTimeout(grace);
  };
  arm();
  return {
    beat() {
      stop();
      arm();
    },
    stop,
  };
}
