import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Hall, openHall, textOf, until, words } from './hall.js';

const EPHEMERAL = 64;
let hall: Hall;
beforeAll(async () => {
  hall = await openHall();
});
afterAll(() => hall.close());

const as = (who: 'admin' | 'moderator' | 'member' | 'stranger') => hall.playground.as(who);

describe('/agent', () => {
  it('list tells what each does and how busy it is', async () => {
    await as('member').command('tasks', 'task create', { agent: 'sample', title: 'Waiting', hold: true });
    const answer = await as('member').command('tasks', 'agent list');
    expect(answer.message).toMatchObject({ flags: EPHEMERAL });
    const text = textOf(answer.message);
    for (const part of ['Sample', 'File processing', '`api-call`', 'Batch', '0 running · 1 waiting · 1 worker'])
      expect(text).toContain(part);
  });

  it('show tells the input with its bounds', async () => {
    const text = await words(await as('member').command('tasks', 'agent show', { agent: 'sample' }));
    expect(text).toContain('`delayMs`: A whole number from 0 to 3600000, otherwise 5000');
    expect(text).toContain('takes none');
    expect(await words(await as('member').command('tasks', 'agent show', { agent: 'file-processing' }))).toContain('needs one');
    expect(await words(await as('member').command('tasks', 'agent show', { agent: 'api-call' }))).toMatch(/`url`.*required/);
    expect(await words(await as('member').command('tasks', 'agent show', { agent: 'nobody' }))).toMatch(/no agent “nobody”/);
    const { choices } = await as('member').autocomplete('tasks', 'agent show', 'agent', { agent: 'api' });
    expect(choices?.map(({ value }) => value)).toEqual(['api-call']);
  });
});

describe('/help', () => {
  it('tells everybody of tasks, and only those who manage the server of /admin', async () => {
    const member = await words(await as('member').command('tasks', 'help'));
    expect(member).toContain('/task create');
    expect(member).not.toContain('/admin');
    expect(await words(await as('admin').command('tasks', 'help'))).toContain('/admin stats');
  });
});

describe('/settings time-zone', () => {
  it('is set for oneself and for the server, suggested, shown and forgotten', async () => {
    const zone = (options: Record<string, string | boolean>, who: 'admin' | 'member' = 'member') =>
      as(who).command('tasks', 'settings time-zone', options);
    expect(await words(await zone({}))).toMatch(/\*\*UTC\*\* \(the default\)/);
    const { choices } = await as('member').autocomplete('tasks', 'settings time-zone', 'zone', { zone: 'berl' });
    expect(choices?.[0]).toMatchObject({ value: 'Europe/Berlin' });
    expect(await words(await zone({ zone: 'Asia/Tokyo', server: true }))).toMatch(/Manage Server/);
    expect(await words(await zone({ zone: 'Asia/Tokyo', server: true }, 'admin'))).toMatch(
      /This server now uses \*\*Asia\/Tokyo\*\*/,
    );
    expect(await words(await zone({}))).toMatch(/Asia\/Tokyo\*\* \(set for this server\)/);
    const asked = await as('member').command('tasks', 'task create', {
      agent: 'sample',
      title: 'There',
      delay: '2027-01-15 09:00',
    });
    expect(asked.message?.content).toContain(`<t:${Date.UTC(2027, 0, 15, 0) / 1000}:F>`);
    expect(await words(await zone({ zone: 'Europe/Berlin' }))).toMatch(/You now use \*\*Europe\/Berlin\*\*/);
    expect(await words(await zone({}))).toMatch(/Europe\/Berlin\*\* \(you have set it\)/);
    expect(await words(await zone({ reset: true }))).toMatch(/forgotten/);
    expect(await words(await zone({ reset: true, server: true }, 'admin'))).toMatch(/forgotten/);
    expect(await words(await zone({ zone: 'Mars/Olympus' }))).toMatch(/do not know the time zone/);
    expect(await words(await zone({ zone: 'Europe/Paris', reset: true }))).toMatch(/not both/);
  });
});

describe('direct messages', () => {
  it('keep to oneself', async () => {
    const { playground } = hall;
    const member = as('member');
    const dm = member.dm();
    const created = await member.command(dm, 'task create', { agent: 'sample', title: 'Between us', input: 'delayMs=10' });
    expect(textOf(created.message)).toContain('Between us');
    await hall.card('Between us', (message) => textOf(message).includes('Done'), dm);
    expect(textOf((await member.command(dm, 'task list')).message)).toContain('Between us');
    expect(textOf((await member.command('tasks', 'task list', { search: 'Between us' })).message)).toMatch(/no such tasks/);
    expect(textOf((await as('admin').command(as('admin').dm(), 'task list')).message)).toMatch(/no such tasks/);
    expect(await words(await member.command(dm, 'settings time-zone', { zone: 'UTC', server: true }))).toMatch(/Only a server/);
    await expect(as('admin').command(as('admin').dm(), 'admin stats')).rejects.toThrow();
    await until('the end', () => playground.messages(dm).length > 1);
  });
});
