/** Small dialogs of the page itself: a question to confirm, or one line to write. */
import { el, fill } from '../dom.js';

interface Asked {
  title: string;
  text: string;
  /** Absent: nothing to write, only to confirm. */
  field?: { label: string; value: string; maxLength: number };
  confirm: string;
  danger?: boolean;
  /** Gets what was written (or an empty text); the reason when it was not taken, else null. */
  onConfirm(text: string): string | null;
}

/** Opens the dialog; Escape and Cancel close it, and the focus goes back to where it was. */
export function ask(asked: Asked): void {
  const before = document.activeElement;
  const { field } = asked;
  const input = field
    ? el('input', { class: 'field-input', attrs: { id: 'ask-field', maxlength: field.maxLength, autocomplete: 'off' } })
    : null;
  if (input && field) input.value = field.value;
  const confirm = el(
    'button',
    { class: asked.danger ? 'button danger' : 'button primary', attrs: { type: 'submit' } },
    asked.confirm,
  );
  const cancel = el('button', { class: 'button plain', attrs: { type: 'button' } }, 'Cancel');
  const error = el('div', { class: 'modal-error', attrs: { role: 'alert' } });
  const form = el(
    'form',
    { class: 'modal-form' },
    el('header', { class: 'modal-header' }, el('h2', { attrs: { id: 'ask-title' } }, asked.title)),
    el(
      'div',
      { class: 'modal-body' },
      el('p', { class: 'modal-text' }, asked.text),
      field && input ? el('div', { class: 'field' }, el('label', { attrs: { for: 'ask-field' } }, field.label), input) : null,
      error,
    ),
    el('footer', { class: 'modal-footer' }, cancel, confirm),
  );
  const dialog = el('dialog', { class: 'modal ask', testid: 'ask', attrs: { 'aria-labelledby': 'ask-title' } }, form);
  const leave = (): void => {
    dialog.close();
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  cancel.addEventListener('click', leave);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    leave();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const refused = asked.onConfirm(input?.value.trim() ?? '');
    if (refused === null) leave();
    else fill(error, refused);
  });
  document.body.append(dialog);
  dialog.showModal();
  (input ?? confirm).focus();
  input?.select();
}
