/** Changing the text of one's own message in its place: Enter saves, Escape leaves. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el } from '../dom.js';

/** Discord's limit for the text of a message. */
const longest = 2000;

export function editForm(message: PageMessage, context: PageContext): HTMLElement {
  const input = el('textarea', {
    class: 'edit-input',
    testid: 'edit-input',
    attrs: { 'aria-label': 'Edit message', rows: 1, maxlength: longest },
  });
  input.value = message.content;
  const grow = (): void => {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight + 2, innerHeight / 2)}px`;
  };
  const leave = (): void => {
    context.edit(null);
    context.focusComposer();
  };
  const save = (): void => {
    const content = input.value.trim();
    const { id: messageId, channel_id: channelId } = message;
    if (content === '' && message.attachments.length === 0) {
      context.askToDelete(message);
      return;
    }
    if (content !== message.content && !context.send({ type: 'edit', channelId, messageId, content })) return;
    leave();
  };
  input.addEventListener('input', grow);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Escape' || (event.key === 'Enter' && !event.shiftKey)) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Escape') leave();
      else save();
    }
  });
  const cancel = el('button', { class: 'link', attrs: { type: 'button' }, on: { click: leave } }, 'cancel');
  const done = el('button', { class: 'link', attrs: { type: 'button' }, on: { click: save } }, 'save');
  // It is in the document only after the message was drawn.
  requestAnimationFrame(() => {
    if (!input.isConnected) return;
    grow();
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
    input.scrollIntoView({ block: 'nearest' });
  });
  return el('div', { class: 'edit-form' }, input, el('div', { class: 'edit-hint' }, 'escape to ', cancel, ' • enter to ', done));
}
