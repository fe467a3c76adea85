/** What the page asks before it acts: whether to delete a message, and what a thread is to be called. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { summary } from '../messages/authors.js';
import { ask } from './ask.js';

/** Discord's limit for the name of a thread. */
const longestName = 100;
const notConnected = 'Not connected. Try again in a moment.';

export function askToDelete(message: PageMessage, context: PageContext): void {
  const { id: messageId, channel_id: channelId } = message;
  ask({
    title: 'Delete message',
    text: `Delete “${summary(message, context).slice(0, 120)}”? This cannot be taken back.`,
    confirm: 'Delete',
    danger: true,
    onConfirm: () => {
      if (!context.send({ type: 'delete', channelId, messageId })) return notConnected;
      if (context.editing() === messageId) context.edit(null);
      context.focusComposer();
      return null;
    },
  });
}

export function askForThread(message: PageMessage | null, context: PageContext): void {
  const channel = context.store.current;
  if (!channel) return;
  const about = message ? summary(message, context).slice(0, 40) : '';
  ask({
    title: 'New thread',
    text: message ? 'It begins with this message.' : `It begins in #${channel.name}.`,
    field: { label: 'Thread name', value: about, maxLength: longestName },
    confirm: 'Create thread',
    onConfirm: (name) => {
      if (name === '') return 'Give the thread a name';
      const messageId = message?.id;
      const sent = context.send({ type: 'start_thread', requestId: crypto.randomUUID(), channelId: channel.id, name, messageId });
      return sent ? null : notConnected;
    },
  });
}
