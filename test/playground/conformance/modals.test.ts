/** Modals: what a callback of type 9 may hold. */
import { describe, expect } from 'vitest';
import { each, expectForm, ground, type Opened, type Row, say, x } from './ground.js';

const here = ground();
let opened: Promise<Opened> | undefined;

const REF = 'components/reference.mdx';
const RECEIVING = 'receiving-and-responding.mdx';

const input = (fields: object = {}) => ({ type: 4, custom_id: 'i', style: 1, label: 'I', ...fields });
const inRow = (fields: object = {}) => ({ type: 1, components: [input(fields)] });
const label = (component: object, fields: object = {}) => ({ type: 18, label: 'L', component, ...fields });
const bare = (fields: object = {}) => ({ type: 4, custom_id: 'i', style: 1, ...fields });
const modal = (fields: object = {}) => ({ custom_id: 'm', title: 'T', components: [inRow()], ...fields });
const of = (...components: object[]) => modal({ components });
const radio = (count: number, fields: object = {}) => ({
  type: 21,
  custom_id: 'r',
  options: Array.from({ length: count }, (_, n) => ({ label: `${n}`, value: `${n}` })),
  ...fields,
});
const boxes = (count: number, fields: object = {}) => ({ ...radio(count), type: 22, custom_id: 'b', ...fields });

const REFUSED: Row<[data: object, at: string, leaf?: string]>[] = [
  [RECEIVING, 'no custom_id', modal({ custom_id: undefined }), 'custom_id', 'BASE_TYPE_REQUIRED'],
  [RECEIVING, 'a custom_id over 100', modal({ custom_id: x(101) }), 'custom_id'],
  [RECEIVING, 'no title', modal({ title: undefined }), 'title', 'BASE_TYPE_REQUIRED'],
  [RECEIVING, 'a title over 45', modal({ title: x(46) }), 'title', 'BASE_TYPE_BAD_LENGTH'],
  [RECEIVING, 'no components', modal({ components: undefined }), 'components', 'BASE_TYPE_REQUIRED'],
  [RECEIVING, 'an empty list of components', modal({ components: [] }), 'components', 'BASE_TYPE_BAD_LENGTH'],
  [
    RECEIVING,
    'more than 5 components',
    modal({ components: Array.from({ length: 6 }, (_, n) => inRow({ custom_id: `${n}` })) }),
    'components',
    'BASE_TYPE_BAD_LENGTH',
  ],
  [
    REF,
    'a button in a row',
    of({ type: 1, components: [{ type: 2, style: 1, label: 'L', custom_id: 'c' }] }),
    'components.0.components.0',
  ],
  [REF, 'two inputs in a row', of({ type: 1, components: [input(), input({ custom_id: 'j' })] }), 'components.0.components'],
  [
    REF,
    'two inputs of one custom_id',
    of(inRow(), inRow()),
    'components.1.components.0.custom_id',
    'COMPONENT_CUSTOM_ID_DUPLICATED',
  ],
  [
    REF,
    'an input without custom_id',
    of(inRow({ custom_id: undefined })),
    'components.0.components.0.custom_id',
    'BASE_TYPE_REQUIRED',
  ],
  [REF, 'an input of style 3', of(inRow({ style: 3 })), 'components.0.components.0.style'],
  [REF, 'an input label over 45', of(inRow({ label: x(46) })), 'components.0.components.0.label', 'BASE_TYPE_BAD_LENGTH'],
  [
    REF,
    'an input in a row without a label',
    of(inRow({ label: undefined })),
    'components.0.components.0.label',
    'BASE_TYPE_REQUIRED',
  ],
  [REF, 'a placeholder over 100', of(inRow({ placeholder: x(101) })), 'components.0.components.0.placeholder'],
  [REF, 'a value over 4,000', of(inRow({ value: x(4001) })), 'components.0.components.0.value'],
  [REF, 'a value longer than max_length', of(inRow({ value: 'xxxx', max_length: 3 })), 'components.0.components.0.value'],
  [REF, 'max_length of 0', of(inRow({ max_length: 0 })), 'components.0.components.0.max_length'],
  [REF, 'max_length over 4,000', of(inRow({ max_length: 4001 })), 'components.0.components.0.max_length'],
  [REF, 'min_length below 0', of(inRow({ min_length: -1 })), 'components.0.components.0.min_length'],
  [REF, 'a Label over 45', of(label(bare(), { label: x(46) })), 'components.0.label', 'BASE_TYPE_BAD_LENGTH'],
  [REF, 'a Label without a label', of(label(bare(), { label: undefined })), 'components.0.label', 'BASE_TYPE_REQUIRED'],
  [
    REF,
    'a Label description over 100',
    of(label(bare(), { description: x(101) })),
    'components.0.description',
    'BASE_TYPE_MAX_LENGTH',
  ],
  [REF, 'a Label without a component', of(label(undefined as never)), 'components.0.component', 'BASE_TYPE_REQUIRED'],
  [REF, 'a Label with a button', of(label({ type: 2, style: 1, label: 'L', custom_id: 'c' })), 'components.0.component'],
  [
    REF,
    'a select of more than 25 options',
    of(label({ type: 3, custom_id: 's', options: radio(26).options })),
    'components.0.component.options',
  ],
  [
    REF,
    'a file upload of more than 10 files',
    of(label({ type: 19, custom_id: 'f', max_values: 11 })),
    'components.0.component.max_values',
  ],
  [REF, 'a radio group of one option', of(label(radio(1))), 'components.0.component.options'],
  [REF, 'a radio group of more than 10 options', of(label(radio(11))), 'components.0.component.options'],
  [REF, 'a checkbox group of more than 10 options', of(label(boxes(11))), 'components.0.component.options'],
  [
    REF,
    'two radio options of one value',
    of(
      label(
        radio(0, {
          options: [
            { label: 'a', value: 'v' },
            { label: 'b', value: 'v' },
          ],
        }),
      ),
    ),
    'components.0.component.options.1.value',
  ],
];

const TAKEN: Row<[data: object]>[] = [
  [RECEIVING, 'a title of 45', modal({ title: x(45) })],
  [RECEIVING, '5 rows', modal({ components: Array.from({ length: 5 }, (_, n) => inRow({ custom_id: `${n}` })) })],
  [REF, 'a text and a Label with an input', of({ type: 10, content: 'read this' }, label(bare()))],
  [
    REF,
    'selects of every kind in Labels',
    of(
      label({ type: 3, custom_id: 's', options: radio(2).options }),
      ...[5, 6, 7, 8].map((type) => label({ type, custom_id: `${type}` })),
    ),
  ],
  [REF, 'a file upload', of(label({ type: 19, custom_id: 'f', max_values: 10 }))],
  [
    REF,
    'a radio group, a checkbox group and a checkbox',
    of(label(radio(3)), label(boxes(3)), label({ type: 23, custom_id: 'c' })),
  ],
];

const callback = ({ id, token }: Opened, data: object) =>
  here().anonymous('POST', `/interactions/${id}/${token}/callback`, { type: 9, data });

describe('a modal is refused with 50035 for', () => {
  each(REFUSED, async (data, at, leaf) => {
    opened ??= here().open(say);
    expectForm(await callback(await opened, data), `data.${at}`, leaf);
  });
});

describe('a modal may have', () => {
  each(TAKEN, async (data) => {
    const reply = await callback(await here().open(say), data);
    expect(reply.status, JSON.stringify(reply.body)).toBe(204);
  });
});
