/** The threads of a channel, those in the archive too, opened from its head. */
import type { PageChannel } from '../../protocol.js';
import { isThread } from '../channels.js';
import type { PageContext } from '../context.js';
import { el, icon } from '../dom.js';
import { openFloat } from '../float.js';

/** Opens the list at the button. */
export function openThreads(anchor: HTMLElement, context: PageContext): void {
  const { store } = context;
  const channel = store.current;
  if (!channel) return;
  const parentId = isThread(channel) ? channel.parentId : channel.id;
  const threads = (store.guildOf(channel)?.channels ?? []).filter((one) => isThread(one) && one.parentId === parentId);
  let close = (): void => {};
  const rows = (list: PageChannel[]): HTMLElement[] => list.map((thread) => row(thread, context, () => close()));
  const active = rows(threads.filter((one) => !one.archived));
  const archived = rows(threads.filter((one) => one.archived));
  const create = el('button', { class: 'button primary', attrs: { type: 'button' } }, 'New thread');
  create.addEventListener('click', () => {
    close();
    context.askForThread(null);
  });
  const content = el(
    'div',
    { testid: 'threads' },
    el('div', { class: 'float-head' }, el('h2', { class: 'float-title' }, 'Threads'), channel.may.startThread ? create : null),
    el(
      'div',
      { class: 'float-list' },
      threads.length === 0 ? el('p', { class: 'float-empty' }, 'There are no threads here yet.') : null,
      active.length > 0 ? el('h3', { class: 'category' }, `Active — ${active.length}`) : null,
      ...active,
      archived.length > 0 ? el('h3', { class: 'category' }, `Archived — ${archived.length}`) : null,
      ...archived,
    ),
  );
  close = openFloat(anchor, 'Threads', content, 'wide');
}

function row(thread: PageChannel, context: PageContext, close: () => void): HTMLElement {
  const count = thread.messageCount ?? 0;
  const open = el(
    'button',
    { class: 'thread-row', attrs: { type: 'button' } },
    icon(thread.archived ? 'archive' : 'thread', 18),
    el('span', { class: 'thread-name' }, thread.name),
    el('span', { class: 'thread-count' }, count === 1 ? '1 message' : `${count} messages`),
  );
  open.addEventListener('click', () => {
    close();
    context.goTo(thread.id);
  });
  return open;
}
