import { describe, expect, it } from 'vitest';
import { STATUS_LOOKS, WAITING_LOOKS } from '../../../src/discord/cards/looks.js';
import type { Rendered } from '../../../src/discord/cards/parts.js';
import { attemptOf, bar, duration } from '../../../src/discord/cards/parts.js';
import { renderTaskCard, type TaskCardView } from '../../../src/discord/cards/task-card.js';
import type { Task, TaskFile } from '../../../src/tasks/model.js';
import { STATUSES, WAITING_REASONS } from '../../../src/tasks/states.js';
import { violations } from './limits.js';
import { NOW, REQUESTER, sampleTask, TASK_ID } from './samples.js';

const card = (task: Task, over: Partial<TaskCardView> = {}): Rendered =>
  renderTaskCard({ task, progress: null, place: null, agentName: 'Sample', files: [], now: NOW, ...over });
const text = (rendered: Rendered) => rendered.embeds[0]?.description ?? '';
const buttons = (rendered: Rendered) =>
  rendered.components.flatMap((row) => row.components.map((one) => ('custom_id' in one ? one.custom_id : '')));
const field = (rendered: Rendered, name: string) => rendered.embeds[0]?.fields?.find((one) => one.name === name)?.value;

const output = (over: Partial<TaskFile>): TaskFile => ({
  id: '01938f2e-0000-7000-8000-0000000000f1',
  taskId: TASK_ID,
  direction: 'out',
  attempt: 1,
  name: 'table.csv',
  contentType: 'text/csv',
  size: 100,
  sha256: '0'.repeat(64),
  ...over,
});

describe('renderTaskCard', () => {
  it('shows each state in its words and colour, with the buttons that fit', () => {
    const expected = {
      pending: ['cancel', 'details'],
      in_progress: ['cancel', 'details'],
      completed: ['details', 'up', 'down'],
      failed: ['retry', 'details'],
      cancelled: ['retry', 'details'],
    };
    for (const status of STATUSES) {
      const rendered = card(sampleTask(status));
      expect(violations(rendered)).toEqual([]);
      expect(rendered.embeds[0]?.color).toBe(STATUS_LOOKS[status].colour);
      expect(text(rendered)).toContain(STATUS_LOOKS[status].word);
      expect(buttons(rendered)).toEqual(expected[status].map((action) => `t1:${action}:${TASK_ID}`));
      expect(rendered.allowed_mentions).toEqual({ parse: [] });
      expect(field(rendered, 'Asked by')).toBe(`<@${REQUESTER}>`);
    }
  });

  it('says what a pending task waits for', () => {
    for (const reason of WAITING_REASONS) {
      const rendered = card(sampleTask('pending', { waitingFor: reason, readyAt: new Date(NOW.getTime() + 60_000) }));
      expect(text(rendered)).toContain(WAITING_LOOKS[reason].word);
      expect(text(rendered).includes(`<t:${NOW.getTime() / 1000 + 60}:R>`)).toBe(WAITING_LOOKS[reason].timed);
      expect(buttons(rendered).some((id) => id.startsWith('t1:start:'))).toBe(reason === 'hold');
    }
  });

  it('shows the place in the queue and when it should start, or what blocks it', () => {
    const task = sampleTask('pending');
    const waiting = text(card(task, { place: { position: 3, etaSeconds: 42, blockedBy: null } }));
    expect(waiting).toContain('Number 3 in line · should start <t:');
    expect(text(card(task, { place: { position: 1, etaSeconds: null, blockedBy: null } }))).toContain('Next in line');
    const blocked = text(
      card(task, { place: { position: 1, etaSeconds: null, blockedBy: 'The agent is paused in this server.' } }),
    );
    expect(blocked).toContain('The agent is paused in this server.');
    expect(blocked).not.toContain('in line');
    expect(text(card(sampleTask('in_progress'), { place: { position: 1, etaSeconds: 1, blockedBy: null } }))).not.toContain(
      'in line',
    );
  });

  it('shows progress, step and its description while it runs', () => {
    const progress = { percent: 42, step: 'Reading', description: 'page 3 of 7', updatedAt: NOW };
    const shown = text(card(sampleTask('in_progress'), { progress }));
    expect(shown).toContain('**42 %**');
    expect(shown).toContain('**Reading** · page 3 of 7');
    expect(text(card(sampleTask('completed'), { progress }))).not.toContain('42 %');
  });

  it('shows the error in one line when it failed or will be tried again', () => {
    const error = { reason: 'timeout', message: 'no end\nafter 30 min' } as const;
    expect(text(card(sampleTask('failed', { error })))).toContain('⚠️ no end after 30 min');
    expect(text(card(sampleTask('pending', { error, waitingFor: 'retry', attempt: 1, failures: 1 })))).toContain('no end');
    expect(text(card(sampleTask('in_progress', { error, failures: 1, attempt: 2 })))).not.toContain('no end');
  });

  it('counts attempts while they matter', () => {
    expect(text(card(sampleTask('in_progress', { failures: 1, attempt: 2 })))).toContain('attempt 2 of 4');
    expect(text(card(sampleTask('failed', { failures: 4, attempt: 4 })))).toContain('attempt 4 of 4');
    expect(text(card(sampleTask('in_progress', { maxRetries: 0 })))).not.toContain('attempt');
    expect(text(card(sampleTask('completed')))).not.toContain('attempt');
    expect(text(card(sampleTask('completed', { failures: 1, attempt: 2 })))).toContain('attempt 2 of 4');
  });

  it('gives a long result as a file and shows its beginning', () => {
    const long = 'word '.repeat(1000);
    const rendered = card(sampleTask('completed', { result: { text: long } }));
    expect(violations(rendered)).toEqual([]);
    expect(text(rendered)).toContain('result.md');
    expect(text(rendered)).toContain('word word');
    expect(rendered.files?.[0]).toMatchObject({ name: 'result.md', source: { text: long.trim() } });
    expect(card(sampleTask('completed')).files).toBeUndefined();
  });

  it('attaches what the last run made, up to ten files and the size of a request, and says what is missing', () => {
    const files = Array.from({ length: 12 }, (_, n) => output({ id: TASK_ID.replace('0000', `00${n + 10}`), name: `f${n}.csv` }));
    const many = card(sampleTask('completed'), {
      files: [...files, output({ attempt: 7, name: 'other-run.csv' }), output({ direction: 'in' })],
    });
    expect(many.files?.map((file) => file.name)).toEqual(files.slice(0, 10).map((file) => file.name));
    expect(text(many)).toContain('2 more of its 12 files');
    const big = [1, 2, 3].map((n) => output({ name: `big${n}`, size: 10 * 1024 * 1024 }));
    expect(card(sampleTask('completed'), { files: big }).files).toHaveLength(2);
    expect(card(sampleTask('in_progress'), { files }).files).toBeUndefined();
  });

  it('shows which verdict was given', () => {
    const style = (score: number | null) =>
      card(sampleTask('completed', { score }))
        .components[0]?.components.slice(1)
        .map((one) => ('style' in one ? one.style : null));
    expect(style(null)).toEqual([2, 2]);
    expect(style(1)).toEqual([3, 2]);
    expect(style(0)).toEqual([2, 4]);
  });

  it('shows nothing that anybody wrote when it must be plain', () => {
    const task = sampleTask('completed', { title: 'badword', description: 'badword', result: { text: 'badword '.repeat(400) } });
    expect(JSON.stringify(card(task, { plain: true, agentName: 'badword', files: [output({ name: 'badword' })] }))).not.toContain(
      'badword',
    );
  });
});

describe('attemptOf', () => {
  it('counts failures plus one, at most all that it has, and is left out when there is only one', () => {
    expect(attemptOf(sampleTask('in_progress', { failures: 0 }))).toBe('1 of 4');
    expect(attemptOf(sampleTask('in_progress', { failures: 2, attempt: 3 }))).toBe('3 of 4');
    expect(attemptOf(sampleTask('failed', { failures: 4, attempt: 4 }))).toBe('4 of 4');
    expect(attemptOf(sampleTask('failed', { failures: 1, attempt: 1 }))).toBe('1 of 4');
    expect(attemptOf(sampleTask('in_progress', { maxRetries: 0 }))).toBeNull();
    expect(attemptOf(sampleTask('pending'))).toBeNull();
  });
});

it('says durations and bars', () => {
  expect([0, 0.2, 4.4, 65, 3600, 12_000, 190_000].map(duration)).toEqual([
    'under 1 s',
    'under 1 s',
    '4 s',
    '1 min 5 s',
    '1 h',
    '3 h 20 min',
    '2 d 4 h',
  ]);
  expect(bar(50, 4)).toBe('▰▰▱▱ **50 %**');
  expect(bar(-5, 2)).toBe('▱▱ **0 %**');
  expect(bar(400, 2)).toBe('▰▰ **100 %**');
});
