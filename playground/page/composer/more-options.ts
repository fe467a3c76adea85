/** The "+N optional" button of a command being written, and its list. */
import { el, fill, icon } from '../dom.js';
import { Popup } from '../popup.js';
import { type OptionSpec, typeName } from './commands.js';

interface MoreOptionsHost {
  popupSlot: HTMLElement;
  /** The options that have no chip yet. */
  hidden(): OptionSpec[];
  onFocus(): void;
  onChoose(option: OptionSpec): void;
}

export class MoreOptions {
  readonly node = el('button', {
    class: 'more-options',
    testid: 'more-options',
    attrs: { type: 'button', role: 'combobox', 'aria-haspopup': 'listbox', 'aria-expanded': 'false' },
  });
  readonly #host: MoreOptionsHost;
  readonly #popup: Popup<OptionSpec>;

  constructor(host: MoreOptionsHost) {
    this.#host = host;
    this.#popup = new Popup<OptionSpec>({
      parent: host.popupSlot,
      input: this.node,
      id: 'optional-options',
      testid: 'optional',
      itemTestid: 'optional-item',
      label: 'Optional options',
      onChoose: (option) => this.#choose(option),
    });
    this.node.addEventListener('click', () => this.#toggle());
    this.node.addEventListener('blur', () => this.#popup.close());
    this.node.addEventListener('focus', () => host.onFocus());
    this.node.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Counts anew. */
  draw(): void {
    const count = this.#host.hidden().length;
    this.node.hidden = count === 0;
    fill(this.node, icon('plus', 14), `${count} optional`);
    this.node.setAttribute('aria-label', `${count} optional options`);
    if (count === 0) this.#popup.close();
  }

  #choose(option: OptionSpec): void {
    this.#popup.close();
    this.#host.onChoose(option);
  }

  #toggle(): void {
    if (this.#popup.isOpen) {
      this.#popup.close();
      return;
    }
    const rows = this.#host.hidden().map((option) => ({
      value: option,
      label: option.name,
      detail: option.description,
      side: typeName(option),
    }));
    this.#popup.show(rows, { header: 'Options' });
  }

  #key(event: KeyboardEvent): void {
    if (this.#popup.handleMove(event)) return;
    const { isOpen, active } = this.#popup;
    if (event.key === 'ArrowDown' && !isOpen) this.#toggle();
    else if (event.key === 'Escape' && isOpen) this.#popup.close();
    else if (event.key === 'Enter' && isOpen && active) this.#choose(active);
    else return;
    event.preventDefault();
  }
}
