import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderBatchCard } from '../../../src/discord/cards/batch-card.js';
import { renderBoard } from '../../../src/discord/cards/board.js';
import { renderCompletions, renderDigest } from '../../../src/discord/cards/completions.js';
import { renderDetails } from '../../../src/discord/cards/details.js';
import { renderTaskCard } from '../../../src/discord/cards/task-card.js';
import { PRIORITIES, type Task, type TaskFile } from '../../../src/tasks/model.js';
import { FINAL_STATUSES, STATUSES, WAITING_REASONS } from '../../../src/tasks/states.js';
import { violations } from './limits.js';
import { NOW, REQUESTER, sampleTask, TASK_ID } from './samples.js';

const nasty = fc.constantFrom(
  '`',
  '```',
  '*',
  '_',
  '|',
  '||',
  '<@1>',
  '@everyone',
  '](x)',
  '\\',
  '\n',
  '\u0000',
  '\ud800',
  '😀',
  '\u202e',
  '# ',
  'https://a.b/_',
  ' ',
);
/** Text of up to `max` pieces, made of what hurts most. */
const text = (max: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: max }),
    fc.array(nasty, { maxLength: max }).map((parts) => parts.join('').slice(0, max)),
    nasty.map((one) => one.repeat(max).slice(0, max)),
  );
const json = fc.dictionary(text(60), fc.jsonValue() as fc.Arbitrary<never>, { maxKeys: 20 });
const reason = fc.constantFrom('error', 'invalid_input', 'timeout', 'expired', 'lost', 'stale', 'no_agent' as const);
const error = fc.option(fc.record({ reason: reason as fc.Arbitrary<'error'>, message: text(3000) }));

const task: fc.Arbitrary<Task> = fc
  .record({
    status: fc.constantFrom(...STATUSES),
    waiting: fc.option(fc.constantFrom(...WAITING_REASONS)),
    title: text(200),
    description: text(2000),
    type: fc.option(text(50)),
    input: json,
    priority: fc.constantFrom(...PRIORITIES),
    attempt: fc.nat(50),
    failures: fc.nat(12),
    maxRetries: fc.nat(10),
    result: fc.option(fc.record({ text: text(6000) })),
    error,
    score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ status, waiting, ...over }) => sampleTask(status, { ...over, waitingFor: status === 'pending' ? waiting : null }));

const file: fc.Arbitrary<TaskFile> = fc.record({
  id: fc.uuid(),
  taskId: fc.constant(TASK_ID),
  direction: fc.constantFrom('in', 'out'),
  attempt: fc.nat(2),
  name: text(255),
  contentType: fc.constant('text/plain'),
  size: fc.nat(10_485_760),
  sha256: fc.constant('0'.repeat(64)),
});
const view = fc.record({
  task,
  progress: fc.option(fc.record({ percent: fc.nat(100), step: text(100), description: text(300), updatedAt: fc.constant(NOW) })),
  place: fc.option(
    fc.record({
      position: fc.integer({ min: 1, max: 1000 }),
      etaSeconds: fc.option(fc.nat(1e6)),
      blockedBy: fc.option(text(400)),
    }),
  ),
  agentName: text(80),
  files: fc.array(file, { maxLength: 14 }),
  now: fc.constant(NOW),
  plain: fc.boolean(),
});

it('every card and every details view passes the limits of Discord', () => {
  fc.assert(
    fc.property(
      view,
      fc.array(fc.record({ event: text(50), actor: text(100), why: text(500) }), { maxLength: 30 }),
      (shown, events) => {
        const card = renderTaskCard(shown);
        expect(violations(card)).toEqual([]);
        expect(card.files?.length ?? 0).toBeLessThanOrEqual(10);
        expect(JSON.stringify({ ...card, files: [] })).not.toMatch(/@(everyone|here)/i);
        const history = events.map(({ event, actor, why }, n) => ({
          id: `${n}`,
          taskId: TASK_ID,
          at: NOW,
          actor,
          event,
          from: null,
          to: null,
          details: { reason: why },
        }));
        expect(
          violations(
            renderDetails({
              details: { ...shown, history },
              agentName: shown.agentName,
              now: NOW,
            }),
          ),
        ).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

it('every batch card, board, completion and digest passes the limits of Discord', () => {
  const end = fc.record({
    id: fc.uuid(),
    kind: fc.constantFrom('task', 'batch' as const),
    status: fc.constantFrom(...FINAL_STATUSES),
    requesterId: fc.integer({ min: 10, max: 99 }).map((n) => `2222222222222222${n}`),
    title: text(200),
    endedAt: fc.constant(NOW),
    link: fc.option(fc.constant('https://discord.com/channels/100000000000000001/100000000000000002/100000000000000003')),
    seconds: fc.option(fc.nat(1e6)),
    error,
    cancelled: fc.option(fc.record({ by: text(100), reason: fc.option(text(300)) })),
    result: fc.option(text(1500)),
    counts: fc.option(fc.constant('✅ 1 done')),
  });
  const counts = fc.record({
    pending: fc.nat(20),
    in_progress: fc.nat(20),
    completed: fc.nat(20),
    failed: fc.nat(20),
    cancelled: fc.nat(20),
  });
  const entry = fc.record({
    title: text(200),
    requesterId: fc.constant(REQUESTER),
    percent: fc.nat(100),
    step: text(100),
    link: fc.option(fc.constant('https://discord.com/channels/1/2/3')),
  });
  fc.assert(
    fc.property(
      fc.array(end, { minLength: 1, maxLength: 60 }),
      counts,
      text(200),
      fc.array(entry, { maxLength: 30 }),
      (ends, some, title, entries) => {
        for (const render of [renderCompletions, renderDigest]) {
          const { body, told } = render(ends as never);
          expect(violations(body)).toEqual([]);
          expect(told.length).toBeGreaterThan(0);
          expect(body.content).not.toMatch(/@(everyone|here)/i);
          for (const one of told) expect(body.content).toContain(`<@${(one as { requesterId: string }).requesterId}>`);
        }
        const total = Object.values(some).reduce((sum, n) => sum + n, 0) || 1;
        const batch = { id: TASK_ID, title, agentId: 'sample', total, counts: some };
        const failed = entries.map((one) => ({ title: one.title, error: { reason: 'error' as const, message: one.step } }));
        expect(violations(renderBatchCard({ batch, requesterId: REQUESTER, createdAt: NOW, agentName: title, failed }))).toEqual(
          [],
        );
        expect(violations(renderBoard({ entries, running: entries.length + 5, waiting: 3 }))).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
});
