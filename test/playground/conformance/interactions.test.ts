/** Interactions: callbacks of every type, deadlines, what the token may do, and who sees an ephemeral answer. */
import { describe, expect, it } from 'vitest';
import type { Person } from '../../../playground/index.js';
import { each, expectForm, ground, type Opened, type Row, say } from './ground.js';

const here = ground();

const RECEIVING = 'receiving-and-responding.mdx';
const FACTS = 'facts 1.1';
const CODES = 'opcodes-and-status-codes.mdx';
const EPHEMERAL = 64;

const callback = ({ id, token }: Opened, body: object, query = '') =>
  here().anonymous('POST', `/interactions/${id}/${token}/callback${query}`, body);
const token = (opened: Opened, method: string, path = '', body?: unknown) =>
  here().anonymous(method, `/webhooks/{app}/${opened.token}${path}`, body);
const original = '/messages/@original';
const button = { type: 1, components: [{ type: 2, style: 1, label: 'Go', custom_id: 'go' }] };
const modal = {
  custom_id: 'm',
  title: 'T',
  components: [{ type: 1, components: [{ type: 4, custom_id: 'i', style: 1, label: 'I' }] }],
};
const open = () => here().open(say);
const autocomplete = () => here().open((member) => member.autocomplete('tasks', 'say', 'from', { from: 'a' }));

async function press(flags = 0): Promise<Opened> {
  const command = await open();
  await callback(command, { type: 4, data: { content: 'press', flags, components: [button] } });
  const { id } = (await token(command, 'GET', original)).body;
  return here().open((member: Person) => member.click(id, 'go'));
}

async function answered(data: object = { content: 'first' }): Promise<Opened> {
  const opened = await open();
  expect((await callback(opened, { type: 4, data })).status).toBe(204);
  return opened;
}

async function deferred(data: object = {}): Promise<Opened> {
  const opened = await open();
  expect((await callback(opened, { type: 5, data })).status).toBe(204);
  return opened;
}

describe('the callback', () => {
  each(
    [
      [RECEIVING, 'of type 4 posts a message and answers 204', 4, { content: 'x' }],
      [RECEIVING, 'of type 5 answers 204 and shows that the bot thinks', 5, undefined],
      [RECEIVING, 'of type 5 takes EPHEMERAL', 5, { flags: EPHEMERAL }],
      [RECEIVING, 'of type 9 opens a modal', 9, modal],
    ] as Row<[type: number, data?: object]>[],
    async (type, data) => expect((await callback(await open(), { type, ...(data && { data }) })).status).toBe(204),
  );

  each(
    [
      [
        RECEIVING,
        'with_response of type 4 brings the message',
        { type: 4, data: { content: 'x' } },
        { type: 4, message: expect.objectContaining({ content: 'x' }) },
      ],
      [
        RECEIVING,
        'with_response of type 5 brings the loading message',
        { type: 5 },
        { type: 5, message: expect.objectContaining({ flags: 128 }) },
      ],
      [RECEIVING, 'with_response of type 9 brings no message', { type: 9, data: modal }, { type: 9 }],
    ] as Row<[body: object, resource: object]>[],
    async (body, resource) => {
      const opened = await open();
      const reply = await callback(opened, body, '?with_response=true');
      expect(reply).toMatchObject({ status: 200, body: { interaction: { id: opened.id, type: 2 }, resource } });
    },
  );

  each(
    [
      [RECEIVING, 'of a component may be 6', { type: 6 }],
      [RECEIVING, 'of a component may be 7', { type: 7, data: { content: 'pressed', components: [] } }],
      [RECEIVING, 'of a component may be 4', { type: 4, data: { content: 'x' } }],
      [RECEIVING, 'of a component may be 5', { type: 5 }],
      [RECEIVING, 'of a component may be 9', { type: 9, data: modal }],
    ] as Row<[body: object]>[],
    async (body) => expect((await callback(await press(), body)).status).toBe(204),
  );

  each(
    [
      [RECEIVING, 'of a command may not be 6', open, { type: 6 }],
      [RECEIVING, 'of a command may not be 7', open, { type: 7, data: { content: 'x' } }],
      [RECEIVING, 'of a command may not be 8', open, { type: 8, data: { choices: [] } }],
      [RECEIVING, 'of a component may not be 8', press, { type: 8, data: { choices: [] } }],
      [RECEIVING, 'of autocomplete may not be 4', autocomplete, { type: 4, data: { content: 'x' } }],
      [RECEIVING, 'of autocomplete may not be 5', autocomplete, { type: 5 }],
      [RECEIVING, 'of autocomplete may not be 9', autocomplete, { type: 9, data: modal }],
      [RECEIVING, 'has a type that there is', open, { type: 99 }],
      [RECEIVING, 'has a type', open, {}],
    ] as Row<[start: () => Promise<Opened>, body: object]>[],
    async (start, body) => expectForm(await callback(await start(), body), 'type'),
  );

  each(
    [
      [FACTS, 'of type 5 takes EPHEMERAL alone of the flags', { type: 5, data: { flags: 1 << 15 } }, 'data.flags'],
      [
        RECEIVING,
        'of type 8 has at most 25 choices',
        { type: 8, data: { choices: Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` })) } },
        'data.choices',
      ],
      [
        RECEIVING,
        'of type 8 has choice names of at most 100',
        { type: 8, data: { choices: [{ name: 'x'.repeat(101), value: 'v' }] } },
        'data.choices.0.name',
      ],
      [
        RECEIVING,
        'of type 8 has choice names',
        { type: 8, data: { choices: [{ name: '', value: 'v' }] } },
        'data.choices.0.name',
      ],
      [RECEIVING, 'of type 8 has choices', { type: 8, data: {} }, 'data.choices'],
    ] as Row<[body: { type: number; data: object }, at: string]>[],
    async (body, at) => expectForm(await callback(await (body.type === 8 ? autocomplete() : open()), body), at),
  );

  each([[RECEIVING, 'of a submitted modal may not be another modal']] as Row<[]>[], async () => {
    const { playground, client } = here();
    const command = open();
    const waiting = playground.as('member');
    const first = await command;
    // The person's side of the modal: submitting needs the answer that the person got.
    expect((await callback(first, { type: 9, data: modal })).status).toBe(204);
    const submitted = new Promise<Opened>((resolve) =>
      client.once('interactionCreate', ({ id, token: key }) => resolve({ id, token: key })),
    );
    const second = waiting.command('tasks', 'say', { text: 'x' });
    const { id, token: key } = await submitted;
    await callback({ id, token: key }, { type: 9, data: modal });
    const shown = await second;
    const opened = await here().open((member) => member.submit(shown, { i: 'text' }));
    expectForm(await callback(opened, { type: 9, data: modal }), 'type');
    expect((await callback(opened, { type: 4, data: { content: 'thanks' } })).status).toBe(204);
  });
});

describe('an interaction', () => {
  each(
    [
      [CODES, 'is answered once: 40060', { type: 4, data: { content: 'x' } }],
      [CODES, 'is answered once, also after a defer: 40060', { type: 5 }],
    ] as Row<[body: object]>[],
    async (body) => {
      const opened = await open();
      expect((await callback(opened, body)).status).toBe(204);
      expect(await callback(opened, body)).toMatchObject({
        status: 400,
        body: { code: 40060, message: 'Interaction has already been acknowledged.' },
      });
    },
  );

  it(`${FACTS}: is unknown after 3 s: 10062`, async () => {
    const opened = await open();
    await here().playground.clock.advance(3_001);
    expect(await callback(opened, { type: 4, data: { content: 'x' } })).toMatchObject({
      status: 404,
      body: { code: 10062, message: 'Unknown interaction' },
    });
  });

  it(`${FACTS}: can be answered within the 3 s`, async () => {
    const opened = await open();
    await here().playground.clock.advance(2_900);
    expect((await callback(opened, { type: 4, data: { content: 'x' } })).status).toBe(204);
  });

  each(
    [
      [CODES, 'of another id is unknown: 10062', (one) => ({ ...one, id: '1300000000000009999' })],
      [CODES, 'of another token is unknown: 10062', (one) => ({ ...one, token: 'forged' })],
    ] as Row<[change: (one: Opened) => Opened]>[],
    async (change) =>
      expect(await callback(change(await open()), { type: 4, data: { content: 'x' } })).toMatchObject({
        status: 404,
        body: { code: 10062 },
      }),
  );
});

describe('the token', () => {
  each(
    [
      [RECEIVING, 'reads the answer', 'GET', original, undefined, 200],
      [RECEIVING, 'edits the answer', 'PATCH', original, { content: 'second' }, 200],
      [RECEIVING, 'deletes the answer', 'DELETE', original, undefined, 204],
      [RECEIVING, 'posts a follow-up', 'POST', '', { content: 'more' }, 200],
      [RECEIVING, 'posts an ephemeral follow-up', 'POST', '?wait=true', { content: 'more', flags: EPHEMERAL }, 200],
      [RECEIVING, 'finds @original written with %40, as discord.js writes it', 'GET', '/messages/%40original', undefined, 200],
    ] as Row<[method: string, path: string, body: unknown, status: number]>[],
    async (method, path, body, status) => expect((await token(await answered(), method, path, body)).status).toBe(status),
  );

  each([[RECEIVING, 'reads, edits and deletes a follow-up by its id']] as Row<[]>[], async () => {
    const opened = await answered();
    const { id } = (await token(opened, 'POST', '?wait=true', { content: 'more' })).body;
    expect((await token(opened, 'GET', `/messages/${id}`)).body.content).toBe('more');
    expect((await token(opened, 'PATCH', `/messages/${id}`, { content: 'other' })).body.content).toBe('other');
    expect((await token(opened, 'DELETE', `/messages/${id}`)).status).toBe(204);
    expect(await token(opened, 'GET', `/messages/${id}`)).toMatchObject({ status: 404, body: { code: 10008 } });
  });

  each([[FACTS, 'is dead after 15 minutes: 401 with 50027']] as Row<[]>[], async () => {
    const opened = await answered();
    await here().playground.clock.advance(15 * 60_000 + 1_000);
    for (const [method, path, body] of [
      ['PATCH', original, { content: 'x' }],
      ['GET', original, undefined],
      ['DELETE', original, undefined],
      ['POST', '', { content: 'x' }],
    ] as const)
      expect(await token(opened, method, path, body), method).toMatchObject({
        status: 401,
        body: { code: 50027, message: 'Invalid Webhook Token' },
      });
  });

  each([[FACTS, 'lives for 15 minutes']] as Row<[]>[], async () => {
    const opened = await answered();
    await here().playground.clock.advance(14 * 60_000);
    expect((await token(opened, 'PATCH', original, { content: 'still' })).status).toBe(200);
  });

  each(
    [[CODES, 'that was never given is an unknown webhook: 10015', 'never-given', 10015]] as Row<[key: string, code: number]>[],
    async (key, code) => {
      const reply = await here().anonymous('POST', `/webhooks/{app}/${key}`, { content: 'x' });
      expect(reply).toMatchObject({ status: 404, body: { code } });
    },
  );

  each([[CODES, 'finds no answer that was deleted: 10008']] as Row<[]>[], async () => {
    const opened = await answered();
    await token(opened, 'DELETE', original);
    expect(await token(opened, 'PATCH', original, { content: 'x' })).toMatchObject({ status: 404, body: { code: 10008 } });
  });

  each([[RECEIVING, 'fills in what was deferred, which was no edit then']] as Row<[]>[], async () => {
    const opened = await deferred();
    const first = await token(opened, 'PATCH', original, { content: 'done' });
    expect(first.body).toMatchObject({ content: 'done', edited_timestamp: null });
    expect(first.body.flags & 128).toBe(0);
    expect((await token(opened, 'PATCH', original, { content: 'again' })).body.edited_timestamp).not.toBeNull();
  });

  each([[RECEIVING, 'of a pressed button edits the message that has the button']] as Row<[]>[], async () => {
    const opened = await press();
    expect((await callback(opened, { type: 6 })).status).toBe(204);
    expect((await token(opened, 'PATCH', original, { content: 'pressed', components: [] })).body).toMatchObject({
      content: 'pressed',
      components: [],
    });
  });
});

describe('an ephemeral answer', () => {
  each([[FACTS, 'reaches its person alone and cannot be fetched through the channel']] as Row<[]>[], async () => {
    const { playground, bot, member } = here();
    const opened = await answered({ content: 'between us', flags: EPHEMERAL });
    const { id, flags } = (await token(opened, 'GET', original)).body;
    expect(flags & EPHEMERAL).toBe(EPHEMERAL);
    expect(member.messages('tasks').some((one) => one.id === id)).toBe(true);
    for (const person of ['admin', 'moderator', 'secondMember'])
      expect(
        playground
          .as(person)
          .messages('tasks')
          .some((one) => one.id === id),
        person,
      ).toBe(false);
    const path = `/channels/{tasks}/messages/${id}`;
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { content: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expect(await bot(method, path, body), method).toMatchObject({ status: 404, body: { code: 10008 } });
    expect((await bot('GET', '/channels/{tasks}/messages?limit=100')).body.some((one: { id: string }) => one.id === id)).toBe(
      false,
    );
    expect((await token(opened, 'PATCH', original, { content: 'still between us' })).status).toBe(200);
  });

  each([[FACTS, 'is not carried along by a public answer to it']] as Row<[]>[], async () => {
    const { playground, bot } = here();
    const opened = await answered({ content: 'between us two', flags: EPHEMERAL });
    const { body: more } = await token(opened, 'POST', '?wait=true', { content: 'for all' });
    expect(more).toMatchObject({ content: 'for all', type: 19, message_reference: { message_id: expect.any(String) } });
    const { body: quiet } = await token(opened, 'POST', '?wait=true', { content: 'for her', flags: EPHEMERAL });
    expect(quiet).toMatchObject({ referenced_message: { content: 'between us two' } });
    expect(JSON.stringify((await bot('GET', '/channels/{tasks}/messages?limit=100')).body)).not.toContain('between us two');
    for (const person of ['admin', 'secondMember'])
      for (const seen of [JSON.stringify(playground.as(person).messages('tasks')), playground.transcript('tasks', person)])
        expect(seen, person).not.toContain('between us two');
    expect(playground.transcript('tasks')).toContain('a message that could not be loaded');
    expect(playground.transcript('tasks', 'member')).toContain('↪ Bot: between us two');
  });

  each(
    [
      [FACTS, 'stays ephemeral when the edit of a defer says otherwise', EPHEMERAL, 0, true],
      [FACTS, 'is not made by the edit of a public defer', 0, EPHEMERAL, false],
    ] as Row<[defer: number, edit: number, ephemeral: boolean]>[],
    async (defer, edit, ephemeral) => {
      const opened = await deferred({ flags: defer });
      await token(opened, 'PATCH', original, { content: 'x', flags: edit });
      const { flags } = (await token(opened, 'GET', original)).body;
      expect((flags & EPHEMERAL) !== 0).toBe(ephemeral);
    },
  );
});

describe('what an interaction tells', () => {
  each([[RECEIVING, 'has the fields that every interaction has']] as Row<[]>[], async () => {
    const { client, member, ids } = here();
    const arrived = new Promise<Record<string, unknown>>((resolve) =>
      client.ws.once('INTERACTION_CREATE' as never, ((data: Record<string, unknown>) => resolve(data)) as never),
    );
    void say(member).catch(() => {});
    expect(await arrived).toMatchObject({
      id: expect.any(String),
      application_id: ids.app,
      type: 2,
      data: { name: 'say', type: 1, options: [{ name: 'text', type: 3, value: 'x' }] },
      guild_id: ids.guild,
      guild: expect.objectContaining({ id: ids.guild, locale: 'en-US' }),
      channel_id: ids.tasks,
      channel: expect.objectContaining({ id: ids.tasks, type: 0 }),
      member: expect.objectContaining({
        permissions: expect.stringMatching(/^\d+$/),
        user: expect.objectContaining({ id: ids.mia }),
      }),
      token: expect.any(String),
      version: 1,
      app_permissions: expect.stringMatching(/^\d+$/),
      locale: 'en-US',
      guild_locale: 'en-US',
      entitlements: [],
      authorizing_integration_owners: { 0: ids.guild },
      context: 0,
      attachment_size_limit: expect.any(Number),
    });
  });
});
