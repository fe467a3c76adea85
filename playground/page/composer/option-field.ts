/** One option of the command being written: a chip with its name and an input, and the list that belongs to it. */
import { dots, el, fill, icon } from '../dom.js';
import { fileSize } from '../messages/links.js';
import { Popup, type PopupItem } from '../popup.js';
import { type FieldState, type OptionSpec, optionTypes, type Reading, readOption, typeName } from './commands.js';
import { filterList, type ListItem } from './option-lists.js';
import { pickFiles, type Upload, upload } from './upload.js';

/** Typing pauses this long before the bot is asked for choices. */
const autocompleteDelayMs = 200;

export interface OptionFieldHost {
  /** Where lists open. */
  popupSlot: HTMLElement;
  list(option: OptionSpec): ListItem[];
  autocomplete(field: OptionField): Promise<ListItem[] | null>;
  onChange(field: OptionField): void;
  onFocus(field: OptionField): void;
  /** A value was chosen from the list: go on to the next option. */
  onChosen(field: OptionField): void;
  /** The Enter that waited for choices: the first of them is meant, or the text as typed. */
  onEnter(field: OptionField, first: ListItem | null): void;
  onKey(field: OptionField, event: KeyboardEvent): void;
}

export class OptionField {
  readonly option: OptionSpec;
  readonly node: HTMLElement;
  readonly input: HTMLInputElement | HTMLButtonElement;
  readonly #host: OptionFieldHost;
  readonly #popup: Popup<ListItem>;
  #chosen: FieldState['chosen'] = null;
  #upload: Upload | null = null;
  #timer = 0;
  #asked = 0;
  /** Choices for the text as it is now were asked for, or will be. */
  #loading = false;
  /** Enter was pressed while loading: it counts when the choices are there. */
  #enterWaits = false;
  #items: ListItem[] = [];

  constructor(option: OptionSpec, host: OptionFieldHost) {
    this.option = option;
    this.#host = host;
    const isFile = option.type === optionTypes.attachment;
    this.input = isFile ? this.#fileButton() : this.#textInput();
    this.node = el(
      'span',
      { class: option.required ? 'chip required' : 'chip' },
      el('span', { class: 'chip-name' }, option.name),
      this.input,
    );
    this.node.addEventListener('mousedown', (event) => {
      if (event.target === this.input || isFile) return;
      event.preventDefault();
      this.focus();
    });
    this.#popup = new Popup<ListItem>({
      parent: host.popupSlot,
      input: this.input,
      id: `choices-${option.name}`,
      testid: 'choices',
      itemTestid: 'choice',
      label: `Choices for ${option.name}`,
      onChoose: (item) => this.choose(item),
    });
    this.input.addEventListener('focus', () => this.#focused());
    this.input.addEventListener('blur', () => this.closeList());
    this.input.addEventListener('keydown', (event) => this.#key(event as KeyboardEvent));
  }

  #label(): string {
    const { name, description, required } = this.option;
    return `${name}, ${typeName(this.option)}, ${required ? 'required' : 'optional'}: ${description}`;
  }

  #textInput(): HTMLInputElement {
    const input = el('input', {
      class: 'chip-input',
      testid: `option-${this.option.name}`,
      attrs: {
        type: 'text',
        role: 'combobox',
        'aria-label': this.#label(),
        'aria-autocomplete': 'list',
        'aria-expanded': 'false',
        'aria-required': String(this.option.required),
        autocomplete: 'off',
        spellcheck: 'false',
        inputmode:
          this.option.type === optionTypes.integer ? 'numeric' : this.option.type === optionTypes.number ? 'decimal' : null,
      },
    });
    input.addEventListener('input', () => this.#typed());
    return input;
  }

  #fileButton(): HTMLButtonElement {
    const button = el(
      'button',
      { class: 'chip-file', testid: `option-${this.option.name}`, attrs: { type: 'button', 'aria-label': this.#label() } },
      'Choose a file',
    );
    // With a file chosen, Enter sends the command, as it does from every other option; a click or Space chooses another file.
    button.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing || !this.hasFile) return;
      event.preventDefault();
      this.#host.onEnter(this, null);
    });
    button.addEventListener('click', () => pickFiles(false, ([file]) => file && this.setFile(file)));
    return button;
  }

  get text(): string {
    return this.input instanceof HTMLInputElement ? this.input.value : '';
  }

  get isEmpty(): boolean {
    return this.text === '' && this.#upload === null;
  }

  get isListOpen(): boolean {
    return this.#popup.isOpen;
  }

  get uploading(): Promise<void> | null {
    return this.#upload?.state === 'sending' ? this.#upload.done : null;
  }

  get hasFile(): boolean {
    return this.#upload !== null;
  }

  read(): Reading {
    if (this.#upload?.state === 'failed') return { kind: 'invalid', reason: this.#upload.reason ?? 'The upload failed' };
    const state: FieldState = { text: this.text, chosen: this.#chosen, fileId: this.#upload?.id ?? null };
    return readOption(this.option, state, this.#host.list(this.option));
  }

  focus(): void {
    this.input.focus();
  }

  setText(text: string): void {
    if (!(this.input instanceof HTMLInputElement)) return;
    this.input.value = text;
    this.#chosen = null;
    this.#fit();
    this.#host.onChange(this);
  }

  /** What to restore when the command is taken up again. */
  get state(): { text: string; chosen: FieldState['chosen'] } {
    return { text: this.text, chosen: this.#chosen };
  }

  restore(state: { text: string; chosen: FieldState['chosen'] }): void {
    this.setText(state.text);
    this.#chosen = state.chosen;
  }

  setFile(file: File): void {
    const one = upload(file, () => {
      if (this.#upload === one) this.#drawFile();
      this.#host.onChange(this);
    });
    this.#upload = one;
    this.#drawFile();
    this.#host.onChange(this);
    this.input.focus();
  }

  #drawFile(): void {
    const one = this.#upload;
    if (!one) {
      fill(this.input, 'Choose a file');
      this.input.setAttribute('aria-label', this.#label());
      return;
    }
    const size = fileSize(one.file.size);
    fill(this.input, icon('file', 16), one.file.name, el('small', {}, ` ${size}`), one.state === 'sending' ? dots() : null);
    this.input.setAttribute('aria-label', `${this.option.name}: ${one.file.name}, ${size}. Choose another file`);
  }

  choose(item: ListItem): void {
    if (!(this.input instanceof HTMLInputElement)) return;
    this.input.value = item.label;
    this.#chosen = { label: item.label, value: item.value };
    this.#fit();
    this.closeList();
    this.#host.onChange(this);
    this.#host.onChosen(this);
  }

  /** Shows an error on the chip, or takes it away. */
  mark(reason: string | null): void {
    this.node.classList.toggle('invalid', reason !== null);
    this.input.setAttribute('aria-invalid', String(reason !== null));
  }

  closeList(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#loading = false;
    this.#enterWaits = false;
    this.#items = [];
    this.#popup.close();
  }

  /** The chip is as wide as its text. */
  #fit(): void {
    this.input.style.width = `${Math.max(4, Math.min(60, this.text.length + 1))}ch`;
  }

  #focused(): void {
    this.#host.onFocus(this);
    if (!this.#chosen) this.#openList(0);
  }

  #typed(): void {
    this.#chosen = null;
    this.#fit();
    this.#host.onChange(this);
    this.#openList(autocompleteDelayMs);
  }

  #openList(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.option.autocomplete) {
      this.#loading = true;
      this.#enterWaits = false;
      // An answer that is still on its way belongs to what was typed before.
      this.#asked += 1;
      // Until the answer comes, what is listed already is narrowed, so that Enter never takes what does not fit.
      if (this.#popup.isOpen) this.#showLoading(filterList(this.#items, this.text));
      this.#timer = window.setTimeout(() => void this.#ask(), delayMs);
      return;
    }
    const all = this.#host.list(this.option);
    if (all.length === 0) return;
    this.#show(filterList(all, this.text), 'Nothing fits');
  }

  #showLoading(items: ListItem[]): void {
    this.#popup.show(this.#rows(items), { note: el('span', { class: 'loading' }, dots(), 'Loading choices') });
  }

  /** Asks the bot; only the answer to the newest question is shown. */
  async #ask(): Promise<void> {
    this.#asked += 1;
    const question = this.#asked;
    if (!this.#popup.isOpen) this.#showLoading([]);
    const items = await this.#host.autocomplete(this);
    if (question !== this.#asked) return;
    this.#loading = false;
    this.#items = items ?? [];
    if (items === null) this.#popup.show([], { note: el('span', { class: 'failed' }, 'Loading failed') });
    else this.#show(items, this.text === '' ? 'No choices' : 'No choice fits');
    if (this.#enterWaits && items !== null) this.#host.onEnter(this, items[0] ?? null);
    this.#enterWaits = false;
  }

  #show(items: ListItem[], emptyNote: string): void {
    if (document.activeElement !== this.input) return;
    this.#popup.show(this.#rows(items), {
      header: items.length > 0 ? this.option.name : undefined,
      note: items.length === 0 ? emptyNote : undefined,
    });
  }

  #rows(items: ListItem[]): PopupItem<ListItem>[] {
    return items.map((item) => ({ value: item, label: item.label, detail: item.detail, lead: item.lead }));
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || this.#popup.handleMove(event)) return;
    const active = this.#popup.isOpen ? this.#popup.active : null;
    const chooses = (event.key === 'Enter' && !event.shiftKey) || (event.key === 'Tab' && !event.shiftKey && this.text !== '');
    if (event.key === 'Enter' && this.#loading && this.text !== '') {
      event.preventDefault();
      this.#enterWaits = true;
    } else if (chooses && active && !this.#chosen) {
      event.preventDefault();
      this.choose(active);
    } else if (event.key === 'Escape' && this.#popup.isOpen) {
      event.preventDefault();
      this.closeList();
    } else if (event.key === 'ArrowDown' && !this.#popup.isOpen && this.input instanceof HTMLInputElement) {
      event.preventDefault();
      this.#openList(0);
    } else if (event.key === 'Backspace' && this.input instanceof HTMLButtonElement && this.#upload) {
      event.preventDefault();
      this.#upload = null;
      this.#drawFile();
      this.#host.onChange(this);
    } else {
      this.#host.onKey(this, event);
    }
  }
}
