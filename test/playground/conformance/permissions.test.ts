/** Who may do what: missing access, missing permissions, unknown ids, and how permissions are computed. */
import { PermissionFlagsBits as P } from 'discord.js';
import { afterEach, describe, expect } from 'vitest';
import { each, ground, type Row } from './ground.js';

const here = ground();

const PERMISSIONS = 'permissions.mdx';
const CODES = 'opcodes-and-status-codes.mdx';

const file = () => {
  const form = new FormData();
  form.set('payload_json', JSON.stringify({ content: 'x' }));
  form.set('files[0]', new Blob(['x']), 'x.txt');
  return form;
};
const post = '/channels/{tasks}/messages';

/** Allows and denies the bot bits in #tasks, on top of its role. */
function overwrite(allow: bigint, deny: bigint): void {
  const { playground, ids } = here();
  playground.faults.overwrite(ids.tasks as string, ids.bot as string, allow, deny);
}

afterEach(() => overwrite(0n, 0n));

/** The request is refused with this code when the bits are denied; with `allow` they would have been there. */
const MISSING: Row<
  [deny: bigint, method: string, path: string, body: (() => unknown) | undefined, code: number, allow?: bigint]
>[] = [
  ['message.mdx', 'posting needs Send Messages', P.SendMessages, 'POST', post, () => ({ content: 'x' }), 50013],
  ['message.mdx', 'embeds need Embed Links', P.EmbedLinks, 'POST', post, () => ({ embeds: [{ title: 'x' }] }), 50013],
  ['message.mdx', 'files need Attach Files', P.AttachFiles, 'POST', post, file, 50013],
  [
    'message.mdx',
    'replying needs Read Message History',
    P.ReadMessageHistory,
    'POST',
    post,
    () => ({ content: 'x', message_reference: { message_id: here().ids.hers } }),
    160002,
  ],
  ['message.mdx', 'posting needs View Channel', P.ViewChannel, 'POST', post, () => ({ content: 'x' }), 50001],
  ['message.mdx', 'editing needs View Channel', P.ViewChannel, 'PATCH', `${post}/{mine}`, () => ({ content: 'x' }), 50001],
  ['message.mdx', 'deleting needs View Channel', P.ViewChannel, 'DELETE', `${post}/{mine}`, undefined, 50001],
  ['message.mdx', 'reading needs View Channel', P.ViewChannel, 'GET', post, undefined, 50001],
  ['message.mdx', 'reading one needs Read Message History', P.ReadMessageHistory, 'GET', `${post}/{mine}`, undefined, 50013],
  [
    'message.mdx',
    "deleting what is another's needs Manage Messages",
    P.ManageMessages,
    'DELETE',
    `${post}/{hers}`,
    undefined,
    50013,
  ],
  [
    'message.mdx',
    'bulk delete needs Manage Messages',
    P.ManageMessages,
    'POST',
    `${post}/bulk-delete`,
    () => ({ messages: [here().ids.hers, here().ids.mine] }),
    50013,
  ],
  [
    'message.mdx',
    "editing what is another's is never allowed",
    0n,
    'PATCH',
    `${post}/{hers}`,
    () => ({ content: 'x' }),
    50005,
    P.ManageMessages,
  ],
  [
    'facts 1.5',
    'pinning needs Pin Messages',
    P.PinMessages,
    'PUT',
    '/channels/{tasks}/messages/pins/{mine}',
    undefined,
    50013,
    P.ManageMessages,
  ],
  [
    'facts 1.5',
    'unpinning needs Pin Messages',
    P.PinMessages,
    'DELETE',
    '/channels/{tasks}/messages/pins/{mine}',
    undefined,
    50013,
    P.ManageMessages,
  ],
  [
    'message.mdx',
    'a first reaction needs Add Reactions',
    P.AddReactions,
    'PUT',
    `${post}/{hers}/reactions/%F0%9F%91%8D/@me`,
    undefined,
    50013,
  ],
  [
    'message.mdx',
    'a reaction needs Read Message History',
    P.ReadMessageHistory,
    'PUT',
    `${post}/{hers}/reactions/%F0%9F%91%8D/@me`,
    undefined,
    50013,
  ],
  [
    'message.mdx',
    'removing all reactions needs Manage Messages',
    P.ManageMessages,
    'DELETE',
    `${post}/{hers}/reactions`,
    undefined,
    50013,
  ],
  ['channel.mdx', 'typing needs Send Messages', P.SendMessages, 'POST', '/channels/{tasks}/typing', undefined, 50013],
  [
    'channel.mdx',
    'changing a channel needs Manage Channels',
    P.ManageChannels,
    'PATCH',
    '/channels/{tasks}',
    () => ({ name: 'other' }),
    50013,
  ],
  ['channel.mdx', 'deleting a channel needs Manage Channels', P.ManageChannels, 'DELETE', '/channels/{tasks}', undefined, 50013],
  [
    'channel.mdx',
    'overwrites need Manage Roles',
    P.ManageRoles,
    'PUT',
    '/channels/{tasks}/permissions/{mia}',
    () => ({ type: 1, allow: '0', deny: '1024' }),
    50013,
  ],
  [
    'channel.mdx',
    'a thread from a message needs Create Public Threads',
    P.CreatePublicThreads,
    'POST',
    `${post}/{hers}/threads`,
    () => ({ name: 't' }),
    50013,
  ],
  [
    'channel.mdx',
    'a public thread needs Create Public Threads',
    P.CreatePublicThreads,
    'POST',
    '/channels/{tasks}/threads',
    () => ({ name: 't', type: 11 }),
    50013,
  ],
  [
    'channel.mdx',
    'a private thread needs Create Private Threads',
    P.CreatePrivateThreads,
    'POST',
    '/channels/{tasks}/threads',
    () => ({ name: 't', type: 12 }),
    50013,
  ],
  [
    'webhook.mdx',
    'making a webhook needs Manage Webhooks',
    P.ManageWebhooks,
    'POST',
    '/channels/{tasks}/webhooks',
    () => ({ name: 'w' }),
    50013,
  ],
  [
    'webhook.mdx',
    'listing webhooks needs Manage Webhooks',
    P.ManageWebhooks,
    'GET',
    '/channels/{tasks}/webhooks',
    undefined,
    50013,
  ],
  ['guild.mdx', 'making a channel needs Manage Channels', 0n, 'POST', '/guilds/{guild}/channels', () => ({ name: 'c' }), 50013],
  ['guild.mdx', 'making a role needs Manage Roles', 0n, 'POST', '/guilds/{guild}/roles', () => ({ name: 'r' }), 50013],
  ['guild.mdx', 'removing a member needs Kick Members', 0n, 'DELETE', '/guilds/{guild}/members/{mia}', undefined, 50013],
  ['guild.mdx', 'banning needs Ban Members', 0n, 'PUT', '/guilds/{guild}/bans/{mia}', undefined, 50013],
];

describe('permissions:', () => {
  each(MISSING, async (deny, method, path, body, code, allow = 0n) => {
    overwrite(allow, deny);
    expect(await here().bot(method, path, body?.())).toMatchObject({ status: code === 160002 ? 400 : 403, body: { code } });
  });

  each(
    [[PERMISSIONS, 'reading messages without Read Message History gives none', P.ReadMessageHistory, 'GET', post, []]] as Row<
      [deny: bigint, method: string, path: string, body: unknown]
    >[],
    async (deny, method, path, body) => {
      overwrite(0n, deny);
      expect(await here().bot(method, path)).toMatchObject({ status: 200, body });
    },
  );
});

describe('ids that are not there:', () => {
  each(
    [
      [CODES, 'a channel is 10003', 'GET', '/channels/{none}', undefined, 404, 10003],
      [CODES, 'a channel to post in is 10003', 'POST', '/channels/{none}/messages', { content: 'x' }, 404, 10003],
      [CODES, 'a message is 10008', 'GET', `${post}/{none}`, undefined, 404, 10008],
      [CODES, 'a message to edit is 10008', 'PATCH', `${post}/{none}`, { content: 'x' }, 404, 10008],
      [CODES, 'a message to delete is 10008', 'DELETE', `${post}/{none}`, undefined, 404, 10008],
      [CODES, 'a message of another channel is 10008', 'GET', '/channels/{lab}/messages/{mine}', undefined, 404, 10008],
      [CODES, 'a message to start a thread from is 10008', 'POST', `${post}/{none}/threads`, { name: 't' }, 404, 10008],
      [CODES, 'a guild is 10004', 'GET', '/guilds/{none}', undefined, 404, 10004],
      [CODES, 'a guild without the bot is 50001', 'GET', '/guilds/{outside}', undefined, 403, 50001],
      [CODES, 'a channel of a guild without the bot is 50001', 'GET', '/channels/{outsideChannel}', undefined, 403, 50001],
      [CODES, 'a user is 10013', 'GET', '/users/{none}', undefined, 404, 10013],
      [CODES, 'a member is 10007', 'GET', '/guilds/{guild}/members/{stranger}', undefined, 404, 10007],
      [CODES, 'a role is 10011', 'GET', '/guilds/{guild}/roles/{none}', undefined, 404, 10011],
      [CODES, 'a webhook is 10015', 'GET', '/webhooks/{none}', undefined, 404, 10015],
      [CODES, 'a command is 10063', 'GET', '/applications/{app}/commands/{none}', undefined, 404, 10063],
      [CODES, 'an application is 10002', 'GET', '/applications/{none}/commands', undefined, 404, 10002],
      [
        CODES,
        'a person to write to is 10013',
        'POST',
        '/users/@me/channels',
        { recipient_id: '1300000000000009999' },
        404,
        10013,
      ],
      [CODES, 'an id that is no snowflake is refused with 50035', 'GET', '/channels/tasks', undefined, 400, 50035],
    ] as Row<[method: string, path: string, body: unknown, status: number, code: number]>[],
    async (method, path, body, status, code) =>
      expect(await here().bot(method, path, body)).toMatchObject({ status, body: { code } }),
  );
});

describe('without the right token', () => {
  each(
    [
      ['reference.mdx', 'every route of the bot answers 401', {}],
      ['reference.mdx', 'a wrong token answers 401', { authorization: 'Bot invalid' }],
      ['reference.mdx', 'a token without "Bot " answers 401', { authorization: 'test' }],
    ] as Row<[headers: Record<string, string>]>[],
    async (headers) => {
      for (const path of ['/users/@me', `/channels/${here().ids.tasks}`, '/gateway/bot', `/guilds/${here().ids.guild}`]) {
        const reply = await fetch(`${here().api}/v10${path}`, { headers });
        expect({ status: reply.status, body: await reply.json() }, path).toEqual({
          status: 401,
          body: { message: '401: Unauthorized', code: 0 },
        });
      }
    },
  );
});

describe('how permissions are computed', () => {
  const channel = () => here().playground.world.channels.tasks;
  const canSend = (who: string) =>
    here()
      .playground.as(who)
      .say('tasks', 'x')
      .then(
        () => true,
        () => false,
      );
  const set = (id: string, type: 0 | 1, allow: bigint, deny: bigint) =>
    here().bot('PUT', `/channels/${channel()}/permissions/${id}`, { type, allow: String(allow), deny: String(deny) });

  each(
    [
      [PERMISSIONS, "an overwrite of @everyone takes a member's sending", '{guild}', 0, 0n, P.SendMessages, 'member', false],
      [PERMISSIONS, 'it takes nothing of the owner', '{guild}', 0, 0n, P.SendMessages, 'admin', true],
      [PERMISSIONS, "a member's own overwrite takes sending", '{mia}', 1, 0n, P.SendMessages, 'member', false],
      [PERMISSIONS, 'it touches nobody else', '{mia}', 1, 0n, P.SendMessages, 'secondMember', true],
      [PERMISSIONS, 'without View Channel nothing else counts', '{mia}', 1, P.SendMessages, P.ViewChannel, 'member', false],
    ] as Row<[id: string, type: 0 | 1, allow: bigint, deny: bigint, who: string, may: boolean]>[],
    async (id, type, allow, deny, who, may) => {
      const { ids } = here();
      overwrite(P.ManageRoles | P.ManageChannels | P.ViewChannel | P.SendMessages, 0n);
      const target = id.replace(/\{(\w+)\}/, (_all, name: string) => ids[name] as string);
      expect((await set(target, type, allow, deny)).status).toBe(204);
      expect(await canSend(who)).toBe(may);
      expect((await here().bot('DELETE', `/channels/${channel()}/permissions/${target}`)).status).toBe(204);
    },
  );

  each([[PERMISSIONS, "a member's overwrite wins over @everyone's"]] as Row<[]>[], async () => {
    const { ids, bot } = here();
    overwrite(P.ManageRoles | P.ManageChannels | P.ViewChannel | P.SendMessages, 0n);
    await set(ids.guild as string, 0, 0n, P.SendMessages);
    await set(ids.mia as string, 1, P.SendMessages, 0n);
    expect([await canSend('member'), await canSend('secondMember')]).toEqual([true, false]);
    for (const id of [ids.guild, ids.mia]) await bot('DELETE', `/channels/${channel()}/permissions/${id}`);
  });
});
