/** Waiting for a Postgres that is not there yet. */
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { UnavailableError } from '../tasks/errors.js';
import { isConnectionError } from './database.js';

/**
 * Resolves when Postgres answers; asks again with growing pauses (up to 5 s) and says so each time.
 * Rejects with UnavailableError after `seconds`, at once when the address is wrong in a way that waiting cannot mend (password, database name), and with the
 * signal's reason when that is aborted.
 */
export async function waitForDatabase(
  sql: postgres.Sql,
  seconds: number,
  say: (message: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (let tries = 0; ; tries += 1) {
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isConnectionError(error))
        throw new UnavailableError(`Postgres refuses: ${(error as Error).message}. Check DATABASE_URL.`, error);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        throw new UnavailableError(
          `Postgres did not answer within ${seconds} s. Check DATABASE_URL, and that the server runs and can be reached from here.`,
          error,
        );
      }
      const pauseMs = Math.min(250 * 2 ** tries, 5000, leftMs);
      say(
        `Postgres cannot be reached (${(error as Error).message || 'no answer'}); trying again in ${Math.ceil(pauseMs / 1000)} s`,
      );
      await sleep(pauseMs, undefined, { signal });
    }
  }
}
