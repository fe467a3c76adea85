/** Forwards and crossposts: resources/message.mdx. */
import { ChannelType, PermissionFlagsBits as P } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { expectForm, ground } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const HAS_SNAPSHOT = 1 << 14;
const CROSSPOSTED = 1;

const forward = (reference: object) =>
  here().bot('POST', '/channels/{lab}/messages', {
    message_reference: { type: 1, message_id: here().ids.mine, channel_id: here().ids.tasks, ...reference },
  });
const overwrite = (channel: string, allow: bigint, deny: bigint) =>
  here().playground.faults.overwrite(here().ids[channel] as string, here().ids.bot as string, allow, deny);

describe('forwards', () => {
  it('carry a copy without its author, and stay as they were when the message changes', async () => {
    const reply = await forward({});
    // The specification knows replies only.
    expectShape('MessageResponse', { ...reply.body, message_reference: { ...reply.body.message_reference, type: 0 } });
    expect(reply.body).toMatchObject({
      content: '',
      type: 0,
      message_reference: { type: 1, channel_id: here().ids.tasks, message_id: here().ids.mine },
      message_snapshots: [{ message: { content: 'mine' } }],
    });
    expect(reply.body.flags & HAS_SNAPSHOT).toBe(HAS_SNAPSHOT);
    expect(reply.body.message_snapshots[0].message.author).toBeUndefined();
    await here().bot('PATCH', '/channels/{tasks}/messages/{mine}', { content: 'mine, changed' });
    const again = await here().bot('GET', `/channels/{lab}/messages/${reply.body.id}`);
    expect(again.body.message_snapshots[0].message.content).toBe('mine');
  });

  it('take a message that is there, in a channel whose history the bot may read', async () => {
    expectRefusal(await forward({ message_id: here().ids.none }), 404, 10008);
    expectRefusal(await forward({ channel_id: here().ids.none }), 404, 10003);
    expectForm(await forward({ channel_id: undefined }), 'message_reference.channel_id');
    overwrite('tasks', 0n, P.ReadMessageHistory);
    expectRefusal(await forward({}), 400, 160009);
    overwrite('tasks', 0n, P.ViewChannel);
    expectRefusal(await forward({}), 403, 50001);
    overwrite('tasks', 0n, 0n);
    overwrite('lab', 0n, P.ReadMessageHistory);
    const answer = { content: 'x', message_reference: { message_id: here().ids.mine } };
    expectRefusal(await here().bot('POST', '/channels/{lab}/messages', answer), 400, 160002);
    overwrite('lab', 0n, 0n);
  });

  it('are what discord.js makes of them', async () => {
    const channel = await here().client.channels.fetch(here().ids.tasks as string);
    if (!channel?.isSendable()) throw new Error('no channel');
    const message = await channel.send('forward me');
    const forwarded = await message.forward(here().ids.lab as string);
    expect(forwarded.messageSnapshots.first()?.content).toBe('forward me');
  });
});

describe('crossposts', () => {
  it('are of announcement channels only, and once', async () => {
    here().playground.setBotRole(here().ids.guild as string, {
      permissions: P.ViewChannel | P.SendMessages | P.ManageChannels | P.ReadMessageHistory,
    });
    const news = (await here().bot('POST', '/guilds/{guild}/channels', { name: 'news', type: ChannelType.GuildAnnouncement }))
      .body.id;
    const { id } = (await here().bot('POST', `/channels/${news}/messages`, { content: 'new' })).body;
    const path = `/channels/${news}/messages/${id}/crosspost`;
    const posted = await here().bot('POST', path);
    expectShape('MessageResponse', posted.body);
    expect(posted.body.flags & CROSSPOSTED).toBe(CROSSPOSTED);
    expectRefusal(await here().bot('POST', path), 400, 40033);
    expectRefusal(await here().bot('POST', '/channels/{tasks}/messages/{mine}/crosspost'), 400, 50024);
    const said = await here().playground.as('member').say(news, 'hers');
    expectRefusal(await here().bot('POST', `/channels/${news}/messages/${said.id}/crosspost`), 403, 50013);
    const thread = await here().bot('POST', `/channels/${news}/messages/${id}/threads`, { name: 't' });
    expect(thread.body.type).toBe(ChannelType.AnnouncementThread);
  });
});
