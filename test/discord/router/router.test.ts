import { ButtonStyle, ComponentType, TextInputStyle } from 'discord-api-types/v10';
import { afterEach, describe, expect, it } from 'vitest';
import { row } from '../../../src/discord/cards/parts.js';
import { customId } from '../../../src/discord/custom-id.js';
import { action, type Invocation, type Outcome, say } from '../../../src/discord/router/contract.js';
import { OPTION } from '../../../src/discord/router/options.js';
import { registerCommands } from '../../../src/discord/router/registration.js';
import { InvalidError, NotFoundError, UnavailableError } from '../../../src/tasks/errors.js';
import { until } from '../../support/until.js';
import { type HallCommands, openRouterHall, type RouterHall } from './hall.js';

const EPHEMERAL = 64;
const TASK = '01900000-0000-7000-8000-000000000001';
let hall: RouterHall | undefined;
afterEach(async () => {
  await hall?.close();
  hall = undefined;
});

const bare = (name: string, run: (invocation: Invocation) => Promise<Outcome>, first?: 'public' | 'ephemeral') =>
  action({ name, description: name }, { run: (_, invocation) => run(invocation), ...(first ? { first } : {}) });

/** Work that takes longer than the deferral waits; ended by the test, not by the clock. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function open(commands: HallCommands, more: Parameters<typeof openRouterHall>[1] = {}): Promise<RouterHall> {
  hall = await openRouterHall(commands, more);
  return hall;
}

const cardOutcome = (more: Partial<Outcome & { kind: 'card' }> = {}): Outcome => ({
  kind: 'card',
  body: { content: 'the card' },
  note: 'Created.',
  posted: async () => 'kept',
  notPosted: async () => undefined,
  ...more,
});

describe('quick answers', () => {
  it('is ephemeral, mentions nobody, and is measured', async () => {
    const { playground, acknowledged } = await open({
      actions: { hello: bare('hello', async () => say('Hello <@1300000000000000011> @everyone')) },
    });
    const answer = await playground.as('member').command('tasks', 'try hello');
    expect(answer).toMatchObject({
      kind: 'message',
      message: { flags: EPHEMERAL, content: 'Hello <@1300000000000000011> @everyone' },
    });
    expect(playground.notified(answer.message?.id ?? '')).toEqual([]);
    const bodies = playground
      .ledger()
      .flatMap(({ route, body }) => (route.includes('callback') ? [body as { data: object }] : []));
    expect(bodies[0]?.data).toMatchObject({ allowed_mentions: { parse: [] } });
    await until('the measure', () => acknowledged.read().count === 1);
  });

  it('posts a card publicly and tells its message id', async () => {
    const posted: string[] = [];
    const card = cardOutcome({
      whisper: 'It may take long.',
      posted: async (id) => {
        posted.push(id);
        return 'kept';
      },
    });
    const { playground, router } = await open({ actions: { card: bare('card', async () => card, 'public') } });
    const answer = await playground.as('member').command('tasks', 'try card');
    await router.idle();
    expect(posted).toEqual([answer.message?.id]);
    expect(playground.messages('tasks').map(({ content }) => content)).toEqual(['the card']);
    const own = playground.as('member').messages('tasks');
    expect(own.map(({ content }) => content)).toEqual(['the card', 'It may take long.']);
  });

  it('takes a surplus card away', async () => {
    const { playground, router } = await open({
      actions: { card: bare('card', async () => cardOutcome({ posted: async () => 'surplus' }), 'public') },
    });
    await playground.as('member').command('tasks', 'try card');
    await router.idle();
    expect(playground.messages('tasks')).toEqual([]);
  });

  it('finds the card whose posting was answered by a cut line', async () => {
    const posted: string[] = [];
    const card = cardOutcome({ posted: async (id) => (posted.push(id) > 0 ? 'kept' : 'surplus') });
    const { playground, router } = await open({ actions: { card: bare('card', async () => card, 'public') } });
    playground.faults.failRest({ route: '/interactions', times: 1, how: 'cut', when: 'after' });
    await playground.as('member').command('tasks', 'try card');
    await router.idle();
    expect(playground.messages('tasks').map(({ id }) => id)).toEqual(posted);
  });

  it('does not give the card back when it may have been posted: the announcer would post it again', async () => {
    const given: string[] = [];
    const card = cardOutcome({ notPosted: async () => void given.push('back') });
    const { playground, router, logged } = await open({ actions: { card: bare('card', async () => card, 'public') } });
    playground.faults.failRest({ route: '/interactions', times: 10, how: 'cut', when: 'after' });
    playground.faults.failRest({ route: '/webhooks', times: 10, how: 'cut', when: 'before' });
    void playground.as('member').command('tasks', 'try card');
    await until('the failure', () => logged.some(({ msg }) => msg === 'an answer did not arrive'));
    await router.idle();
    expect(playground.messages('tasks')).toHaveLength(1);
    expect(given).toEqual([]);
  });

  it('gives the card back when the answer does not arrive', async () => {
    const given: string[] = [];
    const card = cardOutcome({ notPosted: async () => void given.push('back') });
    const { playground, router } = await open({ actions: { card: bare('card', async () => card, 'public') } });
    playground.faults.failRest({ route: '/interactions', times: 10, status: 403 });
    void playground.as('member').command('tasks', 'try card');
    await until('the return', () => given.length > 0);
    await router.idle();
    expect(given).toEqual(['back']);
  });
});

describe('work that takes long', () => {
  it('is deferred before the deadline and answered when it is done', async () => {
    const { opened, open: finish } = gate();
    const { playground, acknowledged } = await open({ actions: { slow: bare('slow', () => opened.then(() => say('done'))) } });
    const answer = await playground.as('member').command('tasks', 'try slow');
    expect(answer.kind).toBe('deferred');
    expect(answer.latencyMs).toBeLessThan(2500);
    await until('the measure', () => acknowledged.read().count === 1);
    finish();
    expect(await answer.settled()).toMatchObject({ content: 'done', flags: EPHEMERAL });
  });

  it('a public one becomes the card', async () => {
    const { opened, open: finish } = gate();
    const posted: string[] = [];
    const card = cardOutcome({ posted: async (id) => (posted.push(id) > 0 ? 'kept' : 'surplus') });
    const { playground, router } = await open({ actions: { slow: bare('slow', () => opened.then(() => card), 'public') } });
    const answer = await playground.as('member').command('tasks', 'try slow');
    finish();
    const message = await answer.settled();
    await router.idle();
    expect(message).toMatchObject({ content: 'the card' });
    expect(posted).toEqual([message.id]);
    expect(playground.messages('tasks')).toHaveLength(1);
  });

  it('a public one that is refused leaves nothing public', async () => {
    const { opened, open: finish } = gate();
    const refuse = async () => {
      await opened;
      throw new InvalidError('That does not fit.');
    };
    const { playground, router } = await open({ actions: { slow: bare('slow', refuse, 'public') } });
    await playground.as('member').command('tasks', 'try slow');
    finish();
    await router.idle();
    expect(playground.messages('tasks')).toEqual([]);
    expect(
      playground
        .as('member')
        .messages('tasks')
        .map(({ content }) => content),
    ).toEqual(['That does not fit.']);
  });

  it('shows a button instead of a form that is no longer allowed', async () => {
    const { opened, open: finish } = gate();
    const form: Outcome = {
      kind: 'form',
      form: { custom_id: customId('asked', '-'), title: 'Asked', components: [] },
      otherwise: { content: 'Press Continue.' },
    };
    const { playground } = await open({ actions: { slow: bare('slow', () => opened.then(() => form)) } });
    const answer = await playground.as('member').command('tasks', 'try slow');
    finish();
    expect(await answer.settled()).toMatchObject({ content: 'Press Continue.' });
  });
});

describe('refusals and errors', () => {
  it('tells a refusal as it is, and a defect only by its reference', async () => {
    const failing = (error: Error) => async () => {
      throw error;
    };
    const { playground, logged } = await open({
      actions: {
        refused: bare('refused', failing(new InvalidError('The title is too long.'))),
        away: bare('away', failing(new UnavailableError())),
        broken: bare('broken', failing(new Error('secret connection string'))),
      },
    });
    const member = playground.as('member');
    expect((await member.command('tasks', 'try refused')).message).toMatchObject({
      content: 'The title is too long.',
      flags: EPHEMERAL,
    });
    expect((await member.command('tasks', 'try away')).message?.content).toMatch(/database cannot be reached.*try again/i);
    const { message } = await member.command('tasks', 'try broken');
    expect(message?.content).toContain('ref ref12345');
    expect(message?.content).not.toContain('secret');
    expect(logged.find(({ ref }) => ref === 'ref12345')).toMatchObject({ msg: 'a command failed' });
  });

  it('apologises when Discord refuses what was made', async () => {
    const { playground } = await open({ actions: { wrong: bare('wrong', async () => say('x'.repeat(2001))) } });
    const answer = await playground.as('member').command('tasks', 'try wrong');
    expect(answer.message?.content).toContain('Something went wrong');
    // What was refused on purpose does not count at the end.
    playground.resetCounts();
  });

  it('acts once when an interaction is delivered twice', async () => {
    let calls = 0;
    const { playground, router } = await open({
      actions: {
        count: bare('count', async () => {
          calls += 1;
          return say(`call ${calls}`);
        }),
      },
    });
    await playground.as('member').command('tasks', 'try count');
    const [, , id] =
      playground
        .ledger()
        .find(({ route }) => route.includes('callback'))
        ?.path.match(/^(.*)interactions\/(\d+)/) ?? [];
    playground.faults.redeliver(id ?? '');
    await router.idle();
    await playground.as('member').command('tasks', 'try nothing');
    expect(calls).toBe(1);
    expect(playground.counts().errors).toEqual({});
  });

  it('survives payloads that are not what Discord documents', async () => {
    const { playground, router, tamper } = await open({
      actions: {
        text: action(
          {
            name: 'text',
            description: 'x',
            options: [{ name: 'title', type: OPTION.string, description: 'x', required: true, max_length: 50 }],
          } as const,
          { run: async ({ title }) => say(title) },
        ),
      },
    });
    for (const payload of [null, undefined, 1, 'x', {}, [], { id: 'x' }, { type: 9 }]) await router.handle(payload);
    const member = playground.as('member');
    const withTitle = (value: unknown) => (payload: Record<string, never>) => {
      const data = payload.data as unknown as { options: { options: { name: string; value?: unknown }[] }[] };
      const [subcommand] = data.options;
      if (!subcommand) return;
      if (value === undefined) subcommand.options = [];
      else if (subcommand.options[0]) subcommand.options[0].value = value;
    };
    const expected: [unknown, RegExp][] = [
      ['x'.repeat(100_000), /title.*at most 50/],
      ['a\u0000b', /cannot be stored/],
      ['a\ud800b', /cannot be stored/],
      [undefined, /title.*required/],
      [7, /title.*text/],
      [{ a: 1 }, /could not be read/],
    ];
    for (const [value, words] of expected) {
      tamper(withTitle(value));
      const answer = await member.command('tasks', 'try text', { title: 'ok' });
      expect(answer.message?.content).toMatch(words);
    }
    tamper(() => undefined);
    expect((await member.command('tasks', 'try text', { title: 'ok' })).message?.content).toBe('ok');
  });
});

it('registers in one guild what Discord keeps of it', async () => {
  const { playground, gateway } = await open({});
  const applicationId = playground.world.application;
  const action = bare('nothing', async () => say('x'));
  const commands = {
    slash: [
      {
        name: 'only',
        description: 'here',
        directMessages: false,
        defaultMemberPermissions: '32',
        actions: new Map([['', action]]),
      },
    ],
    messageMenu: [],
    components: new Map(),
    forms: new Map(),
  };
  const registration = {
    rest: gateway.rest(),
    applicationId,
    guildId: playground.world.guild,
    commands,
    mode: 'replace' as const,
  };
  expect(await registerCommands(registration)).toBe('registered');
  expect(await registerCommands(registration)).toBe('unchanged');
  await expect(playground.as('member').command('tasks', 'only')).rejects.toThrow(/no command/);
  expect((await playground.as('admin').command('tasks', 'only')).kind).toBe('message');
});

describe('buttons and forms', () => {
  const button = (id: string) => ({
    type: ComponentType.Button as const,
    style: ButtonStyle.Secondary as const,
    label: 'Press',
    custom_id: id,
  });
  const press = (id: string) => row([button(id)]);

  it('refuses ids that are forged, old or unknown', async () => {
    const { playground, gateway } = await open({ components: { known: { first: 'ephemeral', run: async () => say('known') } } });
    const channel = playground.world.channels.tasks;
    const bad = [
      'known',
      't0:known:-',
      't1:unknown:-',
      't1:known',
      't1:known:../../etc',
      "t1:known:'; drop table tasks",
      'x'.repeat(100),
    ];
    const components = [bad.slice(0, 5), bad.slice(5)].map((ids) => ({
      type: ComponentType.ActionRow,
      components: ids.map(button),
    }));
    const forged = (await gateway.rest().post(`/channels/${channel}/messages`, { body: { content: 'x', components } })) as {
      id: string;
    };
    for (const id of bad) {
      const answer = await playground.as('member').click(forged.id, id);
      expect(answer.message).toMatchObject({ flags: EPHEMERAL, content: expect.stringContaining('older version') });
    }
    const body = { content: 'x', components: press('t1:known:-') };
    const posted = (await gateway.rest().post(`/channels/${channel}/messages`, { body })) as { id: string };
    expect((await playground.as('member').click(posted.id, 'Press')).message?.content).toBe('known');
  });

  it('says that a removed task was removed', async () => {
    const gone = async (): Promise<Outcome> => {
      throw new NotFoundError('There is no such task here.');
    };
    const { playground, gateway } = await open({ components: { cancel: { first: 'ephemeral', on: 'task', run: gone } } });
    const body = { content: 'x', components: press(customId('cancel', TASK)) };
    const posted = (await gateway.rest().post(`/channels/${playground.world.channels.tasks}/messages`, { body })) as {
      id: string;
    };
    expect((await playground.as('member').click(posted.id, 'Press')).message?.content).toMatch(/cleanup has removed it/);
    expect(playground.messages('tasks')).toHaveLength(1);
  });

  it('replaces an ephemeral message, then posts the card below it', async () => {
    const { playground, router } = await open({
      actions: { ask: bare('ask', async () => say('Sure?', { components: press(customId('yes', '-')) })) },
      components: { yes: { first: 'update', run: async () => cardOutcome() } },
    });
    const member = playground.as('member');
    const { message } = await member.command('tasks', 'try ask');
    await member.click(message?.id ?? '', 'Press');
    await router.idle();
    const seen = member.messages('tasks').map(({ content, flags, components }) => [content, flags, components?.length]);
    expect(seen).toEqual([
      ['Created.', EPHEMERAL, 0],
      ['the card', 0, 0],
    ]);
    expect(playground.messages('tasks').map(({ content }) => content)).toEqual(['the card']);
  });

  it('never replaces a public message', async () => {
    const { playground, gateway } = await open({
      components: { yes: { first: 'update', run: async () => ({ kind: 'update', body: { content: 'replaced' } }) } },
    });
    const body = { content: 'the card', components: press(customId('yes', '-')) };
    const posted = (await gateway.rest().post(`/channels/${playground.world.channels.tasks}/messages`, { body })) as {
      id: string;
    };
    const answer = await playground.as('member').click(posted.id, 'Press');
    expect(answer).toMatchObject({ kind: 'message', message: { content: 'replaced', flags: EPHEMERAL } });
    expect(playground.messages('tasks').map(({ content }) => content)).toEqual(['the card']);
  });

  it('opens a form, reads it, and refuses what cannot be stored', async () => {
    const textInput = { type: ComponentType.TextInput as const, custom_id: 'name', style: TextInputStyle.Short as const };
    const form: Outcome = {
      kind: 'form',
      form: {
        custom_id: customId('entered', TASK, 'arg'),
        title: 'A form',
        components: [{ type: ComponentType.Label, label: 'Name', component: textInput }],
      },
      otherwise: { content: 'otherwise' },
    };
    const { playground, tamper } = await open({
      actions: { ask: bare('ask', async () => form) },
      forms: {
        entered: { first: 'ephemeral', run: async ({ id, argument, fields }) => say(`${id} ${argument} ${fields.get('name')}`) },
      },
    });
    const member = playground.as('member');
    const asked = await member.command('tasks', 'try ask');
    expect(asked.kind).toBe('modal');
    expect((await member.submit(asked, { name: 'Ada' })).message?.content).toBe(`${TASK} arg Ada`);
    for (const value of ['a\u0000b', 'x'.repeat(100_000), '\udc00']) {
      tamper((payload) => {
        const data = payload.data as unknown as { components: { component: { value: string } }[] };
        if (data.components?.[0]) data.components[0].component.value = value;
      });
      expect((await member.submit(asked, { name: 'Ada' })).message?.content).toMatch(/cannot be stored/);
    }
  });

  it('gives a message to its menu command', async () => {
    const { playground } = await open({
      menu: [{ name: 'Do it', first: 'ephemeral', run: async ({ content, authorId }) => say(`${authorId}: ${content}`) }],
    });
    const member = playground.as('member');
    const message = await member.say('tasks', 'please fix this');
    expect((await member.messageCommand('tasks', 'Do it', message.id)).message?.content).toBe(`${member.id}: please fix this`);
  });
});

describe('suggestions', () => {
  const pick = (suggest: (typed: string) => Promise<{ name: string; value: string }[]>) =>
    action(
      {
        name: 'pick',
        description: 'x',
        options: [{ name: 'id', type: OPTION.string, description: 'x', required: true, autocomplete: true }],
      } as const,
      { run: async ({ id }) => say(id), suggest: { id: suggest } },
    );

  it('are cut to what Discord takes', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ name: `😀`.repeat(60) + index, value: String(index) }));
    const { playground } = await open({
      actions: { pick: pick(async (typed) => [{ name: '', value: 'x' }, { name: typed, value: 'typed' }, ...many]) },
    });
    const answer = await playground.as('member').autocomplete('tasks', 'try pick', 'id', { id: 'abc' });
    expect(answer.choices).toHaveLength(25);
    expect(answer.choices?.[0]).toMatchObject({ name: 'abc', value: 'typed' });
    for (const { name } of answer.choices ?? []) expect(name.length).toBeLessThanOrEqual(100);
  });

  it('are none when the work fails or takes too long', async () => {
    const { playground } = await open({
      actions: {
        pick: pick(async () => {
          throw new Error('no database');
        }),
        late: action(
          {
            name: 'late',
            description: 'x',
            options: [{ name: 'id', type: OPTION.string, description: 'x', autocomplete: true }],
          } as const,
          { run: async () => say('x'), suggest: { id: () => new Promise(() => undefined) } },
        ),
      },
    });
    expect((await playground.as('member').autocomplete('tasks', 'try pick', 'id', { id: 'abc' })).choices).toEqual([]);
    const late = await playground.as('member').autocomplete('tasks', 'try late', 'id', { id: 'abc' });
    expect(late.choices).toEqual([]);
    expect(late.latencyMs).toBeLessThan(3000);
  });
});

describe("on somebody else's client", () => {
  it('leaves alone what is not ours', async () => {
    const { playground, gateway, router } = await open({}, { foreign: true });
    const rest = gateway.rest();
    await rest.post(`/applications/${playground.world.application}/commands`, {
      body: { name: 'theirs', description: 'x', type: 1 },
    });
    const body = {
      content: 'x',
      components: row([{ type: ComponentType.Button, style: ButtonStyle.Secondary, label: 'Press', custom_id: 'their-button' }]),
    };
    const posted = (await rest.post(`/channels/${playground.world.channels.tasks}/messages`, { body })) as { id: string };
    playground.resetCounts();
    void playground.as('member').command('tasks', 'theirs');
    void playground.as('member').click(posted.id, 'Press');
    expect((await playground.as('member').command('tasks', 'try nothing')).message?.content).toBe('nothing');
    await router.idle();
    expect(playground.ledger().filter(({ route }) => route.includes('callback'))).toHaveLength(1);
  });
});
