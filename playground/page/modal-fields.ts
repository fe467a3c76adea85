/** The inputs of a modal, in both of Discord's layouts: a text input in an action row, or any input under a label. */
import { pickFiles, type Upload, upload } from './composer/upload.js';
import type { PageContext } from './context.js';
import { dots, el, fill } from './dom.js';
import type { AnyComponent } from './messages/component-data.js';
import { fileSize } from './messages/links.js';
import { markdown } from './messages/markdown-view.js';
import { selectChoices } from './messages/selects.js';
import { selectMenu } from './select-menu.js';

export interface ModalField {
  customId: string;
  node: HTMLElement;
  /** What takes the focus; null for plain text between inputs. */
  focusable: HTMLElement | null;
  value(): string | string[] | boolean;
  /** Shows and returns what is wrong; null when all is well. */
  check(): string | null;
  /** Resolves once uploads are through. */
  ready(): Promise<unknown>;
}

/** False for text that only explains. */
export function attachedField(field: ModalField): boolean {
  return field.customId !== '';
}

/** Builds the fields of a modal in order; kinds the page does not know are left out. */
export function modalFields(list: readonly unknown[], context: PageContext): ModalField[] {
  return (list as AnyComponent[]).flatMap((one) => {
    if (one.type === 1) return (one.components ?? []).flatMap((child) => field(child, child.label ?? '', undefined, context));
    if (one.type === 18 && one.component) return field(one.component, one.label ?? '', one.description ?? undefined, context);
    if (one.type === 10) return [explanation(one, context)];
    return [];
  });
}

function explanation(data: AnyComponent, context: PageContext): ModalField {
  const node = el('div', { class: 'modal-text' }, markdown(data.content ?? '', context));
  return { customId: '', node, focusable: null, value: () => '', check: () => null, ready: () => Promise.resolve() };
}

function field(data: AnyComponent, label: string, description: string | undefined, context: PageContext): ModalField[] {
  switch (data.type) {
    case 4:
      return [textField(data, label, description)];
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return [selectField(data, label, description, context)];
    case 19:
      return [fileField(data, label, description)];
    case 21:
    case 22:
      return [groupField(data, label, description)];
    case 23:
      return [checkboxField(data, label, description)];
    default:
      return [];
  }
}

/** Label, description, the control, and the line for what is wrong. */
function shell(label: string, description: string | undefined, required: boolean, control: HTMLElement, input: HTMLElement) {
  const id = `modal-${crypto.randomUUID()}`;
  input.id = id;
  const error = el('div', { class: 'field-error', attrs: { id: `${id}-error`, role: 'alert' } });
  const star = required ? el('span', { class: 'star', attrs: { 'aria-hidden': 'true' } }, ' *') : null;
  const about = description ? el('div', { class: 'field-about', attrs: { id: `${id}-about` } }, description) : null;
  input.setAttribute('aria-describedby', `${about ? `${id}-about ` : ''}${id}-error`);
  const node = el('div', { class: 'field' }, el('label', { attrs: { for: id } }, label, star), about, control, error);
  const show = (reason: string | null): string | null => {
    fill(error, reason);
    input.setAttribute('aria-invalid', String(reason !== null));
    return reason;
  };
  return { node, show };
}

function textField(data: AnyComponent, label: string, description: string | undefined): ModalField {
  const paragraph = data.style === 2;
  const required = data.required ?? true;
  const attrs = {
    placeholder: data.placeholder,
    autocomplete: 'off',
    'aria-required': String(required),
    'data-custom-id': data.custom_id,
  };
  const input = paragraph
    ? el('textarea', { class: 'field-input', attrs: { ...attrs, rows: 4 } })
    : el('input', { class: 'field-input', attrs: { ...attrs, type: 'text' } });
  input.value = data.value ?? '';
  const max = data.max_length ?? 4000;
  const counter = el('span', { class: 'field-counter', attrs: { 'aria-hidden': 'true' } });
  const { node, show } = shell(label, description, required, el('div', { class: 'field-shell' }, input, counter), input);
  const reason = (): string | null => {
    const { length } = input.value;
    if (input.value.trim() === '') return required ? 'This field is required' : null;
    if (length < (data.min_length ?? 0)) return `At least ${data.min_length} characters, now ${length}`;
    return length > max ? `At most ${max} characters, now ${length}` : null;
  };
  const count = (): void => fill(counter, data.max_length !== undefined || paragraph ? `${input.value.length}/${max}` : '');
  input.addEventListener('input', () => {
    count();
    if (input.getAttribute('aria-invalid') === 'true') show(reason());
  });
  input.addEventListener('keydown', (event) => {
    if (
      paragraph &&
      (event as KeyboardEvent).key === 'Enter' &&
      ((event as KeyboardEvent).ctrlKey || (event as KeyboardEvent).metaKey)
    )
      input.form?.requestSubmit();
  });
  count();
  return {
    customId: data.custom_id ?? '',
    node,
    focusable: input,
    value: () => input.value,
    check: () => show(reason()),
    ready: () => Promise.resolve(),
  };
}

function selectField(data: AnyComponent, label: string, description: string | undefined, context: PageContext): ModalField {
  const required = data.required ?? true;
  const min = data.min_values ?? 1;
  const menu = selectMenu({
    label,
    placeholder: data.placeholder ?? 'Make a selection',
    testid: `select-${data.custom_id}`,
    customId: data.custom_id ?? '',
    choices: selectChoices(data, context),
    search: data.type !== 3,
    min: required ? min : 0,
    max: data.max_values ?? 1,
    onCommit: () => show(null),
  });
  const button = menu.node.querySelector('button') ?? menu.node;
  const { node, show } = shell(label, description, required, menu.node, button);
  const reason = (): string | null => {
    const count = menu.values().length;
    if (count === 0 && !required) return null;
    return count < min ? (min === 1 ? 'Choose one' : `Choose at least ${min}`) : null;
  };
  return {
    customId: data.custom_id ?? '',
    node,
    focusable: button,
    value: () => menu.values(),
    check: () => show(reason()),
    ready: () => Promise.resolve(),
  };
}

function fileField(data: AnyComponent, label: string, description: string | undefined): ModalField {
  const required = data.required ?? true;
  const max = data.max_values ?? 1;
  let uploads: Upload[] = [];
  const button = el('button', { class: 'button secondary', attrs: { type: 'button' } });
  const { node, show } = shell(label, description, required, button, button);
  const draw = (): void => {
    const names = uploads.map((one) => `${one.file.name} (${fileSize(one.file.size)})`).join(', ');
    fill(button, names || 'Choose a file', uploads.some((one) => one.state === 'sending') ? dots() : null);
    button.setAttribute('aria-label', `${label}: ${names || 'Choose a file'}`);
    const failed = uploads.find((one) => one.state === 'failed');
    show(failed ? failed.reason : null);
  };
  const take = (files: File[]): void => {
    uploads = files.slice(0, max).map((file) => upload(file, draw));
    draw();
  };
  button.addEventListener('click', () => pickFiles(max > 1, take));
  node.addEventListener('dragover', (event) => event.preventDefault());
  node.addEventListener('drop', (event) => {
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])]);
  });
  draw();
  const reason = (): string | null => {
    if (uploads.some((one) => one.state === 'failed')) return 'Choose the file again';
    return required && uploads.length === 0 ? 'A file is required' : null;
  };
  return {
    customId: data.custom_id ?? '',
    node,
    focusable: button,
    value: () => uploads.flatMap((one) => (one.id ? [one.id] : [])),
    check: () => show(reason()),
    ready: () => Promise.all(uploads.map((one) => one.done)),
  };
}

/** Radio buttons (one value) or checkboxes (a list). */
function groupField(data: AnyComponent, label: string, description: string | undefined): ModalField {
  const radio = data.type === 21;
  const required = data.required ?? true;
  const rows = (data.options ?? []).map((option) => {
    const input = el('input', {
      attrs: { type: radio ? 'radio' : 'checkbox', name: data.custom_id, value: option.value, checked: option.default },
    });
    return {
      input,
      node: el(
        'label',
        { class: 'choice-row' },
        input,
        el('span', {}, option.label, option.description ? el('small', {}, option.description) : null),
      ),
    };
  });
  const group = el(
    'div',
    { class: 'choice-group', attrs: { role: radio ? 'radiogroup' : 'group', 'aria-label': label } },
    ...rows.map((row) => row.node),
  );
  const { node, show } = shell(label, description, required, group, group);
  const chosen = (): string[] => rows.filter((row) => row.input.checked).map((row) => row.input.value);
  const reason = (): string | null => {
    const count = chosen().length;
    if (required && count === 0) return 'Choose one';
    if (count > 0 && count < (data.min_values ?? 0)) return `Choose at least ${data.min_values}`;
    return !radio && count > (data.max_values ?? rows.length) ? `Choose at most ${data.max_values}` : null;
  };
  return {
    customId: data.custom_id ?? '',
    node,
    focusable: rows[0]?.input ?? null,
    value: () => (radio ? (chosen()[0] ?? '') : chosen()),
    check: () => show(reason()),
    ready: () => Promise.resolve(),
  };
}

function checkboxField(data: AnyComponent, label: string, description: string | undefined): ModalField {
  const input = el('input', { attrs: { type: 'checkbox', checked: data.default } });
  const { node, show } = shell(label, description, false, input, input);
  return {
    customId: data.custom_id ?? '',
    node,
    focusable: input,
    value: () => input.checked,
    check: () => show(null),
    ready: () => Promise.resolve(),
  };
}
