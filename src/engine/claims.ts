/** The claims of this process that are under way: sent to Postgres, and not yet answered, or their answer not yet followed. */

export class ClaimsUnderWay {
  readonly #since = new Set<{ at: number }>();

  /**
   * Counts the claim as under way until it is answered. Whoever awaits it begins the runs at once, without waiting for anything else before.
   */
  async track<T>(claim: () => Promise<T>): Promise<T> {
    const entry = { at: performance.now() };
    this.#since.add(entry);
    try {
      return await claim();
    } finally {
      this.#since.delete(entry);
    }
  }

  /** Monotonic ms since when the oldest one is under way; null without any. */
  get oldestAt(): number | null {
    const [oldest] = this.#since;
    return oldest?.at ?? null;
  }
}
