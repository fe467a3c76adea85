/** A small form for one fault: labelled fields, a button, and the request that they make. */
import type { DevState, FaultRequest } from '../../pageserver/dev-protocol.js';
import { el, fill } from '../dom.js';
import type { Choice, FieldSpec, FormSpec } from './fault-specs.js';

export interface FaultForm {
  node: HTMLElement;
  refresh(state: DevState): void;
}

type Input = HTMLInputElement | HTMLSelectElement;

function inputOf(spec: FieldSpec, id: string): Input {
  if (spec.kind === 'select') return el('select', { class: 'dev-input', attrs: { id, name: spec.name } });
  return el('input', {
    class: 'dev-input',
    attrs: {
      id,
      name: spec.name,
      type: spec.kind,
      value: spec.value ?? '',
      placeholder: spec.placeholder,
      min: spec.min,
      max: spec.max,
      required: spec.required ?? spec.kind === 'number',
      autocomplete: 'off',
    },
  });
}

/** Keeps what was chosen when it is still there. */
function refreshSelect(select: HTMLSelectElement, choices: Choice[], first: string | undefined): void {
  const key = JSON.stringify(choices);
  if (select.dataset.choices === key) return;
  select.dataset.choices = key;
  const before = select.value || first;
  fill(select, ...choices.map(([value, label]) => el('option', { attrs: { value } }, label)));
  if (before !== undefined && choices.some(([value]) => value === before)) select.value = before;
}

/** Builds a form; `id` keeps the labels of several apart. */
export function faultForm(spec: FormSpec, id: string, send: (fault: FaultRequest) => void): FaultForm {
  const fields = spec.fields.map((field) => ({ field, input: inputOf(field, `${id}-${field.name}`) }));
  const button = el(
    'button',
    { class: spec.danger ? 'dev-button danger' : 'dev-button', attrs: { type: 'submit' } },
    spec.button,
  );
  const node = el(
    'form',
    { class: 'dev-form', testid: id, attrs: { 'aria-label': spec.title } },
    el('h4', {}, spec.title),
    fields.length > 0
      ? el(
          'div',
          { class: 'dev-fields' },
          ...fields.map(({ field, input }) =>
            el('div', { class: 'dev-field' }, el('label', { attrs: { for: input.id } }, field.label), input),
          ),
        )
      : null,
    button,
  );
  node.addEventListener('submit', (event) => {
    event.preventDefault();
    const request = spec.request(Object.fromEntries(fields.map(({ field, input }) => [field.name, input.value])));
    if (request) send(request);
  });
  return {
    node,
    refresh(state) {
      for (const { field, input } of fields)
        if (field.choices && input instanceof HTMLSelectElement) refreshSelect(input, field.choices(state), field.value);
    },
  };
}
