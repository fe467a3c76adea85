import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buttons, type Hall, openHall, textOf, until, words } from './hall.js';

const EPHEMERAL = 64;
let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
});
afterAll(() => hall.close());

const as = (who: 'admin' | 'moderator' | 'member' | 'secondMember') => hall.playground.as(who);
const file = (name: string, text: string) => ({ attachment: { name, contentType: 'text/plain', data: Buffer.from(text) } });
const batch = (options: Parameters<ReturnType<typeof as>['command']>[2]) =>
  as('member').command('tasks', 'task batch', { agent: 'sample', ...options });

describe('/task batch', () => {
  it('creates the tasks of a CSV file with one card and one completion', async () => {
    const answer = await batch({
      title: 'Morning round',
      file: file('a.csv', 'title,delayMs,priority\nOne,20,high\nTwo,20,\nThree,20,low\n'),
    });
    expect((answer.message?.flags ?? 0) & EPHEMERAL).toBe(0);
    expect(textOf(answer.message)).toContain('Morning round');
    const card = await hall.card('Morning round', (message) => textOf(message).includes('All 3 tasks done'));
    expect(card.id).toBe(answer.message?.id);
    const { member } = hall.playground.world.people;
    await until('the completion', () =>
      hall.playground.messages('tasks').some(({ id }) => hall.playground.notified(id).includes(member)),
    );
    expect(hall.playground.messages('tasks')).toHaveLength(2);
    const details = await as('secondMember').click(card.id, 'Details');
    expect(details.message).toMatchObject({ flags: EPHEMERAL });
    expect(textOf(details.message)).toMatch(/3 done[\s\S]*Three[\s\S]*Two[\s\S]*One/);
  });

  it('creates the tasks of a JSON file, up to 100, and turns pages of them', async () => {
    const rows = JSON.stringify({
      title: 'Hundred',
      tasks: Array.from({ length: 100 }, (_, index) => ({ title: `Job ${index}`, hold: true })),
    });
    const answer = await batch({ file: file('a.json', rows) });
    expect(textOf(answer.message)).toContain('Hundred');
    const details = await as('member').click(answer.message?.id ?? '', 'Details');
    expect(buttons(details.message)).toEqual(['[Previous]', 'Next']);
    expect(textOf((await as('member').click(details.message?.id ?? '', 'Next')).message)).toContain('Job 89');
    expect(await words(await as('secondMember').click(answer.message?.id ?? '', 'Cancel all'))).toMatch(
      /belongs to somebody else/,
    );
    expect(await words(await as('moderator').click(answer.message?.id ?? '', 'Cancel all'))).toMatch(/Cancelled 100 tasks/);
    const cancelled = await hall.card('Hundred', (message) => buttons(message).includes('Retry'));
    expect(await words(await as('member').click(cancelled.id, 'Retry'))).toMatch(/100 tasks of the batch are back/);
    const again = await hall.card('Hundred', (message) => buttons(message).some((label) => label.startsWith('Cancel')));
    expect(await words(await as('member').click(again.id, buttons(again)[0] ?? ''))).toMatch(/Cancelled/);
  });

  it('retries the failed ones of a batch', async () => {
    await batch({ title: 'Half', file: file('a.csv', 'title,delayMs,failAt,failTimes,retries\nGood,10,,,\nBad,10,1,1,0\n') });
    const failed = await hall.card('Half', (message) => buttons(message).includes('Retry failed (1)'));
    expect(textOf(failed)).toMatch(/Bad.*Failed on purpose/);
    expect(await words(await as('member').click(failed.id, 'Retry failed (1)'))).toMatch(/1 task of the batch is back/);
    expect(await words(await as('member').click(failed.id, 'Details'))).toContain('Half');
  });

  it('asks for titles where there is no file', async () => {
    const form = await batch({ title: 'Typed' });
    expect(form.kind).toBe('modal');
    const answer = await as('member').submit(form, { Titles: 'Alpha\nBeta', 'Input for all of them': 'delayMs=10' });
    expect(textOf(answer.message)).toContain('Typed');
    await hall.card('Typed', (message) => textOf(message).includes('All 2 tasks done'));
    const required = await as('member').command('tasks', 'task batch', { agent: 'api-call' });
    expect(JSON.stringify(required.modal)).toContain('Needs url');
    expect(await words(await as('member').submit(required, { Titles: 'One', 'Input for all of them': 'method=GET' }))).toMatch(
      /Row 1: url is missing/,
    );
  });

  it('creates all or none, and names the bad row', async () => {
    const before = (await hall.core.sql`select count(*)::int as n from tasks`)[0]?.n;
    const refused = await batch({ file: file('a.csv', 'title,delayMs\nOne,20\n,20\nThree,soon\n') });
    expect(refused.message).toMatchObject({ flags: EPHEMERAL });
    expect(await words(refused)).toMatch(/Row 2: title is missing[\s\S]*Row 3: delayMs must be a number/);
    expect(await words(await batch({ file: file('a.json', '{') }))).toMatch(/not JSON/);
    expect(await words(await batch({ file: file('a.json', JSON.stringify(Array.from({ length: 101 }, () => 'x'))) }))).toMatch(
      /101 tasks/,
    );
    expect(
      await words(await as('member').command('tasks', 'task batch', { agent: 'file-processing', file: file('a.json', '["a"]') })),
    ).toMatch(/needs a file with each task/);
    expect(await words(await as('member').command('tasks', 'task batch', { agent: 'nobody' }))).toMatch(/no agent/);
    expect((await hall.core.sql`select count(*)::int as n from tasks`)[0]?.n).toBe(before);
  });

  it('says that the cleanup removed a batch', async () => {
    const { message } = await batch({ title: 'Gone', file: file('a.json', '[{"title": "x", "hold": true}]') });
    await hall.core.sql`delete from tasks where batch_id in (select id from batches where title = 'Gone')`;
    await hall.core.sql`delete from batches where title = 'Gone'`;
    for (const button of buttons(message))
      expect(await words(await as('member').click(message?.id ?? '', button))).toMatch(/cleanup has removed it/);
  });
});
