import { MessageFlags, PermissionFlagsBits as P } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../playground/index.js';
import { asBot, type RestReply } from './support.js';

const V2 = MessageFlags.IsComponentsV2;
const button = (id: string, more = {}) => ({ type: 2, style: 1, label: 'x', custom_id: id, ...more });
const row = (...components: unknown[]) => ({ type: 1, components });
const text = (content: string, more = {}) => ({ type: 10, content, ...more });
const v2 = (...components: unknown[]) => ({ flags: V2, components });

/** Messages made of components (components/reference.mdx) and what other fields may and may not say beside them. */
describe('components', () => {
  let playground: Playground;
  let bot: (method: string, path: string, body?: unknown) => Promise<RestReply>;
  let messages: string;

  beforeEach(async () => {
    playground = createPlayground({
      page: false,
      clock: createClock({ frozen: true }),
      limits: { messagesPerWindow: 100, editsPerWindow: 100 },
    });
    const { apiUrl } = await playground.listen();
    bot = asBot(apiUrl);
    messages = `/channels/${playground.world.channels.tasks}/messages`;
  });
  afterEach(() => playground.close());

  const post = (body: unknown) => bot('POST', messages, body);
  const edit = (id: string, body: unknown) => bot('PATCH', `${messages}/${id}`, body);
  const leafOf = ({ body }: RestReply, where: string) =>
    where.split('.').reduce((node, key) => node?.[key], body.errors)?._errors?.[0]?.code;
  const withFile = (body: object, name: string) => {
    const form = new FormData();
    form.set('payload_json', JSON.stringify(body));
    form.set('files[0]', new Blob(['data']), name);
    return form;
  };

  const REFUSED: [says: string, body: object, where: string, code: string][] = [
    [
      'total text over 4,000',
      v2(text('x'.repeat(2500)), text('x'.repeat(1501))),
      'components',
      'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
    ],
    [
      'over 40 components',
      v2(...Array.from({ length: 8 }, (_, n) => row(...[0, 1, 2, 3, 4].map((m) => button(`${n}-${m}`))))),
      'components',
      'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
    ],
    [
      'embeds beside them',
      { ...v2(text('x')), embeds: [{ title: 'x' }] },
      'embeds',
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'a poll beside them',
      { ...v2(text('x')), poll: { question: { text: 'q' }, answers: [{ poll_media: { text: 'a' } }] } },
      'poll',
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'stickers beside them',
      { ...v2(text('x')), sticker_ids: ['1300000000000000001'] },
      'sticker_ids',
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'a file that was not sent',
      v2({ type: 13, file: { url: 'attachment://a.txt' } }),
      'components.0.file.url',
      'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
    ],
    [
      'a picture that was not sent',
      v2({ type: 17, components: [{ type: 12, items: [{ media: { url: 'attachment://a.png' } }] }] }),
      'components.0.components.0.items.0.media.url',
      'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
    ],
    [
      'a file on the web',
      v2({ type: 13, file: { url: 'https://example.com/a.txt' } }),
      'components.0.file.url',
      'URL_TYPE_INVALID_URL',
    ],
    [
      'no text in a section',
      v2({ type: 9, components: [], accessory: button('a') }),
      'components.0.components',
      'BASE_TYPE_BAD_LENGTH',
    ],
    ['a text display without the flag', { components: [text('x')] }, 'components.0.type', 'UNION_TYPE_CHOICES'],
    [
      'a text input in a message',
      v2(row({ type: 4, custom_id: 'i', style: 1, label: 'x' })),
      'components.0.components.0.type',
      'UNION_TYPE_CHOICES',
    ],
    ['an id twice', v2(text('x', { id: 7 }), text('y', { id: 7 })), 'components.1.id', 'COMPONENT_ID_DUPLICATED'],
    [
      'a link with a custom_id',
      { content: 'x', components: [row(button('a', { style: 5, url: 'https://example.com' }))] },
      'components.0.components.0',
      'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
    ],
    [
      'a button with a url',
      { content: 'x', components: [row(button('a', { url: 'https://example.com' }))] },
      'components.0.components.0',
      'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
    ],
    [
      'a sku on a plain button',
      { content: 'x', components: [row(button('a', { sku_id: '1' }))] },
      'components.0.components.0.sku_id',
      'BUTTON_COMPONENT_INVALID',
    ],
    [
      'a premium button with a label',
      { content: 'x', components: [row({ type: 2, style: 6, sku_id: '1', label: 'x' })] },
      'components.0.components.0.label',
      'BUTTON_COMPONENT_INVALID',
    ],
    [
      'a button without label and emoji',
      { content: 'x', components: [row(button('a', { label: undefined }))] },
      'components.0.components.0',
      'BUTTON_COMPONENT_INVALID',
    ],
    [
      'min_values above max_values',
      { content: 'x', components: [row({ type: 5, custom_id: 's', min_values: 3, max_values: 2 })] },
      'components.0.components.0.min_values',
      'SELECT_COMPONENT_MIN_VALUES_EXCEEDED',
    ],
    [
      'more preset users than may be chosen',
      {
        content: 'x',
        components: [row({ type: 5, custom_id: 's', default_values: ['1', '2'].map((id) => ({ id, type: 'user' })) })],
      },
      'components.0.components.0.default_values',
      'BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a preset role in a select of users',
      { content: 'x', components: [row({ type: 5, custom_id: 's', default_values: [{ id: '1', type: 'role' }] })] },
      'components.0.components.0.default_values.0.type',
      'BASE_TYPE_CHOICES',
    ],
  ];

  it.each(REFUSED)('refuses %s', async (_says, body, where, code) => {
    const reply = await post(body);
    expect([reply.status, reply.body.code], JSON.stringify(reply.body)).toEqual([400, 50035]);
    expect(leafOf(reply, where), JSON.stringify(reply.body.errors)).toBe(code);
    expect(playground.messages('tasks')).toEqual([]);
  });

  it('fills in the files that they name, and shows no others', async () => {
    const body = v2(
      { type: 13, file: { url: 'attachment://a.txt' } },
      { type: 12, items: [{ media: { url: 'https://example.com/x.png' } }] },
    );
    const { body: message } = await bot('POST', messages, withFile(body, 'a.txt'));
    const [attachment] = message.attachments;
    expect(message.components[0]).toMatchObject({
      id: 1,
      name: 'a.txt',
      size: 4,
      file: { url: attachment.url, attachment_id: attachment.id, content_type: expect.stringContaining('text/plain') },
    });
    expect(message.components[1].items[0].media).toEqual({ url: 'https://example.com/x.png' });
    // A later edit may name the kept file again.
    const again = await edit(message.id, { components: [text('new'), { type: 13, file: { url: 'attachment://a.txt' } }] });
    expect(again.body.components[1].file.url).toBe(attachment.url);
    // Files alone show nothing here (components/reference.mdx: "they must be exposed through components").
    expect((await bot('POST', messages, withFile({ flags: V2 }, 'a.txt'))).body.code).toBe(50006);
    expect((await edit(message.id, { components: [] })).body).toMatchObject({ code: 50035 });
  });

  it('keep their flag, and take it in an edit only without the old content', async () => {
    const plain = (await post({ content: 'x', embeds: [{ title: 't' }] })).body;
    const left = await edit(plain.id, v2(text('y')));
    expect([leafOf(left, 'content'), leafOf(left, 'embeds')]).toEqual(
      Array(2).fill('MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2'),
    );
    expect(playground.messages('tasks')[0]).toMatchObject({ content: 'x', flags: 0 });
    const turned = await edit(plain.id, { ...v2(text('y')), content: null, embeds: [] });
    expect(turned.body).toMatchObject({ content: '', embeds: [], flags: V2 });
    // "Once a message has been sent with this flag, it can't be removed from that message."
    expect((await edit(plain.id, { flags: 0 })).body.flags).toBe(V2);
    expect(leafOf(await edit(plain.id, { content: 'z' }), 'content')).toBe('MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2');
  });

  it('of an edit set no other flags (resources/message.mdx, edit message)', async () => {
    const { id } = (await post({ content: 'x', flags: MessageFlags.SuppressNotifications })).body;
    expect((await edit(id, { flags: MessageFlags.SuppressEmbeds })).body.flags).toBe(
      MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications,
    );
    expect((await edit(id, { flags: 0 })).body.flags).toBe(MessageFlags.SuppressNotifications);
    const other = (await post({ content: 'x' })).body;
    expect((await edit(other.id, { flags: MessageFlags.SuppressNotifications })).body.flags).toBe(0);
  });

  it('keeps of embeds with the same URL the first, and counts all of them', async () => {
    const url = 'https://example.com';
    const { body } = await post({ embeds: [{ title: 'a', url }, { title: 'b', url }, { title: 'c' }, { title: 'd' }] });
    expect(body.embeds.map(({ title }: { title: string }) => title)).toEqual(['a', 'c', 'd']);
    const long = await post({ embeds: [0, 1].map(() => ({ description: 'x'.repeat(3001), url })) });
    expect(leafOf(long, 'embeds')).toBe('MAX_EMBED_SIZE_EXCEEDED');
  });

  it('refuses stickers, which it has none of, and polls without the permission', async () => {
    expect((await post({ content: 'x', sticker_ids: ['1300000000000000001'] })).body.code).toBe(50081);
    const poll = {
      question: { text: 'Which?' },
      answers: ['a', 'b'].map((answer) => ({ poll_media: { text: answer } })),
      duration: 2,
    };
    expect((await post({ poll })).body).toMatchObject({ code: 50013 });
    playground.faults.overwrite(playground.world.channels.tasks, playground.world.bot, P.SendPolls, 0n);
    const { body } = await post({ poll });
    expect(body.poll).toMatchObject({
      question: { text: 'Which?' },
      answers: [{ answer_id: 1, poll_media: { text: 'a' } }, { answer_id: 2 }],
      allow_multiselect: false,
      layout_type: 1,
      expiry: new Date(playground.clock.now() + 2 * 3_600_000).toISOString(),
    });
    expect(leafOf(await post({ poll: { ...poll, answers: [] } }), 'poll.answers')).toBe('BASE_TYPE_BAD_LENGTH');
    expect(leafOf(await post({ poll: { ...poll, duration: 769 } }), 'poll.duration')).toBe('NUMBER_TYPE_MAX');
    const long = { ...poll, answers: [{ poll_media: { text: 'x'.repeat(56) } }] };
    expect(leafOf(await post({ poll: long }), 'poll.answers.0.poll_media.text')).toBe('BASE_TYPE_BAD_LENGTH');
  });

  it('keeps in an edit the attachments that are listed, with their new descriptions', async () => {
    const { body: message } = await bot(
      'POST',
      messages,
      withFile({ content: 'x', attachments: [{ id: 0, description: 'old' }] }, 'a.txt'),
    );
    const [attachment] = message.attachments;
    expect((await edit(message.id, { content: 'y' })).body.attachments).toHaveLength(1);
    const described = await edit(message.id, { attachments: [{ id: attachment.id, description: 'new' }] });
    expect(described.body.attachments).toMatchObject([{ id: attachment.id, description: 'new' }]);
    const added = await bot(
      'PATCH',
      `${messages}/${message.id}`,
      withFile({ attachments: [{ id: attachment.id }, { id: '0' }] }, 'b.txt'),
    );
    expect(added.body.attachments.map(({ filename }: { filename: string }) => filename)).toEqual(['a.txt', 'b.txt']);
    const unknown = await edit(message.id, { attachments: [{ id: '1300000000000009999' }] });
    expect(leafOf(unknown, 'attachments.0.id')).toBe('ATTACHMENT_NOT_FOUND');
    expect((await edit(message.id, { attachments: [] })).body.attachments).toEqual([]);
  });

  it('takes fields that come one by one with the files ("JSON/Form Params")', async () => {
    const form = new FormData();
    form.set('content', 'plain');
    form.set('files[0]', new Blob(['x']), 'a.txt');
    expect((await bot('POST', messages, form)).body).toMatchObject({ content: 'plain', attachments: [{ filename: 'a.txt' }] });
  });

  it('ignores fields that Discord does not know (discord/discord-api-docs#1361)', async () => {
    const { status, body } = await post({ content: 'x', cat: 'meow', embeds: [{ title: 't', neko: 'x' }] });
    expect([status, body.cat, body.embeds[0].neko]).toEqual([200, undefined, undefined]);
  });
});
