/** The pace of the announcer: every number of it, in milliseconds unless said. */
export interface Pacing {
  /** How often Postgres is asked for what no event told of. */
  pollMs: number;
  /** A channel is held so long without renewal. */
  leaseMs: number;
  renewMs: number;
  /** One rate-limit window of Discord: a successor keeps quiet for so long. */
  windowMs: number;
  /** A channel without work is given up after so long. */
  idleMs: number;
  /** Progress of a card is shown at most every `everyMs` while its message is younger than `untilMs`. */
  progress: readonly { untilMs: number; everyMs: number }[];
  /** Messages older than this have an edit budget of their own (Discord limits edits of messages older than an hour: code 30046). */
  oldMs: number;
  /** At most one edit of an old message per channel in so long. */
  oldEditEveryMs: number;
  /** After a 30046: no edit of an old message for so long. */
  oldPauseMs: number;
  /**
   * An edit is chosen and rendered so long before the rate limit allows it, so that a window of Discord's begins with no delay of ours: with 1,000
   * cards in a channel, 50 ms lost per window would be 10 s in all.
   */
  prepareMs: number;
  /** What waited longer than this after it was rendered is rendered anew. */
  staleMs: number;
  /** With more than so many running, a channel has a board. */
  boardAbove: number;
  boardEveryMs: number;
  /** The board goes away when so few have run for so long. */
  boardCloseMs: number;
  /** The board gets one edit in so long even while final cards wait, unless very many do. */
  boardStarvesMs: number;
  /** With more ends than this due in a channel, a digest tells them. */
  digestAbove: number;
  /** How long after the first sending the same nonce makes no second message. Discord says "the last few minutes". */
  nonceMs: number;
  /** A card that shows a place in the queue is looked at again after so long, at most one edit per channel in `placeEveryMs`. */
  placeStaleMs: number;
  placeEveryMs: number;
  /** A channel that refused the bot is tried again after so long; until then its messages go to direct messages at once. */
  closedMs: number;
  /** Backoff after trouble: doubled each time, with jitter. */
  retryMs: { first: number; most: number };
  /** A graceful stop waits so long for requests that are on their way. */
  stopMs: number;
}

export const DEFAULT_PACING: Pacing = {
  pollMs: 1_000,
  leaseMs: 10_000,
  renewMs: 3_000,
  windowMs: 5_000,
  idleMs: 60_000,
  progress: [
    { untilMs: 60_000, everyMs: 2_000 },
    { untilMs: 10 * 60_000, everyMs: 5_000 },
    { untilMs: 50 * 60_000, everyMs: 15_000 },
    { untilMs: Number.POSITIVE_INFINITY, everyMs: 60_000 },
  ],
  oldMs: 50 * 60_000,
  oldEditEveryMs: 10_000,
  oldPauseMs: 60_000,
  prepareMs: 60,
  staleMs: 200,
  boardAbove: 5,
  boardEveryMs: 5_000,
  boardCloseMs: 15_000,
  boardStarvesMs: 30_000,
  digestAbove: 30,
  nonceMs: 120_000,
  placeStaleMs: 30_000,
  placeEveryMs: 10_000,
  closedMs: 60_000,
  retryMs: { first: 500, most: 30_000 },
  stopMs: 8_000,
};

/** How long to wait between two progress edits of a message of this age. */
export function progressEveryMs(pacing: Pacing, ageMs: number): number {
  const rule = pacing.progress.find(({ untilMs }) => ageMs < untilMs);
  return rule?.everyMs ?? pacing.progress.at(-1)?.everyMs ?? 60_000;
}

/** Discord's epoch, from which its ids count milliseconds. */
const EPOCH_MS = 1_420_070_400_000;

/** When a message was made, in milliseconds since 1970. */
export function timeOfId(id: string): number {
  return Number(BigInt(id) >> 22n) + EPOCH_MS;
}

/** The smallest id of that moment: for comparing ids with a time. */
export function idOfTime(wallMs: number): string {
  return (BigInt(Math.max(0, Math.floor(wallMs - EPOCH_MS))) << 22n).toString();
}
