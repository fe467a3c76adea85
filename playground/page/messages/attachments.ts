/** Files of a message: pictures, sound and film inline, everything else as a card with name, size and download. */
import type { APIAttachment } from 'discord-api-types/v10';
import { el, icon } from '../dom.js';
import { fileSize, localFile } from './links.js';

/** Draws the files that no embed shows already. */
export function attachments(files: readonly APIAttachment[]): HTMLElement | null {
  return files.length === 0 ? null : el('div', { class: 'attachments' }, ...files.map(attachment));
}

function attachment(file: APIAttachment): HTMLElement {
  const source = localFile(file.url);
  const type = file.content_type ?? '';
  if (source && /^image\/(png|jpeg|gif|webp|svg\+xml|avif)/.test(type)) return picture(file, source);
  if (source && /^video\/(mp4|webm)/.test(type))
    return el('video', { class: 'attachment-image', attrs: { src: source, controls: true, preload: 'metadata' } });
  if (source && /^audio\//.test(type)) return el('audio', { attrs: { src: source, controls: true, preload: 'metadata' } });
  return fileCard(file, source);
}

function picture(file: APIAttachment, source: string): HTMLElement {
  const shown = el('img', {
    class: 'attachment-image',
    attrs: { src: source, alt: file.description ?? file.filename, width: file.width, height: file.height },
  });
  return el(
    'a',
    { class: 'attachment-link', attrs: { href: source, target: '_blank', rel: 'noopener', title: file.filename } },
    shown,
  );
}

function fileCard(file: APIAttachment, source: string | null): HTMLElement {
  const download = { href: source, download: file.filename };
  return el(
    'div',
    { class: 'file-card' },
    icon('file', 32),
    el(
      'div',
      { class: 'file-text' },
      source
        ? el('a', { class: 'file-name', attrs: { ...download } }, file.filename)
        : el('span', { class: 'file-name' }, file.filename),
      el('div', { class: 'file-size' }, fileSize(file.size)),
    ),
    source
      ? el('a', { class: 'icon-button', attrs: { ...download, 'aria-label': `Download ${file.filename}` } }, icon('download'))
      : null,
  );
}
