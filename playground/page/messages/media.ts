/** Pictures, films and files, from attachments and from components; what is marked as a spoiler is shown after a press. */
import type { APIAttachment } from 'discord-api-types/v10';
import type { PageMessage } from '../../protocol.js';
import { el, icon } from '../dom.js';
import { fileSize, localFile } from './links.js';
import { textPreview } from './text-preview.js';

/** Where `attachment://name` leads; other addresses stay. */
export function attachmentOf(url: string | undefined, message: PageMessage): APIAttachment | undefined {
  const name = url?.startsWith('attachment://') ? url.slice('attachment://'.length) : null;
  return message.attachments?.find((file) => (name === null ? file.url === url : file.filename === name));
}

const pictureTypes = /^image\/(png|jpeg|gif|webp|svg\+xml|avif)/;
const filmTypes = /^video\/(mp4|webm)/;

/** Whether this file is shown as a picture or film instead of a card. */
export function isVisual(file: APIAttachment): boolean {
  const type = file.content_type ?? '';
  return localFile(file.url) !== null && (pictureTypes.test(type) || filmTypes.test(type));
}

/** One picture or film of a component or message; null when it is on another machine (nothing is asked of others). */
export function visual(
  source: string | null,
  options: { style: string; description?: string | null; file?: APIAttachment; spoiler?: boolean },
): HTMLElement | null {
  if (!source) return null;
  const { file, style, description } = options;
  const node = filmTypes.test(file?.content_type ?? '')
    ? el('video', {
        class: style,
        attrs: { src: source, controls: true, preload: 'metadata', 'aria-label': description ?? file?.filename },
      })
    : picture(source, options);
  return options.spoiler ? veiled(node, 'picture') : node;
}

function picture(
  source: string,
  { style, description, file }: { style: string; description?: string | null; file?: APIAttachment },
): HTMLElement {
  const alt = description ?? file?.description ?? file?.filename ?? '';
  const shown = el('img', { class: style, attrs: { src: source, alt, width: file?.width, height: file?.height } });
  if (style === 'embed-thumbnail') return shown;
  const attrs = {
    href: source,
    target: '_blank',
    rel: 'noopener',
    title: description ?? file?.filename,
    'aria-label': alt === '' ? 'Open picture' : null,
  };
  return el('a', { class: 'attachment-link', attrs }, shown);
}

/** Hides something behind a button that says "Spoiler" until it is pressed. */
export function veiled(node: HTMLElement, what: string): HTMLElement {
  const cover = el('button', { class: 'veil', attrs: { type: 'button', 'aria-label': `Spoiler: show the ${what}` } }, 'Spoiler');
  node.inert = true;
  const shell = el('div', { class: 'veiled' }, node, cover);
  cover.addEventListener('click', () => {
    node.inert = false;
    shell.classList.add('shown');
    cover.remove();
  });
  return shell;
}

/** A file as a card with name, size and download; texts have a preview. */
export function fileCard(file: { name: string; size: number | undefined; type: string }, source: string | null): HTMLElement {
  const download = { href: source, download: file.name };
  const card = el(
    'div',
    { class: 'file-card' },
    icon('file', 32),
    el(
      'div',
      { class: 'file-text' },
      source ? el('a', { class: 'file-name', attrs: { ...download } }, file.name) : el('span', { class: 'file-name' }, file.name),
      file.size === undefined ? null : el('div', { class: 'file-size' }, fileSize(file.size)),
    ),
    source
      ? el('a', { class: 'icon-button', attrs: { ...download, 'aria-label': `Download ${file.name}` } }, icon('download'))
      : null,
  );
  const preview = source ? textPreview({ ...file, source }) : null;
  return preview ? el('div', { class: 'file-with-preview' }, preview, card) : card;
}
