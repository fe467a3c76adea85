import { describe, expect, it } from 'vitest';
import { renderBatchCard } from '../../../src/discord/cards/batch-card.js';
import { renderBoard } from '../../../src/discord/cards/board.js';
import { type CompletionView, renderCompletions, renderDigest } from '../../../src/discord/cards/completions.js';
import { renderDetails } from '../../../src/discord/cards/details.js';
import type { AuditEvent } from '../../../src/tasks/model.js';
import type { Batch } from '../../../src/tasks/service.js';
import { violations } from './limits.js';
import { NOW, REQUESTER, sampleTask, TASK_ID } from './samples.js';

const end = (over: Partial<CompletionView> = {}): CompletionView => ({
  id: TASK_ID,
  kind: 'task',
  status: 'completed',
  requesterId: REQUESTER,
  title: 'Count the words',
  endedAt: NOW,
  link: 'https://discord.com/channels/1/2/3',
  seconds: 65,
  error: null,
  cancelled: null,
  result: 'Twelve.',
  counts: null,
  ...over,
});

/** Tells everything, message by message, as the announcer does. */
function tellAll(views: CompletionView[], render: typeof renderCompletions) {
  const messages: ReturnType<typeof renderCompletions>[] = [];
  let rest = views;
  while (rest.length > 0) {
    const message = render(rest);
    expect(message.told.length).toBeGreaterThan(0);
    expect(violations(message.body)).toEqual([]);
    messages.push(message);
    const told = new Set(message.told);
    rest = rest.filter((view) => !told.has(view));
  }
  return messages;
}

describe('renderCompletions', () => {
  it('tells one end to its requester, with what came out and the way to the card', () => {
    const { body } = renderCompletions([end()]);
    expect(body.content).toBe(`<@${REQUESTER}> your task is done.`);
    expect(body.allowed_mentions).toEqual({ parse: [], users: [REQUESTER] });
    expect(body.embeds[0]).toMatchObject({ url: 'https://discord.com/channels/1/2/3', title: '✅ Count the words' });
    expect(body.embeds[0]?.description).toContain('Twelve.');
    expect(body.embeds[0]?.description).toContain('1 min 5 s');
  });

  it('says why a task failed and how a batch went', () => {
    const failed = renderCompletions([end({ status: 'failed', error: { reason: 'error', message: 'no such page' } })]);
    expect(failed.body.content).toContain('has failed');
    expect(failed.body.embeds[0]?.description).toContain('no such page');
    const batch = renderCompletions([end({ kind: 'batch', counts: '✅ 9 done · ❌ 1 failed' })]);
    expect(batch.body.content).toContain('your batch has ended');
    expect(batch.body.embeds[0]?.description).toBe('✅ 9 done · ❌ 1 failed');
  });

  it('says who cancelled a task and why', () => {
    const ended = (cancelled: CompletionView['cancelled']) =>
      renderCompletions([end({ status: 'cancelled', cancelled, result: null })]).body.embeds[0]?.description;
    expect(ended({ by: 'person:222222222222222222', reason: 'not *needed* any more' })).toBe(
      'Cancelled by <@222222222222222222>: not \\*needed\\* any more',
    );
    expect(ended({ by: 'person:222222222222222222', reason: null })).toBe('Cancelled by <@222222222222222222>');
    expect(ended(null)).toBeUndefined();
  });

  it('packs up to ten, measured, and leaves nobody out', () => {
    const views = Array.from({ length: 25 }, (_, n) =>
      end({ requesterId: `2222222222222222${10 + n}`, result: 'x'.repeat(5000), title: '*'.repeat(200) }),
    );
    const messages = tellAll(views, renderCompletions);
    expect(messages.flatMap((message) => message.told)).toHaveLength(25);
    const told = messages.flatMap((message) => message.body.allowed_mentions.users);
    expect(new Set(told).size).toBe(25);
    for (const { body, told: some } of messages) {
      expect(some.length).toBeLessThanOrEqual(10);
      for (const view of some) expect(body.content).toContain(`<@${view.requesterId}>`);
    }
  });

  it('can do without everything that was written, and says where it would have been told', () => {
    const { body } = renderCompletions([end({ title: 'badword', result: 'badword' })], {
      plain: true,
      insteadOf: '100000000000000002',
    });
    expect(JSON.stringify(body)).not.toContain('badword');
    expect(body.content).toContain('<#100000000000000002>');
  });
});

describe('renderDigest', () => {
  it('tells a thousand ends of one requester in one message, failures linked first', () => {
    const views = Array.from({ length: 1000 }, (_, n) =>
      end(n === 500 ? { status: 'failed', link: 'https://discord.com/channels/1/2/999' } : {}),
    );
    const messages = tellAll(views, renderDigest);
    expect(messages).toHaveLength(1);
    const text = messages[0]?.body.embeds[0]?.description ?? '';
    expect(text).toContain('✅ 999 done');
    expect(text.indexOf('/999')).toBeGreaterThan(0);
    expect(text.indexOf('/999')).toBeLessThan(text.indexOf('/2/3'));
  });

  it('mentions each of a thousand requesters, in few messages', () => {
    const views = Array.from({ length: 1000 }, (_, n) =>
      end({
        requesterId: `22222222222222${1000 + n}`,
        link: `https://discord.com/channels/100000000000000001/100000000000000002/10000000000000${1000 + n}`,
      }),
    );
    const messages = tellAll(views, renderDigest);
    const told = messages.flatMap((message) => message.body.allowed_mentions.users);
    expect(new Set(told).size).toBe(1000);
    // Five messages in five seconds: all are told within 100 s.
    expect(messages.length).toBeLessThanOrEqual(60);
    for (const { body } of messages) for (const user of body.allowed_mentions.users) expect(body.content).toContain(`<@${user}>`);
  });
});

describe('renderBatchCard', () => {
  const batch = (counts: Partial<Batch['counts']>): Batch => ({
    id: TASK_ID,
    title: 'Fifty pages',
    agentId: 'sample',
    total: 50,
    counts: { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0, ...counts },
  });
  const render = (counts: Partial<Batch['counts']>, failed: number) =>
    renderBatchCard({
      batch: batch(counts),
      requesterId: REQUESTER,
      createdAt: NOW,
      agentName: 'Sample',
      failed: Array.from({ length: failed }, (_, n) => ({
        title: `Page ${n}`,
        error: { reason: 'error' as const, message: 'lost '.repeat(100) },
      })),
    });
  const ids = (rendered: ReturnType<typeof render>) =>
    rendered.components.flatMap((row) => row.components.map((one) => ('custom_id' in one ? one.custom_id.split(':')[1] : '')));

  it('counts, names up to ten failed ones and offers what can be done', () => {
    const running = render({ pending: 20, in_progress: 10, completed: 18, failed: 2 }, 2);
    expect(running.embeds[0]?.description).toContain('✅ 18 done · ❌ 2 failed · 🔵 10 running · ⏳ 20 waiting');
    expect(running.embeds[0]?.description).toContain('**40 %**');
    expect(ids(running)).toEqual(['batch-cancel', 'batch-details']);
    const ended = render({ completed: 30, failed: 20 }, 12);
    expect(violations(ended)).toEqual([]);
    expect(ended.embeds[0]?.description?.match(/❌ Page/g)).toHaveLength(10);
    expect(ended.embeds[0]?.description).toContain('… and 10 more');
    expect(ids(ended)).toEqual(['batch-retry', 'batch-details']);
    expect(ids(render({ completed: 50 }, 0))).toEqual(['batch-details']);
  });
});

describe('renderBoard', () => {
  it('lists what runs, with the way to each card, and how many more there are', () => {
    const entries = Array.from({ length: 20 }, (_, n) => ({
      title: '`'.repeat(200),
      requesterId: REQUESTER,
      percent: n * 5,
      step: '*'.repeat(100),
      link: 'https://discord.com/channels/100000000000000001/100000000000000002/100000000000000003',
    }));
    const board = renderBoard({ entries, running: 1000, waiting: 1234 });
    expect(violations(board)).toEqual([]);
    expect(board.embeds[0]?.title).toContain('1,000 tasks running here, 1,234 waiting');
    expect(board.embeds[0]?.description).toMatch(/… and 9\d\d more/);
    expect(violations(renderBoard({ entries: [], running: 0, waiting: 0 }))).toEqual([]);
  });
});

describe('renderDetails', () => {
  it('shows everything with its history, the newest when not all fits', () => {
    const history = Array.from(
      { length: 100 },
      (_, n): AuditEvent => ({
        id: String(n),
        taskId: TASK_ID,
        at: NOW,
        actor: n === 99 ? `person:${REQUESTER}` : 'worker:01938f2e-0000-7000-8000-000000000009',
        event: n === 99 ? 'cancelled' : 'claimed',
        from: null,
        to: null,
        details: n === 99 ? { reason: 'not needed' } : {},
      }),
    );
    const task = sampleTask('cancelled', {
      input: { url: 'https://example.org', deep: { a: [1] } },
      description: 'd '.repeat(1000),
    });
    const rendered = renderDetails({
      details: { task, progress: null, place: null, history, files: [] },
      agentName: 'Sample',
      now: NOW,
    });
    expect(violations(rendered)).toEqual([]);
    expect(rendered.embeds[1]?.description).toMatch(/^… \d+ earlier/);
    expect(rendered.embeds[1]?.description).toContain(`**cancelled** by <@${REQUESTER}>: not needed`);
    expect(rendered.embeds[0]?.fields?.find((one) => one.name === 'Input')?.value).toContain('url: https://example.org');
  });

  it('says in the history why an attempt failed, and what a retry did away with', () => {
    const event = (name: string, details: AuditEvent['details']): AuditEvent => ({
      id: name,
      taskId: TASK_ID,
      at: NOW,
      actor: name === 'retried' ? `person:${REQUESTER}` : 'worker:01938f2e-0000-7000-8000-000000000009',
      event: name,
      from: null,
      to: null,
      details,
    });
    const history = [
      event('failed', { attempt: 1, error: { reason: 'error', message: 'The host *did* not answer.' }, seconds: 2.5 }),
      event('retried', { error: { reason: 'timeout', message: 'It did not finish within 2 minutes.' } }),
      event('retried', { result: { text: 'half' } }),
      event('failed', { attempt: 2, error: null, seconds: 1 }),
      event('completed', { attempt: 3, seconds: 1 }),
    ];
    const details = { task: sampleTask('completed'), progress: null, place: null, history, files: [] };
    const rendered = renderDetails({ details, agentName: 'Sample', now: NOW });
    expect(violations(rendered)).toEqual([]);
    const lines = rendered.embeds[1]?.description?.split('\n') ?? [];
    expect(lines[0]).toMatch(/\*\*failed\*\*: The host \\\*did\\\* not answer\.$/);
    expect(lines[1]).toMatch(/\*\*retried\*\* by <@\d+>: before that: It did not finish within 2 minutes\.$/);
    expect(lines.slice(2).map((one) => one.replace(/^<[^>]*> /, ''))).toEqual([
      `**retried** by <@${REQUESTER}>`,
      '**failed**',
      '**completed**',
    ]);
  });
});
