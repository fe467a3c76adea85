/** Buttons of messages. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { dots, el, icon } from '../dom.js';
import { safeUrl } from '../markdown-inline.js';
import type { AnyComponent } from './component-data.js';
import { discordLink } from './links.js';

const styleNames: Record<number, string> = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger', 5: 'link' };

export function button(data: AnyComponent, message: PageMessage, context: PageContext): HTMLElement {
  const style = styleNames[data.style ?? 2] ?? 'secondary';
  const emoji = data.emoji?.name ? (data.emoji.id ? `:${data.emoji.name}:` : data.emoji.name) : null;
  const content = [
    emoji ? el('span', { class: 'button-emoji', attrs: { 'aria-hidden': data.label ? 'true' : null } }, emoji) : null,
    data.label ? el('span', { class: 'button-label' }, data.label) : null,
  ];
  if (data.style === 5) return linkButton(data, content, context);
  const customId = data.custom_id ?? '';
  const waiting = context.interactions.isWaiting(message.id, customId);
  const node = el(
    'button',
    {
      class: `button ${style}`,
      attrs: { type: 'button', disabled: data.disabled, 'aria-busy': waiting ? 'true' : null, 'data-custom-id': customId },
    },
    ...content,
    waiting ? dots() : null,
  );
  node.addEventListener('click', () => context.interactions.component(message, customId));
  return node;
}

function linkButton(data: AnyComponent, content: (Node | null)[], context: PageContext): HTMLElement | HTMLButtonElement {
  const inside = data.url ? discordLink(data.url) : null;
  if (inside) {
    const go = (): void => context.goTo(inside.channelId, inside.messageId);
    return el(
      'button',
      { class: 'button link-button', attrs: { type: 'button', disabled: data.disabled }, on: { click: go } },
      ...content,
    );
  }
  const url = data.url ? safeUrl(data.url) : null;
  if (!url || data.disabled)
    return el(
      'button',
      { class: 'button link-button', attrs: { type: 'button', disabled: true } },
      ...content,
      icon('external', 16),
    );
  return el(
    'a',
    { class: 'button link-button', attrs: { href: url, target: '_blank', rel: 'noopener noreferrer', title: url } },
    ...content,
    icon('external', 16),
  );
}
