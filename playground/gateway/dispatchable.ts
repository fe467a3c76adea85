/** What of a session decides what it is told. */
export interface Reader {
  intents: number;
  largeThreshold: number;
}

/** One gateway event: `needs` are intents of which one must be set (0: none needed). */
export interface Dispatchable {
  t: string;
  guildId: string | null;
  needs: number;
  /** The data for this session; undefined when it is not told of it after all. */
  data: (reader: Reader) => unknown;
}

/** An event that says the same to every session. */
export function one(t: string, guildId: string | null, needs: number, data: unknown): Dispatchable[] {
  return [{ t, guildId, needs, data: () => data }];
}
