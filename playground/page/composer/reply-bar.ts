/** The line above the message box that says which message is being answered. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el, fill, icon } from '../dom.js';
import { authorOf } from '../messages/authors.js';

export class ReplyBar {
  readonly node = el('div', { class: 'reply-bar' });
  readonly #context: PageContext;
  readonly #onCancel: () => void;
  #message: PageMessage | null = null;

  constructor(context: PageContext, onCancel: () => void) {
    this.#context = context;
    this.#onCancel = onCancel;
    this.set(null);
  }

  get message(): PageMessage | null {
    return this.#message;
  }

  set(message: PageMessage | null): void {
    this.#message = message;
    this.node.hidden = message === null;
    if (!message) {
      fill(this.node);
      return;
    }
    const cancel = el(
      'button',
      { class: 'icon-button', attrs: { type: 'button', 'aria-label': 'Cancel the reply' } },
      icon('close', 16),
    );
    cancel.addEventListener('click', () => {
      this.set(null);
      this.#onCancel();
    });
    fill(this.node, el('span', {}, 'Replying to ', el('b', {}, authorOf(message, this.#context).displayName)), cancel);
  }
}
