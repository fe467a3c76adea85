/** Buttons and selects below a message, and as much of the newer layout components as reads well as text. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { dots, el, icon } from '../dom.js';
import { safeUrl } from '../markdown-inline.js';
import { type SelectChoice, selectMenu } from '../select-menu.js';
import { discordLink, localFile } from './links.js';
import { markdown } from './markdown-view.js';

/**
 * A component as it arrives. Discord's own type is a union of some twenty; the page reads these fields of any of them
 * and shows nothing for kinds it does not know.
 */
export interface AnyComponent {
  type: number;
  components?: AnyComponent[];
  component?: AnyComponent;
  accessory?: AnyComponent;
  custom_id?: string;
  style?: number;
  label?: string;
  description?: string;
  emoji?: { id?: string | null; name?: string | null };
  url?: string;
  disabled?: boolean;
  placeholder?: string;
  options?: { label: string; value: string; description?: string; emoji?: { name?: string | null }; default?: boolean }[];
  min_values?: number;
  max_values?: number;
  min_length?: number;
  max_length?: number;
  required?: boolean;
  value?: string;
  default?: boolean;
  content?: string;
  accent_color?: number | null;
  divider?: boolean;
  media?: { url: string };
  items?: { media: { url: string }; description?: string | null }[];
  channel_types?: number[];
}

/** Draws all components of a message, or null when it has none. */
export function components(message: PageMessage, context: PageContext): HTMLElement | null {
  const list = (message.components ?? []) as unknown as AnyComponent[];
  if (list.length === 0) return null;
  return el('div', { class: 'components' }, ...list.map((one) => draw(one, message, context)));
}

function draw(data: AnyComponent, message: PageMessage, context: PageContext): Node | null {
  const children = (): (Node | null)[] => (data.components ?? []).map((child) => draw(child, message, context));
  switch (data.type) {
    case 1:
      return el('div', { class: 'component-row', attrs: { role: 'group' } }, ...children());
    case 2:
      return button(data, message, context);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return select(data, message, context);
    case 9:
      return el(
        'div',
        { class: 'section' },
        el('div', {}, ...children()),
        data.accessory ? draw(data.accessory, message, context) : null,
      );
    case 10:
      return el('div', {}, markdown(data.content ?? '', context));
    case 11:
      return media(data.media?.url, data.description, 'embed-thumbnail');
    case 12:
      return el(
        'div',
        { class: 'gallery' },
        ...(data.items ?? []).map((item) => media(item.media.url, item.description, 'attachment-image')),
      );
    case 14:
      return data.divider === false ? el('div', { class: 'gap' }) : el('hr', { class: 'rule' });
    case 17:
      return container(data, children());
    default:
      return null;
  }
}

function container(data: AnyComponent, children: (Node | null)[]): HTMLElement {
  const node = el('div', { class: 'container' }, ...children);
  if (data.accent_color) node.style.borderInlineStartColor = `#${data.accent_color.toString(16).padStart(6, '0')}`;
  return node;
}

function media(url: string | undefined, description: string | null | undefined, style: string): HTMLElement | null {
  const source = localFile(url);
  return source ? el('img', { class: style, attrs: { src: source, alt: description ?? '' } }) : null;
}

const styleNames: Record<number, string> = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger', 5: 'link' };

function button(data: AnyComponent, message: PageMessage, context: PageContext): HTMLElement {
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
      { class: 'button link', attrs: { type: 'button', disabled: data.disabled }, on: { click: go } },
      ...content,
    );
  }
  const url = data.url ? safeUrl(data.url) : null;
  if (!url || data.disabled)
    return el('button', { class: 'button link', attrs: { type: 'button', disabled: true } }, ...content, icon('external', 16));
  return el(
    'a',
    { class: 'button link', attrs: { href: url, target: '_blank', rel: 'noopener noreferrer', title: url } },
    ...content,
    icon('external', 16),
  );
}

function select(data: AnyComponent, message: PageMessage, context: PageContext): HTMLElement {
  const customId = data.custom_id ?? '';
  return selectMenu({
    label: data.placeholder ?? 'Choose',
    placeholder: data.placeholder ?? 'Make a selection',
    testid: `select-${customId}`,
    customId,
    choices: selectChoices(data, context),
    min: data.min_values ?? 1,
    max: data.max_values ?? 1,
    disabled: data.disabled,
    busy: context.interactions.isWaiting(message.id, customId),
    onCommit: (values) => context.interactions.component(message, customId, values),
  }).node;
}

/** What a select offers: its own options, or the people, roles and channels of this guild. */
export function selectChoices(data: AnyComponent, context: PageContext): SelectChoice[] {
  const { store } = context;
  const guild = store.guildOf(store.current);
  const people = [...store.users.values()].filter((user) => !guild || user.bot || guild.memberIds.includes(user.id));
  const users: SelectChoice[] = people.map((user) => ({ label: user.displayName, value: user.id, description: user.username }));
  const roles: SelectChoice[] = (guild?.roles ?? []).map((role) => ({ label: `@${role.name}`, value: role.id }));
  switch (data.type) {
    case 5:
      return users;
    case 6:
      return roles;
    case 7:
      return [...users, ...roles];
    case 8:
      return (guild?.channels ?? [])
        .filter((channel) => !data.channel_types?.length || data.channel_types.includes(channel.type))
        .map((channel) => ({ label: `#${channel.name}`, value: channel.id }));
    default:
      return (data.options ?? []).map((option) => ({
        label: option.label,
        value: option.value,
        description: option.description,
        emoji: option.emoji?.name ?? undefined,
        selected: option.default,
      }));
  }
}
