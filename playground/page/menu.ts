/** A pop-up menu of actions (the "⋯" of a message, a member, the person switcher): arrows, Enter, Escape, letters. */
import { el } from './dom.js';
import { placeAt } from './float.js';

export type MenuItem =
  | { kind: 'heading'; label: string }
  | { kind: 'separator' }
  | {
      kind: 'action';
      label: string;
      detail?: string;
      lead?: Node;
      checked?: boolean;
      danger?: boolean;
      testid?: string;
      run(): void;
    };

/** Opens a menu at its button and gives the focus back to that button when it closes. */
export function openMenu(anchor: HTMLElement, label: string, items: MenuItem[]): void {
  document.querySelector('.menu')?.dispatchEvent(new Event('dismiss'));
  const menu = el('div', { class: 'menu', testid: 'menu', attrs: { role: 'menu', 'aria-label': label, tabindex: -1 } });
  const close = (focus: boolean): void => {
    menu.remove();
    document.removeEventListener('pointerdown', outside, true);
    anchor.setAttribute('aria-expanded', 'false');
    if (focus && anchor.isConnected) anchor.focus();
  };
  const outside = (event: Event): void => {
    if (!menu.contains(event.target as Node)) close(false);
  };
  menu.append(...items.map((item) => entry(item, close)));
  menu.addEventListener('dismiss', () => close(false));
  menu.addEventListener('keydown', (event) => handleKey(event, menu, close));
  menu.addEventListener('focusout', (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) close(false);
  });
  document.body.append(menu);
  placeAt(menu, anchor);
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  (menu.querySelector<HTMLElement>('[aria-checked=true]') ?? menu.querySelector<HTMLElement>('button'))?.focus();
}

function entry(item: MenuItem, close: (focus: boolean) => void): HTMLElement {
  if (item.kind === 'separator') return el('div', { class: 'menu-separator', attrs: { role: 'separator' } });
  if (item.kind === 'heading') return el('div', { class: 'menu-heading', attrs: { role: 'presentation' } }, item.label);
  const checkable = item.checked !== undefined;
  return el(
    'button',
    {
      class: item.danger ? 'menu-item danger' : 'menu-item',
      testid: item.testid,
      attrs: {
        type: 'button',
        role: checkable ? 'menuitemradio' : 'menuitem',
        'aria-checked': checkable ? String(item.checked) : null,
        tabindex: -1,
      },
      on: {
        click: () => {
          close(true);
          item.run();
        },
      },
    },
    item.lead ? el('span', { class: 'menu-lead' }, item.lead) : null,
    el(
      'span',
      { class: 'menu-text' },
      el('span', { class: 'menu-label' }, item.label),
      item.detail ? el('span', { class: 'menu-detail' }, item.detail) : null,
    ),
    item.checked ? el('span', { class: 'menu-check', attrs: { 'aria-hidden': 'true' } }, '✓') : null,
  );
}

function handleKey(event: KeyboardEvent, menu: HTMLElement, close: (focus: boolean) => void): void {
  const buttons = [...menu.querySelectorAll<HTMLButtonElement>('button')];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
  const next = to[event.key];
  if (next !== undefined) {
    event.preventDefault();
    buttons.at(next % buttons.length)?.focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    event.stopPropagation();
    close(true);
  } else if (event.key.length === 1 && event.key !== ' ') {
    const ordered = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
    ordered.find((button) => button.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}
