import { z } from 'zod';
import { buttonUrl, emoji, mediaUrl, snowflake, text } from './fields.js';
import type { Fault } from './form.js';

const id = z.number().int().min(0).nullish();
const customId = z.string().min(1).max(100);

/** A button: styles 1–4 are pressed, 5 is a link, 6 sells something. */
const button = z.object({
  type: z.literal(2),
  id,
  style: z.number().int().min(1).max(6),
  label: z.string().max(80).nullish(),
  emoji: emoji.nullish(),
  custom_id: customId.nullish(),
  url: buttonUrl.nullish(),
  sku_id: snowflake.nullish(),
  disabled: z.boolean().nullish(),
});

const selectBase = {
  id,
  custom_id: customId,
  placeholder: z.string().max(150).nullish(),
  min_values: z.number().int().min(0).max(25).nullish(),
  max_values: z.number().int().min(1).max(25).nullish(),
  disabled: z.boolean().nullish(),
  required: z.boolean().nullish(),
};

/** Select with options of its own. */
export const stringSelect = z.object({
  type: z.literal(3),
  ...selectBase,
  options: z
    .array(
      z.object({
        label: text(100),
        value: z.string().min(1).max(100),
        description: z.string().max(100).nullish(),
        emoji: emoji.nullish(),
        default: z.boolean().nullish(),
      }),
    )
    .min(1)
    .max(25),
});

const defaultValues = z
  .array(z.object({ id: snowflake, type: z.enum(['user', 'role', 'channel']) }))
  .max(25)
  .nullish();

/** Selects whose options Discord fills in: users, roles, both, channels. */
export const entitySelect = (type: 5 | 6 | 7 | 8) =>
  z.object({
    type: z.literal(type),
    ...selectBase,
    default_values: defaultValues,
    channel_types: z.array(z.number().int()).nullish(),
  });

const row = z.object({
  type: z.literal(1),
  id,
  components: z
    .array(
      z.discriminatedUnion('type', [button, stringSelect, entitySelect(5), entitySelect(6), entitySelect(7), entitySelect(8)]),
    )
    .min(1)
    .max(5),
});

const textDisplay = z.object({ type: z.literal(10), id, content: z.string().min(1).max(4000) });
const media = z.object({ url: mediaUrl });
const thumbnail = z.object({
  type: z.literal(11),
  id,
  media,
  description: z.string().max(1024).nullish(),
  spoiler: z.boolean().nullish(),
});
const section = z.object({
  type: z.literal(9),
  id,
  components: z.array(textDisplay).min(1).max(3),
  accessory: z.discriminatedUnion('type', [button, thumbnail]),
});
const gallery = z.object({
  type: z.literal(12),
  id,
  items: z
    .array(z.object({ media, description: z.string().max(1024).nullish(), spoiler: z.boolean().nullish() }))
    .min(1)
    .max(10),
});
const file = z.object({ type: z.literal(13), id, file: media, spoiler: z.boolean().nullish() });
const separator = z.object({
  type: z.literal(14),
  id,
  divider: z.boolean().nullish(),
  spacing: z.number().int().min(1).max(2).nullish(),
});
const inContainer = [row, section, textDisplay, gallery, file, separator] as const;
const container = z.object({
  type: z.literal(17),
  id,
  accent_color: z.number().int().min(0).max(0xffffff).nullish(),
  spoiler: z.boolean().nullish(),
  components: z
    .array(z.discriminatedUnion('type', [...inContainer]))
    .min(1)
    .max(40),
});

/** Top-level components of a message: rows only, unless the message is made of components (flag 1 << 15). */
export const legacyComponents = z.array(z.discriminatedUnion('type', [row])).max(5);
export const v2Components = z
  .array(z.discriminatedUnion('type', [...inContainer, container]))
  .min(1)
  .max(40);

type Button = z.output<typeof button>;

const MAX_COMPONENTS = 40;

/** Any component as a plain object, for walking. */
export interface AnyComponent {
  type: number;
  id?: number | null;
  custom_id?: string | null;
  components?: AnyComponent[];
  accessory?: AnyComponent;
  component?: AnyComponent;
  [key: string]: unknown;
}

/** Calls back for every component, outer ones first, with its path. */
export function walkComponents(
  components: AnyComponent[],
  visit: (component: AnyComponent, path: (string | number)[]) => void,
  path: (string | number)[] = ['components'],
): void {
  components.forEach((component, index) => {
    const here = [...path, index];
    visit(component, here);
    if (component.components) walkComponents(component.components, visit, [...here, 'components']);
    for (const key of ['accessory', 'component'] as const) {
      const inner = component[key];
      if (inner) {
        visit(inner, [...here, key]);
        if (inner.components) walkComponents(inner.components, visit, [...here, key, 'components']);
      }
    }
  });
}

function buttonFaults(one: Button, path: (string | number)[]): Fault[] {
  const need = (key: string): Fault => ({
    path: [...path, key],
    code: 'BASE_TYPE_REQUIRED',
    message: 'This field is required',
  });
  if (one.style === 6) return one.sku_id ? [] : [need('sku_id')];
  const faults: Fault[] = [];
  if (!one.label && !one.emoji)
    faults.push({ path, code: 'BUTTON_COMPONENT_INVALID', message: 'A button must have a label or an emoji' });
  if (one.style === 5) {
    if (!one.url) faults.push(need('url'));
    if (one.custom_id)
      faults.push({
        path,
        code: 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
        message: 'A link button cannot have a custom id',
      });
    return faults;
  }
  if (!one.custom_id) faults.push(need('custom_id'));
  if (one.url)
    faults.push({
      path,
      code: 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
      message: 'A button with a custom id cannot have a url',
    });
  return faults;
}

function selectFaults(one: AnyComponent, path: (string | number)[]): Fault[] {
  const faults: Fault[] = [];
  const min = Number(one.min_values ?? 1);
  const max = Number(one.max_values ?? 1);
  if (min > max)
    faults.push({
      path: [...path, 'min_values'],
      code: 'SELECT_COMPONENT_MIN_VALUES_EXCEEDED',
      message: 'min_values is above max_values',
    });
  const options = (one.options ?? []) as { value: string; default?: boolean | null }[];
  const seen = new Set<string>();
  options.forEach((option, index) => {
    if (seen.has(option.value))
      faults.push({
        path: [...path, 'options', index, 'value'],
        code: 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
        message: 'The specified option value is already used',
      });
    seen.add(option.value);
  });
  if (one.type === 3 && max > options.length)
    faults.push({
      path: [...path, 'options'],
      code: 'BASE_TYPE_BAD_LENGTH',
      message: `Must be between ${max} and 25 in length.`,
    });
  if (options.filter((option) => option.default).length > max)
    faults.push({
      path: [...path, 'options'],
      code: 'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES',
      message: 'Too many default options',
    });
  return faults;
}

/** What no single field shows: widths of rows, doubled ids, buttons that contradict themselves, the total number. */
export function componentFaults(components: AnyComponent[]): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  let count = 0;
  walkComponents(components, (one, path) => {
    count++;
    if (one.custom_id) {
      if (seen.has(one.custom_id))
        faults.push({
          path: [...path, 'custom_id'],
          code: 'COMPONENT_CUSTOM_ID_DUPLICATED',
          message: 'Component custom id cannot be duplicated',
        });
      seen.add(one.custom_id);
    }
    if (one.type === 2) faults.push(...buttonFaults(one as unknown as Button, path));
    if (one.type === 3 || (one.type >= 5 && one.type <= 8)) faults.push(...selectFaults(one, path));
    const inner = one.type === 1 ? (one.components ?? []) : [];
    if (inner.length > 1 && inner.some((child) => child.type !== 2))
      faults.push({
        path: [...path, 'components', 1],
        code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
        message: 'The specified component exceeds the maximum width',
      });
  });
  if (count > MAX_COMPONENTS)
    faults.push({
      path: ['components'],
      code: 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
      message: `The maximum number of components is ${MAX_COMPONENTS}`,
    });
  return faults;
}

/** Gives every component the number that Discord gives it when the sender gave none. */
export function numberComponents(components: AnyComponent[]): void {
  let next = 1;
  const used = new Set<number>();
  walkComponents(components, (one) => void (one.id && used.add(one.id)));
  walkComponents(components, (one) => {
    if (one.id) return;
    while (used.has(next)) next++;
    one.id = next;
    used.add(next);
  });
}
