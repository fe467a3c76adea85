/** The box below a message that a thread began with. */
import type { PageChannel, PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el, icon } from '../dom.js';

interface ThreadInfo {
  id: string;
  name: string;
  count: number;
  archived: boolean;
}

/** A thread that began with a message has the message's id. */
function threadOf(message: PageMessage, context: PageContext): ThreadInfo | null {
  const known: PageChannel | undefined = context.store.channels.get(message.thread?.id ?? message.id);
  if (known && known.id !== message.channel_id)
    return { id: known.id, name: known.name, count: known.messageCount ?? 0, archived: known.archived ?? false };
  const { thread } = message;
  if (!thread) return null;
  const { name, message_count: count } = thread as { name?: string | null; message_count?: number };
  return { id: thread.id, name: name ?? 'Thread', count: count ?? 0, archived: false };
}

export function threadKey(message: PageMessage, context: PageContext): string {
  return JSON.stringify(threadOf(message, context));
}

/** The way into the thread; null when the message has none. */
export function threadBox(message: PageMessage, context: PageContext): HTMLElement | null {
  const thread = threadOf(message, context);
  if (!thread) return null;
  const count = thread.archived ? 'Archived' : thread.count === 1 ? '1 message ›' : `${thread.count} messages ›`;
  const open = el(
    'button',
    { class: 'thread-link', testid: 'thread-link', attrs: { type: 'button' } },
    icon('thread', 16),
    el('b', {}, thread.name),
    el('span', { class: 'thread-count' }, count),
  );
  open.addEventListener('click', () => context.goTo(thread.id));
  return open;
}
