/**
 * Watches this process's own event loop: leases, heartbeats and Discord live on it.
 *
 * A loop that was held up tells so itself, afterwards: the tick that is late says for how long. Nothing outside of the loop renews for it: a thread that did would
 * keep the lease of a process that does not work any more.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two samples of the delay; the histogram counts them as part of each. */
const RESOLUTION_MS = 20;
/** Milliseconds after which the measured delay begins anew. */
const PERIOD_MS = 60_000;

/** How late the event loop was in the last one to two minutes, in ms. */
export interface LoopDelay {
  meanMs: number;
  p99Ms: number;
  maxMs: number;
}

export interface LoopWatchDeps {
  /** Milliseconds between two ticks. */
  tickMs: number;
  /** Called when the loop was held up: monotonic ms of the last tick before and the first after it. */
  heldUp(lastAt: number, now: number): void;
}

export class LoopWatch {
  readonly #deps: LoopWatchDeps;
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #before: LoopDelay | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0;
  #since = 0;

  constructor(deps: LoopWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#histogram.enable();
    this.#lastAt = performance.now();
    this.#since = this.#lastAt;
    this.#timer = setInterval(() => this.#tick(), this.#deps.tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  delay(): LoopDelay {
    const now = this.#measure();
    const { meanMs, p99Ms, maxMs } = this.#before ?? now;
    return { meanMs: now.meanMs, p99Ms: Math.max(p99Ms, now.p99Ms), maxMs: Math.max(maxMs, now.maxMs, meanMs) };
  }

  #measure(): LoopDelay {
    const ms = (ns: number) => (Number.isFinite(ns) ? Math.max(0, ns / 1e6 - RESOLUTION_MS) : 0);
    const { mean, max } = this.#histogram;
    return { meanMs: ms(mean), p99Ms: ms(this.#histogram.percentile(99)), maxMs: ms(max) };
  }

  #tick(): void {
    const lastAt = this.#lastAt;
    const now = performance.now();
    this.#lastAt = now;
    if (now - lastAt > 2 * this.#deps.tickMs) this.#deps.heldUp(lastAt, now);
    if (now - this.#since < PERIOD_MS) return;
    this.#before = this.#measure();
    this.#histogram.reset();
    this.#since = now;
  }
}
