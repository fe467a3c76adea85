/** The application, its commands and its user: interactions/application-commands.mdx, resources/application.mdx, user.mdx. */
import type { Interaction } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { expectForm, ground } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const DAY_MS = 86_400_000;

const commands = '/applications/{app}/guilds/{guild}/commands';
const body = (name: string) => ({ name, description: 'x' });

describe('commands', () => {
  it('application-commands.mdx, opcodes 30034: so many new ones a day and scope; what is there already does not count', async () => {
    const { limits, clock } = here().playground;
    limits.dailyCommandCreates = 3;
    expect((await here().bot('PUT', commands, [body('a'), body('b')])).status).toBe(200);
    expect((await here().bot('PUT', commands, [body('a'), body('b')])).status).toBe(200);
    expect((await here().bot('POST', commands, body('a'))).status).toBe(200);
    const third = await here().bot('POST', commands, body('c'));
    expect(third.status).toBe(201);
    expectRefusal(await here().bot('POST', commands, body('d')), 400, 30034);
    await here().bot('DELETE', `${commands}/${third.body.id}`);
    expectRefusal(await here().bot('PUT', commands, [body('a'), body('d')]), 400, 30034);
    expect(
      (
        await here().bot(
          'POST',
          '/applications/{app}/guilds/{otherGuild}/commands'.replace('{otherGuild}', here().playground.world.otherGuild),
          body('d'),
        )
      ).status,
    ).toBe(201);
    await clock.advance(DAY_MS + 1);
    expect((await here().bot('POST', commands, body('d'))).status).toBe(201);
    limits.dailyCommandCreates = 1e6;
  });

  it('opcodes 30032: so many of each kind in a scope', async () => {
    const { limits } = here().playground;
    limits.contextCommandsPerScope = 1;
    expect((await here().bot('POST', commands, { name: 'One', type: 2 })).status).toBe(201);
    expectRefusal(await here().bot('POST', commands, { name: 'Two', type: 2 }), 400, 30032);
    expect((await here().bot('POST', commands, { name: 'Two', type: 3 })).status).toBe(201);
    limits.contextCommandsPerScope = 15;
  });

  it('application-commands.mdx, Permissions: a bot reads who may use them, and never changes it', async () => {
    const { playground, ids } = here();
    const { id } = (await here().bot('POST', commands, body('guarded'))).body;
    const path = `${commands}/${id}/permissions`;
    expectRefusal(await here().bot('GET', path), 404, 10066);
    expectRefusal(await here().bot('GET', `${commands}/{none}/permissions`), 404, 10063);
    playground.setCommandPermissions(ids.guild as string, id, [{ id: ids.mia as string, type: 2, permission: false }]);
    const one = await here().bot('GET', path);
    expectShape('CommandPermissionsResponse', one.body);
    expect(one.body).toMatchObject({ id, application_id: ids.app, permissions: [{ id: ids.mia, type: 2, permission: false }] });
    expect((await here().bot('GET', `${commands}/permissions`)).body).toEqual([one.body]);
    expectRefusal(await here().bot('PUT', path, { permissions: [] }), 403, 20001);
  });

  it('application-commands.mdx, Permissions: are offered to whom the server lets use them, wherever it does', async () => {
    const { playground, client, ids, bot } = here();
    const { people, channels } = playground.world;
    const guild = ids.guild as string;
    const { id } = (await bot('POST', commands, { ...body('guarded2'), default_member_permissions: '0' })).body;
    const offered = async (who: string, where = 'tasks') => {
      const refusal = await playground
        .as(who)
        .command(where, 'guarded2')
        .then(
          () => '',
          (error: Error) => error.message,
        );
      return !refusal.includes('is offered');
    };
    const set = (...permissions: { id: string; type: 1 | 2 | 3; permission: boolean }[]) =>
      playground.setCommandPermissions(guild, id, permissions);
    const answer = (interaction: Interaction) => {
      if (interaction.isChatInputCommand()) void interaction.reply('ok');
    };
    client.on('interactionCreate', answer);
    const all = async () => [await offered('admin'), await offered('member'), await offered('secondMember')];
    expect(await all()).toEqual([true, false, false]);
    set({ id: people.member, type: 2, permission: true });
    expect(await all()).toEqual([true, true, false]);
    set({ id: guild, type: 1, permission: true }, { id: people.member, type: 2, permission: false });
    expect(await all()).toEqual([true, false, true]);
    set({ id: guild, type: 1, permission: true }, { id: channels.tasks, type: 3, permission: false });
    expect(await all()).toEqual([true, false, false]);
    expect(await offered('member', 'general')).toBe(true);
    set(
      { id: guild, type: 1, permission: true },
      { id: (BigInt(guild) - 1n).toString(), type: 3, permission: false },
      { id: channels.tasks, type: 3, permission: true },
    );
    expect([await offered('member'), await offered('member', 'general')]).toEqual([true, false]);
    client.off('interactionCreate', answer);
  });
});

describe('the application and its user', () => {
  it('are changed by the bot', async () => {
    const patched = await here().bot('PATCH', '/applications/@me', { description: 'Does it', tags: ['tasks'] });
    expectShape('PrivateApplicationResponse', patched.body);
    expect(patched.body).toMatchObject({ description: 'Does it', tags: ['tasks'] });
    expect((await here().bot('GET', '/applications/@me')).body.description).toBe('Does it');
    expectForm(await here().bot('PATCH', '/applications/@me', { tags: ['1', '2', '3', '4', '5', '6'] }), 'tags');
    expectForm(
      await here().bot('PATCH', '/applications/@me', { interactions_endpoint_url: 'https://example.org' }),
      'interactions_endpoint_url',
    );
    const user = await here().bot('PATCH', '/users/@me', { username: 'Renamed', avatar: 'data:image/png;base64,iVBORw0KGgo=' });
    expectShape('UserPIIResponse', user.body);
    expect(user.body).toMatchObject({ username: 'Renamed', avatar: expect.stringMatching(/^[0-9a-f]{32}$/) });
    const picture = await fetch(`${here().api.replace('/api', '')}/cdn/avatars/${user.body.id}/${user.body.avatar}.png`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    expectForm(await here().bot('PATCH', '/users/@me', { username: 'my discord bot' }), 'username');
    expect((await here().bot('PATCH', '/users/@me', { username: 'Bot', avatar: null })).body.avatar).toBeNull();
  });

  it('are what discord.js makes of them', async () => {
    const { client } = here();
    await client.application.edit({ description: 'By the client' });
    expect(client.application.description).toBe('By the client');
    await client.user.setUsername('Clienty');
    expect(client.user.username).toBe('Clienty');
    await client.user.setUsername('Bot');
  });
});
