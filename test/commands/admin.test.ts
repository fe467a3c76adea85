import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buttons, type Hall, openHall, textOf, until, words } from './hall.js';

const EPHEMERAL = 64;
let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
});
afterAll(() => hall.close());

const as = (who: 'admin' | 'moderator' | 'member' | 'stranger') => hall.playground.as(who);
const admin = (name: string, options: Parameters<ReturnType<typeof as>['command']>[2] = {}) =>
  as('admin').command('general', `admin ${name}`, options);

async function failedTask(title: string, channel = 'tasks', who: 'member' | 'stranger' = 'member'): Promise<void> {
  await as(who).command(channel, 'task create', {
    agent: 'sample',
    title,
    input: 'delayMs=0 steps=1 failAt=1 failTimes=9',
    retries: 0,
  });
  await hall.card(title, (message) => textOf(message).includes('Failed'), channel);
}
const announced = () =>
  until(
    'everything told',
    async () =>
      (await hall.core.sql`select 1 from completions where told_at is null`).length === 0 &&
      (await hall.core.sql`select 1 from cards where revision > shown_revision`).length === 0,
  );

describe('who may', () => {
  it('Manage Server is asked for by Discord and again in code', async () => {
    await expect(as('member').command('tasks', 'admin stats')).rejects.toThrow(/no command/);
    await expect(as('stranger').command(hall.playground.world.otherChannels.general, 'admin health')).rejects.toThrow(
      /no command/,
    );
  });
});

describe('/admin stats and health', () => {
  it('counts, with a chart', async () => {
    await as('member').command('tasks', 'task create', {
      agent: 'sample',
      title: 'Counted',
      input: 'delayMs=0',
      type: 'counting',
    });
    await hall.card('Counted', (message) => textOf(message).includes('Done'));
    const answer = await admin('stats');
    const message = answer.message ?? (await answer.settled());
    expect(message.flags).toBe(EPHEMERAL);
    expect(textOf(message)).toMatch(/Statistics of the last 24 hours[\s\S]*1 done[\s\S]*100 %/);
    expect(message.attachments[0]).toMatchObject({ filename: 'stats.png' });
    expect(message.embeds[0]?.image?.url).toBeTruthy();
    const narrowed: Parameters<typeof admin>[1][] = [
      { period: 168 },
      { period: 720, agent: 'sample' },
      { type: 'counting' },
      { channel: hall.playground.world.channels.tasks },
      { user: hall.playground.world.people.member },
      { everywhere: true },
    ];
    for (const options of narrowed) expect(await words(await admin('stats', options))).toMatch(/Statistics of the last/);
    expect(await words(await admin('stats', { type: 'counting' }))).toMatch(/1 done/);
    expect(await words(await admin('stats', { type: 'other' }))).toMatch(/Nothing has ended/);
    const listed = async (type: string) => textOf((await as('member').command('tasks', 'task list', { type })).message);
    expect(await listed('counting')).toContain('Counted');
    expect(await listed('other')).toMatch(/no such tasks/);
    expect(await words(await admin('stats', { channel: hall.playground.world.channels.lab }))).toMatch(/Nothing has ended/);
    expect((await as('admin').autocomplete('general', 'admin stats', 'agent', { agent: 'sam' })).choices).toHaveLength(1);
  });

  it('tells how everything is', async () => {
    const text = await words(await admin('health'));
    for (const part of ['Database (Postgres)', 'Queue (Redis)', 'Discord', 'Workers', '🟢']) expect(text).toContain(part);
  });
});

describe('/admin pause and resume', () => {
  it('holds an agent back, here or everywhere', async () => {
    expect(await words(await admin('pause', { agent: 'sample' }))).toMatch(/paused in this server: it starts nothing new/);
    expect(await words(await admin('pause', { agent: 'sample' }))).toMatch(/already/);
    const { message } = await as('member').command('tasks', 'task create', {
      agent: 'sample',
      title: 'Must wait',
      input: 'delayMs=0',
    });
    expect(textOf(message)).toMatch(/paused/);
    expect(await words(await as('member').command('tasks', 'agent show', { agent: 'sample' }))).toMatch(/paused in this server/);
    expect(await words(await admin('resume', { agent: 'sample' }))).toMatch(/works again/);
    await hall.card('Must wait', (card) => textOf(card).includes('Done'));
    expect(await words(await admin('resume', { agent: 'sample' }))).toMatch(/was not paused/);
    expect(await words(await admin('pause', { agent: 'batch', everywhere: true }))).toMatch(/paused everywhere/);
    expect(await words(await admin('resume', { agent: 'batch', everywhere: true }))).toMatch(/works again everywhere/);
    expect(await words(await admin('pause', { agent: 'nobody' }))).toMatch(/no agent/);
  });
});

describe('/admin failed', () => {
  it('lists, requeues one or all, and purges when that is confirmed', async () => {
    expect(await words(await admin('failed list'))).toMatch(/No task has failed/);
    for (let index = 0; index < 10; index += 1) await failedTask(`Broken ${index}`);
    const list = await admin('failed list');
    expect(textOf(list.message)).toMatch(/10 failed tasks in this server[\s\S]*Broken 9.*Failed on purpose/);
    expect(buttons(list.message)).toEqual(['[Previous]', 'Next']);
    const next = await as('admin').click(list.message?.id ?? '', 'Next');
    expect(textOf(next.message)).toContain('Broken 0');
    expect(textOf((await as('admin').click(list.message?.id ?? '', 'Previous')).message)).toContain('Broken 9');

    expect(await words(await admin('failed requeue'))).toMatch(/Say which/);
    const { choices } = await as('admin').autocomplete('general', 'admin failed requeue', 'id', { id: 'broken 3' });
    expect(choices).toHaveLength(1);
    const id = String(choices?.[0]?.value);
    expect(await words(await admin('failed requeue', { id, all: true }))).toMatch(/not both/);
    expect(await words(await admin('failed requeue', { id }))).toMatch(/1 task is back/);
    await until('it to fail again', async () => (await hall.core.sql`select 1 from tasks where status = 'failed'`).length === 10);
    expect(await words(await admin('failed requeue', { all: true }))).toMatch(/10 tasks are back/);
    await until(
      'them to fail again',
      async () => (await hall.core.sql`select 1 from tasks where status = 'failed'`).length === 10,
    );
    expect(await words(await admin('failed requeue', { id: '01900000-0000-7000-8000-000000000000' }))).toMatch(
      /no such failed task/,
    );

    await announced();
    const asked = await admin('failed purge');
    expect(await words(asked)).toMatch(/removes 10 failed tasks in this server for good/);
    expect(await words(await as('admin').click(asked.message?.id ?? '', 'Keep them'))).toMatch(/Nothing was removed/);
    const again = await admin('failed purge');
    expect(await words(await as('admin').click(again.message?.id ?? '', 'Remove 10'))).toMatch(/Removed 10 failed tasks/);
    expect(await words(await admin('failed purge'))).toMatch(/No task has failed/);
    expect(await words(await admin('failed list', { everywhere: true }))).toMatch(/No task has failed everywhere/);
  });
});

describe('/admin cleanup', () => {
  it('shows what would go, keeps it or removes it, and tells of the last run', async () => {
    for (const title of ['Old one', 'Old two']) {
      await as('member').command('tasks', 'task create', { agent: 'sample', title, input: 'delayMs=0' });
      await hall.card(title, (message) => textOf(message).includes('Done'));
    }
    await failedTask('Old failure', hall.playground.world.channels.lab);
    await announced();
    expect(await words(await admin('cleanup', { older_than: 1 }))).toMatch(/nothing to remove/);
    expect(await words(await admin('cleanup'))).toMatch(/nothing to remove in this server by the retention settings/);
    const { tasks, lab } = hall.playground.world.channels;
    const failed = await admin('cleanup', { older_than: 0, status: 'failed', channel: lab });
    expect(await words(failed)).toMatch(/would remove 1 task in this server: 1 failed\./);
    expect(await words(await as('admin').click(failed.message?.id ?? '', 'Keep them'))).toMatch(/Nothing was removed/);
    const asked = await admin('cleanup', { older_than: 0, status: 'completed', channel: tasks });
    expect(await words(asked)).toMatch(/would remove \d+ tasks/);
    const removed = await as('admin').click(asked.message?.id ?? '', buttons(asked.message)[0] ?? '');
    expect(removed.kind).toBe('update');
    expect(await words(removed)).toMatch(/Removed \d+ tasks in this server/);
    expect((await hall.stored('Old one')).tasks).toEqual([]);
    expect((await hall.stored('Old failure')).tasks).toHaveLength(1);
    const status = await words(await admin('cleanup-status'));
    expect(status).toMatch(/kept for 7 days/);
    expect(status).toMatch(/The last cleanup of this server alone ran <t:\d+:R> by <@\d+> and removed \d+ (completed|failed)/);
    expect(await words(await admin('cleanup', { older_than: 0, everywhere: true }))).toMatch(/everywhere/);
  });
});

describe('/admin timeout-stale', () => {
  it('fails runs that nobody hears of', async () => {
    expect(await words(await admin('timeout-stale'))).toMatch(/No running task is stale in this server/);
    expect(await words(await admin('timeout-stale', { everywhere: true }))).toMatch(/everywhere/);
    await as('member').command('tasks', 'task create', { agent: 'sample', title: 'Forgotten', input: 'delayMs=600000' });
    await hall.card('Forgotten', (message) => textOf(message).includes('Running'));
    await hall.core.sql`update tasks set started_at = now() - interval '2 days' where title = 'Forgotten'`;
    const said = await words(await admin('timeout-stale'));
    if (!said.includes('No running task')) expect(said).toMatch(/Ended 1 stale task in this server:\n• \*\*Forgotten\*\*/);
    await hall.card('Forgotten', (message) => textOf(message).includes('Failed'));
  });
});

describe('/admin limits', () => {
  it('are shown, set, in force, and reset', async () => {
    expect(await words(await admin('limits show'))).toMatch(
      /1,000 waiting tasks per agent \(the installation's setting\) and 100 unfinished/,
    );
    expect(await words(await admin('limits set'))).toMatch(/Say what to change/);
    expect(await words(await admin('limits set', { channel_limit: 10, queue_size: 200 }))).toMatch(
      /200 waiting tasks per agent \(set for this server\) and 10 unfinished/,
    );
    const { lab } = hall.playground.world.channels;
    for (let index = 0; index < 10; index += 1)
      await as('member').command(lab, 'task create', { agent: 'sample', title: `Filler ${index}`, hold: true });
    const refused = await as('member').command(lab, 'task create', { agent: 'sample', title: 'One too many', hold: true });
    expect(refused.message).toMatchObject({ flags: EPHEMERAL, content: expect.stringMatching(/may have 10 unfinished tasks/) });
    expect((await hall.stored('One too many')).tasks).toEqual([]);
    expect(await words(await admin('limits set', { reset: true }))).toMatch(/1,000 waiting/);
  });
});

describe('of one guild alone', () => {
  it("does not touch another's tasks", async () => {
    const there = hall.playground.world.otherChannels.general;
    await failedTask('Elsewhere', there, 'stranger');
    expect(await words(await admin('failed list'))).not.toContain('Elsewhere');
    expect(await words(await admin('failed list', { everywhere: true }))).toContain('Elsewhere');
    const { choices } = await as('admin').autocomplete(there, 'admin failed requeue', 'id', { id: 'else' });
    const id = String(choices?.[0]?.value);
    expect(await words(await admin('failed requeue', { id }))).toMatch(/no such failed task/);
  });
});
