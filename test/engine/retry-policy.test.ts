import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/agents/contract.js';
import { afterFailure, errorLine, isPermanent, retryDelayMs } from '../../src/engine/retry-policy.js';
import { isStorable } from '../../src/tasks/model.js';

const settings = fc.record({
  baseRetryDelaySeconds: fc.integer({ min: 1, max: 60 }),
  maxRetryDelaySeconds: fc.integer({ min: 1, max: 3600 }),
});
const retries = fc.integer({ min: 0, max: 100_000 });
const random = fc.double({ min: 0, max: 1, noNaN: true });

describe('the delay before a retry', () => {
  test('is between half and all of base × 2^retry, and never more than the cap', () => {
    fc.assert(
      fc.property(settings, retries, random, (bounds, retry, dice) => {
        const full = Math.min(bounds.baseRetryDelaySeconds * 2 ** retry, bounds.maxRetryDelaySeconds) * 1000;
        const delay = retryDelayMs(retry, bounds, dice);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(full / 2);
        expect(delay).toBeLessThanOrEqual(full);
      }),
    );
  });

  test('never shrinks with the number of failures, and grows with the dice', () => {
    fc.assert(
      fc.property(settings, retries, random, random, (bounds, retry, a, b) => {
        expect(retryDelayMs(retry + 1, bounds, a)).toBeGreaterThanOrEqual(retryDelayMs(retry, bounds, a));
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(retryDelayMs(retry, bounds, high)).toBeGreaterThanOrEqual(retryDelayMs(retry, bounds, low));
      }),
    );
  });

  test('with the default settings: 2, 4, 8, 16, 30, 30 s, of which half is random', () => {
    const defaults = { baseRetryDelaySeconds: 2, maxRetryDelaySeconds: 30 };
    expect([0, 1, 2, 3, 4, 5].map((retry) => retryDelayMs(retry, defaults, 1))).toEqual([
      2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    expect([0, 1, 5].map((retry) => retryDelayMs(retry, defaults, 0))).toEqual([1000, 2000, 15_000]);
  });
});

describe('what follows a failure', () => {
  const error = { reason: 'error', message: 'no' } as const;
  const delays = { baseRetryDelaySeconds: 2, maxRetryDelaySeconds: 30 };

  test('is a retry exactly while failures are left and trying again can help', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 10 }),
        fc.boolean(),
        random,
        (failures, maxRetries, permanent, dice) => {
          const outcome = afterFailure(error, { failures, maxRetries }, delays, dice, permanent);
          const again = !permanent && failures < maxRetries;
          expect(outcome).toEqual(
            again ? { kind: 'retry', error, delayMs: retryDelayMs(failures, delays, dice) } : { kind: 'failed', error },
          );
        },
      ),
    );
  });

  test('a permanent error is known by its class, and by its name from another copy of the class', () => {
    class PermanentErrorOfElsewhere extends Error {
      override readonly name = 'PermanentError';
    }
    expect(
      [
        new PermanentError('x'),
        new PermanentErrorOfElsewhere('x'),
        new Error('PermanentError'),
        'PermanentError',
        null,
        { name: 'PermanentError' },
      ].map(isPermanent),
    ).toEqual([true, true, false, false, false, false]);
  });
});

describe('the line about an error', () => {
  test('is one line that can be stored, of at most 500 characters, whatever was thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.string({ unit: 'binary', maxLength: 2000 }).map((text) => new Error(text)),
          fc.string({ unit: 'binary', maxLength: 2000 }),
        ),
        (thrown) => {
          const line = errorLine(thrown);
          expect([...line].length).toBeGreaterThan(0);
          expect([...line].length).toBeLessThanOrEqual(500);
          expect(line).not.toMatch(/[\p{Cc}]/u);
          expect(isStorable(line)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('survives errors that cannot be read', () => {
    const nameless = Object.assign(new Error('x'), { message: { not: 'text' } });
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    const rude = {
      toString: () => {
        throw new Error('no');
      },
    };
    for (const thrown of [
      Object.create(null),
      nameless,
      hostile,
      rude,
      Symbol('s'),
      undefined,
      null,
      '',
      '\uD800',
      new Error(''),
    ]) {
      expect(errorLine(thrown).length).toBeGreaterThan(0);
      expect(typeof isPermanent(thrown)).toBe('boolean');
    }
    expect(errorLine(new Error('first\n\tsecond\u0000 third'))).toBe('first second third');
    expect(errorLine(new TypeError(''))).toBe('TypeError');
    expect(errorLine('🦉'.repeat(600))).toBe('🦉'.repeat(500));
  });
});
