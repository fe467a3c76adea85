import type { APIMessage } from 'discord-api-types/v10';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAgent, PermanentError } from '../../src/agents/contract.js';
import { buttons, type Hall, idOf, openHall, textOf, until, words } from './hall.js';

const EPHEMERAL = 64;
const hungry = defineAgent({
  id: 'hungry',
  name: 'Hungry',
  description: 'Needs much input',
  inputSchema: z.object({
    one: z.string(),
    two: z.int().min(1).max(9),
    three: z.boolean(),
    four: z.enum(['red', 'green']),
    five: z.array(z.string()),
    six: z.string().max(10),
    seven: z.string().optional(),
  }),
  run: async ({ input }) => ({ text: `got ${JSON.stringify(input)}` }),
});

/** Writes much, makes files, or fails. */
const maker = defineAgent({
  id: 'maker',
  name: 'Maker',
  description: 'Makes files',
  inputSchema: z.object({
    files: z.int().default(1),
    kib: z.int().default(1),
    long: z.boolean().default(false),
    fail: z.boolean().default(false),
  }),
  run: async ({ input }, context) => {
    for (let n = 1; n <= input.files; n += 1)
      await context.attach({
        name: `made-${n}.txt`,
        contentType: 'text/plain',
        bytes: Buffer.alloc(input.kib * 1024, `${n % 10}`),
      });
    if (input.fail) throw new PermanentError('The kiln is *cold*.');
    return { text: input.long ? `${'word '.repeat(240)}end` : 'short' };
  },
});

let hall: Hall;
beforeAll(async () => {
  hall = await openHall({ agents: [hungry, maker] });
});
afterAll(() => hall.close());

const as = (who: 'admin' | 'moderator' | 'member' | 'secondMember' | 'stranger') => hall.playground.as(who);
const create = (
  options: Parameters<ReturnType<typeof as>['command']>[2],
  who: Parameters<typeof as>[0] = 'member',
  channel = 'tasks',
) => as(who).command(channel, 'task create', { agent: 'sample', ...options });

describe('/task create', () => {
  it('posts a card that moves and ends, with every option', async () => {
    const answer = await create({
      title: 'Everything *bold*',
      description: 'A description',
      priority: 'high',
      input: 'delayMs=300 steps=3',
      timeout: '2m',
      retries: 2,
      type: 'demo',
    });
    expect(answer.kind).toBe('message');
    expect((answer.message?.flags ?? 0) & EPHEMERAL).toBe(0);
    expect(textOf(answer.message)).toContain('Everything \\*bold\\*');
    expect(textOf(answer.message)).toContain('High');
    const card = await hall.card('Everything', (message) => textOf(message).includes('Done'));
    expect(card.id).toBe(answer.message?.id);
    expect(buttons(card)).toEqual(['Details', '👍', '👎']);
    const details = await words(await as('member').click(card.id, 'Details'));
    for (const part of ['2 min', 'demo', 'delayMs: 300', 'A description', 'History']) expect(details).toContain(part);
    const rated = await as('secondMember').click(card.id, idOf(card, '👍'));
    expect(rated.message).toMatchObject({ flags: EPHEMERAL, content: expect.stringContaining('Noted') });
    await as('secondMember').click(card.id, idOf(card, '👎'));
    const { tasks } = await hall.stored('Everything');
    expect(tasks[0]).toMatchObject({ score: 0, priority: 'high', maxRetries: 2, hardTimeoutSeconds: 120, type: 'demo' });
  });

  it('suggests agents', async () => {
    const answer = await as('member').autocomplete('tasks', 'task create', 'agent', { agent: 'fil' });
    expect(answer.choices?.map(({ value }) => value)).toEqual(['file-processing']);
    expect((await as('member').autocomplete('tasks', 'task create', 'agent', { agent: '' })).choices?.length).toBeGreaterThan(3);
  });

  it('works on a file', async () => {
    const data = Buffer.from('name,age\nAda,36\nAlan,41\n');
    await create({
      agent: 'file-processing',
      title: 'People',
      file: { attachment: { name: 'people.csv', contentType: 'text/csv', data } },
    });
    const card = await hall.card('People', (message) => textOf(message).includes('Done'));
    expect(textOf(card)).toContain('people.csv');
  });

  it('refuses a file for an agent that takes none, and a missing one', async () => {
    const file = { attachment: { name: 'a.txt', contentType: 'text/plain', data: Buffer.from('x') } };
    expect(await words(await create({ title: 'No file', file }))).toMatch(/takes no files/);
    expect(await words(await create({ agent: 'file-processing', title: 'No file' }))).toMatch(/works on a file/);
  });

  it('holds a task until somebody starts it', async () => {
    const { message } = await create({ title: 'Held', input: 'delayMs=50', hold: true });
    expect(buttons(message)).toEqual(['Start', 'Cancel', 'Details']);
    expect(await words(await as('secondMember').click(message?.id ?? '', 'Start'))).toMatch(/belongs to somebody else/);
    expect(await words(await as('member').click(message?.id ?? '', 'Start'))).toMatch(/in the queue now/);
    await hall.card('Held', (card) => textOf(card).includes('Done'));
    const second = await create({ title: 'Held again', input: 'delayMs=50', hold: true });
    const { choices } = await as('member').autocomplete('tasks', 'task start', 'id', { id: 'held ag' });
    expect(choices).toHaveLength(1);
    expect(await words(await as('member').command('tasks', 'task start', { id: String(choices?.[0]?.value) }))).toMatch(
      /in the queue now/,
    );
    await hall.card('Held again', (card) => card.id === second.message?.id && textOf(card).includes('Done'));
  });

  it('shows the time of a delay before it is kept', async () => {
    await as('member').command('tasks', 'settings time-zone', { zone: 'Europe/Berlin' });
    const asked = await create({ title: 'Later', delay: '2027-01-15 09:00', input: 'delayMs=50' });
    const at = Date.UTC(2027, 0, 15, 8) / 1000;
    expect(asked.message).toMatchObject({ flags: EPHEMERAL });
    expect(asked.message?.content).toContain(`<t:${at}:F>`);
    expect(buttons(asked.message)).toEqual(['Create task', 'Discard']);
    const confirmed = await as('member').click(asked.message?.id ?? '', 'Create task');
    expect(confirmed).toMatchObject({ kind: 'update', message: { components: [] } });
    const card = await hall.card('Later');
    expect(textOf(card)).toContain(`<t:${at}`);
    expect(hall.playground.messages('tasks').some(({ id }) => id === card.id)).toBe(true);
    const discarded = await create({ title: 'Never', delay: '2h' });
    expect(await words(await as('member').click(discarded.message?.id ?? '', 'Discard'))).toMatch(/Discarded/);
    for (const [delay, problem] of [
      ['yesterday', /past/],
      ['banana', /cannot read/],
      ['3 years', /one year|cannot read/],
    ] as const)
      expect(await words(await create({ title: 'Bad', delay }))).toMatch(problem);
    await as('member').command('tasks', 'settings time-zone', { reset: true });
  });

  it('confirms a delay once, however often it is clicked', async () => {
    const asked = await create({ title: 'Once only', delay: '2h' });
    const id = idOf(asked.message, 'Create task');
    const both = await Promise.all([
      as('member').click(asked.message?.id ?? '', id),
      as('member').click(asked.message?.id ?? '', id),
    ]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['message', 'update']);
    await hall.card('Once only');
    expect((await hall.stored('Once only')).tasks).toHaveLength(1);
  });

  it('asks for missing input, five fields at a time, and keeps what was given', async () => {
    const asked = await create({ agent: 'hungry', title: 'Feed me', priority: 'low', input: 'seven=kept' });
    expect(asked.kind).toBe('modal');
    expect(asked.modal?.components).toHaveLength(5);
    const first = await as('member').submit(asked, { one: 'eins', two: '3', three: 'yes', four: 'green', five: 'a\nb' });
    expect(await words(first)).toMatch(/still needs \*\*Six\*\*/);
    const more = await as('member').click(first.message?.id ?? '', 'Continue');
    expect(more.kind).toBe('modal');
    const done = await as('member').submit(more, { six: 'sechs' });
    expect(done.kind).toBe('update');
    const card = await hall.card('Feed me', (message) => textOf(message).includes('Done'));
    expect(textOf(card)).toContain('"two":3');
    const { tasks } = await hall.stored('Feed me');
    expect(tasks[0]).toMatchObject({
      priority: 'low',
      input: { one: 'eins', two: 3, three: true, four: 'green', five: ['a', 'b'], six: 'sechs', seven: 'kept' },
    });
  });

  it('says which input is wrong, and lets it be mended', async () => {
    const asked = await create({ agent: 'hungry', title: 'Mend me', input: 'one=x two=99 three=maybe four=red five=a six=ok' });
    expect(asked.kind).toBe('message');
    expect(await words(asked)).toMatch(/two .*at most 9/);
    expect(await words(asked)).toMatch(/three must be yes or no/);
    const form = await as('member').click(asked.message?.id ?? '', 'Fix input');
    expect(form.kind).toBe('modal');
    expect(JSON.stringify(form.modal)).toContain('"value":"99"');
    await as('member').submit(form, { two: '4', three: 'no' });
    await hall.card('Mend me', (message) => textOf(message).includes('Done'));
  });

  it('offers the whole input again when it cannot be read or names unknown fields', async () => {
    for (const input of ['{"delayMs": ', 'delayMs', 'delayMs=5 nonsense=7']) {
      const asked = await create({ title: 'Whole', input });
      const form = await as('member').click(asked.message?.id ?? '', 'Fix input');
      expect(form.modal?.components).toHaveLength(1);
      const done = await as('member').submit(form, { Input: 'delayMs=20' });
      expect(done.kind).toBe('update');
    }
    expect((await hall.stored('Whole')).tasks).toHaveLength(3);
  });

  it('refuses what no task can have', async () => {
    expect(await words(await create({ agent: 'nobody', title: 'x' }))).toMatch(/no agent “nobody”/);
    expect(await words(await create({ title: '   ' }))).toMatch(/title/);
    const both = await create({ title: 'Both ways', hold: true, delay: '2h' });
    expect(await words(both)).toMatch(/Choose one: `delay` .* `hold`/);
    expect(buttons(both.message)).toEqual([]);
    expect((await hall.stored('Both ways')).tasks).toEqual([]);
    expect(await words(await create({ title: 'x', timeout: 'forever' }))).toMatch(/timeout/);
    expect(await words(await create({ title: 'x', timeout: '2 days' }))).toMatch(/24 hours/);
  });

  it('refuses at once where the bot could not show the card', async () => {
    const { playground } = hall;
    const channel = playground.world.channels.lab;
    playground.faults.overwrite(channel, playground.world.bot, 0n, 1n << 14n);
    const answer = await create({ title: 'Nowhere' }, 'member', channel);
    expect(answer.message).toMatchObject({ flags: EPHEMERAL, content: expect.stringContaining('**Embed Links**') });
    playground.faults.overwrite(channel, playground.world.bot, 0n, 0n);
    expect((await hall.stored('Nowhere')).tasks).toEqual([]);
  });

  it('creates once when the interaction is delivered twice', async () => {
    const { playground, core, logged } = hall;
    playground.resetCounts();
    await create({ title: 'Twice delivered', input: 'delayMs=20' });
    const callback = playground.ledger().findLast(({ route }) => route.includes('callback'));
    const id = /interactions\/(\d+)/.exec(callback?.path ?? '')?.[1] ?? '';
    playground.faults.redeliver(id);
    await until('the second delivery', () => logged.some(({ msg }) => msg.includes('delivered twice')));
    // Even without the claim, as after its 15 minutes.
    await core.link?.usable?.flushdb();
    playground.faults.redeliver(id);
    await until('the third delivery', () => playground.counts().errors['40060'] !== undefined);
    expect((await hall.stored('Twice delivered')).tasks).toHaveLength(1);
    const cards = playground
      .messages('tasks')
      .filter((message) => textOf(message).includes('Twice delivered') && buttons(message).length > 0);
    expect(cards).toHaveLength(1);
  });
});

describe('Details', () => {
  const details = async (title: string, input: string, until = 'Done') => {
    await create({ agent: 'maker', title, input });
    const card = await hall.card(title, (message) => textOf(message).includes(until));
    const answer = await as('member').click(card.id, 'Details');
    return answer.message ?? (await answer.settled());
  };
  const content = async (message: APIMessage, name: string) => {
    const url = message.attachments.find(({ filename }) => filename === name)?.url ?? '';
    return (await fetch(url)).text();
  };

  it('brings the whole of a long result, and the files', async () => {
    const message = await details('Long and many', 'files=2 long=yes');
    expect(textOf(message)).toContain('The whole result is in result.md.');
    expect(message.attachments.map(({ filename }) => filename)).toEqual(['result.md', 'made-1.txt', 'made-2.txt']);
    expect(await content(message, 'result.md')).toMatch(/^(word ){240}end$/);
    expect(await content(message, 'made-2.txt')).toBe('2'.repeat(1024));
    const [task] = (await hall.stored('Long and many')).tasks;
    const shown = await as('member').command('tasks', 'task show', { id: task?.id ?? '' });
    expect((shown.message ?? (await shown.settled())).attachments).toHaveLength(3);
  });

  it('brings a short result without a file of it', async () => {
    const message = await details('Short and one', 'files=1');
    expect(message.attachments.map(({ filename }) => filename)).toEqual(['made-1.txt']);
  });

  it('brings at most ten files of 8 MiB together, and says how many are left out', async () => {
    const many = await details('Far too many', 'files=10 long=yes');
    expect(many.attachments).toHaveLength(10);
    expect(textOf(many)).toContain('1 file did not fit into this answer.');
    const large = await details('Far too large', 'files=3 kib=3500');
    expect(large.attachments).toHaveLength(2);
    expect(textOf(large)).toContain('1 file did not fit into this answer.');
  });

  it('says why a run failed, also after a retry', async () => {
    const message = await details('Cold', 'fail=yes', 'kiln');
    expect(message.attachments).toEqual([]);
    expect(textOf(message)).toMatch(/\*\*failed\*\*: The kiln is \\\*cold\\\*\./);
    await as('member').click((await hall.card('Cold')).id, 'Retry');
    await until('the second failure', async () => (await hall.stored('Cold')).tasks[0]?.attempt === 2);
    const card = await hall.card('Cold', (one) => textOf(one).includes('kiln'));
    expect(await words(await as('member').click(card.id, 'Details'))).toMatch(/\*\*retried\*\* by <@\d+>: before that: The kiln/);
  });
});

describe('/task list and show', () => {
  it('narrows by every option, turns pages, and opens a task', async () => {
    const admin = as('admin');
    for (let index = 0; index < 12; index += 1)
      await admin.command('general', 'task create', {
        agent: 'sample',
        title: `Pager ${index}`,
        hold: true,
        priority: index % 2 ? 'high' : 'low',
      });
    const pages = await admin.command('general', 'task list', { search: 'Pager' });
    expect(textOf(pages.message)).toContain('Pager 11');
    expect(textOf(pages.message)).not.toContain('Pager 1*');
    expect(buttons(pages.message)).toEqual(['[Previous]', 'Next']);
    const next = await admin.click(pages.message?.id ?? '', 'Next');
    expect(next.kind).toBe('update');
    expect(textOf(next.message)).toContain('Pager 0');
    expect(buttons(next.message)).toEqual(['Previous', '[Next]']);
    const back = await admin.click(pages.message?.id ?? '', 'Previous');
    expect(textOf(back.message)).toContain('Pager 11');
    const listed = async (options: Record<string, string | boolean>) =>
      textOf((await admin.command('general', 'task list', { search: 'Pager', ...options })).message);
    expect(await listed({ priority: 'high' })).not.toContain('Pager 10');
    expect(await listed({ status: 'pending' })).toContain('Pager 11');
    expect(await listed({ status: 'failed' })).toMatch(/no such tasks/);
    expect(await listed({ agent: 'sample' })).toContain('Pager 11');
    expect(await listed({ agent: 'batch' })).toMatch(/no such tasks/);
    expect(await listed({ mine: true })).toContain('Pager 11');
    expect(await listed({ channel: hall.playground.world.channels.general })).toContain('Pager 11');
    expect(await listed({ channel: hall.playground.world.channels.lab })).toMatch(/no such tasks/);
    expect(textOf((await as('member').command('general', 'task list', { search: 'Pager', mine: true })).message)).toMatch(
      /no such tasks/,
    );
    const select = selectOf(back.message);
    const opened = await admin.select(pages.message?.id ?? '', select.customId, [select.values[0] ?? '']);
    expect(textOf(opened.message)).toContain('History');
    expect(buttons(opened.message)).toEqual(['Start', 'Cancel']);
  });

  it('an unfiltered list turns pages without a draft', async () => {
    const first = await as('admin').command('general', 'task list');
    const second = await as('admin').click(first.message?.id ?? '', 'Next');
    expect(second.kind).toBe('update');
    expect(textOf(second.message)).not.toBe(textOf(first.message));
  });

  it('says so when a list is too old', async () => {
    const list = await as('admin').command('general', 'task list', { search: 'Pager' });
    await hall.core.sql`update drafts set expires_at = now() - interval '1 second'`;
    const answer = await as('admin').click(list.message?.id ?? '', 'Next');
    expect(answer.message).toMatchObject({ flags: EPHEMERAL, content: expect.stringContaining('more than an hour old') });
  });

  it('shows a task by a suggestion, newest first', async () => {
    const { choices } = await as('admin').autocomplete('general', 'task show', 'id', { id: 'pager' });
    expect(choices?.[0]?.name).toContain('Pager 11');
    expect(choices).toHaveLength(12);
    const shown = await as('admin').command('general', 'task show', { id: String(choices?.[0]?.value) });
    expect(shown.message).toMatchObject({ flags: EPHEMERAL });
    expect(textOf(shown.message)).toContain('Pager 11');
    for (const id of ['Pager', '', '0', '01900000-0000-7000-8000-000000000000', "'; drop table tasks; --"])
      expect(await words(await as('admin').command('general', 'task show', { id }))).toMatch(/not a task|no such task/);
  });
});

describe('/task cancel and retry', () => {
  it('cancels with a reason, and retries', async () => {
    const { message } = await create({ title: 'Stop me', input: 'delayMs=60000' });
    await hall.card('Stop me', (card) => textOf(card).includes('Running'));
    const { choices } = await as('member').autocomplete('tasks', 'task cancel', 'id', { id: 'stop me' });
    expect(choices).toHaveLength(1);
    const id = String(choices?.[0]?.value);
    expect(await words(await as('member').command('tasks', 'task cancel', { id, reason: 'not needed' }))).toMatch(
      /Cancelled \*\*Stop me\*\*/,
    );
    expect(await words(await as('member').command('tasks', 'task cancel', { id }))).toMatch(/cancelled already/);
    const cancelled = await hall.card('Stop me', (card) => textOf(card).includes('Cancelled'));
    expect(buttons(cancelled)).toEqual(['Retry', 'Details']);
    expect(textOf((await as('member').command('tasks', 'task show', { id })).message)).toContain('not needed');
    const retry = await as('member').autocomplete('tasks', 'task retry', 'id', { id: 'stop me' });
    expect(retry.choices?.[0]?.value).toBe(id);
    expect(await words(await as('member').click(message?.id ?? '', 'Retry'))).toMatch(/back in the queue/);
    expect(await words(await as('member').command('tasks', 'task retry', { id }))).toMatch(/only failed and cancelled/);
    const again = await hall.card('Stop me', (card) => textOf(card).includes('Running'));
    expect(await words(await as('moderator').click(again.id, 'Cancel'))).toMatch(/Cancelled/);
    expect(await words(await as('member').command('tasks', 'task retry', { id }))).toMatch(/back in the queue/);
    await as('member').command('tasks', 'task cancel', { id });
  });

  it('tells a requester who cancelled the task, and why', async () => {
    const { message } = await create({ title: 'Stopped by a moderator', hold: true });
    const { choices } = await as('moderator').autocomplete('tasks', 'task cancel', 'id', { id: 'stopped by' });
    const id = String(choices?.[0]?.value);
    await as('moderator').command('tasks', 'task cancel', { id, reason: 'the page has moved' });
    const told = () =>
      hall.playground
        .messages('tasks')
        .find((each) => each.id !== message?.id && textOf(each).includes('Stopped by a moderator'));
    await until('the requester is told', () => told() !== undefined);
    const { moderator, member } = hall.playground.world.people;
    expect(textOf(told() as APIMessage)).toContain(`Cancelled by <@${moderator}>: the page has moved`);
    expect(hall.playground.notified(told()?.id ?? '')).toEqual([member]);
  });

  it("refuses a member on another's task, and offers it nowhere", async () => {
    const { message } = await create({ title: 'Private matter', hold: true });
    expect(await words(await as('secondMember').click(message?.id ?? '', 'Cancel'))).toMatch(/belongs to somebody else/);
    const { choices } = await as('secondMember').autocomplete('tasks', 'task cancel', 'id', { id: 'private matter' });
    expect(choices).toEqual([]);
    expect((await as('moderator').autocomplete('tasks', 'task cancel', 'id', { id: 'private matter' })).choices).toHaveLength(1);
  });

  it('says that the cleanup removed the task of an old card', async () => {
    const { message } = await create({ title: 'Removed', hold: true });
    await hall.core.sql`delete from tasks where title = 'Removed'`;
    for (const button of ['Cancel', 'Details', 'Start'])
      expect(await words(await as('member').click(message?.id ?? '', button))).toMatch(/cleanup has removed it/);
  });
});

describe('who may know', () => {
  it('hides a channel from those who cannot see it', async () => {
    await as('admin').command('staff', 'task create', { agent: 'sample', title: 'Staff secret', hold: true });
    expect(textOf((await as('member').command('tasks', 'task list', { search: 'Staff secret' })).message)).toMatch(
      /no such tasks/,
    );
    expect((await as('member').autocomplete('tasks', 'task show', 'id', { id: 'staff' })).choices).toEqual([]);
    const { choices } = await as('moderator').autocomplete('tasks', 'task show', 'id', { id: 'staff' });
    expect(choices).toHaveLength(1);
    expect(await words(await as('member').command('tasks', 'task show', { id: String(choices?.[0]?.value) }))).toMatch(
      /no such task/,
    );
    expect(await words(await as('member').command('tasks', 'task cancel', { id: String(choices?.[0]?.value) }))).toMatch(
      /no such task/,
    );
  });

  it('hides one guild from another, even from a person in both', async () => {
    const { choices } = await as('admin').autocomplete('tasks', 'task show', 'id', { id: 'staff' });
    const id = String(choices?.[0]?.value);
    const there = hall.playground.world.otherChannels.general;
    for (const who of ['stranger', 'admin'] as const) {
      expect(await words(await as(who).command(there, 'task show', { id }))).toMatch(/no such task/);
      expect((await as(who).autocomplete(there, 'task show', 'id', { id: 'staff' })).choices).toEqual([]);
      expect(textOf((await as(who).command(there, 'task list')).message)).toMatch(/no such tasks/);
    }
  });

  it('works in a thread, which belongs to its channel', async () => {
    const { playground } = hall;
    const thread = playground.addThread(playground.world.channels.tasks, 'Work');
    await as('member').command(thread, 'task create', { agent: 'sample', title: 'In a thread', input: 'delayMs=20' });
    expect(textOf((await as('secondMember').command('tasks', 'task list', { search: 'In a thread' })).message)).toContain(
      'In a thread',
    );
    await hall.card('In a thread', (message) => textOf(message).includes('Done'), thread);
  });
});

describe('Create task on a message', () => {
  it('opens a form filled from the message', async () => {
    const said = await as('secondMember').say('tasks', 'Please look into this\nIt has been broken since Monday.');
    const form = await as('member').messageCommand('tasks', 'Create task', said.id);
    expect(form.kind).toBe('modal');
    expect(JSON.stringify(form.modal)).toContain('Please look into this');
    await as('member').submit(form, { Agent: 'sample', Input: 'delayMs=20' });
    const card = await hall.card('Please look into this', (message) => textOf(message).includes('Done'));
    expect(textOf(card)).toContain('Asked by');
    const { tasks } = await hall.stored('look into this');
    expect(tasks[0]?.metadata).toMatchObject({ message: expect.stringContaining(said.id) });
    expect(tasks[0]?.description).toContain('broken since Monday');
  });

  it('goes on to what the agent needs', async () => {
    const said = await as('member').say('tasks', 'Fetch it');
    const form = await as('member').messageCommand('tasks', 'Create task', said.id);
    const answer = await as('member').submit(form, { Agent: 'hungry', Priority: 'critical' });
    expect(await words(answer)).toMatch(/still needs/);
    expect(buttons(answer.message)).toEqual(['Continue', 'Discard']);
    expect(await words(await as('member').click(answer.message?.id ?? '', 'Discard'))).toMatch(/Discarded/);
  });
});

function selectOf(message: { components?: unknown[] } | undefined): { customId: string; values: string[] } {
  const rows = (message?.components ?? []) as { components: { custom_id: string; options?: { value: string }[] }[] }[];
  const select = rows.flatMap(({ components }) => components).find(({ options }) => options !== undefined);
  return { customId: select?.custom_id ?? '', values: select?.options?.map(({ value }) => value) ?? [] };
}
