import { describe, expect, it } from 'vitest';
import { createClock } from '../../playground/index.js';
import { createTimerHeap } from '../../playground/timers.js';

describe('the clock', () => {
  it('runs what becomes due, in order, each at its own time', async () => {
    const clock = createClock({ frozen: true });
    const start = clock.now();
    const seen: [string, number][] = [];
    clock.after(2_000, () => seen.push(['b', clock.now() - start]));
    clock.after(1_000, () => {
      seen.push(['a', clock.now() - start]);
      clock.after(500, () => seen.push(['nested', clock.now() - start]));
    });
    const cancel = clock.after(1_500, () => seen.push(['cancelled', 0]));
    cancel();
    cancel();
    await clock.advance(10_000);
    expect(seen).toEqual([
      ['a', 1_000],
      ['nested', 1_500],
      ['b', 2_000],
    ]);
    expect(clock.now() - start).toBe(10_000);
  });

  it('goes on with real time, and rings when something earlier is due than what it waited for', async () => {
    const clock = createClock();
    await clock.advance(1_000);
    expect(clock.now() - Date.now()).toBeGreaterThanOrEqual(1_000 - 1);
    const fired: string[] = [];
    clock.after(60_000, () => fired.push('late'));
    clock.after(20, () => fired.push('soon'));
    clock.after(1, () => fired.push('taken back'))();
    await expect.poll(() => fired, { timeout: 15_000 }).toEqual(['soon']);
    await clock.advance(60_000);
    expect(fired).toEqual(['soon', 'late']);
  });

  it('tells of its moves before anything becomes due', async () => {
    const clock = createClock({ frozen: true });
    const told: (number | string)[] = [];
    const stop = clock.onMove((ms) => told.push(ms));
    clock.after(1, () => told.push('due'));
    await clock.advance(5);
    stop();
    await clock.advance(7);
    expect(told).toEqual([5, 'due']);
  });
});

describe('the timer heap', () => {
  it('gives timers by due time, then by age, however they came and whichever were taken back', () => {
    const heap = createTimerHeap();
    const given: number[] = [];
    // A fixed scramble: every number below 500 once.
    const cancels = Array.from({ length: 500 }, (_, n) => {
      const due = (n * 137) % 500;
      return { due, cancel: heap.add(due >> 1, () => given.push(due)) };
    });
    for (const { due, cancel } of cancels) if (due % 3 === 0) cancel();
    expect(heap.nextDueMs()).toBe(0);
    for (let run = heap.take(100); run; run = heap.take(100)) run();
    const isLeft = (due: number) => due % 3 !== 0;
    expect([...given].sort((a, b) => a - b)).toEqual(Array.from({ length: 202 }, (_, due) => due).filter(isLeft));
    expect(given.map((due) => due >> 1)).toEqual([...given].map((due) => due >> 1).sort((a, b) => a - b));
    for (let run = heap.take(1_000); run; run = heap.take(1_000)) run();
    expect(given).toHaveLength(500 - 167);
    expect(heap.nextDueMs()).toBeUndefined();
    const order: string[] = [];
    for (const name of ['first', 'second', 'third']) heap.add(5, () => order.push(name));
    for (let run = heap.take(5); run; run = heap.take(5)) run();
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('takes 100,000 timers, most of them taken back, without slowing down', () => {
    const heap = createTimerHeap();
    const startedAt = performance.now();
    for (let n = 0; n < 100_000; n++) {
      const cancel = heap.add(n % 1_000, () => {});
      if (n % 10 !== 0) cancel();
    }
    let left = 0;
    while (heap.take(1_000)) left++;
    expect(left).toBe(10_000);
    // Sorting an array anew for each would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
