import type { PlaygroundClock } from './api.js';

/** First millisecond of Discord's ids (2015-01-01). */
const DISCORD_EPOCH_MS = 1_420_070_400_000n;

/** Makes ids that never fall, even when the clock stands still. */
export interface SnowflakeSource {
  next(): string;
  /** Later ids will be larger than this one (used after loading a saved world). */
  noteUsed(id: string): void;
}

/** Ids as Discord makes them: 42 bits of milliseconds, 22 bits of counter; 19 digits in our time. */
export function createSnowflakes(clock: PlaygroundClock): SnowflakeSource {
  let last = 0n;
  return {
    next() {
      const fromClock = (BigInt(clock.now()) - DISCORD_EPOCH_MS) << 22n;
      last = fromClock > last ? fromClock : last + 1n;
      return last.toString();
    },
    noteUsed(id) {
      const used = BigInt(id);
      if (used > last) last = used;
    },
  };
}

/** When the id was made, in milliseconds since 1970. */
export function timeOfSnowflake(id: string): number {
  return Number((BigInt(id) >> 22n) + DISCORD_EPOCH_MS);
}
