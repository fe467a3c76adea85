/** The list of pinned messages, opened from the channel's head. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { dots, el, fill } from '../dom.js';
import { openFloat } from '../float.js';
import { authorName, authorOf, summary } from '../messages/authors.js';
import { formatMessageTime } from '../timestamps.js';

export interface Pins {
  open(anchor: HTMLElement): void;
  /** The playground has sent the pins of a channel. */
  show(channelId: string, messages: readonly PageMessage[]): void;
}

export function pins(context: PageContext): Pins {
  let list: HTMLElement | null = null;
  let close = (): void => {};
  return {
    open(anchor) {
      const channelId = context.store.currentId;
      if (!channelId) return;
      list = el('div', { class: 'float-list', testid: 'pins' }, dots());
      close = openFloat(
        anchor,
        'Pinned messages',
        el('div', {}, el('h2', { class: 'float-title' }, 'Pinned messages'), list),
        'wide',
      );
      context.send({ type: 'pins', channelId });
    },
    show(channelId, messages) {
      if (!list?.isConnected || channelId !== context.store.currentId) return;
      const empty = el('p', { class: 'float-empty' }, 'This channel has no pinned messages yet.');
      fill(list, ...(messages.length > 0 ? messages.map((message) => row(message, context, () => close())) : [empty]));
    },
  };
}

function row(message: PageMessage, context: PageContext, close: () => void): HTMLElement {
  const author = authorOf(message, context);
  const { id: messageId, channel_id: channelId } = message;
  const jump = el('button', { class: 'button secondary', attrs: { type: 'button' } }, 'Jump');
  jump.addEventListener('click', () => {
    close();
    context.goTo(channelId, messageId);
  });
  const node = el(
    'div',
    { class: 'pin-card', testid: 'pin' },
    el('img', { class: 'small-avatar', attrs: { src: author.avatar, alt: '' } }),
    el(
      'div',
      { class: 'pin-text' },
      el(
        'div',
        {},
        authorName(author, context),
        ' ',
        el('span', { class: 'message-time' }, formatMessageTime(Date.parse(message.timestamp), context.time())),
      ),
      el('div', { class: 'pin-summary' }, summary(message, context)),
    ),
    jump,
  );
  if (!context.store.current?.may.pin) return node;
  const attrs = { type: 'button', 'aria-label': 'Unpin message' };
  const unpin = el('button', { class: 'button plain', attrs }, 'Unpin');
  unpin.addEventListener('click', () => {
    context.send({ type: 'pin', channelId, messageId, on: false });
    context.send({ type: 'pins', channelId });
  });
  node.append(unpin);
  return node;
}
