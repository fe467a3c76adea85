/** Webhooks: resources/webhook.mdx, topics/opcodes-and-status-codes.mdx. */
import { PermissionFlagsBits as P, WebhookClient } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectForm, ground } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const PNG = 'data:image/png;base64,iVBORw0KGgo=';

const hookPath = '/channels/{tasks}/webhooks';
const make = async (name = 'Reporter') => (await here().bot('POST', hookPath, { name })).body;
let hook: { id: string; token: string };
let path: string;

beforeAll(async () => {
  const permissions =
    P.ViewChannel | P.SendMessages | P.ReadMessageHistory | P.CreatePublicThreads | P.SendMessagesInThreads | P.ManageWebhooks;
  here().playground.setBotRole(here().ids.guild as string, { permissions });
  hook = await make();
  path = `/webhooks/${hook.id}/${hook.token}`;
});
afterAll(() => here().playground.setBotRole(here().ids.guild as string, { permissions: P.ViewChannel }));

describe('webhooks', () => {
  it('are made, found by id, by token, in a channel and in a guild, changed and deleted', async () => {
    const made = await make();
    expectShape('GuildIncomingWebhookResponse', made);
    expect(made).toMatchObject({ type: 1, name: 'Reporter', user: { id: here().ids.bot }, application_id: here().ids.app });
    expect((await here().bot('GET', `/webhooks/${made.id}`)).body).toEqual(made);
    const { user: _user, ...withoutUser } = made;
    expect((await here().anonymous('GET', `/webhooks/${made.id}/${made.token}`)).body).toEqual(withoutUser);
    for (const list of [hookPath, '/guilds/{guild}/webhooks']) expect((await here().bot('GET', list)).body).toContainEqual(made);
    const renamed = await here().bot('PATCH', `/webhooks/${made.id}`, { name: 'Other', channel_id: here().ids.lab, avatar: PNG });
    expect(renamed.body).toMatchObject({
      name: 'Other',
      channel_id: here().ids.lab,
      avatar: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await here().anonymous('PATCH', `/webhooks/${made.id}/${made.token}`, { name: 'Third' })).body.name).toBe('Third');
    expect((await here().anonymous('DELETE', `/webhooks/${made.id}/${made.token}`)).status).toBe(204);
    expectRefusal(await here().bot('GET', `/webhooks/${made.id}`), 404, 10015);
  });

  it('are refused names with clyde or discord, wrong tokens, a bot without Manage Webhooks, and too many in a channel', async () => {
    expectForm(await here().bot('POST', hookPath, { name: 'My Discord' }), 'name');
    expectForm(await here().bot('POST', hookPath, { name: '' }), 'name');
    expectRefusal(await here().anonymous('GET', `/webhooks/${hook.id}/wrong`), 401, 50027);
    expectRefusal(await here().anonymous('POST', `/webhooks/${hook.id}/wrong`, { content: 'x' }), 401, 50027);
    const { limits, faults } = here().playground;
    limits.webhooksPerChannel = (await here().bot('GET', hookPath)).body.length;
    expectRefusal(await here().bot('POST', hookPath, { name: 'x' }), 400, 30007);
    limits.webhooksPerChannel = 15;
    faults.overwrite(here().ids.tasks as string, here().ids.bot as string, 0n, P.ManageWebhooks);
    expectRefusal(await here().bot('POST', hookPath, { name: 'x' }), 403, 50013);
    expectRefusal(await here().bot('GET', hookPath), 403, 50013);
    expect((await here().bot('GET', `/webhooks/${hook.id}`)).status).toBe(200);
    faults.overwrite(here().ids.tasks as string, here().ids.bot as string, 0n, 0n);
    expectRefusal(await here().bot('POST', '/channels/{dm}/webhooks', { name: 'x' }), 400, 50003);
  });
});

describe('messages of a webhook', () => {
  it('show the name they are given, are edited, fetched and deleted with the token', async () => {
    expect((await here().anonymous('POST', path, { content: 'quiet' })).status).toBe(204);
    const posted = await here().anonymous('POST', `${path}?wait=true`, { content: 'hello', username: 'Nightly' });
    expectShape('MessageResponse', posted.body);
    expect(posted.body).toMatchObject({
      content: 'hello',
      webhook_id: hook.id,
      author: { id: hook.id, username: 'Nightly', bot: true, discriminator: '0000' },
    });
    const one = `${path}/messages/${posted.body.id}`;
    expect((await here().anonymous('PATCH', one, { content: 'edited' })).body.content).toBe('edited');
    expect((await here().anonymous('GET', one)).body.content).toBe('edited');
    expectRefusal(await here().bot('PATCH', `/channels/{tasks}/messages/${posted.body.id}`, { content: 'x' }), 403, 50005);
    expectRefusal(await here().anonymous('GET', `${path}/messages/${here().ids.mine}`), 404, 10008);
    expect((await here().anonymous('DELETE', one)).status).toBe(204);
    expectRefusal(await here().anonymous('GET', one), 404, 10008);
    const reply = await here().bot('POST', '/channels/{tasks}/messages', {
      content: 'to a webhook',
      message_reference: {
        message_id: here()
          .playground.messages('tasks')
          .find((m) => m.webhook_id)?.id,
      },
    });
    expect(reply.status).toBe(200);
  });

  it('go into a thread of the channel only, which they wake', async () => {
    const thread = (await here().bot('POST', '/channels/{tasks}/threads', { name: 't', type: 11 })).body.id;
    await here().bot('PATCH', `/channels/${thread}`, { archived: true });
    const posted = await here().anonymous('POST', `${path}?wait=true&thread_id=${thread}`, { content: 'in' });
    expect(posted.body.channel_id).toBe(thread);
    const channel = (await here().bot('GET', `/channels/${thread}`)).body;
    expect(channel).toMatchObject({ message_count: 1, thread_metadata: { archived: false } });
    expectRefusal(await here().anonymous('GET', `${path}/messages/${posted.body.id}`), 404, 10008);
    expect((await here().anonymous('GET', `${path}/messages/${posted.body.id}?thread_id=${thread}`)).status).toBe(200);
    expectRefusal(await here().anonymous('POST', `${path}?thread_id={lab}`, { content: 'x' }), 404, 10003);
    expectRefusal(await here().anonymous('POST', path, { content: 'x', thread_name: 'new' }), 400, 220003);
  });

  it('are checked as all messages are, mention users only unless told otherwise, and never a name with clyde', async () => {
    expectRefusal(await here().anonymous('POST', path, {}), 400, 50006);
    expectForm(await here().anonymous('POST', path, { content: 'x'.repeat(2001) }), 'content');
    expectForm(await here().anonymous('POST', path, { content: 'x', username: 'Clyde' }), 'username');
    const { world, notified } = { ...here().playground };
    const content = `<@${world.people.member}> @everyone`;
    const quiet = await here().anonymous('POST', `${path}?wait=true`, { content });
    expect([quiet.body.mention_everyone, notified(quiet.body.id)]).toEqual([false, [world.people.member]]);
    const loud = await here().anonymous('POST', `${path}?wait=true`, { content, allowed_mentions: { parse: ['everyone'] } });
    expect(loud.body.mention_everyone).toBe(true);
  });

  it('are what discord.js makes of them', async () => {
    const client = new WebhookClient({ id: hook.id, token: hook.token }, { rest: { api: here().api } });
    const sent = await client.send({ content: 'by the client', username: 'Client' });
    expect((await client.fetchMessage(sent.id)).content).toBe('by the client');
    await client.editMessage(sent.id, { content: 'changed' });
    await client.deleteMessage(sent.id);
    const channel = await here().client.channels.fetch(here().ids.tasks as string);
    if (!channel || !('createWebhook' in channel)) throw new Error('no channel');
    const made = await channel.createWebhook({ name: 'From js' });
    expect((await made.send('x')).webhookId).toBe(made.id);
    await made.delete();
  });
});
