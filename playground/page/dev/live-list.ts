/** A bounded list of lines that come in live, newest first: filter, pause, and a line's bodies on demand. */
import { el, fill } from '../dom.js';

/** Lines kept in the page. */
const linesKept = 500;

export interface LiveListOptions<Line> {
  /** What the list holds, for screen readers: `REST calls`. */
  label: string;
  /** Shown while there is nothing. */
  empty: string;
  testid: string;
  /** The visible parts of a line. */
  row(line: Line): Node[];
  /** What the filter looks at. */
  text(line: Line): string;
  /** Asks for the bodies of a line; they come through `show`. */
  ask(n: number): void;
}

/** One part of a line's details. */
export interface DetailPart {
  title: string;
  text: string;
}

export class LiveList<Line extends { n: number }> {
  readonly node: HTMLElement;
  readonly #options: LiveListOptions<Line>;
  readonly #list: HTMLOListElement;
  readonly #filter: HTMLInputElement;
  readonly #pause: HTMLButtonElement;
  readonly #count = el('span', { class: 'dev-count', attrs: { role: 'status' } });
  #lines: Line[] = [];
  /** What came while the list was paused. */
  #held: Line[] = [];
  #paused = false;
  #dropped = 0;

  constructor(options: LiveListOptions<Line>) {
    this.#options = options;
    this.#list = el('ol', {
      class: 'dev-list',
      testid: options.testid,
      attrs: { 'aria-label': options.label, tabindex: -1 },
      on: { keydown: (event) => this.#key(event) },
    });
    this.#filter = el('input', {
      class: 'dev-input',
      attrs: { type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${options.label}` },
      on: { input: () => this.#draw() },
    });
    this.#pause = el(
      'button',
      {
        class: 'dev-button',
        attrs: { type: 'button', 'aria-pressed': 'false' },
        on: { click: () => this.#setPaused(!this.#paused) },
      },
      'Pause',
    );
    const clear = el('button', { class: 'dev-button', attrs: { type: 'button' }, on: { click: () => this.clear() } }, 'Clear');
    this.node = el(
      'div',
      { class: 'dev-live' },
      el('div', { class: 'dev-tools' }, this.#filter, this.#pause, clear),
      this.#count,
      this.#list,
    );
    this.#draw();
  }

  /** Adds lines, oldest first; `dropped` of them came too fast to be told. */
  add(lines: Line[], dropped: number): void {
    this.#dropped += dropped;
    if (this.#paused) {
      this.#held = [...this.#held, ...lines].slice(-linesKept);
      this.#drawCount();
      return;
    }
    this.#lines = [...this.#lines, ...lines].slice(-linesKept);
    const shown = lines.filter((line) => this.#matches(line)).slice(-linesKept);
    if (shown.length > 0 && this.#list.querySelector('.dev-empty')) fill(this.#list);
    this.#list.prepend(...shown.toReversed().map((line) => this.#row(line)));
    while (this.#list.childElementCount > linesKept) this.#list.lastElementChild?.remove();
    this.#drawCount();
  }

  /** Shows the bodies of a line that is open. */
  show(n: number, parts: DetailPart[]): void {
    const detail = this.#list.querySelector(`[data-n="${n}"] .dev-detail`);
    if (!(detail instanceof HTMLElement)) return;
    fill(
      detail,
      ...parts.flatMap(({ title, text }) => [
        el('h4', {}, title),
        el('pre', { attrs: { tabindex: 0, role: 'region', 'aria-label': title } }, text),
      ]),
    );
  }

  clear(): void {
    this.#lines = [];
    this.#held = [];
    this.#dropped = 0;
    this.#draw();
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#pause.textContent = paused ? 'Resume' : 'Pause';
    this.#pause.setAttribute('aria-pressed', String(paused));
    const held = this.#held;
    this.#held = [];
    if (!paused) this.add(held, 0);
  }

  #matches(line: Line): boolean {
    const text = this.#options.text(line).toLowerCase();
    return this.#filter.value
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word));
  }

  #draw(): void {
    const shown = this.#lines.filter((line) => this.#matches(line));
    fill(this.#list, ...shown.toReversed().map((line) => this.#row(line)));
    if (shown.length === 0) this.#list.append(el('li', { class: 'dev-empty' }, this.#emptyText()));
    this.#drawCount();
  }

  #emptyText(): string {
    return this.#lines.length > 0 ? 'Nothing fits the filter.' : this.#options.empty;
  }

  #drawCount(): void {
    const shown = this.#list.querySelectorAll('[data-n]').length;
    const parts = [
      shown === this.#lines.length ? `${shown} shown` : `${shown} of ${this.#lines.length} shown`,
      this.#held.length > 0 && `${this.#held.length} waiting`,
      this.#dropped > 0 && `${this.#dropped} came too fast to show`,
    ];
    const text = parts.filter(Boolean).join(' · ');
    if (this.#count.textContent !== text) this.#count.textContent = text;
  }

  #row(line: Line): HTMLElement {
    const button = el(
      'button',
      { class: 'dev-line', attrs: { type: 'button', 'aria-expanded': 'false' } },
      ...this.#options.row(line),
    );
    const row = el('li', { class: 'dev-row', attrs: { 'data-n': line.n } }, button);
    button.addEventListener('click', () => this.#toggle(row, button, line.n));
    return row;
  }

  #toggle(row: HTMLElement, button: HTMLElement, n: number): void {
    const open = row.querySelector('.dev-detail');
    button.setAttribute('aria-expanded', String(!open));
    if (open) {
      open.remove();
      return;
    }
    row.append(el('div', { class: 'dev-detail' }, 'Loading …'));
    this.#options.ask(n);
  }

  /** Arrows go from line to line. */
  #key(event: KeyboardEvent): void {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const buttons = [...this.#list.querySelectorAll<HTMLElement>('.dev-line')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    buttons[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  }
}
