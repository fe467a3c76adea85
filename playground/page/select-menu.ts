/** A select as Discord draws it (in messages and modals): a button that opens a list, one or several choices. */
import { el, fill, icon } from './dom.js';
import { Popup, type PopupItem } from './popup.js';

export interface SelectChoice {
  label: string;
  value: string;
  description?: string;
  emoji?: string;
  /** What stands before the label; drawn when the list opens. */
  lead?: () => Node;
  selected?: boolean;
}

interface SelectOptions {
  label: string;
  placeholder: string;
  testid: string;
  customId: string;
  choices: SelectChoice[];
  /** Typing narrows the list, as in selects of people, roles and channels. */
  search?: boolean;
  min: number;
  max: number;
  disabled?: boolean;
  busy?: boolean;
  /** Called when the choice is complete: at once for a single one, on closing the list for several. */
  onCommit(values: string[]): void;
}

/** The element and what is chosen in it now. */
export interface SelectMenu {
  node: HTMLElement;
  values(): string[];
}

/** More than this nobody looks through; typing narrows. */
const mostListed = 100;

/** A key that changes what is searched for; a space only inside a word that was begun is left to choosing. */
function narrows(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  return event.key === 'Backspace' || (event.key.length === 1 && event.key !== ' ');
}

/** Pixels of an entry with two lines, and of what stands around the entries; the style sheet's bound of the whole. */
const list = { row: 52, rest: 24, most: 420 };

/** The list of a select among messages opens upwards when the message box would cut it off and there is more room above. */
function turn(node: HTMLElement, rows: number): void {
  const room = node.closest('.scroller')?.getBoundingClientRect();
  if (!room) return;
  const { top, bottom } = node.getBoundingClientRect();
  const height = Math.min(list.most, innerHeight / 2, list.rest + list.row * rows);
  node.classList.toggle('upwards', bottom + height > room.bottom && top - room.top > room.bottom - bottom);
}

export function selectMenu(options: SelectOptions): SelectMenu {
  const single = options.max <= 1;
  let chosen = options.choices.filter((choice) => choice.selected).map((choice) => choice.value);
  let before = chosen.join('\n');
  const shown = el('span', { class: 'select-value' });
  const button = el(
    'button',
    {
      class: 'select-button',
      testid: options.testid,
      attrs: {
        type: 'button',
        role: 'combobox',
        'aria-haspopup': 'listbox',
        'aria-expanded': 'false',
        disabled: options.disabled,
        'aria-busy': options.busy ? 'true' : null,
        'data-custom-id': options.customId,
      },
    },
    shown,
    icon('down'),
  );
  const node = el('div', { class: 'select' }, button);

  const draw = (): void => {
    const labels = options.choices.filter((choice) => chosen.includes(choice.value)).map((choice) => choice.label);
    fill(shown, labels.length > 0 ? labels.join(', ') : options.placeholder);
    shown.classList.toggle('placeholder', labels.length === 0);
    button.setAttribute('aria-label', labels.length > 0 ? `${options.label}: ${labels.join(', ')}` : options.label);
  };
  let typed = '';
  const fits = (choice: SelectChoice): boolean =>
    `${choice.label} ${choice.description ?? ''}`.toLowerCase().includes(typed.toLowerCase());
  const listed = (): SelectChoice[] => options.choices.filter(fits).slice(0, mostListed);
  const items = (): PopupItem<string>[] =>
    listed().map((choice) => ({
      value: choice.value,
      label: choice.label,
      detail: choice.description,
      lead: choice.lead?.() ?? (choice.emoji ? document.createTextNode(choice.emoji) : undefined),
      selected: chosen.includes(choice.value),
      side: chosen.includes(choice.value) ? '✓' : undefined,
    }));
  const header = (): string | undefined => (options.search ? (typed === '' ? 'Type to search' : `Search: ${typed}`) : undefined);
  const hint = (): string | undefined =>
    listed().length === 0
      ? 'Nothing fits'
      : single
        ? undefined
        : `Choose ${options.min === options.max ? options.max : `${options.min} to ${options.max}`}; Escape closes the list`;
  const popup = new Popup<string>({
    parent: node,
    input: button,
    id: `list-${crypto.randomUUID()}`,
    testid: 'choices',
    itemTestid: 'choice',
    label: options.label,
    multiple: !single,
    onChoose: choose,
    onClose: () => {
      const now = chosen.join('\n');
      if (!single && now !== before && chosen.length >= options.min) {
        before = now;
        options.onCommit([...chosen]);
      }
    },
  });
  function choose(value: string): void {
    if (single) {
      chosen = [value];
      draw();
      popup.close();
      options.onCommit([value]);
      return;
    }
    if (chosen.includes(value)) chosen = chosen.filter((one) => one !== value);
    else if (chosen.length < options.max) chosen = [...chosen, value];
    draw();
    const at = listed().findIndex((choice) => choice.value === value);
    popup.show(items(), { active: at, header: header(), note: hint() });
  }
  const open = (): void => {
    before = chosen.join('\n');
    typed = '';
    const at = listed().findIndex((choice) => chosen.includes(choice.value));
    turn(node, listed().length);
    popup.show(items(), { active: Math.max(0, at), header: header(), note: hint() });
  };
  button.addEventListener('click', () => (popup.isOpen ? popup.close() : open()));
  button.addEventListener('blur', () => popup.close());
  button.addEventListener('keydown', (event) => {
    if (!popup.isOpen) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        open();
      }
      return;
    }
    if (popup.handleMove(event)) return;
    if (options.search && narrows(event)) {
      event.preventDefault();
      typed = event.key === 'Backspace' ? typed.slice(0, -1) : typed + event.key;
      popup.show(items(), { header: header(), note: hint() });
      return;
    }
    if (event.key === 'Escape' || ((event.key === 'Enter' || event.key === ' ') && popup.active !== null)) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Escape') popup.close();
      else if (popup.active !== null) choose(popup.active);
    }
  });
  draw();
  return { node, values: () => [...chosen] };
}
