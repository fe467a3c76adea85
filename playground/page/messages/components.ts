/** Components of messages: rows of buttons and selects, and the layout components of Components V2. */
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el } from '../dom.js';
import { galleryColumns } from './attachments.js';
import { button } from './buttons.js';
import type { AnyComponent } from './component-data.js';
import { localFile } from './links.js';
import { markdown } from './markdown-view.js';
import { attachmentOf, fileCard, veiled, visual } from './media.js';
import { select } from './selects.js';

/** Draws all components of a message, or null when it has none. */
export function components(message: PageMessage, context: PageContext): HTMLElement | null {
  const list = (message.components ?? []) as unknown as AnyComponent[];
  if (list.length === 0) return null;
  return el('div', { class: 'components' }, ...list.map((one) => draw(one, message, context)));
}

function draw(data: AnyComponent, message: PageMessage, context: PageContext): Node | null {
  switch (data.type) {
    case 1:
      return el(
        'div',
        { class: 'component-row', attrs: { role: 'group', 'aria-label': 'Actions' } },
        ...children(data, message, context),
      );
    case 2:
      return button(data, message, context);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return select(data, message, context);
    case 9:
      return section(data, message, context);
    case 10:
      return el('div', { class: 'text-display' }, markdown(data.content ?? '', context));
    case 11:
      return media(data.media?.url, data.description, 'embed-thumbnail', data.spoiler, message);
    case 12:
      return gallery(data, message);
    case 13:
      return file(data, message);
    case 14:
      return separator(data);
    case 17:
      return container(data, message, context);
    default:
      return null;
  }
}

function children(data: AnyComponent, message: PageMessage, context: PageContext): (Node | null)[] {
  return (data.components ?? []).map((child) => draw(child, message, context));
}

function section(data: AnyComponent, message: PageMessage, context: PageContext): HTMLElement {
  const text = el('div', { class: 'section-text' }, ...children(data, message, context));
  return el('div', { class: 'section' }, text, data.accessory ? draw(data.accessory, message, context) : null);
}

function gallery(data: AnyComponent, message: PageMessage): HTMLElement {
  const items = data.items ?? [];
  const style = items.length === 1 ? 'attachment-image' : 'gallery-image';
  const shown = items.map((item) => media(item.media.url, item.description, style, item.spoiler, message));
  return el('div', { class: items.length === 1 ? 'gallery one' : `gallery of-${galleryColumns(items.length)}` }, ...shown);
}

function media(
  url: string | undefined,
  description: string | null | undefined,
  style: string,
  spoiler: boolean | undefined,
  message: PageMessage,
): HTMLElement | null {
  const attachment = attachmentOf(url, message);
  const node = visual(localFile(attachment?.url ?? url), { style, description, file: attachment, spoiler });
  return node ?? el('div', { class: 'embed-elsewhere' }, 'A picture on another site');
}

function file(data: AnyComponent, message: PageMessage): HTMLElement {
  const attachment = attachmentOf(data.file?.url, message);
  const name = attachment?.filename ?? data.name ?? 'file';
  const described = { name, size: attachment?.size ?? data.size, type: attachment?.content_type ?? '' };
  const card = fileCard(described, localFile(attachment?.url ?? data.file?.url));
  return data.spoiler ? veiled(card, 'file') : card;
}

function separator(data: AnyComponent): HTMLElement {
  const size = data.spacing === 2 ? 'large' : 'small';
  return data.divider === false ? el('div', { class: `gap ${size}` }) : el('hr', { class: `rule ${size}` });
}

function container(data: AnyComponent, message: PageMessage, context: PageContext): HTMLElement {
  const node = el('div', { class: 'container' }, ...children(data, message, context));
  if (data.accent_color) node.style.borderInlineStartColor = `#${data.accent_color.toString(16).padStart(6, '0')}`;
  else node.classList.add('plain');
  return data.spoiler ? veiled(node, 'content') : node;
}
