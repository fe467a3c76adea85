import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batcher } from '../../src/store/batcher.js';
import { UnavailableError } from '../../src/tasks/errors.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));
/** A flush that the test ends. */
function gated() {
  const flushes: { items: number[]; done: (error?: unknown) => void }[] = [];
  const flush = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      flushes.push({ items, done: (error) => (error === undefined ? resolve(items.map((item) => `${item}!`)) : reject(error)) });
    });
  return { flushes, flush };
}

describe('coalescing', () => {
  test('what comes in one turn goes together, what comes during a flush goes in the next', async () => {
    const { flushes, flush } = gated();
    const batcher = new Batcher({ flush, maxItems: 100 });
    const first = [1, 2, 3].map((item) => batcher.add(item));
    expect(batcher.size).toBe(3);
    await turn();
    const second = [4, 5].map((item) => batcher.add(item));
    await turn();
    expect(flushes.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    flushes[0]?.done();
    expect(await Promise.all(first)).toEqual(['1!', '2!', '3!']);
    await turn();
    await turn();
    expect(flushes.map(({ items }) => items)).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    flushes[1]?.done();
    expect(await Promise.all(second)).toEqual(['4!', '5!']);
    expect(batcher.size).toBe(0);
  });

  test('neither bound is ever passed', async () => {
    let under = 0;
    let most = 0;
    const sizes: number[] = [];
    const flush = async (items: number[]) => {
      under += 1;
      most = Math.max(most, under);
      sizes.push(items.length);
      for (let turns = 0; turns < 10; turns += 1) await turn();
      under -= 1;
      return items;
    };
    const batcher = new Batcher({ flush, maxItems: 7, maxFlushes: 3 });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, item) => batcher.add(item)));
    expect(answers).toEqual(Array.from({ length: 100 }, (_, item) => item));
    expect(most).toBe(3);
    expect(Math.max(...sizes)).toBe(7);
  });
});

describe('failing', () => {
  test('only the bad items fail, each with its own error, however many there are and wherever they stand', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        async (bad, maxItems) => {
          const stored: number[] = [];
          const flush = async (items: number[]) => {
            const wrong = items.find((item) => bad[item]);
            if (wrong !== undefined) throw new Error(`row ${wrong}`);
            stored.push(...items);
            return items.map((item) => item * 2);
          };
          const batcher = new Batcher({ flush, maxItems });
          const settled = await Promise.allSettled(bad.map((_, item) => batcher.add(item)));
          const expected = bad.map((isBad, item) =>
            isBad ? { status: 'rejected', reason: new Error(`row ${item}`) } : { status: 'fulfilled', value: item * 2 },
          );
          expect(settled).toEqual(expected);
          expect(stored.sort((a, b) => a - b)).toEqual(bad.flatMap((isBad, item) => (isBad ? [] : [item])));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a lost connection fails all at once, without sending halves', async () => {
    for (const error of [new UnavailableError(), Object.assign(new Error('reset'), { code: 'ECONNRESET' })]) {
      let flushes = 0;
      const flush = async (): Promise<number[]> => {
        flushes += 1;
        throw error;
      };
      const batcher = new Batcher<number, number>({ flush, maxItems: 10 });
      const settled = await Promise.allSettled([1, 2, 3, 4].map((item) => batcher.add(item)));
      expect(settled.map((each) => each.status === 'rejected' && each.reason)).toEqual([error, error, error, error]);
      expect(flushes).toBe(1);
    }
  });

  test('a flush that fails or throws at once does not stop those that come after', async () => {
    let calls = 0;
    const flush = (items: number[]): Promise<number[]> => {
      calls += 1;
      if (calls === 1) throw new Error('thrown, not rejected');
      return Promise.resolve(items);
    };
    const batcher = new Batcher({ flush, maxItems: 10 });
    await expect(batcher.add(1)).rejects.toThrow('thrown');
    expect(await batcher.add(2)).toBe(2);
  });
});
