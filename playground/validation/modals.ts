import { z } from 'zod';
import { type AnyComponent, entitySelect, numberComponents, stringSelect, walkComponents } from './components.js';
import type { Fault } from './form.js';
import { parseForm, refuseFaults } from './form.js';

const id = z.number().int().min(0).nullish();

const inputBase = {
  type: z.literal(4),
  id,
  custom_id: z.string().min(1).max(100),
  style: z.number().int().min(1).max(2),
  min_length: z.number().int().min(0).max(4000).nullish(),
  max_length: z.number().int().min(1).max(4000).nullish(),
  required: z.boolean().nullish(),
  value: z.string().max(4000).nullish(),
  placeholder: z.string().max(100).nullish(),
};

const labelledInput = z.object({ ...inputBase, label: z.string().min(1).max(45) });
/** Inside a Label component the Label carries the text. */
const bareInput = z.object({ ...inputBase, label: z.string().max(45).nullish() });
const fileUpload = z.object({
  type: z.literal(19),
  id,
  custom_id: z.string().min(1).max(100),
  min_values: z.number().int().min(0).max(10).nullish(),
  max_values: z.number().int().min(1).max(10).nullish(),
  required: z.boolean().nullish(),
});

const row = z.object({ type: z.literal(1), id, components: z.array(labelledInput).length(1) });
const label = z.object({
  type: z.literal(18),
  id,
  label: z.string().min(1).max(45),
  description: z.string().max(100).nullish(),
  component: z.discriminatedUnion('type', [
    bareInput,
    stringSelect,
    entitySelect(5),
    entitySelect(6),
    entitySelect(7),
    entitySelect(8),
    fileUpload,
  ]),
});
const textDisplay = z.object({ type: z.literal(10), id, content: z.string().min(1).max(4000) });

/** A modal: 1 to 5 rows with a text input each, or Labels, or texts. */
export const modal = z.object({
  custom_id: z.string().min(1).max(100),
  title: z.string().min(1).max(45),
  components: z
    .array(z.discriminatedUnion('type', [row, label, textDisplay]))
    .min(1)
    .max(5),
});

export type Modal = z.output<typeof modal>;

/** Checks the `data` of a modal callback; throws `DiscordError` 50035. */
export function parseModal(data: unknown): Modal {
  const parsed = parseForm(modal, data, ['data']);
  const faults: Fault[] = [];
  const seen = new Set<string>();
  walkComponents(parsed.components as unknown as AnyComponent[], (one, path) => {
    if (!one.custom_id) return;
    const here = ['data', ...path];
    if (seen.has(one.custom_id))
      faults.push({
        path: [...here, 'custom_id'],
        code: 'COMPONENT_CUSTOM_ID_DUPLICATED',
        message: 'Component custom id cannot be duplicated',
      });
    seen.add(one.custom_id);
    const value = typeof one.value === 'string' ? one.value : undefined;
    const max = Number(one.max_length ?? 4000);
    if (value !== undefined && value.length > max)
      faults.push({ path: [...here, 'value'], code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${max} or fewer in length.` });
    if (Number(one.min_length ?? 0) > max)
      faults.push({ path: [...here, 'min_length'], code: 'TEXT_INPUT_MIN_LENGTH', message: 'min_length is above max_length' });
  });
  refuseFaults(faults);
  numberComponents(parsed.components as unknown as AnyComponent[]);
  return parsed;
}
