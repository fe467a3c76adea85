/** Discord's ids: 64-bit numbers as text, ordered by time. Pure. */

/** Milliseconds between 1970 and 2015, where Discord's ids begin. */
const discordEpochMs = 1_420_070_400_000n;

/** Orders ids by number, hence by time: negative when `one` is older. */
export function compareIds(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** An id for a note that only this page shows, at its place in time. */
export function idAt(ms: number): string {
  return String(((BigInt(Math.floor(ms)) - discordEpochMs) << 22n) | 0x3fffffn);
}
