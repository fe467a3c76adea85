/** The buttons at the upper right of a message: react, reply or edit, and the menu with everything. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el, type IconName, icon } from '../dom.js';
import { ephemeralFlag } from './body.js';
import { messageMenu } from './message-menu.js';
import { addButton } from './reactions.js';
import { isSystem } from './system.js';

/** `current` gives the message as it is when a button is pressed. */
export function toolbar(current: () => PageMessage, context: PageContext): HTMLElement {
  const message = current();
  const ephemeral = ((message.flags ?? 0) & ephemeralFlag) !== 0;
  const own = message.author.id === context.store.me?.id && !isSystem(message);
  const canSend = context.store.current?.canSend ?? false;
  const more = button('more', 'More actions', 'icon-button more');
  more.setAttribute('aria-haspopup', 'menu');
  more.setAttribute('aria-expanded', 'false');
  more.addEventListener('click', () => context.openMenu(more, 'Message actions', messageMenu(current(), context)));
  const second = own ? button('edit', 'Edit') : button('reply', 'Reply');
  second.addEventListener('click', () => (own ? context.edit(current()) : context.replyTo(current())));
  return el(
    'div',
    { class: 'toolbar', attrs: { role: 'group', 'aria-label': 'Message actions' } },
    ephemeral ? null : addButton(message, context, 'icon-button'),
    ephemeral || !(own || canSend) ? null : second,
    more,
  );
}

function button(name: IconName, label: string, style = 'icon-button'): HTMLButtonElement {
  return el(
    'button',
    { class: style, attrs: { type: 'button', 'aria-label': label, title: label, tabindex: -1 } },
    icon(name, 18),
  );
}
