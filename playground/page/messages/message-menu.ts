/** The "⋯" menu of a message and the apps' commands that act on a message or a person. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { isLocalNote } from '../interactions.js';
import type { MenuItem } from '../menu.js';
import { dismissMessage, ephemeralFlag } from './body.js';
import { pickEmoji } from './emoji-picker.js';
import { isSystem } from './system.js';

/** Discord's command types for context menus. */
export const userCommand = 2;
export const messageCommand = 3;

/** Items for one message. Ephemeral ones can be copied and dismissed only. */
export function messageMenu(message: PageMessage, context: PageContext): MenuItem[] {
  const ephemeral = ((message.flags ?? 0) & ephemeralFlag) !== 0;
  const items: MenuItem[] = ephemeral ? [] : publicItems(message, context);
  if (message.content) items.push({ kind: 'action', label: 'Copy text', run: () => context.copy(message.content, 'Text') });
  if (ephemeral) items.push({ kind: 'action', label: 'Dismiss message', run: () => dismissMessage(message, context) });
  else {
    const guildId = context.store.current?.guildId ?? '@me';
    const link = `https://discord.com/channels/${guildId}/${message.channel_id}/${message.id}`;
    items.push({ kind: 'action', label: 'Copy message link', run: () => context.copy(link, 'Link') });
  }
  if (!isLocalNote(message)) items.push({ kind: 'action', label: 'Copy message ID', run: () => context.copy(message.id, 'ID') });
  const channel = context.store.current;
  const own = message.author.id === context.store.me?.id;
  if (!ephemeral && (own || channel?.may.manageMessages))
    items.push({ kind: 'action', label: 'Delete message', danger: true, run: () => context.askToDelete(message) });
  if (!ephemeral) items.push(...appItems(messageCommand, message.id, context));
  return items;
}

/** What can be done with a message that all see, as far as this person may. */
function publicItems(message: PageMessage, context: PageContext): MenuItem[] {
  const channel = context.store.current;
  const { id: messageId, channel_id: channelId } = message;
  const items: MenuItem[] = [];
  if (channel?.may.react) items.push({ kind: 'action', label: 'Add reaction', run: () => reactTo(message, context) });
  if (message.author.id === context.store.me?.id && !isSystem(message))
    items.push({ kind: 'action', label: 'Edit message', run: () => context.edit(message) });
  if (channel?.canSend) items.push({ kind: 'action', label: 'Reply', run: () => context.replyTo(message) });
  if (channel?.may.startThread && !isSystem(message) && !context.store.channels.has(messageId))
    items.push({ kind: 'action', label: 'Create thread', run: () => context.askForThread(message) });
  if (channel?.may.pin && !isSystem(message)) {
    const on = !message.pinned;
    const run = (): void => void context.send({ type: 'pin', channelId, messageId, on });
    items.push({ kind: 'action', label: on ? 'Pin message' : 'Unpin message', run });
  }
  return items;
}

function reactTo(message: PageMessage, context: PageContext): void {
  const { id: messageId, channel_id: channelId } = message;
  const anchor = document.querySelector<HTMLElement>(`[data-message-id="${CSS.escape(messageId)}"] .more`);
  if (anchor) pickEmoji(anchor, (emoji) => context.send({ type: 'react', channelId, messageId, emoji, on: true }));
}

/** The commands of this kind under the heading "Apps"; nothing when there are none. */
export function appItems(type: number, targetId: string, context: PageContext): MenuItem[] {
  const { store, interactions } = context;
  const commands = store.commands.filter((command) => command.type === type);
  const channelId = store.currentId;
  if (commands.length === 0 || !channelId) return [];
  return [
    { kind: 'separator' },
    { kind: 'heading', label: 'Apps' },
    ...commands.map(
      (command): MenuItem => ({
        kind: 'action',
        label: command.name,
        run: () =>
          interactions.command({ channelId, commandId: command.id, path: [], name: command.name, options: [], targetId }),
      }),
    ),
  ];
}
