/** The dialog that a bot opens with a modal: inputs with their limits, checked before it is submitted. */

import type { PageContext } from './context.js';
import { dots, el, fill, icon } from './dom.js';
import type { OpenedModal } from './interactions.js';
import { attachedField, type ModalField, modalFields } from './modal-fields.js';

/** Opens the dialog; it closes when the playground took what was entered, on Cancel and on Escape. */
export function openModal(opened: OpenedModal, context: PageContext): void {
  const before = document.activeElement;
  const fields = modalFields(opened.modal.components, context);
  const error = el('div', { class: 'modal-error', attrs: { role: 'alert' } });
  const submit = el('button', { class: 'button primary', attrs: { type: 'submit' } }, 'Submit');
  const cancel = el('button', { class: 'button plain', attrs: { type: 'button' } }, 'Cancel');
  const close = el('button', { class: 'icon-button', attrs: { type: 'button', 'aria-label': 'Close' } }, icon('close'));
  const bot = context.store.bot;
  const form = el(
    'form',
    { class: 'modal-form', attrs: { novalidate: true } },
    el(
      'header',
      { class: 'modal-header' },
      bot ? el('img', { class: 'small-avatar', attrs: { src: bot.avatar, alt: '' } }) : null,
      el('h2', { attrs: { id: 'modal-title' } }, opened.modal.title),
      close,
    ),
    el('div', { class: 'modal-body' }, ...fields.map((field) => field.node), error),
    el('footer', { class: 'modal-footer' }, cancel, submit),
  );
  const dialog = el(
    'dialog',
    { class: 'modal', testid: 'modal', attrs: { role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'modal-title' } },
    form,
  );
  const leave = (): void => {
    dialog.close();
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
    else context.focusComposer();
  };
  close.addEventListener('click', leave);
  cancel.addEventListener('click', leave);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    leave();
  });
  dialog.addEventListener('keydown', (event) => keepFocusInside(event, dialog));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  async function send(): Promise<void> {
    if (submit.getAttribute('aria-busy') === 'true' || !check(fields)) return;
    submit.setAttribute('aria-busy', 'true');
    submit.append(dots());
    await Promise.all(fields.map((field) => field.ready()));
    const result = await context.interactions.submitModal(
      opened,
      Object.fromEntries(fields.filter(attachedField).map((field) => [field.customId, field.value()])),
    );
    submit.removeAttribute('aria-busy');
    fill(submit, 'Submit');
    if (result.ok) leave();
    else fill(error, result.reason === 'This interaction failed' ? 'Something went wrong. Try again.' : result.reason);
  }
  // Only one dialog at a time, as in Discord.
  for (const other of document.querySelectorAll<HTMLDialogElement>('dialog.modal')) other.remove();
  document.body.append(dialog);
  dialog.showModal();
  (fields.find((field) => field.focusable)?.focusable ?? submit).focus();
}

/** Marks each wrong field and puts the focus on the first; true when all are right. */
function check(fields: ModalField[]): boolean {
  let first: ModalField | null = null;
  for (const field of fields) {
    const reason = field.check();
    if (reason && !first) first = field;
  }
  first?.focusable?.focus();
  return first === null;
}

function keepFocusInside(event: KeyboardEvent, dialog: HTMLElement): void {
  if (event.key !== 'Tab') return;
  const stops = [...dialog.querySelectorAll<HTMLElement>('button, input, textarea, a[href], [tabindex="0"]')].filter(
    (node) => !node.hasAttribute('disabled') && node.offsetParent !== null,
  );
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}
