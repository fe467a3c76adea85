/** A select as Discord draws it (in messages and modals): a button that opens a list, one or several choices. */
import { el, fill, icon } from './dom.js';
import { Popup, type PopupItem } from './popup.js';

export interface SelectChoice {
  label: string;
  value: string;
  description?: string;
  emoji?: string;
  selected?: boolean;
}

interface SelectOptions {
  label: string;
  placeholder: string;
  testid: string;
  customId: string;
  choices: SelectChoice[];
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
  const items = (): PopupItem<string>[] =>
    options.choices.map((choice) => ({
      value: choice.value,
      label: choice.label,
      detail: choice.description,
      lead: choice.emoji ? document.createTextNode(choice.emoji) : undefined,
      selected: chosen.includes(choice.value),
      side: chosen.includes(choice.value) ? '✓' : undefined,
    }));
  const hint = (): string | undefined =>
    single
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
    const at = options.choices.findIndex((choice) => choice.value === value);
    popup.show(items(), { active: at, note: hint() });
  }
  const open = (): void => {
    before = chosen.join('\n');
    popup.show(items(), {
      active: Math.max(
        0,
        options.choices.findIndex((choice) => chosen.includes(choice.value)),
      ),
      note: hint(),
    });
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
