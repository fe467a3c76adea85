/** Lines that Discord itself writes: a pinned message, a newcomer, a thread that was started. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el } from '../dom.js';
import { formatMessageTime, formatTimestamp } from '../timestamps.js';
import { authorName, authorOf } from './authors.js';

/** Discord's message types that are shown as such a line. */
const types = { pinned: 6, joined: 7, threadCreated: 18 } as const;

export function isSystem(message: PageMessage): boolean {
  return (Object.values(types) as number[]).includes(message.type);
}

/** "Ada pinned a message to this channel. Today at 18:04". */
export function systemLine(message: PageMessage, context: PageContext): HTMLElement {
  const at = Date.parse(message.timestamp);
  const now = context.time();
  const attrs = { datetime: new Date(at).toISOString(), title: formatTimestamp(at / 1000, 'F', now), 'data-said-at': at };
  return el(
    'div',
    { class: 'system-line' },
    authorName(authorOf(message, context), context),
    ...words(message, context),
    el('time', { class: 'message-time', attrs }, formatMessageTime(at, now)),
  );
}

function words(message: PageMessage, context: PageContext): (Node | string)[] {
  const reference = message.message_reference;
  if (message.type === types.joined) return [' joined the server. '];
  if (message.type === types.threadCreated) {
    const go = (): void => context.goTo(reference?.channel_id ?? '');
    const name = el('button', { class: 'link', attrs: { type: 'button' }, on: { click: go } }, message.content || 'a thread');
    return [' started a thread: ', reference?.channel_id ? name : message.content, '. '];
  }
  const id = reference?.message_id;
  const go = (): void => context.goTo(message.channel_id, id);
  const jump = el('button', { class: 'link', attrs: { type: 'button' }, on: { click: go } }, 'a message');
  return [' pinned ', id ? jump : 'a message', ' to this channel. '];
}
