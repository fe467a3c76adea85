/** Mentions in the message box: `@` and `#` open a list, and what is chosen goes out as Discord writes it (`<@id>`). */
import { categoryType } from '../channels.js';
import type { PageContext } from '../context.js';
import { Popup } from '../popup.js';
import { encodeMentions, encodeTyped, mentionAt, type Written } from './mention-text.js';
import { channelList, filterList, type ListItem, peopleList, roleList } from './option-lists.js';

export class Mentions {
  readonly #context: PageContext;
  readonly #input: HTMLTextAreaElement;
  readonly #popup: Popup<Written>;
  readonly #onChange: () => void;
  #written: Written[] = [];

  constructor(context: PageContext, parent: HTMLElement, input: HTMLTextAreaElement, onChange: () => void) {
    this.#context = context;
    this.#input = input;
    this.#onChange = onChange;
    this.#popup = new Popup<Written>({
      parent,
      input,
      id: 'mention-list',
      testid: 'mentions',
      itemTestid: 'mention-item',
      label: 'People, roles and channels',
      onChoose: (chosen) => this.#choose(chosen),
    });
  }

  /** The text with its mentions as Discord wants them. */
  encode(text: string): string {
    return encodeTyped(encodeMentions(text, this.#written), this.#known());
  }

  /** People and channels by what one types for them. Roles are chosen from the list only. */
  #known(): Map<string, string> {
    const known = new Map<string, string>();
    for (const { label, value } of this.#channels()) known.set(label.toLowerCase(), `<#${value}>`);
    const people = peopleList(this.#context);
    for (const { label, value } of people) known.set(`@${label.toLowerCase()}`, `<@${value}>`);
    for (const { detail, value } of people) known.set(`@${detail?.toLowerCase()}`, `<@${value}>`);
    return known;
  }

  #channels(): ListItem[] {
    const { channels } = this.#context.store;
    return channelList([], this.#context).filter((item) => channels.get(String(item.value))?.type !== categoryType);
  }

  close(): void {
    this.#popup.close();
  }

  suggest(): void {
    const found = mentionAt(this.#input.value, this.#input.selectionStart);
    const rows = found ? this.#rows(found.sign, found.query) : [];
    if (rows.length === 0) this.close();
    else this.#popup.show(rows, { header: found?.sign === '#' ? 'Channels' : 'Members' });
  }

  /** True when the key was meant for the list. */
  handleKey(event: KeyboardEvent): boolean {
    if (this.#popup.handleMove(event)) return true;
    if (!this.#popup.isOpen) return false;
    const { active } = this.#popup;
    if (active && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) this.#choose(active);
    else if (event.key === 'Escape') this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  #rows(sign: '@' | '#', query: string) {
    const row = (tag: (id: string) => string) => (item: ListItem) => {
      const label = item.label.startsWith(sign) ? item.label : `${sign}${item.label}`;
      return { value: { label, tag: tag(String(item.value)) }, label, detail: item.detail, lead: item.lead };
    };
    if (sign === '#') return filterList(this.#channels(), query).map(row((id) => `<#${id}>`));
    const people = filterList(peopleList(this.#context), query).map(row((id) => `<@${id}>`));
    const roles = filterList(roleList(this.#context), query).map(row((id) => `<@&${id}>`));
    // Everyone is called by name; the role's id would mention nobody.
    for (const { value } of roles) if (value.label === '@everyone') value.tag = value.label;
    return [...people, ...roles];
  }

  #choose(chosen: Written): void {
    const caret = this.#input.selectionStart;
    const found = mentionAt(this.#input.value, caret);
    this.close();
    if (!found) return;
    this.#input.setRangeText(`${chosen.label} `, found.start, caret, 'end');
    this.#written = [...this.#written.filter((one) => one.label !== chosen.label), chosen];
    this.#onChange();
  }
}
