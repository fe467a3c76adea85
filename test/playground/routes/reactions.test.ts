/** Reactions: resources/message.mdx (Create Reaction and what follows), topics/opcodes-and-status-codes.mdx. */
import { type Message, PermissionFlagsBits as P } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { each, ground, type Row } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const GIF = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const MESSAGE = 'message.mdx';

const post = async () => (await here().bot('POST', '/channels/{tasks}/messages', { content: 'x' })).body.id as string;
const path = (id: string, rest = '') => `/channels/{tasks}/messages/${id}/reactions${rest}`;
const own = (id: string, emoji: string) => path(id, `/${encodeURIComponent(emoji)}/@me`);
const react = (id: string, emoji: string) => here().bot('PUT', own(id, emoji));
const reactionsOf = async (id: string) => (await here().bot('GET', `/channels/{tasks}/messages/${id}`)).body.reactions;
const inTasks = (allow: bigint, deny = 0n) =>
  here().playground.faults.overwrite(here().ids.tasks as string, here().ids.bot as string, allow, deny);

const emoji = async (guildId: string, name: string, image = PNG) => {
  here().playground.setBotRole(guildId, { permissions: P.ViewChannel | P.CreateGuildExpressions | P.UseExternalEmojis });
  const reply = await here().bot('POST', `/guilds/${guildId}/emojis`, { name, image });
  expectShape('EmojiResponse', reply.body);
  return reply.body.id as string;
};

describe('reactions', () => {
  it('come, are listed and go, and the message counts them', async () => {
    const id = await post();
    expect((await react(id, '👍')).status).toBe(204);
    expect((await react(id, '👍')).status).toBe(204);
    const reaction = { count: 1, me: true, me_burst: false, burst_colors: [], count_details: { burst: 0, normal: 1 } };
    expect(await reactionsOf(id)).toEqual([{ emoji: { id: null, name: '👍' }, ...reaction }]);
    expectShape('MessageResponse', (await here().bot('GET', `/channels/{tasks}/messages/${id}`)).body);
    const users = await here().bot('GET', path(id, `/${encodeURIComponent('👍')}`));
    expect(users.body).toMatchObject([{ id: here().ids.bot }]);
    for (const user of users.body) expectShape('UserResponse', user);
    expect((await here().bot('GET', path(id, `/${encodeURIComponent('👍')}?type=1`))).body).toEqual([]);
    expect((await here().bot('DELETE', own(id, '👍'))).status).toBe(204);
    expect((await here().bot('DELETE', own(id, '👍'))).status).toBe(204);
    expect(await reactionsOf(id)).toBeUndefined();
  });

  it('may be flags, keycaps, skin tones, hearts without a selector, and custom emoji of any guild of the bot', async () => {
    const { world } = here().playground;
    const still = await emoji(world.guild, 'still');
    const moving = await emoji(world.otherGuild, 'moving', GIF);
    const id = await post();
    for (const one of ['🇩🇪', '1️⃣', '👋🏽', '❤', '❤️', `still:${still}`, `a:moving:${moving}`]) {
      expect((await react(id, one)).status, one).toBe(204);
    }
    const names = (await reactionsOf(id)).map((one: { emoji: object }) => one.emoji);
    expect(names.slice(-3)).toEqual([
      { id: null, name: '❤' },
      { id: still, name: 'still' },
      { id: moving, name: 'moving', animated: true },
    ]);
  });

  each(
    [
      ['opcodes 10014', 'a word is no emoji', 'thumbsup', 400, 10014],
      ['opcodes 10014', 'two emoji are none', '👍👎', 400, 10014],
      ['opcodes 10014', 'a custom emoji must exist', 'gone:1300000000000009999', 400, 10014],
    ] as Row<[emoji: string, status: number, code: number]>[],
    async (one, status, code) => expectRefusal(await react(await post(), one), status, code),
  );

  it(`${MESSAGE}, opcodes 30010: 20 different emoji and no more, but more people for each`, async () => {
    const id = await post();
    const faces = Array.from({ length: 21 }, (_, index) => String.fromCodePoint(0x1f600 + index));
    for (const face of faces.slice(0, 20)) expect((await react(id, face)).status).toBe(204);
    expectRefusal(await react(id, faces[20] as string), 400, 30010);
    expect((await react(id, faces[0] as string)).status).toBe(204);
  });

  it(`${MESSAGE}: reading history is needed, adding only for an emoji that nobody used, managing for those of others`, async () => {
    const { world } = here().playground;
    const id = await post();
    inTasks(0n, P.AddReactions);
    expectRefusal(await react(id, '👍'), 403, 50013);
    inTasks(0n);
    await react(id, '👍');
    inTasks(0n, P.AddReactions);
    expect((await react(id, '👍')).status).toBe(204);
    inTasks(0n, P.ReadMessageHistory);
    expectRefusal(await react(id, '👍'), 403, 50013);
    expectRefusal(await here().bot('GET', path(id, `/${encodeURIComponent('👍')}`)), 403, 50013);
    inTasks(0n);
    const others = path(id, `/${encodeURIComponent('👍')}/${world.people.member}`);
    for (const target of [others, path(id, `/${encodeURIComponent('👍')}`), path(id)])
      expectRefusal(await here().bot('DELETE', target), 403, 50013);
    inTasks(P.ManageMessages);
    for (const target of [others, path(id, `/${encodeURIComponent('👍')}`), path(id)])
      expect((await here().bot('DELETE', target)).status).toBe(204);
    expect(await reactionsOf(id)).toBeUndefined();
    inTasks(0n);
    expectRefusal(await here().bot('PUT', own('{none}', '👍')), 404, 10008);
    expectRefusal(await here().bot('DELETE', `/channels/{dm}/messages/{none}/reactions`), 404, 10008);
  });

  it('are what discord.js makes of them', async () => {
    const { client, ids } = here();
    const channel = await client.channels.fetch(ids.tasks as string);
    if (!channel?.isSendable()) throw new Error('no channel');
    const message: Message = await channel.send('react to this');
    const reaction = await message.react('🎉');
    expect([reaction.emoji.name, reaction.me]).toEqual(['🎉', true]);
    expect((await reaction.users.fetch()).has(client.user.id)).toBe(true);
    await reaction.users.remove();
    expect(await reactionsOf(message.id)).toBeUndefined();
  });
});
