/** The reactions below a message: a press adds one's own or takes it away. */
import type { PageMessage, PageReaction } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el, icon } from '../dom.js';
import { pickEmoji } from './emoji-picker.js';

/** Null when nobody has reacted. */
export function reactions(message: PageMessage, context: PageContext): HTMLElement | null {
  const list = message.reactions ?? [];
  if (list.length === 0) return null;
  const chips = list.map((one) => chip(one, message, context));
  const add = addButton(message, context, 'reaction reaction-add');
  return el(
    'div',
    { class: 'reactions', testid: 'reactions', attrs: { role: 'group', 'aria-label': 'Reactions' } },
    ...chips,
    add,
  );
}

function chip(reaction: PageReaction, message: PageMessage, context: PageContext): HTMLElement {
  const { emoji, count, me, userIds } = reaction;
  const shown = emoji.id ? `:${emoji.name}:` : (emoji.name ?? '');
  const names = userIds.map((id) => context.store.users.get(id)?.displayName ?? 'Someone');
  const rest = count - names.length;
  const who = [...names, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  const button = el(
    'button',
    {
      class: me ? 'reaction mine' : 'reaction',
      attrs: {
        type: 'button',
        'aria-pressed': String(me),
        'aria-label': `${shown}, ${count}: ${who}`,
        title: who,
        'data-custom-id': `react ${shown}`,
      },
    },
    el('span', { class: 'reaction-emoji', attrs: { 'aria-hidden': 'true' } }, shown),
    el('span', { class: 'reaction-count', attrs: { 'aria-hidden': 'true' } }, String(count)),
  );
  const wire = emoji.id ? `${emoji.name}:${emoji.id}` : (emoji.name ?? '');
  button.addEventListener('click', () => react(message, wire, !me, context));
  return button;
}

function react(message: PageMessage, emoji: string, on: boolean, context: PageContext): void {
  context.send({ type: 'react', channelId: message.channel_id, messageId: message.id, emoji, on });
}

/** The button that opens the picker; null when this person may not react here. */
export function addButton(message: PageMessage, context: PageContext, style: string): HTMLElement | null {
  if (!context.store.current?.may.react) return null;
  const attrs = {
    type: 'button',
    'aria-label': 'Add a reaction',
    'aria-haspopup': 'dialog',
    'aria-expanded': 'false',
    tabindex: -1,
  };
  const button = el('button', { class: style, attrs }, icon('smile', 18));
  button.addEventListener('click', () => pickEmoji(button, (emoji) => react(message, emoji, true, context)));
  return button;
}
