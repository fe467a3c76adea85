/** An embed as Discord lays it out: colour bar, author, title, description, fields in up to three columns, picture, footer. */
import type { APIEmbed, APIEmbedField } from 'discord-api-types/v10';
import type { PageMessage } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el } from '../dom.js';
import { safeUrl } from '../markdown-inline.js';
import { formatMessageTime } from '../timestamps.js';
import { localFile } from './links.js';
import { inlineMarkdown, link, markdown } from './markdown-view.js';
import { attachmentOf } from './media.js';

/** Draws one embed of a message; `attachment://name` pictures come from that message's files. */
export function embed(data: APIEmbed, message: PageMessage, context: PageContext): HTMLElement {
  const picture = (url: string | undefined): string | null => localFile(attachmentOf(url, message)?.url ?? url);
  const thumbnail = picture(data.thumbnail?.proxy_url ?? data.thumbnail?.url) ?? picture(data.thumbnail?.url);
  const card = el(
    'article',
    {
      class: thumbnail ? 'embed with-thumbnail' : 'embed',
      testid: 'embed',
      attrs: { 'aria-label': data.title ?? data.author?.name ?? 'Embed' },
    },
    el(
      'div',
      { class: 'embed-body' },
      author(data, context, picture),
      title(data, context),
      data.description ? el('div', { class: 'embed-description' }, markdown(data.description, context)) : null,
      data.fields?.length ? fields(data.fields, context) : null,
      image(data, picture, context),
      footer(data, picture, context),
    ),
    thumbnail ? el('img', { class: 'embed-thumbnail', attrs: { src: thumbnail, alt: '', loading: 'lazy' } }) : null,
  );
  if (data.color) card.style.borderInlineStartColor = `#${data.color.toString(16).padStart(6, '0')}`;
  return card;
}

type Picture = (url: string | undefined) => string | null;

function author(data: APIEmbed, context: PageContext, picture: Picture): HTMLElement | null {
  if (!data.author?.name) return null;
  const source = picture(data.author.icon_url);
  const url = data.author.url ? safeUrl(data.author.url) : null;
  const name = document.createTextNode(data.author.name);
  return el(
    'div',
    { class: 'embed-author' },
    source ? el('img', { attrs: { src: source, alt: '' } }) : null,
    url ? link(url, name, context) : el('span', {}, name),
  );
}

function title(data: APIEmbed, context: PageContext): HTMLElement | null {
  if (!data.title) return null;
  const url = data.url ? safeUrl(data.url) : null;
  const text = inlineMarkdown(data.title, context);
  return el('div', { class: 'embed-title' }, url ? link(url, text, context) : text);
}

/** Columns out of twelve for each field: a run of inline fields is cut into rows of three. */
export function fieldSpans(list: readonly Pick<APIEmbedField, 'inline'>[]): number[] {
  const spans: number[] = [];
  for (let at = 0; at < list.length; ) {
    let run = 0;
    while (run < 3 && list[at + run]?.inline) run += 1;
    if (run === 0) {
      spans.push(12);
      at += 1;
    } else {
      for (let one = 0; one < run; one += 1) spans.push(12 / run);
      at += run;
    }
  }
  return spans;
}

function fields(list: APIEmbedField[], context: PageContext): HTMLElement {
  const spans = fieldSpans(list);
  const cells = list.map((field, at) =>
    el(
      'div',
      { class: `embed-field span-${spans[at]}` },
      el('div', { class: 'embed-field-name' }, inlineMarkdown(field.name, context)),
      el('div', { class: 'embed-field-value' }, markdown(field.value, context)),
    ),
  );
  return el('div', { class: 'embed-fields' }, ...cells);
}

function image(data: APIEmbed, picture: Picture, context: PageContext): HTMLElement | null {
  if (!data.image?.url) return null;
  const source = picture(data.image.url) ?? picture(data.image.proxy_url);
  if (!source) {
    const url = safeUrl(data.image.url);
    return url ? el('div', { class: 'embed-elsewhere' }, 'Picture on another site: ', link(url, null, context)) : null;
  }
  const size = { width: data.image.width, height: data.image.height };
  const shown = el('img', {
    class: 'embed-image',
    attrs: { src: source, alt: data.image.description ?? `Picture of ${data.title ?? 'this embed'}`, ...size },
  });
  return el('a', { class: 'embed-image-link', attrs: { href: source, target: '_blank', rel: 'noopener' } }, shown);
}

function footer(data: APIEmbed, picture: Picture, context: PageContext): HTMLElement | null {
  const at = data.timestamp ? Date.parse(data.timestamp) : Number.NaN;
  const time = Number.isNaN(at) ? null : formatMessageTime(at, context.time());
  const text = data.footer?.text;
  if (!text && !time) return null;
  const attrs = time ? { datetime: new Date(at).toISOString(), 'data-said-at': at } : {};
  const source = picture(data.footer?.icon_url);
  return el(
    'div',
    { class: 'embed-footer' },
    source ? el('img', { attrs: { src: source, alt: '' } }) : null,
    el('span', {}, text, text && time ? ' • ' : null, time ? el('time', { attrs }, time) : null),
  );
}
