import { z } from 'zod';
import { attachmentUrl, buttonUrl, emoji, mediaUrl, snowflake, text } from './fields.js';

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
const file = z.object({
  type: z.literal(13),
  id,
  // The only media that has to be a file of the message.
  file: z.object({ url: attachmentUrl }),
  spoiler: z.boolean().nullish(),
});
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

export type Button = z.output<typeof button>;
/** Where a component is in its message or modal. */
export type ComponentPath = (string | number)[];

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
  visit: (component: AnyComponent, path: ComponentPath) => void,
  path: ComponentPath = ['components'],
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
