import { describe, expect, it } from 'vitest';
import { parseInput } from '../../src/agents/input.js';
import { sampleAgent } from '../../src/agents/sample/index.js';
import { startAgent } from '../support/run-agent.js';

describe('the sample agent', () => {
  it('goes through its steps, reports each, and takes the time it was given', async () => {
    const startedAt = performance.now();
    const run = startAgent(sampleAgent, { input: { delayMs: 100, steps: 4 } });
    const result = await run.result;
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95);
    expect(run.progress.map(({ percent }) => percent)).toEqual([0, 25, 50, 75, 100]);
    expect(run.progress[1]?.step).toBe('Step 2 of 4');
    expect(result.text).toContain('4 steps');
  });

  it('fails at the given step in the first runs only', async () => {
    const input = { delayMs: 0, steps: 3, failAt: 2, failTimes: 2 };
    for (const failures of [0, 1]) {
      const run = startAgent(sampleAgent, { input, failures });
      await expect(run.result).rejects.toThrow(`Failed on purpose at step 2 of 3 (failure ${failures + 1} of 2).`);
      expect(run.progress.at(-1)?.step).toBe('Step 2 of 3');
    }
    await expect(startAgent(sampleAgent, { input, failures: 2, attempt: 3 }).result).resolves.toMatchObject({
      data: { attempt: 3 },
    });
  });

  it('stops at once when it is told to', async () => {
    const run = startAgent(sampleAgent, {
      input: { delayMs: 3_600_000, steps: 1 },
      onProgress: (_, started) => queueMicrotask(() => started.abort(new Error('cancelled by a test'))),
    });
    const startedAt = performance.now();
    await expect(run.result).rejects.toThrow('cancelled by a test');
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('refuses input that cannot work', () => {
    expect(parseInput(sampleAgent, { steps: 2, failAt: 3 })).toMatchObject({ problems: [{ field: 'failAt' }] });
    expect(parseInput(sampleAgent, { failTimes: 2 })).toMatchObject({ problems: [{ field: 'failTimes' }] });
    expect(parseInput(sampleAgent, { delayMs: 3_600_001 })).toMatchObject({ problems: [{ field: 'delayMs' }] });
  });
});
