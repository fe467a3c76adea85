import { type AnyComponent, type Button, type ComponentPath, walkComponents } from './components.js';
import { type Fault, REQUIRED } from './form.js';

const MAX_COMPONENTS = 40;
/** Texts of all text displays of a message together. */
const MAX_TEXT = 4000;

const TEXT_DISPLAY = 10;

const CUSTOM_ID_REQUIRED = { code: 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', message: 'A custom id required' };

const fault = (path: ComponentPath, code: string, message: string): Fault => ({ path, code, message });

/** A button that sells something shows what it sells, and nothing else (components/reference.mdx, button). */
function premiumFaults(one: Button, path: ComponentPath): Fault[] {
  if (!one.sku_id) return [{ path: [...path, 'sku_id'], ...REQUIRED }];
  const given = (['custom_id', 'label', 'url', 'emoji'] as const).filter((key) => one[key]);
  return given.map((key) =>
    fault([...path, key], 'BUTTON_COMPONENT_INVALID', 'A premium button has no custom id, label, url or emoji'),
  );
}

function buttonFaults(one: Button, path: ComponentPath): Fault[] {
  if (one.style === 6) return premiumFaults(one, path);
  const [own, foreign] = one.style === 5 ? (['url', 'custom_id'] as const) : (['custom_id', 'url'] as const);
  const faults: Fault[] = [];
  if (!one.label && !one.emoji) faults.push(fault(path, 'BUTTON_COMPONENT_INVALID', 'A button must have a label or an emoji'));
  if (!one[own]) faults.push({ path: [...path, own], ...(own === 'url' ? REQUIRED : CUSTOM_ID_REQUIRED) });
  if (one.sku_id) faults.push(fault([...path, 'sku_id'], 'BUTTON_COMPONENT_INVALID', 'Only a premium button has a sku id'));
  if (one[foreign])
    faults.push(
      fault(path, 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', `A button with a ${own} cannot have a ${foreign}`),
    );
  return faults;
}

/** Options of a select, radio group or checkbox group: no value twice, not more defaults than may be chosen. */
export function choiceFaults(one: AnyComponent, path: ComponentPath, bounds: { min: number; max: number }): Fault[] {
  const faults: Fault[] = [];
  if (bounds.min > bounds.max)
    faults.push(fault([...path, 'min_values'], 'SELECT_COMPONENT_MIN_VALUES_EXCEEDED', 'min_values is above max_values'));
  const options = (one.options ?? []) as { value: string; default?: boolean | null }[];
  options.forEach((option, index) => {
    if (options.findIndex((other) => other.value === option.value) === index) return;
    faults.push(
      fault(
        [...path, 'options', index, 'value'],
        'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
        'The specified option value is already used',
      ),
    );
  });
  if (options.filter((option) => option.default).length > bounds.max)
    faults.push(fault([...path, 'options'], 'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES', 'Too many default options'));
  return faults;
}

/** Select menus of messages and modals alike (components/reference.mdx, the five selects). */
export function selectFaults(one: AnyComponent, path: ComponentPath): Fault[] {
  const bounds = { min: Number(one.min_values ?? 1), max: Number(one.max_values ?? 1) };
  const faults = choiceFaults(one, path, bounds);
  const options = (one.options ?? []) as unknown[];
  if (one.type === 3 && bounds.max > options.length)
    faults.push(fault([...path, 'options'], 'BASE_TYPE_BAD_LENGTH', `Must be between ${bounds.max} and 25 in length.`));
  const preset = ((one.default_values ?? []) as unknown[]).length;
  if (preset > 0 && (preset < bounds.min || preset > bounds.max))
    faults.push(
      fault([...path, 'default_values'], 'BASE_TYPE_BAD_LENGTH', `Must be between ${bounds.min} and ${bounds.max} in length.`),
    );
  return faults;
}

/** `custom_id`s and numbers that the sender gave twice; both must be unique in a message and in a modal. */
export function doubledFaults(components: AnyComponent[]): Fault[] {
  const faults: Fault[] = [];
  const customIds = new Set<string>();
  const numbers = new Set<number>();
  walkComponents(components, (one, path) => {
    if (one.custom_id && customIds.has(one.custom_id))
      faults.push(fault([...path, 'custom_id'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated'));
    if (one.id && numbers.has(one.id))
      faults.push(fault([...path, 'id'], 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated'));
    if (one.custom_id) customIds.add(one.custom_id);
    if (one.id) numbers.add(one.id);
  });
  return faults;
}

function totalFaults(components: AnyComponent[]): Fault[] {
  let count = 0;
  let characters = 0;
  walkComponents(components, (one) => {
    count++;
    if (one.type === TEXT_DISPLAY) characters += String(one.content ?? '').length;
  });
  const faults: Fault[] = [];
  if (count > MAX_COMPONENTS)
    faults.push(
      fault(['components'], 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', `The maximum number of components is ${MAX_COMPONENTS}`),
    );
  if (characters > MAX_TEXT)
    faults.push(
      fault(
        ['components'],
        'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
        `Components displayable text size exceeds maximum size of ${MAX_TEXT}`,
      ),
    );
  return faults;
}

/** What no single field of a message's components shows: widths of rows, doubled ids, contradictions, totals. */
export function componentFaults(components: AnyComponent[]): Fault[] {
  const faults = doubledFaults(components);
  walkComponents(components, (one, path) => {
    if (one.type === 2) faults.push(...buttonFaults(one as unknown as Button, path));
    if (one.type === 3 || (one.type >= 5 && one.type <= 8)) faults.push(...selectFaults(one, path));
    const inner = one.type === 1 ? (one.components ?? []) : [];
    if (inner.length > 1 && inner.some((child) => child.type !== 2))
      faults.push(
        fault([...path, 'components', 1], 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width'),
      );
  });
  return [...faults, ...totalFaults(components)];
}
