/** A command being written: its name, a chip for each option, and the list of further options. */
import type { GivenOption } from '../../protocol.js';
import type { PageContext } from '../context.js';
import { el, fill } from '../dom.js';
import { type CommandEntry, type FieldState, type OptionSpec, optionTypes, range, typeName } from './commands.js';
import { MoreOptions } from './more-options.js';
import { OptionField } from './option-field.js';
import { optionList } from './option-lists.js';

/** What was typed, to take the same command up again. */
export interface CommandDraft {
  entry: CommandEntry;
  fields: Record<string, { text: string; chosen: FieldState['chosen'] }>;
}

export interface CommandFormOptions {
  entry: CommandEntry;
  texts: Record<string, string>;
  context: PageContext;
  /** Where lists open and where the hint about the option stands. */
  popupSlot: HTMLElement;
  hint: HTMLElement;
  onSent(draft: CommandDraft): void;
  /** The person gave the command up; `text` goes back into the message box. */
  onLeave(text: string): void;
}

export class CommandForm {
  readonly node: HTMLElement;
  readonly entry: CommandEntry;
  readonly #options: CommandFormOptions;
  readonly #fields: OptionField[] = [];
  readonly #chips: HTMLElement;
  readonly #more: MoreOptions;
  #focusedField: OptionField | null = null;
  #showErrors = false;
  #sending = false;

  constructor(options: CommandFormOptions) {
    this.#options = options;
    this.entry = options.entry;
    this.#chips = el('span', { class: 'chips' });
    this.#more = new MoreOptions({
      popupSlot: options.popupSlot,
      hidden: () => this.#hidden(),
      onFocus: () => {
        this.#focusedField = null;
        this.#drawHint();
      },
      onChoose: (option) => {
        const field = this.#addField(option);
        this.#more.draw();
        field.focus();
      },
    });
    const label = `Options of /${this.entry.name}`;
    this.node = el(
      'div',
      { class: 'command-form', testid: 'command-form', attrs: { role: 'group', 'aria-label': label, tabindex: -1 } },
      el('span', { class: 'command-name' }, `/${this.entry.name}`),
      this.#chips,
      this.#more.node,
    );
    this.node.addEventListener('keydown', (event) => this.#formKey(event));
    for (const option of this.entry.options)
      if (option.required || options.texts[option.name] !== undefined) this.#addField(option);
    for (const field of this.#fields) {
      const text = options.texts[field.option.name];
      if (text !== undefined) field.setText(text);
    }
    this.#more.draw();
    this.#drawHint();
  }

  /** Puts the focus where something is missing. */
  focus(): void {
    const open = this.#fields.find((field) => field.isEmpty) ?? this.#fields.at(-1);
    if (open) open.focus();
    else this.node.focus();
  }

  restore(draft: CommandDraft): void {
    for (const [name, state] of Object.entries(draft.fields)) this.#fieldFor(name)?.restore(state);
    this.#more.draw();
  }

  /** A file dropped or pasted goes to the focused file option, else to the first free one; false: this command takes none. */
  takeFile(file: File): boolean {
    const takes = (field: OptionField | null | undefined): boolean => field?.option.type === optionTypes.attachment;
    const shown = takes(this.#focusedField) ? this.#focusedField : this.#fields.find((field) => takes(field) && !field.hasFile);
    const option = this.entry.options.find(
      (one) => one.type === optionTypes.attachment && !this.#fields.some((field) => field.option === one),
    );
    const field = shown ?? (option ? this.#addField(option) : this.#fields.find(takes));
    field?.setFile(file);
    this.#more.draw();
    return field !== undefined && field !== null;
  }

  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    await Promise.all(this.#fields.map((field) => field.uploading));
    this.#sending = false;
    // The person may have left the command while a file was on its way.
    if (!this.node.isConnected) return;
    this.#showErrors = true;
    const wrong = this.#fields.find((field) => this.#reason(field) !== null);
    this.#markAll();
    if (wrong) {
      wrong.focus();
      wrong.closeList();
      this.#focusedField = wrong;
      this.#drawHint();
      return;
    }
    const channelId = this.#options.context.store.currentId;
    if (!channelId) return;
    const { commandId, path, name } = this.entry;
    this.#options.context.interactions.command({ channelId, commandId, path, name, options: this.#given() });
    this.#options.onSent(this.#draft());
  }

  #draft(): CommandDraft {
    return { entry: this.entry, fields: Object.fromEntries(this.#fields.map((field) => [field.option.name, field.state])) };
  }

  #given(): GivenOption[] {
    return this.#fields.flatMap((field) => {
      const read = field.read();
      return read.kind === 'value' ? [{ name: field.option.name, type: field.option.type, value: read.value }] : [];
    });
  }

  /** For autocomplete Discord sends the focused option as typed, and the others as far as they are valid. */
  #partial(focused: OptionField): GivenOption[] {
    const others = this.#given().filter((one) => one.name !== focused.option.name);
    return [...others, { name: focused.option.name, type: focused.option.type, value: focused.text, focused: true }];
  }

  #reason(field: OptionField): string | null {
    const read = field.read();
    if (read.kind === 'invalid') return read.reason;
    return read.kind === 'empty' && field.option.required ? 'This option is required' : null;
  }

  #fieldFor(name: string): OptionField | null {
    const shown = this.#fields.find((field) => field.option.name === name);
    if (shown) return shown;
    const option = this.entry.options.find((one) => one.name === name);
    return option ? this.#addField(option) : null;
  }

  #addField(option: OptionSpec): OptionField {
    const { context, popupSlot } = this.#options;
    const field = new OptionField(option, {
      popupSlot,
      list: (one) => optionList(one, context),
      autocomplete: (one) => this.#ask(one),
      onChange: () => {
        if (this.#showErrors) this.#markAll();
        this.#drawHint();
      },
      onFocus: (one) => {
        this.#focusedField = one;
        this.#drawHint();
      },
      onChosen: (one) => this.#advance(one),
      onEnter: (one, first) => {
        if (first) one.choose(first);
        else void this.send();
      },
      onKey: (one, event) => this.#fieldKey(one, event),
    });
    this.#fields.push(field);
    this.#chips.append(field.node);
    return field;
  }

  async #ask(field: OptionField): Promise<{ label: string; value: string | number }[] | null> {
    const { context } = this.#options;
    const channelId = context.store.currentId;
    if (!channelId) return null;
    const { commandId, path } = this.entry;
    const choices = await context.interactions.autocomplete({ channelId, commandId, path, options: this.#partial(field) });
    return choices?.map((choice) => ({ label: choice.name, value: choice.value })) ?? null;
  }

  /** To the next empty option, if there is one; otherwise Enter sends. */
  #advance(field: OptionField): void {
    const at = this.#fields.indexOf(field);
    const next = [...this.#fields.slice(at + 1), ...this.#fields.slice(0, at)].find((one) => one.isEmpty && one.option.required);
    next?.focus();
  }

  #fieldKey(field: OptionField, event: KeyboardEvent): void {
    const at = this.#fields.indexOf(field);
    const { input } = field;
    const caret = input instanceof HTMLInputElement ? [input.selectionStart, input.selectionEnd] : [0, 0];
    if (event.key === 'Enter' && input instanceof HTMLInputElement) {
      event.preventDefault();
      void this.send();
    } else if (event.key === 'Backspace' && field.isEmpty) {
      event.preventDefault();
      this.#backspace(field, at);
    } else if (event.key === 'ArrowLeft' && caret[1] === 0 && at > 0) {
      event.preventDefault();
      this.#fields[at - 1]?.focus();
    } else if (event.key === 'ArrowRight' && caret[0] === field.text.length && at < this.#fields.length - 1) {
      event.preventDefault();
      this.#fields[at + 1]?.focus();
    }
  }

  /** In an empty optional chip it takes the chip away; in the first chip of an empty command it takes the command back. */
  #backspace(field: OptionField, at: number): void {
    if (!field.option.required) {
      field.closeList();
      field.node.remove();
      this.#fields.splice(at, 1);
      this.#more.draw();
      (this.#fields[at - 1] ?? this.#fields[0])?.focus();
      if (this.#fields.length === 0) this.node.focus();
    } else if (at > 0) {
      this.#fields[at - 1]?.focus();
    } else if (this.#fields.every((one) => one.isEmpty)) {
      this.#options.onLeave(`/${this.entry.name}`);
    }
  }

  #formKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      this.#options.onLeave('');
    } else if (event.target === this.node && event.key === 'Enter') {
      event.preventDefault();
      void this.send();
    } else if (event.target === this.node && event.key === 'Backspace') {
      event.preventDefault();
      this.#options.onLeave(`/${this.entry.name}`);
    }
  }

  #hidden(): OptionSpec[] {
    return this.entry.options.filter((option) => !this.#fields.some((field) => field.option === option));
  }

  #markAll(): void {
    for (const field of this.#fields) field.mark(this.#reason(field));
  }

  /** The line above the box: what the focused option wants, and what is wrong with it. */
  #drawHint(): void {
    const { hint } = this.#options;
    const field = this.#focusedField;
    if (!field) {
      fill(hint, el('b', {}, `/${this.entry.name}`), ` ${this.entry.description}`);
      return;
    }
    const { option } = field;
    const reason = this.#reason(field);
    const shownReason = reason && (this.#showErrors || !field.isEmpty) ? reason : null;
    fill(
      hint,
      el('b', {}, option.name),
      ` ${option.description} `,
      el('span', { class: 'hint-bounds' }, bounds(option)),
      shownReason ? el('span', { class: 'hint-error', attrs: { role: 'alert' } }, shownReason) : null,
    );
  }
}

function bounds(option: OptionSpec): string {
  const parts = [option.required ? 'required' : 'optional', typeName(option)];
  const numbers = range(option.minValue, option.maxValue);
  if (numbers) parts.push(numbers);
  if (option.minLength) parts.push(`at least ${option.minLength} characters`);
  if (option.maxLength) parts.push(`at most ${option.maxLength} characters`);
  return `(${parts.join(', ')})`;
}
