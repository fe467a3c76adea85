import { z } from 'zod';
import { choiceFaults, doubledFaults, selectFaults } from './component-rules.js';
import {
  type AnyComponent,
  type ComponentPath,
  entitySelect,
  numberComponents,
  stringSelect,
  walkComponents,
} from './components.js';
import { fileTypes } from './fields.js';
import { type Fault, parseForm, refuseFaults } from './form.js';

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
  file_types: fileTypes,
});

const choice = z.object({
  label: z.string().min(1).max(100),
  value: z.string().min(1).max(100),
  description: z.string().max(100).nullish(),
  default: z.boolean().nullish(),
});
/** One of 2 to 10 options. */
const radioGroup = z.object({
  type: z.literal(21),
  id,
  custom_id: z.string().min(1).max(100),
  required: z.boolean().nullish(),
  options: z.array(choice).min(2).max(10),
});
/** Any of 1 to 10 options; `max_values` is their number where it is not said. */
const checkboxGroup = z.object({
  type: z.literal(22),
  id,
  custom_id: z.string().min(1).max(100),
  required: z.boolean().nullish(),
  min_values: z.number().int().min(0).max(10).nullish(),
  max_values: z.number().int().min(1).max(10).nullish(),
  options: z.array(choice).min(1).max(10),
});
/** Yes or no; it cannot be required. */
const checkbox = z.object({
  type: z.literal(23),
  id,
  custom_id: z.string().min(1).max(100),
  default: z.boolean().nullish(),
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
    radioGroup,
    checkboxGroup,
    checkbox,
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

function textFaults(one: AnyComponent, path: ComponentPath): Fault[] {
  const faults: Fault[] = [];
  const value = typeof one.value === 'string' ? one.value : undefined;
  const max = Number(one.max_length ?? 4000);
  if (value !== undefined && value.length > max)
    faults.push({ path: [...path, 'value'], code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${max} or fewer in length.` });
  if (Number(one.min_length ?? 0) > max)
    faults.push({ path: [...path, 'min_length'], code: 'TEXT_INPUT_MIN_LENGTH', message: 'min_length is above max_length' });
  return faults;
}

/** What is said of inputs that take several values: none is not enough where something is required, none is disabled. */
function manyFaults(one: AnyComponent, path: ComponentPath): Fault[] {
  const faults: Fault[] = [];
  if (one.min_values === 0 && one.required !== false)
    faults.push({
      path: [...path, 'min_values'],
      code: 'NUMBER_TYPE_MIN',
      message: 'int value should be greater than or equal to 1.',
    });
  if (one.disabled)
    faults.push({
      path: [...path, 'disabled'],
      code: 'MODAL_COMPONENT_DISABLED',
      message: 'Components of modals cannot be disabled',
    });
  return faults;
}

function inputFaults(one: AnyComponent, path: ComponentPath): Fault[] {
  const options = ((one.options ?? []) as unknown[]).length;
  const min = Number(one.min_values ?? 1);
  switch (one.type) {
    case 4:
      return textFaults(one, path);
    case 19:
      return [...manyFaults(one, path), ...choiceFaults(one, path, { min, max: Number(one.max_values ?? 1) })];
    case 21:
      return choiceFaults(one, path, { min: 1, max: 1 });
    case 22:
      return [...manyFaults(one, path), ...choiceFaults(one, path, { min, max: Number(one.max_values ?? options) })];
    default:
      return one.type === 3 || (one.type >= 5 && one.type <= 8) ? [...manyFaults(one, path), ...selectFaults(one, path)] : [];
  }
}

/** Checks the `data` of a modal callback; throws `DiscordError` 50035. */
export function parseModal(data: unknown): Modal {
  const parsed = parseForm(modal, data, ['data']);
  const components = parsed.components as unknown as AnyComponent[];
  const faults = doubledFaults(components);
  walkComponents(components, (one, path) => void faults.push(...inputFaults(one, path)));
  refuseFaults(faults.map((fault) => ({ ...fault, path: ['data', ...fault.path] })));
  numberComponents(components);
  return parsed;
}
