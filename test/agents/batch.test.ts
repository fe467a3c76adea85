import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { batchAgent } from '../../src/agents/batch/index.js';
import { PermanentError } from '../../src/agents/contract.js';
import { startAgent } from '../support/run-agent.js';

const items = ['one', 'two words', 'Zażółć', '🙂 smile'];

async function csvOf(run: ReturnType<typeof startAgent>): Promise<Record<string, string>[]> {
  await run.result;
  return parse(Buffer.from(run.files[0]?.bytes ?? []), { columns: true });
}

describe('the batch agent', () => {
  it.each([
    ['uppercase', ['ONE', 'TWO WORDS', 'ZAŻÓŁĆ', '🙂 SMILE']],
    ['reverse', ['eno', 'sdrow owt', 'ćłóżaZ', 'elims 🙂']],
    ['count-words', ['1', '2', '1', '1']],
  ])('does %s with each item and reports each', async (operation, expected) => {
    const run = startAgent(batchAgent, { input: { items, operation, itemDelayMs: 0 } });
    expect((await csvOf(run)).map(({ result }) => result)).toEqual(expected);
    expect(run.progress.map(({ step }) => step)).toEqual([1, 2, 3, 4].map((n) => `Item ${n} of 4`).concat('Done'));
    expect(await run.result).toMatchObject({ data: { processed: 4, failed: 0 } });
  });

  it('hashes', async () => {
    const run = startAgent(batchAgent, { input: { items: ['abc'], operation: 'sha256', itemDelayMs: 0 } });
    expect((await csvOf(run))[0]?.result).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('lists partial failures and goes on', async () => {
    const run = startAgent(batchAgent, { input: { items, itemDelayMs: 0, failItems: ['one'], failEvery: 4 } });
    const { text, data } = await run.result;
    expect(data).toEqual({ processed: 4, failed: 2 });
    expect(text).toContain('**2 of 4** items done (uppercase), **2 failed**');
    expect(text).toContain('- one: is one of failItems');
    expect((await csvOf(run)).map(({ status }) => status)).toEqual(['failed', 'done', 'done', 'failed']);
  });

  it('fails for good as soon as more items failed than allowed', async () => {
    const run = startAgent(batchAgent, { input: { items, itemDelayMs: 0, failEvery: 1, maxFailures: 1 } });
    await expect(run.result).rejects.toThrow(PermanentError);
    await expect(run.result).rejects.toThrow('2 of the first 2 of 4 items failed, more than the 1 allowed: one, two words');
    expect(run.files).toEqual([]);
  });

  it('keeps formulas and Markdown in items harmless', async () => {
    const odd = ['=1+1', '-5', 'a "quoted", cell', '**bold** @everyone', '```'];
    const run = startAgent(batchAgent, { input: { items: odd, itemDelayMs: 0, failItems: ['**bold** @everyone'] } });
    expect((await csvOf(run)).map(({ item }) => item)).toEqual(["'=1+1", '-5', 'a "quoted", cell', '**bold** @everyone', '```']);
    const { text } = await run.result;
    expect(text).toContain('\\*\\*bold\\*\\* @everyone');
    expect(text.match(/```/g)).toHaveLength(2);
  });

  it('stops between items when it is told to', async () => {
    const run = startAgent(batchAgent, {
      input: { items, itemDelayMs: 60_000 },
      onProgress: (_, started) => queueMicrotask(() => started.abort()),
    });
    await expect(run.result).rejects.toThrow('cancelled');
    expect(run.progress).toHaveLength(1);
  });
});
