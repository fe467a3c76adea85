/** What is known of one channel while this process holds its lease. */
import { LRUCache } from 'lru-cache';
import type { Fence } from '../../store/announcements/cards.js';
import type { Lease } from '../../store/announcements/leases.js';
import { isConnectionError } from '../../store/database.js';
import type { Clock } from '../rest/clock.js';
import type { Outcome } from '../rest/outcome.js';
import { FULL, type Variant } from './bodies.js';
import type { Desk } from './desk.js';
import { reasonOf } from './refusals.js';

/** A wait that can be ended from outside; a wake-up between two waits is not lost. */
export class Wake {
  #woken = false;
  #current: AbortController | null = null;

  wake(): void {
    this.#woken = true;
    this.#current?.abort();
  }

  /** Waits at least `leastMs` and at most `ms`; ends in between when woken, at once when the signal is aborted. */
  async wait(clock: Clock, ms: number, leastMs: number, signal: AbortSignal): Promise<void> {
    await clock.sleep(Math.min(ms, leastMs), signal);
    if (!this.#woken && ms > leastMs && !signal.aborted) {
      const current = new AbortController();
      this.#current = current;
      const stop = () => current.abort();
      signal.addEventListener('abort', stop, { once: true });
      await clock.sleep(Math.min(ms - leastMs, 60_000), current.signal);
      signal.removeEventListener('abort', stop);
      this.#current = null;
    }
    this.#woken = false;
  }
}

type Failed = Exclude<Outcome<never>, { kind: 'ok' }>;

/** Unknown channel or guild, and no access to it. */
const UNSEEN = new Set([10003, 10004, 50001]);

export class Channel {
  readonly id: string;
  readonly fence: Fence;
  readonly signal: AbortSignal;
  readonly edits = new Wake();
  readonly posts = new Wake();
  /** The board of the channel; `wanted` asks the post lane to make one. */
  readonly board: {
    messageId: string | null;
    hash: string | null;
    editedAt: number;
    calmSince: number | null;
    wanted: boolean;
    plain: boolean;
  };
  /** Nonce of a board whose creation has no known outcome, and when (monotonic) it was sent first. */
  pendingBoard: { nonce: string; sentAt: number } | null;
  /** Monotonic time of the next allowed edit of an old message. */
  oldEditAt = 0;
  placeAt = 0;
  activeAt: number;
  /** Whether the next post is a card although ends wait: they take turns. */
  cardsTurn = false;
  readonly #desk: Desk;
  #closed: { reason: string; until: number; unseen: boolean } | null = null;
  #troubles = 0;
  #gone = false;
  /** Cards that could not be shown just now, until when they are left alone. */
  readonly #resting = new Map<string, number>();
  /** What was refused of a card is not sent again each time. */
  readonly #variants = new LRUCache<string, Variant>({ max: 500 });

  constructor(desk: Desk, lease: Lease, holder: string, signal: AbortSignal) {
    this.#desk = desk;
    this.id = lease.channelId;
    this.fence = { channelId: lease.channelId, holder, fence: lease.fence };
    this.signal = signal;
    const now = desk.clock.now();
    this.activeAt = now;
    this.board = {
      messageId: lease.boardMessageId,
      hash: null,
      editedAt: 0,
      calmSince: null,
      wanted: lease.boardNonce !== null,
      plain: false,
    };
    this.pendingBoard =
      lease.boardNonce === null ? null : { nonce: lease.boardNonce, sentAt: now - (lease.boardSentSeconds ?? 0) * 1000 };
  }

  /** Why the bot may not write here, or null while it may. */
  get closed(): string | null {
    if (this.#closed !== null && this.#closed.until <= this.#desk.clock.now()) this.#closed = null;
    return this.#closed?.reason ?? null;
  }

  /** The bot cannot even see the channel: edits are as hopeless as new messages. */
  get unseen(): boolean {
    return this.closed !== null && this.#closed?.unseen === true;
  }

  close(refused: Extract<Failed, { kind: 'refused' }>): string {
    const reason = reasonOf(refused);
    const unseen = UNSEEN.has(refused.code);
    this.#closed = { reason, until: this.#desk.clock.now() + this.#desk.pacing.closedMs, unseen };
    this.#desk.log.warn({ channelId: this.id, reason }, 'the bot cannot write in this channel');
    return reason;
  }

  /** The lease is another's by now. */
  get gone(): boolean {
    return this.#gone;
  }

  lose(): void {
    this.#gone = true;
    this.edits.wake();
    this.posts.wake();
  }

  touch(): void {
    this.activeAt = this.#desk.clock.now();
  }

  /** Notes a failure that may pass, and answers how long to wait: doubled each time, with jitter. */
  trouble(what: string, failed: Failed | { kind: 'error'; why: string }): number {
    if (failed.kind === 'rate_limited') return failed.retryAfterMs;
    const { first, most } = this.#desk.pacing.retryMs;
    const waitMs = Math.min(most, first * 2 ** Math.min(this.#troubles, 16)) * (0.5 + this.#desk.random() / 2);
    this.#troubles += 1;
    const why = failed.kind === 'refused' ? reasonOf(failed) : failed.why;
    const level = this.#troubles === 1 || this.#troubles % 10 === 0 ? 'warn' : 'debug';
    this.#desk.log[level](
      { channelId: this.id, what, why, waitMs: Math.round(waitMs), times: this.#troubles },
      'announcing must wait',
    );
    return waitMs;
  }

  fine(): void {
    this.#troubles = 0;
    this.touch();
  }

  variantOf(cardId: string): Variant {
    return this.#variants.get(cardId) ?? FULL;
  }

  rememberVariant(cardId: string, variant: Variant): void {
    this.#variants.set(cardId, variant);
  }

  rest(cardId: string, ms: number): void {
    this.#resting.set(cardId, this.#desk.clock.now() + ms);
  }

  isResting(cardId: string): boolean {
    const until = this.#resting.get(cardId);
    if (until === undefined) return false;
    if (until > this.#desk.clock.now()) return true;
    this.#resting.delete(cardId);
    return false;
  }
}

/** Does the work for one card. A defect that shows only there must not stop the others: the card is left alone for a while. */
export async function guarded(desk: Desk, channel: Channel, cardId: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (isConnectionError(error)) throw error;
    desk.log.error({ err: error, cardId, channelId: channel.id }, 'a card could not be shown; it is left alone for a minute');
    channel.rest(cardId, 60_000);
    return 0;
  }
}

/** Repeats a record of what has happened at Discord until Postgres has taken it: what is not recorded would be sent again. */
export async function persist<T>(desk: Desk, channel: Channel, record: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await record();
    } catch (error) {
      if (channel.signal.aborted && tries > 2) throw error;
      if (tries === 0) desk.log.warn({ err: error, channelId: channel.id }, 'a delivery could not be recorded; trying again');
      await desk.clock.sleep(Math.min(250 * 2 ** tries, 5_000));
    }
  }
}
