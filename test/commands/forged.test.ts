import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Hall, idOf, openHall, textOf, words } from './hall.js';

const EPHEMERAL = 64;
let hall: Hall;
beforeAll(async () => {
  hall = await openHall({ tampering: true });
});
afterEach(() => hall.tamper(() => undefined));
afterAll(() => hall.close());

const as = (who: 'admin' | 'moderator' | 'member' | 'secondMember' | 'stranger') => hall.playground.as(who);
const create = (title: string, who: Parameters<typeof as>[0] = 'member', channel = 'tasks', more = {}) =>
  as(who).command(channel, 'task create', { agent: 'sample', title, hold: true, ...more });
const stored = async () => Number((await hall.core.sql`select count(*) as n from tasks`)[0]?.n);

interface Data {
  name: string;
  custom_id?: string;
  options?: { name: string; type: number; options: { name: string; type: number; value: unknown }[] }[];
  values?: string[];
  components?: { component: { value?: string; values?: string[] } }[];
}
const change = (edit: (data: Data, payload: Record<string, unknown>) => void) =>
  hall.tamper((payload) => edit(payload.data as Data, payload));
/** Presses a button as if it had this custom_id. */
async function pressAs(who: Parameters<typeof as>[0], messageId: string, button: string, customId: string): Promise<string> {
  change((data) => {
    if (data.custom_id !== undefined) data.custom_id = customId;
  });
  return words(await as(who).click(messageId, button));
}

describe('forged buttons', () => {
  it("show and do nothing with another guild's task", async () => {
    await create('Staff secret', 'admin', 'staff');
    const [secret] = (await hall.stored('Staff secret')).tasks;
    const there = hall.playground.world.otherChannels.general;
    const bait = await create('Bait', 'stranger', there);
    for (const action of ['details', 'cancel', 'start', 'retry', 'up', 'down'])
      expect(await pressAs('stranger', bait.message?.id ?? '', 'Details', `t1:${action}:${secret?.id}`)).toMatch(
        /no longer there/,
      );
    // Nor does a member of the guild who cannot see the channel.
    const own = await create('Own');
    for (const action of ['details', 'cancel', 'start'])
      expect(await pressAs('member', own.message?.id ?? '', 'Details', `t1:${action}:${secret?.id}`)).toMatch(/no longer there/);
    expect((await hall.stored('Staff secret')).tasks[0]).toMatchObject({ status: 'pending', waitingFor: 'hold' });
  });

  it('are refused to those who do not manage the server', async () => {
    const { message } = await create('Lever');
    for (const id of [
      't1:cleanup:-:0,,,',
      't1:cleanup:-:0,,,e',
      't1:failed-purge:-:h',
      't1:failed-purge:-:e',
      't1:failed-page:-:h.b2Zm',
    ])
      for (const who of ['member', 'moderator'] as const)
        expect(await pressAs(who, message?.id ?? '', 'Details', id)).toMatch(/Manage Server|owner of the application/);
  });

  it('with bad parts are refused in a sentence', async () => {
    const { message } = await create('Parts');
    const uuid = '01900000-0000-7000-8000-000000000000';
    const bad = [
      't1:cancel:-',
      't1:cancel:123',
      't1:details:ffffffff-ffff-ffff-ffff-ffffffffffff',
      `t1:list-page:-:AAAA`,
      `t1:list-page:${uuid}:AAAA`,
      't1:list-page:-',
      't1:list-open:-',
      't1:task-form:-',
      `t1:task-form:${uuid}`,
      `t1:task-confirm:${uuid}`,
      `t1:task-discard:${uuid}`,
      't1:batch-details:-',
      `t1:batch-cancel:${uuid}`,
      't1:nonsense:-',
      't0:cancel:-',
      't1:cancel:',
      't1:__proto__:-',
      't1:constructor:-',
    ];
    for (const id of bad) {
      const answer = await pressAs('member', message?.id ?? '', 'Details', id);
      expect(answer.length).toBeGreaterThan(10);
      expect(answer).not.toMatch(/went wrong|undefined|null|Error/);
    }
    for (const id of ['t1:cleanup:-:x', 't1:cleanup:-', 't1:failed-page:-', 't1:failed-page:-:zzz'])
      expect(await pressAs('admin', message?.id ?? '', 'Details', id)).not.toMatch(/went wrong/);
  });

  it("do not reach somebody else's draft", async () => {
    const asked = await create('Not yours', 'member', 'tasks', { delay: '2h', hold: false });
    const draft = idOf(asked.message, 'Create task');
    const other = await create('Lever again', 'secondMember');
    expect(await pressAs('secondMember', other.message?.id ?? '', 'Details', draft)).toMatch(/no longer kept/);
    hall.tamper(() => undefined);
    expect((await as('member').click(asked.message?.id ?? '', 'Create task')).kind).toBe('update');
  });
});

describe('forged commands', () => {
  it('/admin is refused in code', async () => {
    for (const [group, name] of [
      [null, 'stats'],
      [null, 'health'],
      [null, 'cleanup'],
      [null, 'cleanup-status'],
      [null, 'timeout-stale'],
      ['failed', 'purge'],
      ['limits', 'show'],
    ] as const) {
      change((data) => {
        data.name = 'admin';
        const leaf = { name, type: 1, options: [] };
        data.options = group === null ? [leaf] : [{ name: group, type: 2, options: [leaf as never] }];
      });
      expect(await words(await as('member').command('tasks', 'help'))).toMatch(/Manage Server/);
    }
    change((data) => {
      data.name = 'admin';
      data.options = [
        {
          name: 'pause',
          type: 1,
          options: [
            { name: 'agent', type: 3, value: 'sample' },
            { name: 'everywhere', type: 5, value: true },
          ],
        },
      ];
    });
    expect(await words(await as('moderator').command('tasks', 'help'))).toMatch(/owner of the application/);
  });

  it('store nothing that is malformed', async () => {
    const before = await stored();
    const set = (name: string, value: unknown) => (data: Data) => {
      const [subcommand] = data.options ?? [];
      if (!subcommand) return;
      const option = subcommand.options.find((each) => each.name === name);
      if (value === undefined) subcommand.options = subcommand.options.filter((each) => each.name !== name);
      else if (option) option.value = value;
      else subcommand.options.push({ name, type: 3, value });
    };
    const cases: [string, unknown][] = [
      ['title', 'x'.repeat(100_000)],
      ['title', 'a\u0000b'],
      ['title', 'a\ud800b'],
      ['title', undefined],
      ['agent', undefined],
      ['agent', 'x'.repeat(100_000)],
      ['agent', '../../etc/passwd'],
      ['agent', '__proto__'],
      ['title', 12],
      ['title', { $gt: '' }],
      ['description', 'x'.repeat(100_000)],
      ['description', 'a\u0000b'],
      ['type', 'x'.repeat(51)],
      ['priority', 'supreme'],
      ['input', `{"delayMs": ${'['.repeat(5000)}}`],
      ['input', 'x'.repeat(100_000)],
      ['input', 'delayMs=\u0000'],
      ['input', '{"delayMs":"\\u0000"}'],
      ['input', '{"__proto__":{"polluted":1}}'],
      ['delay', 'x'.repeat(100_000)],
      ['timeout', '-5m'],
    ];
    for (const [name, value] of cases) {
      change(set(name, value));
      const answer = await create('Fine');
      expect(answer.message?.flags).toBe(EPHEMERAL);
      expect(await words(answer), `${name}: ${JSON.stringify(value)?.slice(0, 40)}`).not.toMatch(/went wrong/);
    }
    expect(await stored()).toBe(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('in forms store nothing that is malformed', async () => {
    const before = await stored();
    for (const value of ['x'.repeat(100_000), 'a\u0000b', '\udfff']) {
      const said = await as('member').say('tasks', 'A message');
      const form = await as('member').messageCommand('tasks', 'Create task', said.id);
      change((data) => {
        const title = data.components?.[1]?.component;
        if (title) title.value = value;
      });
      expect(await words(await as('member').submit(form, { Agent: 'sample' }))).toMatch(/cannot be stored/);
    }
    const form = await as('member').messageCommand('tasks', 'Create task', (await as('member').say('tasks', 'x')).id);
    change((data) => {
      data.custom_id = 't1:task-message:01900000-0000-7000-8000-000000000000';
    });
    expect(await words(await as('member').submit(form, { Agent: 'sample' }))).toMatch(/no longer kept/);
    expect(await stored()).toBe(before);
  });

  it('an attachment comes from Discord only', async () => {
    const file = { attachment: { name: 'a.txt', contentType: 'text/plain', data: Buffer.from('hello') } };
    for (const url of ['http://169.254.169.254/latest/meta-data', 'file:///etc/passwd', 'https://evil.test/a.txt']) {
      hall.tamper((payload) => {
        const { attachments } = (payload.data as { resolved: { attachments: Record<string, { url: string }> } }).resolved;
        for (const attachment of Object.values(attachments)) attachment.url = url;
      });
      const answer = await as('member').command('tasks', 'task create', { agent: 'file-processing', title: 'Fetch', file });
      expect(await words(answer)).toMatch(/does not come from Discord/);
    }
  });

  it('from a guild of which the bot is no member are told so', async () => {
    hall.tamper((payload) => {
      payload.guild_id = '1399999999999999999';
    });
    expect(await words(await create('Nowhere'))).toMatch(/not a member of this server/);
    expect(textOf((await as('member').command('tasks', 'task list')).message)).toMatch(/no such tasks/);
  });
});
