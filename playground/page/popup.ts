/** A list to choose from above or below an input. The input keeps the focus; the active item is told through ARIA. */
import { add, el, fill } from './dom.js';

export interface PopupItem<T> {
  value: T;
  label: string;
  /** Second line, or text at the right. */
  detail?: string;
  side?: string;
  lead?: Node;
  selected?: boolean;
  disabled?: boolean;
}

interface PopupOptions<T> {
  /** Where the list is put. */
  parent: HTMLElement;
  /** The element that has the focus and gets `aria-activedescendant`. */
  input: HTMLElement;
  id: string;
  testid?: string;
  itemTestid?: string;
  label: string;
  multiple?: boolean;
  onChoose(value: T): void;
  onClose?(): void;
}

export class Popup<T> {
  readonly #options: PopupOptions<T>;
  readonly #shell: HTMLElement;
  #items: PopupItem<T>[] = [];
  #active = -1;

  constructor(options: PopupOptions<T>) {
    this.#options = options;
    const attrs = {
      id: options.id,
      role: 'listbox',
      'aria-label': options.label,
      'aria-multiselectable': options.multiple ? 'true' : null,
    };
    this.#shell = el('div', { class: 'popup', testid: options.testid, attrs });
    // A press in the list must not take the focus from the input.
    this.#shell.addEventListener('mousedown', (event) => event.preventDefault());
  }

  get isOpen(): boolean {
    return this.#shell.isConnected;
  }

  get active(): T | null {
    return this.#items[this.#active]?.value ?? null;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Shows items (or, without any, the `note` alone). `active` is the index marked first; -1 marks none. */
  show(
    items: PopupItem<T>[],
    { header, note, active = 0 }: { header?: string; note?: Node | string; active?: number } = {},
  ): void {
    this.#items = items;
    fill(this.#shell, header ? el('div', { class: 'popup-header', attrs: { role: 'presentation' } }, header) : null);
    items.forEach((item, at) => {
      this.#shell.append(this.#row(item, at));
    });
    if (note) add(this.#shell, el('div', { class: 'popup-note', attrs: { role: 'presentation' } }, note));
    if (!this.isOpen) this.#options.parent.append(this.#shell);
    this.#options.input.setAttribute('aria-expanded', 'true');
    this.#options.input.setAttribute('aria-controls', this.#options.id);
    this.setActive(items.length === 0 ? -1 : Math.min(active, items.length - 1));
  }

  #row(item: PopupItem<T>, at: number): HTMLElement {
    const attrs = {
      id: `${this.#options.id}-${at}`,
      role: 'option',
      'aria-selected': 'false',
      'aria-disabled': item.disabled ? 'true' : null,
    };
    const row = el(
      'div',
      { class: item.selected ? 'popup-item chosen' : 'popup-item', testid: this.#options.itemTestid, attrs },
      item.lead ? el('span', { class: 'popup-lead' }, item.lead) : null,
      el(
        'span',
        { class: 'popup-text' },
        el('span', { class: 'popup-label' }, item.label),
        item.detail ? el('span', { class: 'popup-detail' }, item.detail) : null,
      ),
      item.side ? el('span', { class: 'popup-side' }, item.side) : null,
    );
    row.addEventListener('mousemove', () => this.setActive(at, false));
    row.addEventListener('click', () => {
      if (!item.disabled) this.#options.onChoose(item.value);
    });
    return row;
  }

  setActive(at: number, scroll = true): void {
    const rows = this.#shell.querySelectorAll<HTMLElement>('.popup-item');
    this.#active = at;
    rows.forEach((row, index) => {
      const active = index === at;
      row.classList.toggle('active', active);
      row.setAttribute('aria-selected', String(this.#options.multiple ? this.#items[index]?.selected === true : active));
      if (active && scroll) row.scrollIntoView({ block: 'nearest' });
    });
    if (at >= 0) this.#options.input.setAttribute('aria-activedescendant', `${this.#options.id}-${at}`);
    else this.#options.input.removeAttribute('aria-activedescendant');
  }

  /** Arrows, Home, End, PageUp and PageDown move; true when the key was used. Choosing is up to the caller. */
  handleMove(event: KeyboardEvent): boolean {
    const count = this.#items.length;
    if (!this.isOpen || count === 0 || event.altKey || event.ctrlKey || event.metaKey) return false;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step === undefined) return false;
    event.preventDefault();
    const to = this.#active + step;
    if (Math.abs(step) === 1) this.setActive((to + count) % count);
    else this.setActive(Math.max(0, Math.min(count - 1, to)));
    return true;
  }

  close(): void {
    if (!this.isOpen) return;
    this.#shell.remove();
    this.#active = -1;
    this.#options.input.setAttribute('aria-expanded', 'false');
    this.#options.input.removeAttribute('aria-activedescendant');
    this.#options.onClose?.();
  }
}
