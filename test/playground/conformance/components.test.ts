/** Components of messages: rows, buttons, selects, and messages made of components (flag 1 << 15). */
import { describe, expect } from 'vitest';
import { each, expectForm, ground, type Opened, type Row, say, x } from './ground.js';

const here = ground();
let opened: Promise<Opened> | undefined;

const REF = 'components/reference.mdx';
const FACTS = 'facts 1.3';
const V2 = 1 << 15;

const row = (...components: object[]) => ({ components: [{ type: 1, components }] });
const button = (fields: object = {}) => ({ type: 2, style: 1, label: 'L', custom_id: 'c', ...fields });
const link = (fields: object = {}) => ({ type: 2, style: 5, label: 'L', url: 'https://example.com', ...fields });
const option = (n: number) => ({ label: `o${n}`, value: `v${n}` });
const options = (count: number) => Array.from({ length: count }, (_, n) => option(n));
const select = (fields: object = {}) => ({ type: 3, custom_id: 's', options: options(3), ...fields });
const users = (fields: object = {}) => ({ type: 5, custom_id: 'u', ...fields });
const text = (content = 'x') => ({ type: 10, content });
const v2 = (...components: object[]) => ({ flags: V2, components });
const FIRST = 'components.0.components.0';

const REFUSED: Row<[body: object, at: string, leaf?: string]>[] = [
  [REF, 'components that are no list', { content: 'x', components: {} }, 'components'],
  [
    FACTS,
    'more than 5 rows',
    { components: Array.from({ length: 6 }, (_, n) => row(button({ custom_id: `${n}` })).components[0]) },
    'components',
  ],
  [REF, 'a row without components', row(), 'components.0.components', 'BASE_TYPE_BAD_LENGTH'],
  [
    FACTS,
    'more than 5 buttons in a row',
    row(...Array.from({ length: 6 }, (_, n) => button({ custom_id: `${n}` }))),
    'components.0.components',
    'BASE_TYPE_BAD_LENGTH',
  ],
  [REF, 'a button outside a row', { components: [button()] }, 'components.0'],
  [REF, 'a select outside a row', { components: [select()] }, 'components.0'],
  [REF, 'a row within a row', row(row(button()).components[0] as object), FIRST],
  [REF, 'a text input in a message', row({ type: 4, custom_id: 'i', style: 1, label: 'I' }), FIRST],
  [REF, 'a component of a type that there is not', row({ type: 99 }), FIRST],
  [
    REF,
    'a button without custom_id',
    row(button({ custom_id: undefined })),
    `${FIRST}.custom_id`,
    'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED',
  ],
  [REF, 'a button with an empty custom_id', row(button({ custom_id: '' })), `${FIRST}.custom_id`],
  [FACTS, 'a custom_id over 100 characters', row(button({ custom_id: x(101) })), `${FIRST}.custom_id`],
  [
    FACTS,
    'two buttons of one custom_id in a row',
    row(button(), button()),
    'components.0.components.1.custom_id',
    'COMPONENT_CUSTOM_ID_DUPLICATED',
  ],
  [
    FACTS,
    'two buttons of one custom_id in two rows',
    { components: [row(button()).components[0], row(button()).components[0]] },
    'components.1.components.0.custom_id',
    'COMPONENT_CUSTOM_ID_DUPLICATED',
  ],
  [
    FACTS,
    'a button and a select of one custom_id',
    { components: [row(button()).components[0], row(select({ custom_id: 'c' })).components[0]] },
    'components.1.components.0.custom_id',
    'COMPONENT_CUSTOM_ID_DUPLICATED',
  ],
  [FACTS, 'a button label over 80 characters', row(button({ label: x(81) })), `${FIRST}.label`],
  [REF, 'a button with neither label nor emoji', row(button({ label: undefined })), FIRST],
  [REF, 'a button of style 0', row(button({ style: 0 })), `${FIRST}.style`],
  [REF, 'a button of style 7', row(button({ style: 7 })), `${FIRST}.style`],
  [REF, 'a button with custom_id and url', row(button({ url: 'https://example.com' })), FIRST],
  [REF, 'a link button with custom_id', row(link({ custom_id: 'c' })), FIRST],
  [REF, 'a link button without url', row(link({ url: undefined })), `${FIRST}.url`],
  [REF, 'a link button whose url is none', row(link({ url: 'nonsense' })), `${FIRST}.url`],
  [REF, 'a link button with another scheme', row(link({ url: 'steam://connect/x' })), `${FIRST}.url`],
  [FACTS, 'a link over 512 characters', row(link({ url: `https://example.com/${x(500)}` })), `${FIRST}.url`],
  [REF, 'a premium button without sku_id', row({ type: 2, style: 6 }), `${FIRST}.sku_id`],
  [
    REF,
    'a button and a select in one row',
    row(button(), select()),
    'components.0.components.1',
    'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
  ],
  [
    REF,
    'two selects in one row',
    row(select(), select({ custom_id: 't' })),
    'components.0.components.1',
    'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
  ],
  [REF, 'a select without custom_id', row(select({ custom_id: undefined })), `${FIRST}.custom_id`],
  [REF, 'a select without options', row(select({ options: undefined })), `${FIRST}.options`],
  [REF, 'a select with an empty list of options', row(select({ options: [] })), `${FIRST}.options`, 'BASE_TYPE_BAD_LENGTH'],
  [FACTS, 'more than 25 options', row(select({ options: options(26) })), `${FIRST}.options`, 'BASE_TYPE_BAD_LENGTH'],
  [
    REF,
    'two options of one value',
    row(select({ options: [option(1), option(1)] })),
    `${FIRST}.options.1.value`,
    'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
  ],
  [FACTS, 'an option label over 100', row(select({ options: [{ label: x(101), value: 'v' }] })), `${FIRST}.options.0.label`],
  [FACTS, 'an option value over 100', row(select({ options: [{ label: 'l', value: x(101) }] })), `${FIRST}.options.0.value`],
  [
    FACTS,
    'an option description over 100',
    row(select({ options: [{ label: 'l', value: 'v', description: x(101) }] })),
    `${FIRST}.options.0.description`,
  ],
  [
    REF,
    'an option without a label',
    row(select({ options: [{ value: 'v' }] })),
    `${FIRST}.options.0.label`,
    'BASE_TYPE_REQUIRED',
  ],
  [
    REF,
    'an option without a value',
    row(select({ options: [{ label: 'l' }] })),
    `${FIRST}.options.0.value`,
    'BASE_TYPE_REQUIRED',
  ],
  [FACTS, 'a placeholder over 150', row(select({ placeholder: x(151) })), `${FIRST}.placeholder`, 'BASE_TYPE_MAX_LENGTH'],
  [REF, 'min_values over 25', row(select({ min_values: 26 })), `${FIRST}.min_values`],
  [REF, 'max_values of 0', row(select({ max_values: 0 })), `${FIRST}.max_values`],
  [REF, 'max_values over 25', row(users({ max_values: 26 })), `${FIRST}.max_values`],
  [REF, 'min_values above max_values', row(users({ min_values: 3, max_values: 2 })), FIRST.concat('.min_values')],
  [REF, 'max_values above the number of options', row(select({ max_values: 4 })), `${FIRST}.options`],
  [
    REF,
    'more default options than may be chosen',
    row(
      select({
        options: [
          { ...option(1), default: true },
          { ...option(2), default: true },
        ],
      }),
    ),
    `${FIRST}.options`,
  ],
  [FACTS, 'a V2 component without the flag', { components: [text()] }, 'components.0'],
  [
    FACTS,
    'content beside V2 components',
    { ...v2(text()), content: 'x' },
    'content',
    'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
  ],
  [
    FACTS,
    'embeds beside V2 components',
    { ...v2(text()), embeds: [{ title: 'x' }] },
    'embeds',
    'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
  ],
  [
    FACTS,
    'more than 40 V2 components in all',
    v2({ type: 17, components: Array(20).fill(text()) }, ...Array(20).fill(text())),
    'components',
  ],
  [REF, 'V2 texts over 4,000 characters in all', v2(text(x(2500)), text(x(1501))), 'components'],
  [REF, 'an empty text display', v2(text('')), 'components.0.content'],
  [REF, 'a section without an accessory', v2({ type: 9, components: [text()] }), 'components.0.accessory', 'BASE_TYPE_REQUIRED'],
  [
    REF,
    'a section of more than 3 texts',
    v2({ type: 9, components: Array(4).fill(text()), accessory: button() }),
    'components.0.components',
  ],
  [REF, 'a section without a text', v2({ type: 9, components: [], accessory: button() }), 'components.0.components'],
  [
    REF,
    'a gallery of more than 10 items',
    v2({ type: 12, items: Array(11).fill({ media: { url: 'https://example.com/x.png' } }) }),
    'components.0.items',
  ],
  [REF, 'a gallery without items', v2({ type: 12, items: [] }), 'components.0.items'],
  [
    REF,
    'a container within a container',
    v2({ type: 17, components: [{ type: 17, components: [text()] }] }),
    'components.0.components.0',
  ],
  [REF, 'a separator of spacing 3', v2({ type: 14, spacing: 3 }), 'components.0.spacing'],
  [
    REF,
    'a container colour above #ffffff',
    v2({ type: 17, accent_color: 0x1000000, components: [text()] }),
    'components.0.accent_color',
  ],
  [REF, 'a thumbnail outside a section', v2({ type: 11, media: { url: 'https://example.com/x.png' } }), 'components.0'],
  [REF, 'two V2 components of one id', v2({ ...text(), id: 7 }, { ...text(), id: 7 }), 'components.1.id'],
];

const TAKEN: Row<[body: object]>[] = [
  [
    FACTS,
    '5 rows of 5 buttons',
    {
      components: Array.from({ length: 5 }, (_, r) => ({
        type: 1,
        components: Array.from({ length: 5 }, (_u, n) => button({ custom_id: `${r}${n}` })),
      })),
    },
  ],
  [REF, 'a custom_id of 100 characters', row(button({ custom_id: x(100) }))],
  [REF, 'a button of an emoji alone', row(button({ label: undefined, emoji: { name: '👍' } }))],
  [REF, 'a link to the Discord client', row(link({ url: 'discord://-/channels/1/2' }))],
  [REF, '25 options of which all may be chosen', row(select({ options: options(25), max_values: 25, min_values: 0 }))],
  [REF, 'a select of users with default values', row(users({ default_values: [{ id: '1300000000000000013', type: 'user' }] }))],
  [REF, 'a select of roles', row({ type: 6, custom_id: 'r' })],
  [REF, 'a select of users and roles', row({ type: 7, custom_id: 'm' })],
  [REF, 'a select of channels of a type', row({ type: 8, custom_id: 'ch', channel_types: [0] })],
  [
    REF,
    'V2: text, separator, section, gallery, container, row',
    v2(
      text(),
      { type: 14, divider: true, spacing: 2 },
      { type: 9, components: [text()], accessory: button() },
      { type: 12, items: [{ media: { url: 'https://example.com/x.png' } }] },
      { type: 17, accent_color: 0xff0000, components: [text(), row(select()).components[0] as object] },
    ),
  ],
  [FACTS, '40 V2 components in all', v2(...Array(40).fill(text()))],
  [REF, 'V2 texts of exactly 4,000 characters', v2(text(x(2000)), text(x(2000)))],
];

const create = (body: object) => here().bot('POST', '/channels/{tasks}/messages', body);
const answer = async (body: object) => {
  opened ??= here().open(say);
  const { id, token } = await opened;
  const reply = await here().anonymous('POST', `/interactions/${id}/${token}/callback`, { type: 4, data: body });
  // One that was taken after all must not spoil the cases that follow.
  if (reply.status < 300) opened = undefined;
  return reply;
};

describe('a new message is refused with 50035 for', () => {
  each(REFUSED, async (body, at, leaf) => expectForm(await create(body), at, leaf));
});

describe("an interaction's answer is refused with 50035 for", () => {
  each(REFUSED, async (body, at, leaf) => expectForm(await answer(body), `data.${at}`, leaf));
});

describe('a new message may have', () => {
  each(TAKEN, async (body) => {
    const reply = await create(body);
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  });
});

describe('a message made of components', () => {
  const made = async () => (await create(v2(text('first')))).body.id as string;
  const change = (id: string, body: object) => here().bot('PATCH', `/channels/{tasks}/messages/${id}`, body);

  each(
    [
      [FACTS, 'keeps the flag when an edit leaves it out', { components: [text('second')] }, 200],
      [FACTS, 'takes no content by an edit', { content: 'x' }, 400],
      [FACTS, 'takes no embeds by an edit', { embeds: [{ title: 'x' }] }, 400],
      [FACTS, 'never loses the flag', { flags: 0, components: [text('second')] }, 200],
    ] as Row<[body: object, status: number]>[],
    async (body, status) => {
      const id = await made();
      const reply = await change(id, body);
      expect(reply.status, JSON.stringify(reply.body)).toBe(status);
      expect((await here().bot('GET', `/channels/{tasks}/messages/${id}`)).body.flags & V2).toBe(V2);
    },
  );

  each([[FACTS, 'can be made of another one that loses its content by the edit']] as Row<[]>[], async () => {
    const { id } = (await create({ content: 'plain' })).body;
    expectForm(await change(id, v2(text())), 'content', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2');
    expect((await change(id, { ...v2(text()), content: null, embeds: null })).body).toMatchObject({ content: '', flags: V2 });
  });
});
