/**
 * Coalesces single items into one statement: what arrives while a flush is under way goes together in the next one; an idle batcher flushes at the end
 * of the event-loop turn, so that a lone item pays no timer.
 *
 * Invariant: an item is answered only by the flush that carried it. When a flush fails for a reason of its own (one bad row fails the statement), it is
 * halved until the bad item is alone and only that one fails. A lost connection is not halved: the flush function itself knows whether it may be repeated.
 */
import { isConnectionError } from './database.js';

export interface BatcherOptions<Item, Answer> {
  /** Handles the items together; answers one result per item, in order. */
  flush(items: Item[]): Promise<Answer[]>;
  /** Items in one flush at most. */
  maxItems: number;
  /** Flushes under way at the same time at most (default 1). */
  maxFlushes?: number;
}

interface Waiting<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export class Batcher<Item, Answer> {
  readonly #options: BatcherOptions<Item, Answer>;
  #waiting: Waiting<Item, Answer>[] = [];
  #flushes = 0;
  #scheduled = false;

  constructor(options: BatcherOptions<Item, Answer>) {
    this.#options = options;
  }

  /** Items not yet handed to a flush. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Adds an item; resolves with its own answer or rejects with its own error. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0 || this.#flushes >= (this.#options.maxFlushes ?? 1)) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const batch = this.#waiting.splice(0, this.#options.maxItems);
      if (batch.length === 0) return;
      this.#flushes += 1;
      void this.#run(batch).finally(() => {
        this.#flushes -= 1;
        this.#schedule();
      });
      this.#schedule();
    });
  }

  async #run(batch: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.flush(batch.map((waiting) => waiting.item));
      for (const [index, waiting] of batch.entries()) waiting.resolve(answers[index] as Answer);
    } catch (error) {
      if (batch.length === 1 || isConnectionError(error)) {
        for (const waiting of batch) waiting.reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.#run(batch.slice(0, middle));
      await this.#run(batch.slice(middle));
    }
  }
}
