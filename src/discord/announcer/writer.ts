/** The one writer of a channel: an edit lane and a post lane, because Discord limits the two apart. */
import type { Lease } from '../../store/announcements/leases.js';
import { Channel, type Wake } from './channel.js';
import type { Desk } from './desk.js';
import { editStep } from './edits.js';
import { postStep } from './posts.js';

/** Between two looks at what is due: a burst of events costs one. */
const LEAST_MS = 20;
/** Progress events wake the writer at most so often. */
const PROGRESS_MS = 250;

export class ChannelWriter {
  readonly channel: Channel;
  readonly #desk: Desk;
  readonly #stop = new AbortController();
  readonly #lanes: Promise<unknown>;
  /** Monotonic time until which the lease surely holds. */
  #validUntil: number;
  #progressWokenAt = 0;

  /** @param askedAt monotonic time before the lease was taken */
  constructor(desk: Desk, lease: Lease, holder: string, askedAt: number) {
    this.#desk = desk;
    this.#validUntil = askedAt + desk.pacing.leaseMs;
    this.channel = new Channel(desk, lease, holder, this.#stop.signal);
    this.#lanes = Promise.all([
      this.#run(this.channel.edits, lease.quietMs, editStep),
      this.#run(this.channel.posts, lease.quietMs, postStep),
    ]);
  }

  async #run(wake: Wake, quietMs: number, step: (desk: Desk, channel: Channel) => Promise<number>): Promise<void> {
    const { clock } = this.#desk;
    const { signal } = this.#stop;
    if (quietMs > 0) await clock.sleep(quietMs, signal);
    while (!signal.aborted && !this.channel.gone) {
      if (clock.now() >= this.#validUntil) {
        // Postgres may be away, or the lease lost: nothing is sent before that is clear.
        await clock.sleep(LEAST_MS * 5, signal);
        continue;
      }
      let waitMs = 0;
      try {
        waitMs = await step(this.#desk, this.channel);
      } catch (error) {
        waitMs = this.channel.trouble('Postgres or a defect', {
          kind: 'error',
          why: error instanceof Error ? error.message : String(error),
        });
      }
      if (waitMs > 0) await wake.wait(clock, waitMs, LEAST_MS, signal);
      else this.channel.touch();
    }
  }

  /** Something has changed: look again. */
  wake(kind: 'changed' | 'progress' | 'ended'): void {
    const now = this.#desk.clock.now();
    if (kind === 'progress') {
      if (now - this.#progressWokenAt < PROGRESS_MS) return;
      this.#progressWokenAt = now;
    }
    this.channel.edits.wake();
    if (kind !== 'progress') this.channel.posts.wake();
  }

  /** @param askedAt monotonic time before the renewal was sent */
  renewed(askedAt: number): void {
    this.#validUntil = askedAt + this.#desk.pacing.leaseMs;
  }

  /** Whether nothing has been due for so long that the channel may be given up. */
  get idle(): boolean {
    const { board, activeAt } = this.channel;
    return board.messageId === null && !board.wanted && this.#desk.clock.now() - activeAt > this.#desk.pacing.idleMs;
  }

  /** Ends both lanes after the requests that are on their way, or after `stopMs`. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.race([this.#lanes, this.#desk.clock.sleep(this.#desk.pacing.stopMs)]);
  }
}
