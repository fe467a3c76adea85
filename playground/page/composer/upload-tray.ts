/** The files that will go with the next message, above the message box. */
import { dots, el, fill, icon } from '../dom.js';
import { fileSize } from '../messages/links.js';
import { type Upload, upload } from './upload.js';

/** Discord's limit for one message. */
export const mostFiles = 10;

export class UploadTray {
  readonly node = el('ul', { class: 'upload-tray', attrs: { 'aria-label': 'Files to send' } });
  readonly #onRemove: () => void;
  #uploads: Upload[] = [];

  constructor(onRemove: () => void) {
    this.#onRemove = onRemove;
    this.#draw();
  }

  get isEmpty(): boolean {
    return this.#uploads.length === 0;
  }

  /** Takes as many as there is room for; false when some were left out. */
  add(files: readonly File[]): boolean {
    const room = mostFiles - this.#uploads.length;
    for (const file of files.slice(0, room)) this.#uploads.push(upload(file, () => this.#draw()));
    this.#draw();
    return files.length <= room;
  }

  clear(): void {
    this.#uploads = [];
    this.#draw();
  }

  /** The ids once all are through; null when one failed (it stays, with its reason). */
  async ids(): Promise<string[] | null> {
    await Promise.all(this.#uploads.map((one) => one.done));
    const ids = this.#uploads.flatMap((one) => (one.id ? [one.id] : []));
    return ids.length === this.#uploads.length ? ids : null;
  }

  #draw(): void {
    this.node.hidden = this.isEmpty;
    fill(this.node, ...this.#uploads.map((one) => this.#card(one)));
  }

  #card(one: Upload): HTMLElement {
    const attrs = { type: 'button', 'aria-label': `Remove ${one.file.name}` };
    const remove = el('button', { class: 'icon-button', attrs }, icon('close', 16));
    remove.addEventListener('click', () => {
      this.#uploads = this.#uploads.filter((other) => other !== one);
      this.#draw();
      this.#onRemove();
    });
    const failed = el('span', { class: 'hint-error' }, one.reason ?? 'Failed');
    return el(
      'li',
      { class: 'upload-card' },
      icon('file', 18),
      el('span', { class: 'upload-name' }, one.file.name),
      el('small', {}, fileSize(one.file.size)),
      { sending: dots(), failed, ready: null }[one.state],
      remove,
    );
  }
}

/** Files that are pasted into the node or dropped anywhere on the page. */
export function takeFiles(node: HTMLElement, take: (files: File[]) => void): void {
  node.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    node.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) node.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    node.classList.remove('dropping');
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    // A modal has its own inputs; what is dropped beside it is not for the message box.
    if (!document.querySelector('dialog[open]')) take(files);
  });
}
