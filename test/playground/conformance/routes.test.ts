/** Every route that a bot like this uses or will: it answers with the right status and with a body that fits Discord's own schema. */

import { PermissionFlagsBits } from 'discord.js';
import * as spec from 'discord-api-spec/zod';
import { beforeAll, describe, expect, it } from 'vitest';
import { each, ground, type Row } from './ground.js';

const here = ground();

beforeAll(async () => {
  const { playground, bot, ids } = here();
  playground.setBotRole(playground.world.guild, { permissions: PermissionFlagsBits.Administrator });
  const made = async (method: string, path: string, body?: unknown) => (await bot(method, path, body)).body.id as string;
  ids.webhook = await made('POST', '/channels/{tasks}/webhooks', { name: 'hook' });
  ids.hookToken = (await bot('GET', `/webhooks/${ids.webhook}`)).body.token;
  ids.role = await made('POST', '/guilds/{guild}/roles', { name: 'made' });
  ids.channel = await made('POST', '/guilds/{guild}/channels', { name: 'made' });
  ids.thread = await made('POST', '/channels/{tasks}/messages/{mine}/threads', { name: 'made' });
  ids.command = await made('POST', '/applications/{app}/commands', { name: 'made', description: 'D' });
  ids.guildCommand = await made('POST', '/applications/{app}/guilds/{guild}/commands', { name: 'made', description: 'D' });
  ids.once = await made('POST', '/channels/{tasks}/messages', { content: 'once' });
  ids.twice = await made('POST', '/channels/{tasks}/messages', { content: 'twice' });
  ids.max = playground.world.people.secondMember;
});

const THUMB = '%F0%9F%91%8D';

/** Method, path, status, name of the schema (`[]` at its end: a list of them), body. In order: later ones use what earlier ones made. */
const ROUTES: Row<[method: string, path: string, status: number, schema?: string, body?: unknown]>[] = [
  ['gateway.mdx', 'Get Gateway', 'GET', '/gateway', 200, 'GatewayResponse'],
  ['gateway.mdx', 'Get Gateway Bot', 'GET', '/gateway/bot', 200, 'GatewayBotResponse'],
  ['application.mdx', 'Get Current Application', 'GET', '/applications/@me', 200, 'PrivateApplicationResponse'],
  ['user.mdx', 'Get Current User', 'GET', '/users/@me', 200, 'UserPIIResponse'],
  ['user.mdx', 'Get User', 'GET', '/users/{mia}', 200, 'UserResponse'],
  ['user.mdx', 'Get Current User Guilds', 'GET', '/users/@me/guilds', 200, 'MyGuildResponse[]'],
  [
    'user.mdx',
    'Create DM',
    'POST',
    '/users/@me/channels',
    200,
    'PrivateChannelResponse',
    { recipient_id: '1300000000000000013' },
  ],
  ['guild.mdx', 'Get Guild', 'GET', '/guilds/{guild}', 200, 'GuildWithCountsResponse'],
  ['guild.mdx', 'Get Guild with counts', 'GET', '/guilds/{guild}?with_counts=true', 200, 'GuildWithCountsResponse'],
  ['guild.mdx', 'Get Guild Channels', 'GET', '/guilds/{guild}/channels', 200, 'GuildChannelResponse[]'],
  ['guild.mdx', 'Get Guild Member', 'GET', '/guilds/{guild}/members/{mia}', 200, 'GuildMemberResponse'],
  ['guild.mdx', 'List Guild Members', 'GET', '/guilds/{guild}/members?limit=10', 200, 'GuildMemberResponse[]'],
  ['guild.mdx', 'Search Guild Members', 'GET', '/guilds/{guild}/members/search?query=mi', 200, 'GuildMemberResponse[]'],
  ['guild.mdx', 'Get Guild Roles', 'GET', '/guilds/{guild}/roles', 200, 'GuildRoleResponse[]'],
  ['guild.mdx', 'Get Guild Role', 'GET', '/guilds/{guild}/roles/{role}', 200, 'GuildRoleResponse'],
  ['guild.mdx', 'Modify Guild Role', 'PATCH', '/guilds/{guild}/roles/{role}', 200, 'GuildRoleResponse', { name: 'renamed' }],
  ['guild.mdx', 'Add Guild Member Role', 'PUT', '/guilds/{guild}/members/{mia}/roles/{role}', 204],
  ['guild.mdx', 'Remove Guild Member Role', 'DELETE', '/guilds/{guild}/members/{mia}/roles/{role}', 204],
  ['guild.mdx', 'Modify Guild Member', 'PATCH', '/guilds/{guild}/members/{mia}', 200, 'GuildMemberResponse', { nick: 'M' }],
  ['guild.mdx', 'Delete Guild Role', 'DELETE', '/guilds/{guild}/roles/{role}', 204],
  ['guild.mdx', 'List Active Guild Threads', 'GET', '/guilds/{guild}/threads/active', 200, 'ThreadsResponse'],
  ['guild.mdx', 'Create Guild Ban', 'PUT', '/guilds/{guild}/bans/{max}', 204],
  ['guild.mdx', 'Get Guild Ban', 'GET', '/guilds/{guild}/bans/{max}', 200, 'GuildBanResponse'],
  ['guild.mdx', 'Get Guild Bans', 'GET', '/guilds/{guild}/bans', 200, 'GuildBanResponse[]'],
  ['guild.mdx', 'Remove Guild Ban', 'DELETE', '/guilds/{guild}/bans/{max}', 204],
  ['channel.mdx', 'Get Channel', 'GET', '/channels/{tasks}', 200, 'GuildChannelResponse'],
  ['channel.mdx', 'Modify Channel', 'PATCH', '/channels/{channel}', 200, 'GuildChannelResponse', { topic: 'T' }],
  [
    'channel.mdx',
    'Edit Channel Permissions',
    'PUT',
    '/channels/{channel}/permissions/{mia}',
    204,
    undefined,
    { type: 1, allow: '0', deny: '2048' },
  ],
  ['channel.mdx', 'Delete Channel Permission', 'DELETE', '/channels/{channel}/permissions/{mia}', 204],
  ['channel.mdx', 'Delete Channel', 'DELETE', '/channels/{channel}', 200, 'GuildChannelResponse'],
  ['channel.mdx', 'Trigger Typing Indicator', 'POST', '/channels/{tasks}/typing', 204],
  [
    'channel.mdx',
    'Start Thread without Message',
    'POST',
    '/channels/{tasks}/threads',
    201,
    'CreatedThreadResponse',
    { name: 't', type: 11 },
  ],
  ['channel.mdx', 'Get a thread', 'GET', '/channels/{thread}', 200, 'ThreadResponse'],
  ['channel.mdx', 'Add Thread Member', 'PUT', '/channels/{thread}/thread-members/{mia}', 204],
  ['channel.mdx', 'Get Thread Member', 'GET', '/channels/{thread}/thread-members/{mia}', 200, 'ThreadMemberResponse'],
  ['channel.mdx', 'List Thread Members', 'GET', '/channels/{thread}/thread-members', 200, 'ThreadMemberResponse[]'],
  ['channel.mdx', 'Remove Thread Member', 'DELETE', '/channels/{thread}/thread-members/{mia}', 204],
  ['channel.mdx', 'Leave Thread', 'DELETE', '/channels/{thread}/thread-members/@me', 204],
  ['channel.mdx', 'Join Thread', 'PUT', '/channels/{thread}/thread-members/@me', 204],
  ['channel.mdx', 'Modify Channel: archive', 'PATCH', '/channels/{thread}', 200, 'ThreadResponse', { archived: true }],
  ['channel.mdx', 'List Public Archived Threads', 'GET', '/channels/{tasks}/threads/archived/public', 200, 'ThreadsResponse'],
  ['channel.mdx', 'List Private Archived Threads', 'GET', '/channels/{tasks}/threads/archived/private', 200, 'ThreadsResponse'],
  ['message.mdx', 'Create Message', 'POST', '/channels/{tasks}/messages', 200, 'MessageResponse', { content: 'x' }],
  ['message.mdx', 'Get Channel Messages', 'GET', '/channels/{tasks}/messages?limit=5', 200, 'MessageResponse[]'],
  ['message.mdx', 'Get Channel Message', 'GET', '/channels/{tasks}/messages/{mine}', 200, 'MessageResponse'],
  ['message.mdx', 'Edit Message', 'PATCH', '/channels/{tasks}/messages/{mine}', 200, 'MessageResponse', { content: 'y' }],
  ['message.mdx', 'Create Reaction', 'PUT', `/channels/{tasks}/messages/{mine}/reactions/${THUMB}/@me`, 204],
  ['message.mdx', 'Get Reactions', 'GET', `/channels/{tasks}/messages/{mine}/reactions/${THUMB}`, 200, 'UserResponse[]'],
  ['message.mdx', 'Get a message with a reaction', 'GET', '/channels/{tasks}/messages/{mine}', 200, 'MessageResponse'],
  ['message.mdx', 'Delete Own Reaction', 'DELETE', `/channels/{tasks}/messages/{mine}/reactions/${THUMB}/@me`, 204],
  ['message.mdx', 'Delete All Reactions for Emoji', 'DELETE', `/channels/{tasks}/messages/{mine}/reactions/${THUMB}`, 204],
  ['message.mdx', 'Delete All Reactions', 'DELETE', '/channels/{tasks}/messages/{mine}/reactions', 204],
  ['message.mdx', 'Pin Message', 'PUT', '/channels/{tasks}/messages/pins/{mine}', 204],
  ['message.mdx', 'Get Channel Pins', 'GET', '/channels/{tasks}/messages/pins', 200, 'PinnedMessagesResponse'],
  ['message.mdx', 'Get Pinned Messages (deprecated)', 'GET', '/channels/{tasks}/pins', 200, 'MessageResponse[]'],
  ['message.mdx', 'Unpin Message', 'DELETE', '/channels/{tasks}/messages/pins/{mine}', 204],
  [
    'message.mdx',
    'Bulk Delete Messages',
    'POST',
    '/channels/{tasks}/messages/bulk-delete',
    204,
    undefined,
    () => ({ messages: [here().ids.once, here().ids.twice] }),
  ],
  ['message.mdx', 'Delete Message', 'DELETE', '/channels/{tasks}/messages/{hers}', 204],
  ['webhook.mdx', 'Get Channel Webhooks', 'GET', '/channels/{tasks}/webhooks', 200, 'GuildIncomingWebhookResponse[]'],
  ['webhook.mdx', 'Get Webhook', 'GET', '/webhooks/{webhook}', 200, 'GuildIncomingWebhookResponse'],
  ['webhook.mdx', 'Get Webhook with Token', 'GET', '/webhooks/{webhook}/{hookToken}', 200],
  ['webhook.mdx', 'Modify Webhook', 'PATCH', '/webhooks/{webhook}', 200, 'GuildIncomingWebhookResponse', { name: 'other' }],
  [
    'webhook.mdx',
    'Execute Webhook and wait',
    'POST',
    '/webhooks/{webhook}/{hookToken}?wait=true',
    200,
    'MessageResponse',
    { content: 'hooked' },
  ],
  ['webhook.mdx', 'Execute Webhook', 'POST', '/webhooks/{webhook}/{hookToken}', 204, undefined, { content: 'hooked' }],
  ['webhook.mdx', 'Delete Webhook', 'DELETE', '/webhooks/{webhook}', 204],
  [
    'application-commands.mdx',
    'Get Global Application Commands',
    'GET',
    '/applications/{app}/commands?with_localizations=true',
    200,
    'ApplicationCommandResponse[]',
  ],
  [
    'application-commands.mdx',
    'Get Global Application Command',
    'GET',
    '/applications/{app}/commands/{command}',
    200,
    'ApplicationCommandResponse',
  ],
  [
    'application-commands.mdx',
    'Edit Global Application Command',
    'PATCH',
    '/applications/{app}/commands/{command}',
    200,
    'ApplicationCommandResponse',
    { description: 'E' },
  ],
  ['application-commands.mdx', 'Delete Global Application Command', 'DELETE', '/applications/{app}/commands/{command}', 204],
  [
    'application-commands.mdx',
    'Bulk Overwrite Global Application Commands',
    'PUT',
    '/applications/{app}/commands',
    200,
    'ApplicationCommandResponse[]',
    [{ name: 'a', description: 'D' }],
  ],
  [
    'application-commands.mdx',
    'Get Guild Application Commands',
    'GET',
    '/applications/{app}/guilds/{guild}/commands',
    200,
    'ApplicationCommandResponse[]',
  ],
  [
    'application-commands.mdx',
    'Get Guild Application Command',
    'GET',
    '/applications/{app}/guilds/{guild}/commands/{guildCommand}',
    200,
    'ApplicationCommandResponse',
  ],
  [
    'application-commands.mdx',
    'Delete Guild Application Command',
    'DELETE',
    '/applications/{app}/guilds/{guild}/commands/{guildCommand}',
    204,
  ],
  [
    'application-commands.mdx',
    'Bulk Overwrite Guild Application Commands',
    'PUT',
    '/applications/{app}/guilds/{guild}/commands',
    200,
    'ApplicationCommandResponse[]',
    [],
  ],
];

interface Schema {
  safeParse(value: unknown): { error?: { issues: unknown[] } };
}

/** Checks one body, or each of a list. */
function expectShape(name: string, body: unknown): void {
  const isList = name.endsWith('[]');
  const schema = (spec as unknown as Record<string, Schema>)[`${name.replace('[]', '')}Schema`];
  if (!schema) throw new Error(`there is no schema ${name}`);
  if (isList) expect(Array.isArray(body), JSON.stringify(body)).toBe(true);
  for (const one of isList ? (body as unknown[]) : [body])
    expect(schema.safeParse(one).error?.issues, JSON.stringify(one)).toBeUndefined();
}

describe('the route', () => {
  each(ROUTES, async (method, path, status, schema, body) => {
    const reply = await here().bot(method, path, typeof body === 'function' ? body() : body);
    expect(reply.status, JSON.stringify(reply.body)).toBe(status);
    if (status === 204) expect(reply.body).toBeUndefined();
    else expect(reply.headers.get('content-type')).toContain('application/json');
    if (schema) expectShape(schema, reply.body);
  });
});

describe('a route that Discord does not have', () => {
  it.each([
    ['GET', '/nothing'],
    ['GET', '/channels'],
    ['POST', '/guilds/{guild}/nothing'],
    ['PUT', '/channels/{tasks}/messages/{mine}/nothing/x'],
  ])('opcodes-and-status-codes.mdx: %s %s answers 404 and is recorded', async (method, path) => {
    const { bot, playground } = here();
    const before = playground.counts().unknownRoutes.length;
    expect(await bot(method, path, method === 'GET' ? undefined : {})).toMatchObject({
      status: 404,
      body: { message: '404: Not Found', code: 0 },
    });
    expect(playground.counts().unknownRoutes).toHaveLength(before + 1);
  });

  it('opcodes-and-status-codes.mdx: another method of a route answers 405', async () => {
    const reply = await here().bot('DELETE', '/gateway/bot');
    expect([404, 405]).toContain(reply.status);
  });
});
