/** Bodies of messages: what Discord refuses in a create, an edit and an interaction's answer, and what it takes. */
import { describe, expect } from 'vitest';
import { each, expectForm, ground, type Opened, type Row, say, x } from './ground.js';

const here = ground();
let opened: Promise<Opened> | undefined;

const MESSAGE = 'message.mdx';
const REFERENCE = 'reference.mdx';
const FACTS = 'facts 1.3';
const embed = (fields: object) => ({ embeds: [fields] });
const field = (fields: object) => embed({ fields: [{ name: 'n', value: 'v', ...fields }] });

/** Body, place in the tree of errors, code of the leaf. Each is sent as a new message, as an edit, and as an answer. */
const REFUSED: Row<[body: object, at: string, leaf?: string]>[] = [
  [MESSAGE, 'content over 2,000 characters', { content: x(2001) }, 'content', 'BASE_TYPE_MAX_LENGTH'],
  [MESSAGE, 'content that is a list', { content: ['x'] }, 'content', 'STRING_TYPE_CONVERT'],
  [MESSAGE, 'tts that is no boolean', { content: 'x', tts: 'perhaps' }, 'tts'],
  [MESSAGE, 'embeds that are no list', { embeds: { title: 'x' } }, 'embeds'],
  [MESSAGE, 'more than 10 embeds', { embeds: Array(11).fill({ title: 'x' }) }, 'embeds', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'an embed title over 256', embed({ title: x(257) }), 'embeds.0.title', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'an embed description over 4,096', embed({ description: x(4097) }), 'embeds.0.description', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'an embed footer over 2,048', embed({ footer: { text: x(2049) } }), 'embeds.0.footer.text', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'an embed author over 256', embed({ author: { name: x(257) } }), 'embeds.0.author.name', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'a field name over 256', field({ name: x(257) }), 'embeds.0.fields.0.name', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'a field value over 1,024', field({ value: x(1025) }), 'embeds.0.fields.0.value', 'BASE_TYPE_MAX_LENGTH'],
  [FACTS, 'an empty field name', field({ name: '' }), 'embeds.0.fields.0.name', 'BASE_TYPE_REQUIRED'],
  [FACTS, 'an empty field value', field({ value: '' }), 'embeds.0.fields.0.value', 'BASE_TYPE_REQUIRED'],
  [FACTS, 'a field value of white space', field({ value: ' \n ' }), 'embeds.0.fields.0.value', 'BASE_TYPE_REQUIRED'],
  [FACTS, 'a field without a name', embed({ fields: [{ value: 'v' }] }), 'embeds.0.fields.0.name', 'BASE_TYPE_REQUIRED'],
  [FACTS, 'a field without a value', embed({ fields: [{ name: 'n' }] }), 'embeds.0.fields.0.value', 'BASE_TYPE_REQUIRED'],
  [
    FACTS,
    'more than 25 fields',
    embed({ fields: Array(26).fill({ name: 'n', value: 'v' }) }),
    'embeds.0.fields',
    'BASE_TYPE_MAX_LENGTH',
  ],
  [
    FACTS,
    'texts of one embed over 6,000 in all',
    embed({ description: x(4096), footer: { text: x(1905) } }),
    'embeds',
    'MAX_EMBED_SIZE_EXCEEDED',
  ],
  [
    FACTS,
    'texts of all embeds over 6,000 in all',
    { embeds: [{ description: x(4000) }, { description: x(2001) }] },
    'embeds',
    'MAX_EMBED_SIZE_EXCEEDED',
  ],
  [MESSAGE, 'an embed that shows nothing', embed({}), 'embeds.0.description', 'BASE_TYPE_REQUIRED'],
  [MESSAGE, 'an embed colour above #ffffff', embed({ title: 'x', color: 0x1000000 }), 'embeds.0.color', 'NUMBER_TYPE_MAX'],
  [MESSAGE, 'an embed colour below 0', embed({ title: 'x', color: -1 }), 'embeds.0.color', 'NUMBER_TYPE_MIN'],
  [MESSAGE, 'an embed colour that is a word', embed({ title: 'x', color: 'red' }), 'embeds.0.color', 'NUMBER_TYPE_COERCE'],
  [MESSAGE, 'an embed link that is no URL', embed({ title: 'x', url: 'nonsense' }), 'embeds.0.url'],
  [MESSAGE, 'an embed link with another scheme', embed({ title: 'x', url: 'javascript:alert(1)' }), 'embeds.0.url'],
  [MESSAGE, 'an embed picture that is no URL', embed({ image: { url: 'nonsense' } }), 'embeds.0.image.url'],
  [MESSAGE, 'an embed thumbnail that is a local path', embed({ thumbnail: { url: '/etc/x.png' } }), 'embeds.0.thumbnail.url'],
  [
    MESSAGE,
    'an embed time that is no ISO 8601',
    embed({ title: 'x', timestamp: 'yesterday' }),
    'embeds.0.timestamp',
    'DATE_TIME_TYPE_PARSE',
  ],
  [
    MESSAGE,
    'allowed_mentions that parse users and list users',
    { content: 'x', allowed_mentions: { parse: ['users'], users: ['1300000000000000013'] } },
    'allowed_mentions',
    'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
  ],
  [
    MESSAGE,
    'allowed_mentions that parse roles and list roles',
    { content: 'x', allowed_mentions: { parse: ['roles'], roles: ['1300000000000000110'] } },
    'allowed_mentions',
    'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
  ],
  [
    MESSAGE,
    'allowed_mentions that parse what there is not',
    { content: 'x', allowed_mentions: { parse: ['cats'] } },
    'allowed_mentions.parse.0',
    'BASE_TYPE_CHOICES',
  ],
  [
    MESSAGE,
    'more than 100 users in allowed_mentions',
    {
      content: 'x',
      allowed_mentions: { users: Array.from({ length: 101 }, (_, n) => String(1300000000000000000n + BigInt(n))) },
    },
    'allowed_mentions.users',
  ],
  [
    MESSAGE,
    'an id in allowed_mentions that is no snowflake',
    { content: 'x', allowed_mentions: { users: ['mia'] } },
    'allowed_mentions.users.0',
  ],
];

/** Only new messages have these. */
const REFUSED_CREATES: Row<[body: object, at: string, leaf?: string]>[] = [
  [MESSAGE, 'a nonce over 25 characters', { content: 'x', nonce: x(26) }, 'nonce', 'BASE_TYPE_MAX_LENGTH'],
  [
    MESSAGE,
    'a reply to a message that is not there',
    { content: 'x', message_reference: { message_id: '1300000000000009999' } },
    'message_reference',
    'REPLIES_UNKNOWN_MESSAGE',
  ],
  [MESSAGE, 'flags that only Discord sets (CROSSPOSTED)', { content: 'x', flags: 1 }, 'flags'],
  [MESSAGE, 'the flag EPHEMERAL outside interactions', { content: 'x', flags: 64 }, 'flags'],
  [MESSAGE, 'the flag LOADING', { content: 'x', flags: 128 }, 'flags'],
];

/** Content that shows nothing is 50006 and no form error. */
const EMPTY: Row<[body: object]>[] = [
  [MESSAGE, 'an empty body', {}],
  [MESSAGE, 'empty content', { content: '' }],
  [MESSAGE, 'content of white space', { content: ' \n\t ' }],
  [MESSAGE, 'no content and an empty list of embeds', { content: null, embeds: [] }],
  [MESSAGE, 'an empty list of components', { components: [] }],
];

const TAKEN: Row<[body: object]>[] = [
  [MESSAGE, 'content of exactly 2,000', { content: x(2000) }],
  [MESSAGE, '2,000 characters within white space that is cut', { content: `  ${x(2000)}  ` }],
  [FACTS, 'texts of exactly 6,000', embed({ description: x(4000), footer: { text: x(2000) } })],
  [FACTS, '25 fields', embed({ fields: Array(25).fill({ name: 'n', value: 'v' }) })],
  [MESSAGE, '10 embeds', { embeds: Array.from({ length: 10 }, (_, n) => ({ title: `${n}` })) }],
  [MESSAGE, 'an embed of a picture alone', embed({ image: { url: 'https://example.com/x.png' } })],
  [MESSAGE, 'a colour of 0', embed({ title: 'x', color: 0 })],
  [
    MESSAGE,
    'null where a field is optional',
    { content: 'x', embeds: null, components: null, allowed_mentions: null, tts: null },
  ],
  [
    MESSAGE,
    'allowed_mentions that list with an empty parse',
    { content: 'x', allowed_mentions: { parse: [], users: ['1300000000000000013'] } },
  ],
  [
    MESSAGE,
    'allowed_mentions that parse roles and list users',
    { content: 'x', allowed_mentions: { parse: ['roles'], users: ['1300000000000000013'] } },
  ],
];

const TAKEN_CREATES: Row<[body: object]>[] = [
  [MESSAGE, 'the flag SUPPRESS_NOTIFICATIONS', { content: 'x', flags: 1 << 12 }],
  [MESSAGE, 'the flag SUPPRESS_EMBEDS', { content: 'x', flags: 4 }],
  [MESSAGE, 'a nonce of 25 characters', { content: 'x', nonce: x(25) }],
  [MESSAGE, 'a nonce that is a number', { content: 'x', nonce: 7 }],
  [
    MESSAGE,
    'a reply to nothing with fail_if_not_exists false',
    { content: 'x', message_reference: { message_id: '1300000000000009999', fail_if_not_exists: false } },
  ],
];

const create = (body: object) => here().bot('POST', '/channels/{tasks}/messages', body);
const edit = (body: object) => here().bot('PATCH', '/channels/{tasks}/messages/{mine}', body);
const answer = async (body: object) => {
  // A refused callback leaves its interaction open, so that one serves all.
  opened ??= here().open(say);
  const { id, token } = await opened;
  const reply = await here().anonymous('POST', `/interactions/${id}/${token}/callback`, { type: 4, data: body });
  // One that was taken after all must not spoil the cases that follow.
  if (reply.status < 300) opened = undefined;
  return reply;
};

const NO_FILE: Row<[body: object, at: string, leaf?: string]>[] = [
  [MESSAGE, 'an attachment that was not sent', { content: 'x', attachments: [{ id: '7' }] }, 'attachments.0.id'],
];

describe('a new message is refused with 50035 for', () => {
  each([...REFUSED, ...REFUSED_CREATES, ...NO_FILE], async (body, at, leaf) => expectForm(await create(body), at, leaf));
});

describe('an edit is refused with 50035 for', () => {
  each([...REFUSED, ...NO_FILE], async (body, at, leaf) => expectForm(await edit(body), at, leaf));
});

describe("an interaction's answer is refused with 50035 for", () => {
  each(REFUSED, async (body, at, leaf) => expectForm(await answer(body), `data.${at}`, leaf));
});

describe('a message that shows nothing is refused with 50006:', () => {
  each(EMPTY, async (body) =>
    expect(await create(body)).toMatchObject({ status: 400, body: { code: 50006, message: 'Cannot send an empty message' } }),
  );
});

describe("an interaction's answer that shows nothing is refused with 50006:", () => {
  each(EMPTY, async (body) => expect(await answer(body)).toMatchObject({ status: 400, body: { code: 50006 } }));
});

describe('a new message may have', () => {
  each([...TAKEN, ...TAKEN_CREATES], async (body) =>
    expect((await create(body)).body).toMatchObject({ id: expect.any(String), type: expect.any(Number) }),
  );
});

describe('an edit may have', () => {
  each(TAKEN, async (body) => expect((await edit(body)).status).toBe(200));
});

describe('bodies as a whole', () => {
  const raw = (type: string, body: string) =>
    fetch(`${here().api}/v10/channels/${here().ids.tasks}/messages`, {
      method: 'POST',
      headers: { authorization: 'Bot x', 'content-type': type },
      body,
    }).then(async (reply) => ({ status: reply.status, body: await reply.json() }));

  each(
    [
      [REFERENCE, 'JSON that is none is refused with 50109', 'application/json', '{', 50109],
      [REFERENCE, 'another content type is refused with 50035', 'text/plain', 'content=x', 50035],
      [REFERENCE, 'a list where an object belongs is refused', 'application/json', '[1]', 50035],
    ] as Row<[type: string, body: string, code: number]>[],
    async (type, body, code) => expect(await raw(type, body)).toMatchObject({ status: 400, body: { code } }),
  );
});
