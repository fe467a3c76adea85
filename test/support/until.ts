import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `condition` gives something other than false and undefined, and gives that; throws after `limitMs`. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 10_000,
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined) return value as Exclude<T, false | undefined>;
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(25);
  }
}
