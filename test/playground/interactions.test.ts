import type { APIInteraction } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './support.js';

/** Interactions by hand: the client is there, but the test answers over REST. */
describe('interactions', () => {
  let stage: Stage;
  let received: APIInteraction[];
  beforeEach(async () => {
    stage = await setStage();
    received = [];
    stage.client.ws.on('INTERACTION_CREATE' as never, (data: APIInteraction) => received.push(data));
  });
  afterEach(() => stage.close());

  const last = async (count = 1) => {
    await expect.poll(() => received.length, { interval: 5, timeout: 15_000 }).toBe(count);
    return received[count - 1] as APIInteraction;
  };
  const respond = (one: APIInteraction, body: unknown, query = '') =>
    stage.fetch('POST', `/interactions/${one.id}/${one.token}/callback${query}`, body);
  const webhook = (one: APIInteraction, rest = '') => `/webhooks/${one.application_id}/${one.token}${rest}`;
  const mia = () => stage.playground.as('member');
  const command = () => mia().command('tasks', 'echo', { text: 'x' });

  it('carry what the client and a careful bot read', async () => {
    const answer = command();
    const one = await last();
    const { world } = stage.playground;
    expect(one).toMatchObject({
      application_id: world.application,
      type: 2,
      version: 1,
      guild_id: world.guild,
      channel_id: world.channels.tasks,
      channel: { id: world.channels.tasks, type: 0, name: 'tasks' },
      locale: 'en-US',
      guild_locale: 'en-US',
      context: 0,
      entitlements: [],
      authorizing_integration_owners: { 0: world.guild },
      attachment_size_limit: 10 * 1024 * 1024,
      member: { user: { id: world.people.member, username: 'mia' } },
    });
    expect(BigInt(one.app_permissions) & (1n << 14n)).not.toBe(0n);
    expect(BigInt(one.member?.permissions ?? '0') & (1n << 13n)).toBe(0n);
    await respond(one, { type: 4, data: { content: 'ok' } });
    await answer;
    const inDm = mia().command(mia().dm(), 'echo', { text: 'x' });
    const direct = await last(2);
    expect(direct).toMatchObject({ context: 1, user: { id: world.people.member }, channel: { type: 1 } });
    expect(direct.guild_id).toBeUndefined();
    await respond(direct, { type: 4, data: { content: 'ok' } });
    await inDm;
  });

  it('must be answered within 3 s, once, with the token that was given', async () => {
    const answer = command();
    const one = await last();
    expect((await respond({ ...one, token: 'forged' } as APIInteraction, { type: 5 })).body.code).toBe(10062);
    await stage.playground.clock.advance(2_900);
    const first = await respond(one, { type: 5 }, '?with_response=true');
    expect(first).toMatchObject({
      status: 200,
      body: { interaction: { id: one.id, response_message_loading: true }, resource: { type: 5, message: { flags: 128 } } },
    });
    expect((await respond(one, { type: 4, data: { content: 'x' } })).body.code).toBe(40060);
    expect((await answer).kind).toBe('deferred');
    const late = command();
    const two = await last(2);
    await stage.playground.clock.advance(3_001);
    expect((await late).kind).toBe('failed');
    expect((await respond(two, { type: 5 })).body.code).toBe(10062);
    expect((await stage.fetch('PATCH', webhook(two, '/messages/@original'), { content: 'x' })).body.code).toBe(10015);
  });

  it('let their token edit for 15 minutes, however the path is written', async () => {
    const answer = command();
    const one = await last();
    expect((await stage.fetch('POST', webhook(one), { content: 'too early' })).body.code).toBe(10015);
    expect((await respond(one, { type: 5 })).status).toBe(204);
    const first = await stage.fetch('POST', webhook(one, '?wait=true'), { content: 'first follow-up is the answer' });
    expect((await (await answer).settled()).id).toBe(first.body.id);
    expect((await stage.fetch('GET', webhook(one, '/messages/%40original'))).body.id).toBe(first.body.id);
    const more = await stage.fetch('POST', webhook(one), { content: 'more', flags: 64 });
    expect(more.body).toMatchObject({ flags: 64, type: 19, message_reference: { message_id: first.body.id } });
    expect((await stage.fetch('GET', `/channels/${one.channel?.id}/messages/${more.body.id}`)).body.code).toBe(10008);
    expect((await stage.fetch('PATCH', webhook(one, `/messages/${more.body.id}`), { content: 'm' })).body.flags).toBe(64);
    expect((await stage.fetch('PATCH', webhook(one, '/messages/1300000000000009999'), { content: 'm' })).body.code).toBe(10008);
    expect((await stage.fetch('DELETE', webhook(one, `/messages/${more.body.id}`))).status).toBe(204);
    await stage.playground.clock.advance(14 * 60_000);
    expect((await stage.fetch('PATCH', webhook(one, '/messages/@original'), { content: 'still' })).status).toBe(200);
    await stage.playground.clock.advance(60_001);
    const dead = await stage.fetch('PATCH', webhook(one, '/messages/@original'), { content: 'x' });
    expect(dead).toMatchObject({ status: 401, body: { code: 50027 } });
    expect(
      (await stage.fetch('PATCH', `/channels/${one.channel?.id}/messages/${first.body.id}`, { content: 'by the bot' })).status,
    ).toBe(200);
  });

  it('refuse callbacks that do not fit, and stay open for the right one', async () => {
    const answer = command();
    const one = await last();
    const code = async (body: unknown) => (await respond(one, body)).body.code;
    expect(await code({ type: 8, data: { choices: [] } })).toBe(50035);
    expect(await code({ type: 7, data: { content: 'x' } })).toBe(50035);
    expect(await code({ type: 3 })).toBe(50035);
    // PONG answers pings, PREMIUM_REQUIRED is gone, and LAUNCH_ACTIVITY is for applications that have an activity.
    for (const type of [1, 10, 12]) expect(await code({ type })).toBe(50035);
    expect(await code({ type: 6 })).toBe(50035);
    // "the only valid message flag you may use is EPHEMERAL"
    expect(await code({ type: 5, data: { flags: 4096 } })).toBe(50035);
    expect(await code({ type: 4, data: {} })).toBe(50006);
    expect(await code({ type: 4, data: { content: 'x'.repeat(2001) } })).toBe(50035);
    expect(await code({ type: 5, data: { flags: 4096 | 4 } })).toBe(50035);
    const input = (id: string, more = {}) => ({
      type: 1,
      components: [{ type: 4, custom_id: id, style: 1, label: 'L', ...more }],
    });
    const modal = (data: object) => ({ type: 9, data: { custom_id: 'm', title: 'T', components: [input('a')], ...data } });
    expect(await code(modal({ title: 'x'.repeat(46) }))).toBe(50035);
    expect(await code(modal({ components: [] }))).toBe(50035);
    expect(await code(modal({ components: '123456'.split('').map((id) => input(id)) }))).toBe(50035);
    expect(await code(modal({ components: [input('a', { label: 'x'.repeat(46) })] }))).toBe(50035);
    expect(await code(modal({ components: [input('a', { value: 'x'.repeat(4001) })] }))).toBe(50035);
    expect(await code(modal({ components: [input('a'), input('a')] }))).toBe(50035);
    const select = { type: 3, custom_id: 's', options: [{ label: 'A', value: 'a' }] };
    const labels = [
      { type: 18, label: 'Name', component: { type: 4, custom_id: 'n', style: 2 } },
      { type: 18, label: 'Pick', description: 'one', component: select },
    ];
    expect((await respond(one, modal({ components: labels }))).status).toBe(204);
    const opened = await answer;
    const submitted = mia().submit(opened, { Name: 'N', s: 'a' });
    const two = await last(2);
    expect(two.data).toMatchObject({
      custom_id: 'm',
      components: [
        { type: 18, component: { type: 4, custom_id: 'n', value: 'N' } },
        { type: 18, component: { type: 3, custom_id: 's', values: ['a'] } },
      ],
    });
    expect((await respond(two, modal({}))).body.code).toBe(50035);
    await respond(two, { type: 4, data: { content: 'done', flags: 64 } });
    expect((await submitted).message?.content).toBe('done');
  });

  it('are answered with components, polls and no stickers, as a channel message is', async () => {
    const answer = command();
    const one = await last();
    const V2 = 1 << 15;
    const missing = await respond(one, {
      type: 4,
      data: { flags: V2, components: [{ type: 13, file: { url: 'attachment://a' } }] },
    });
    expect(missing.body.errors.data.components[0].file.url._errors[0].code).toBe(
      'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
    );
    expect((await respond(one, { type: 5, data: { flags: 64 | V2 } })).body.code).toBe(50035);
    await respond(one, { type: 5 });
    // "you must do that with the edit original response endpoint"
    const edited = await stage.fetch('PATCH', webhook(one, '/messages/@original'), {
      flags: V2,
      components: [{ type: 10, content: 'x' }],
    });
    expect(edited.body).toMatchObject({ flags: V2, components: [{ type: 10, content: 'x' }] });
    await answer;
    const poll = { question: { text: 'q' }, answers: [{ poll_media: { text: 'a' } }] };
    expect((await stage.fetch('POST', webhook(one), { poll })).body.poll.answers).toHaveLength(1);
    // Answers know no stickers, so the field is ignored.
    expect((await stage.fetch('POST', webhook(one), { content: 'x', sticker_ids: ['1300000000000000001'] })).status).toBe(200);
    const wrong = await stage.fetch('POST', webhook(one), {
      content: 'x',
      embeds: [{ fields: Array(26).fill({ name: 'n', value: 'v' }) }],
    });
    expect(wrong.body.errors.embeds[0].fields._errors[0].code).toBe('BASE_TYPE_MAX_LENGTH');
  });

  it('limit autocomplete to 25 short choices', async () => {
    const answer = mia().autocomplete('tasks', 'task create', 'agent', { agent: '' });
    const one = await last();
    const choices = (count: number, name = 'n') => ({ type: 8, data: { choices: Array(count).fill({ name, value: 'v' }) } });
    expect((await respond(one, choices(26))).body.code).toBe(50035);
    expect((await respond(one, choices(1, 'x'.repeat(101)))).body.code).toBe(50035);
    expect((await respond(one, { type: 4, data: { content: 'x' } })).body.code).toBe(50035);
    expect((await respond(one, choices(25))).status).toBe(204);
    expect((await answer).choices).toHaveLength(25);
  });

  it('keep ephemeral answers to their user, whose clicks update them', async () => {
    const answer = command();
    const one = await last();
    const components = [
      {
        type: 1,
        components: [
          { type: 2, style: 1, label: 'Go', custom_id: 'go' },
          { type: 2, style: 2, label: 'Off', custom_id: 'off', disabled: true },
        ],
      },
    ];
    await respond(one, { type: 4, data: { content: 'secret', flags: 64, components } });
    const id = (await answer).message?.id ?? '';
    await expect(stage.playground.as('admin').click(id, 'go')).rejects.toThrow('sees no message');
    await expect(mia().click(id, 'Off')).rejects.toThrow('disabled');
    const clicked = mia().click(id, 'Go');
    const two = await last(2);
    expect(two.message).toMatchObject({ id, flags: 64, content: 'secret' });
    await respond(two, { type: 7, data: { content: 'updated', components: [] } });
    expect(await clicked).toMatchObject({ kind: 'update', message: { id, content: 'updated' } });
    expect((await stage.fetch('PATCH', webhook(two, '/messages/@original'), { content: 'again' })).body.id).toBe(id);
    expect(
      mia()
        .messages('tasks')
        .map((each) => each.content),
    ).toEqual(['again']);
    expect(stage.playground.messages('tasks')).toEqual([]);
    expect(stage.playground.transcript('tasks', 'member')).toContain('only visible to you');
  });

  it('are offered only where a person may use them, with options that fit', async () => {
    const { playground } = stage;
    const refused = (who: 'member' | 'moderator' | 'stranger', channel: string, name: string, options = {}) =>
      expect(playground.as(who).command(channel, name, options)).rejects;
    await refused('member', 'staff', 'echo', { text: 'x' }).toThrow('cannot see');
    await refused('member', 'tasks', 'admin').toThrow('no command /admin');
    await refused('stranger', 'tasks', 'echo', { text: 'x' }).toThrow('cannot see');
    await refused('member', 'tasks', 'echo').toThrow('option text is required');
    await refused('member', 'tasks', 'echo', { text: 'x'.repeat(51) }).toThrow('at most 50');
    await refused('member', 'tasks', 'echo', { text: 'x', how: 'soft' }).toThrow('only its choices');
    await refused('member', 'tasks', 'task create', { agent: 'a', priority: 6 }).toThrow('at most 5');
    await refused('member', 'tasks', 'task create', { agent: 'a', priority: 1.5 }).toThrow('whole number');
    await refused('member', 'tasks', 'task').toThrow('needs a subcommand');
    await refused('member', 'tasks', 'task remove').toThrow('no subcommand');
    playground.faults.overwrite(playground.world.channels.tasks, playground.world.people.member, 0n, 1n << 31n);
    await refused('member', 'tasks', 'echo', { text: 'x' }).toThrow('may not use application commands');
    const answer = playground.as('admin').command('staff', 'admin');
    await respond(await last(), { type: 4, data: { content: 'for admins' } });
    expect((await answer).message?.content).toBe('for admins');
  });
});
