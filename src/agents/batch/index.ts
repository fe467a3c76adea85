/** Works through a list of items one by one, reports each, and lists what failed. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineAgent, PermanentError } from '../contract.js';
import { clip, codeBlock, escapeMarkdown } from '../markdown.js';
import { toCsv } from './csv.js';

const OPERATIONS = {
  uppercase: (item: string) => item.toUpperCase(),
  reverse: (item: string) => [...item].reverse().join(''),
  'count-words': (item: string) => String(item.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0),
  sha256: (item: string) => createHash('sha256').update(item).digest('hex'),
} as const;
type Operation = keyof typeof OPERATIONS;

const item = z.string().min(1).max(1000);
const inputSchema = z.object({
  items: z.array(item).min(1).max(500).describe('What to work on: one item a line.'),
  operation: z
    .enum(Object.keys(OPERATIONS) as Operation[])
    .default('uppercase')
    .describe('What to do with each item.'),
  itemDelayMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(200)
    .meta({ title: 'Time per item in milliseconds', description: 'How long each item takes.' }),
  failEvery: z.int().min(1).max(500).optional().describe('Every how many items one fails on purpose.'),
  failItems: z.array(item).max(500).default([]).meta({ title: 'Items that fail', description: 'They fail on purpose.' }),
  maxFailures: z.int().min(0).max(500).optional().describe('The task fails when more items than this failed; absent: never.'),
});

interface Outcome {
  item: string;
  ok: boolean;
  /** The result, or why it failed. */
  detail: string;
}

/** Lines of failures and of results that the text shows; the CSV has them all. */
const LISTED = 10;

export const batchAgent = defineAgent({
  id: 'batch',
  name: 'Batch',
  description: 'Works through a list of items one after another, reports each, and lists those that failed.',
  inputSchema,
  files: 'none',
  module: import.meta.url,
  async run({ input }, context) {
    const outcomes: Outcome[] = [];
    let failed = 0;
    for (const [index, entry] of input.items.entries()) {
      context.progress((index / input.items.length) * 100, `Item ${index + 1} of ${input.items.length}`, clip(entry, 80));
      await context.wait(input.itemDelayMs);
      const outcome = processItem(entry, index, input);
      outcomes.push(outcome);
      if (!outcome.ok) {
        failed += 1;
        context.log('item failed', { index, problem: outcome.detail });
      }
      if (input.maxFailures !== undefined && failed > input.maxFailures) throw tooManyFailures(outcomes, input);
    }
    context.progress(100, 'Done', `${outcomes.length - failed} done, ${failed} failed`);
    const rows = outcomes.map(({ item: name, ok, detail }) => [name, ok ? 'done' : 'failed', ok ? detail : '', ok ? '' : detail]);
    const csv = toCsv([['item', 'status', 'result', 'problem'], ...rows]);
    await context.attach({ name: 'results.csv', contentType: 'text/csv', bytes: Buffer.from(csv) });
    return { text: summarise(outcomes, input.operation), data: { processed: outcomes.length, failed } };
  },
});

function processItem(entry: string, index: number, input: z.output<typeof inputSchema>): Outcome {
  if (input.failItems.includes(entry)) return { item: entry, ok: false, detail: 'is one of failItems' };
  if (input.failEvery !== undefined && (index + 1) % input.failEvery === 0)
    return { item: entry, ok: false, detail: `is item ${index + 1}, and every ${input.failEvery}. fails` };
  return { item: entry, ok: true, detail: OPERATIONS[input.operation](entry) };
}

/** Permanent: the same items would fail in the same way again. */
function tooManyFailures(outcomes: readonly Outcome[], input: z.output<typeof inputSchema>): PermanentError {
  const failed = outcomes.filter(({ ok }) => !ok).map(({ item: name }) => clip(name, 40));
  const names = failed.length > 5 ? `${failed.slice(0, 5).join(', ')} …` : failed.join(', ');
  return new PermanentError(
    `${failed.length} of the first ${outcomes.length} of ${input.items.length} items failed, more than the ${input.maxFailures} allowed: ${names}`,
  );
}

function summarise(outcomes: readonly Outcome[], operation: string): string {
  const failed = outcomes.filter(({ ok }) => !ok);
  const done = outcomes.filter(({ ok }) => ok);
  const parts = [
    `**${done.length} of ${outcomes.length}** items done (${operation})${failed.length > 0 ? `, **${failed.length} failed**` : ''}.`,
  ];
  if (failed.length > 0) {
    const lines = failed.slice(0, LISTED).map(({ item: name, detail }) => `- ${escapeMarkdown(clip(name, 80))}: ${detail}`);
    parts.push(['Failed:', ...lines, ...more(failed.length)].join('\n'));
  }
  if (done.length > 0) {
    const lines = done.slice(0, LISTED).map(({ item: name, detail }) => `${clip(name, 40)} → ${clip(detail, 80)}`);
    parts.push(codeBlock([...lines, ...more(done.length)].join('\n')));
  }
  parts.push('All results are in `results.csv`.');
  return parts.join('\n');
}

function more(count: number): string[] {
  return count > LISTED ? [`… and ${count - LISTED} more`] : [];
}
