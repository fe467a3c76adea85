import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../playground/index.js';
import { asBot, type RestReply } from './support.js';

/** What Discord says about bodies: which are right, and where the mistakes of the others are. */
describe('bodies', () => {
  let playground: Playground;
  let api: string;
  let bot: (method: string, path: string, body?: unknown) => Promise<RestReply>;
  let messages: string;

  beforeEach(async () => {
    playground = createPlayground({ page: false, clock: createClock({ frozen: true }) });
    ({ apiUrl: api } = await playground.listen());
    bot = asBot(api);
    messages = `/channels/${playground.world.channels.tasks}/messages`;
  });
  afterEach(() => playground.close());

  const post = (body: unknown) => bot('POST', messages, body);
  const calm = () => playground.clock.advance(5_001);

  const button = (id: string, more = {}) => ({ type: 2, style: 1, label: 'x', custom_id: id, ...more });
  const row = (...components: unknown[]) => ({ type: 1, components });
  const option = (value: string) => ({ label: value, value });
  const wrong: [name: string, body: object, where: string, code: string][] = [
    ['long content', { content: 'x'.repeat(2001) }, 'content', 'BASE_TYPE_MAX_LENGTH'],
    ['content of another type', { content: 5 }, 'content', 'STRING_TYPE_CONVERT'],
    ['11 embeds', { embeds: Array(11).fill({ title: 'x' }) }, 'embeds', 'BASE_TYPE_MAX_LENGTH'],
    ['long title', { embeds: [{ title: 'x'.repeat(257) }] }, 'embeds.0.title', 'BASE_TYPE_MAX_LENGTH'],
    ['long description', { embeds: [{ description: 'x'.repeat(4097) }] }, 'embeds.0.description', 'BASE_TYPE_MAX_LENGTH'],
    ['26 fields', { embeds: [{ fields: Array(26).fill({ name: 'n', value: 'v' }) }] }, 'embeds.0.fields', 'BASE_TYPE_MAX_LENGTH'],
    ['empty field value', { embeds: [{ fields: [{ name: 'n', value: ' ' }] }] }, 'embeds.0.fields.0.value', 'BASE_TYPE_REQUIRED'],
    [
      'long field value',
      { embeds: [{ fields: [{ name: 'n', value: 'x'.repeat(1025) }] }] },
      'embeds.0.fields.0.value',
      'BASE_TYPE_MAX_LENGTH',
    ],
    ['long footer', { embeds: [{ footer: { text: 'x'.repeat(2049) } }] }, 'embeds.0.footer.text', 'BASE_TYPE_MAX_LENGTH'],
    ['long author', { embeds: [{ author: { name: 'x'.repeat(257) } }] }, 'embeds.0.author.name', 'BASE_TYPE_MAX_LENGTH'],
    [
      '6001 characters',
      { embeds: [{ description: 'x'.repeat(4000) }, { description: 'x'.repeat(2001) }] },
      'embeds',
      'MAX_EMBED_SIZE_EXCEEDED',
    ],
    ['an empty embed', { embeds: [{}] }, 'embeds.0.description', 'BASE_TYPE_REQUIRED'],
    ['a bad URL', { embeds: [{ title: 'x', url: 'javascript:1' }] }, 'embeds.0.url', 'URL_TYPE_INVALID_URL'],
    ['a bad time', { embeds: [{ title: 'x', timestamp: 'soon' }] }, 'embeds.0.timestamp', 'DATE_TIME_TYPE_PARSE'],
    [
      '6 rows',
      { content: 'x', components: '123456'.split('').map((id) => row(button(id))) },
      'components',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      '6 buttons',
      { content: 'x', components: [row(...'123456'.split('').map((id) => button(id)))] },
      'components.0.components',
      'BASE_TYPE_BAD_LENGTH',
    ],
    ['an empty row', { content: 'x', components: [row()] }, 'components.0.components', 'BASE_TYPE_BAD_LENGTH'],
    ['a bare button', { content: 'x', components: [button('a')] }, 'components.0.type', 'UNION_TYPE_CHOICES'],
    [
      'twice the same custom_id',
      { content: 'x', components: [row(button('a'), button('a'))] },
      'components.0.components.1.custom_id',
      'COMPONENT_CUSTOM_ID_DUPLICATED',
    ],
    [
      'long custom_id',
      { content: 'x', components: [row(button('x'.repeat(101)))] },
      'components.0.components.0.custom_id',
      'BASE_TYPE_BAD_LENGTH',
    ],
    [
      'no custom_id',
      { content: 'x', components: [row(button('', { custom_id: undefined }))] },
      'components.0.components.0.custom_id',
      'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED',
    ],
    [
      'long label',
      { content: 'x', components: [row(button('a', { label: 'x'.repeat(81) }))] },
      'components.0.components.0.label',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      '26 options',
      { content: 'x', components: [row({ type: 3, custom_id: 's', options: [...Array(26).keys()].map((n) => option(`${n}`)) })] },
      'components.0.components.0.options',
      'BASE_TYPE_BAD_LENGTH',
    ],
    [
      'twice the same option',
      { content: 'x', components: [row({ type: 3, custom_id: 's', options: [option('a'), option('a')] })] },
      'components.0.components.0.options.1.value',
      'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
    ],
    [
      'a select beside a button',
      { content: 'x', components: [row({ type: 3, custom_id: 's', options: [option('a')] }, button('b'))] },
      'components.0.components.1',
      'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
    ],
    [
      'mentions that contradict',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1300000000000000013'] } },
      'allowed_mentions',
      'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
    ['long nonce', { content: 'x', nonce: 'x'.repeat(26) }, 'nonce', 'BASE_TYPE_MAX_LENGTH'],
    ['an attachment that is not there', { content: 'x', attachments: [{ id: 0 }] }, 'attachments.0.id', 'ATTACHMENT_NOT_FOUND'],
    [
      'text in a V2 message',
      { content: 'x', flags: 1 << 15, components: [{ type: 10, content: 'y' }] },
      'content',
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
  ];

  it('refuses wrong messages with the place of each mistake', async () => {
    for (const [name, body, where, code] of wrong) {
      const { status, body: error } = await post(body);
      expect([status, error.code, error.message], name).toEqual([400, 50035, 'Invalid Form Body']);
      const leaf = where.split('.').reduce((node, key) => node?.[key], error.errors)?._errors?.[0];
      expect(leaf, `${name}: ${JSON.stringify(error.errors)}`).toBeDefined();
      if (code) expect(leaf.code, name).toBe(code);
      await calm();
    }
    for (const body of [{}, { content: '  ' }, { embeds: [] }]) expect((await post(body)).body.code).toBe(50006);
    expect((await bot('POST', messages)).body.code).toBe(50006);
    expect(playground.messages('tasks')).toEqual([]);
  });

  it('takes what is just right, and shows components and files as Discord does', async () => {
    const rows = [0, 1, 2, 3, 4].map((r) => row(...[0, 1, 2, 3, 4].map((n) => button(`${r}-${n}`))));
    const full = await post({
      content: 'x'.repeat(2000),
      embeds: [{ title: 'x'.repeat(256), description: 'y'.repeat(4096), url: 'https://example.com', color: 0xffffff }],
      components: rows,
      nonce: 'x'.repeat(25),
    });
    expect(full.status).toBe(200);
    expect(full.body.components[0].components[0]).toMatchObject({ type: 2, id: 2, custom_id: '0-0' });
    const form = new FormData();
    form.set(
      'payload_json',
      JSON.stringify({
        embeds: [{ title: 't', image: { url: 'attachment://a.png' } }],
        attachments: [{ id: 0, description: 'alt' }],
      }),
    );
    form.set('files[0]', new Blob(['png']), 'a.png');
    const withFile = (await bot('POST', messages, form)).body;
    expect(withFile.attachments).toMatchObject([{ filename: 'a.png', size: 3, content_type: 'image/png', description: 'alt' }]);
    expect(withFile.embeds[0].image.url).toBe(withFile.attachments[0].url);
    const more = new FormData();
    more.set('payload_json', JSON.stringify({ attachments: [{ id: 0 }] }));
    more.set('files[0]', new Blob(['text']), '../b.txt');
    const replaced = (await bot('PATCH', `${messages}/${withFile.id}`, more)).body;
    expect(replaced.attachments.map((one: { filename: string }) => one.filename)).toEqual(['..b.txt']);
    expect((await fetch(withFile.attachments[0].url)).status).toBe(404);
    const big = new FormData();
    big.set('files[0]', new Blob([Buffer.alloc(10 * 1024 * 1024 + 1)]), 'big');
    expect(await bot('POST', messages, big)).toMatchObject({ status: 413, body: { code: 40005 } });
  });

  it('registers commands and refuses wrong ones', async () => {
    const { world } = playground;
    const path = `/applications/${world.application}/commands`;
    const string = (name: string, more = {}) => ({ type: 3, name, description: 'd', ...more });
    const bad: [object, string, string][] = [
      [{ name: 'Upper', description: 'd' }, 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
      [{ name: 'a b', description: 'd' }, 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
      [{ name: 'a', description: '' }, 'description', 'BASE_TYPE_REQUIRED'],
      [{ name: 'a', description: 'd'.repeat(101) }, 'description', 'BASE_TYPE_BAD_LENGTH'],
      [
        { name: 'a', description: 'd', options: [string('x'), string('y', { required: true })] },
        'options.1',
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
      ],
      [
        { name: 'a', description: 'd', options: Array.from({ length: 26 }, (_, n) => string(`o${n}`)) },
        'options',
        'BASE_TYPE_MAX_LENGTH',
      ],
      [
        {
          name: 'a',
          description: 'd',
          options: [string('x', { choices: Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` })) })],
        },
        'options.0.choices',
        'BASE_TYPE_MAX_LENGTH',
      ],
      [
        { name: 'a', description: 'd', options: [string('x', { autocomplete: true, choices: [{ name: 'a', value: 'a' }] })] },
        'options.0.autocomplete',
        'APPLICATION_COMMAND_OPTION_INVALID',
      ],
      [
        { name: 'a', description: 'd', options: [string('x'), { type: 1, name: 's', description: 'd' }] },
        'options.0',
        'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      ],
    ];
    for (const [command, where, code] of bad) {
      const { body } = await bot('POST', path, command);
      const leaf = where.split('.').reduce((node, key) => node?.[key], body.errors)?._errors?.[0];
      expect(leaf?.code, JSON.stringify(body)).toBe(code);
    }
    const large = Array.from({ length: 25 }, (_, n) =>
      string(`o${n}`, { choices: Array.from({ length: 4 }, (_x, m) => ({ name: `${m}`.repeat(50), value: `${m}`.repeat(50) })) }),
    );
    expect((await bot('POST', path, { name: 'big', description: 'd', options: large })).body.errors._errors[0].code).toBe(
      'APPLICATION_COMMAND_TOO_LARGE',
    );
    const made = await bot('POST', path, { name: 'one', description: 'd' });
    expect(made).toMatchObject({ status: 201, body: { name: 'one', type: 1, application_id: world.application } });
    const again = await bot('POST', path, { name: 'one', description: 'e' });
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id, description: 'e' } });
    const guild = `/applications/${world.application}/guilds/${world.guild}/commands`;
    expect(
      (
        await bot('PUT', guild, [
          { name: 'two', description: 'd' },
          { name: 'Three', type: 3 },
        ])
      ).body,
    ).toHaveLength(2);
    expect((await bot('PATCH', `${path}/${made.body.id}`, { description: 'f' })).body.description).toBe('f');
    expect((await bot('DELETE', `${path}/${made.body.id}`)).status).toBe(204);
    expect((await bot('GET', `${path}/${made.body.id}`)).body.code).toBe(10063);
    expect((await bot('GET', path)).body).toEqual([]);
    expect((await bot('GET', `/applications/${world.guild}/commands`)).body.code).toBe(10002);
  });

  it('answers malformed bodies and odd requests with refusals', async () => {
    const raw = (body: string, type = 'application/json') =>
      fetch(`${api}/v10${messages}`, { method: 'POST', headers: { authorization: 'Bot x', 'content-type': type }, body }).then(
        (one) => one.json(),
      );
    expect(await raw('{')).toMatchObject({ code: 50109 });
    expect(await raw('"text"')).toMatchObject({ code: 50035 });
    expect(await raw('x', 'multipart/form-data; boundary=y')).toMatchObject({ code: 50035 });
    expect(await raw('a=b', 'application/x-www-form-urlencoded')).toMatchObject({ code: 50035 });
    await calm();
    expect(await raw(JSON.stringify({ content: 'a\u0000b\ud800' }))).toMatchObject({ content: 'a\u0000b\ud800' });
    expect((await bot('GET', '/users/%40me')).status).toBe(200);
  });
});
