/** Files of a message: pictures side by side, sound and film inline, everything else as a card with name, size and download. */
import type { APIAttachment } from 'discord-api-types/v10';
import { el } from '../dom.js';
import { localFile } from './links.js';
import { fileCard, isVisual, veiled, visual } from './media.js';

/** Draws the files that nothing else of the message shows. */
export function attachments(files: readonly APIAttachment[]): HTMLElement | null {
  if (files.length === 0) return null;
  const visuals = files.filter(isVisual);
  const others = files.filter((file) => !isVisual(file));
  const one = visuals.length === 1;
  const style = one ? 'attachment-image' : 'gallery-image';
  const pictures = visuals.map((file) =>
    visual(localFile(file.url), { style, file, description: file.description, spoiler: isSpoiler(file) }),
  );
  return el(
    'div',
    { class: 'attachments' },
    pictures.length > 0
      ? el('div', { class: one ? 'gallery one' : `gallery of-${galleryColumns(pictures.length)}` }, ...pictures)
      : null,
    ...others.map(other),
  );
}

/** Columns in which this many pictures stand: two or four in pairs, others in threes. */
export function galleryColumns(count: number): number {
  return count === 1 ? 1 : count === 2 || count === 4 ? 2 : 3;
}

/** Discord marks spoilers by the beginning of the name. */
function isSpoiler(file: APIAttachment): boolean {
  return file.filename.startsWith('SPOILER_');
}

function other(file: APIAttachment): HTMLElement {
  const source = localFile(file.url);
  const type = file.content_type ?? '';
  const attrs = { src: source, controls: true, preload: 'metadata', 'aria-label': file.filename };
  const node =
    source && /^audio\//.test(type) ? el('audio', { attrs }) : fileCard({ name: file.filename, size: file.size, type }, source);
  return isSpoiler(file) ? veiled(node, 'file') : node;
}
