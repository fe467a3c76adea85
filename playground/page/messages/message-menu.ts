/** The "⋯" menu of a message and the apps' commands that act on a message or a person. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { isLocalNote } from '../interactions.js';
import type { MenuItem } from '../menu.js';
import { dismissMessage } from './message.js';

/** Discord's command types for context menus. */
export const userCommand = 2;
export const messageCommand = 3;

/** Items for one message. Ephemeral ones can be copied and dismissed only. */
export function messageMenu(message: PageMessage, context: PageContext): MenuItem[] {
  const ephemeral = ((message.flags ?? 0) & 64) !== 0;
  const items: MenuItem[] = [];
  if (!ephemeral && context.store.current?.canSend)
    items.push({ kind: 'action', label: 'Reply', run: () => context.replyTo(message) });
  if (message.content) items.push({ kind: 'action', label: 'Copy text', run: () => context.copy(message.content, 'Text') });
  if (ephemeral) items.push({ kind: 'action', label: 'Dismiss message', run: () => dismissMessage(message, context) });
  else {
    const guildId = context.store.current?.guildId ?? '@me';
    const link = `https://discord.com/channels/${guildId}/${message.channel_id}/${message.id}`;
    items.push({ kind: 'action', label: 'Copy message link', run: () => context.copy(link, 'Link') });
  }
  if (!isLocalNote(message)) items.push({ kind: 'action', label: 'Copy message ID', run: () => context.copy(message.id, 'ID') });
  if (!ephemeral) items.push(...appItems(messageCommand, message.id, context));
  return items;
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
