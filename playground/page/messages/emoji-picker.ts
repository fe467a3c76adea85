/** A small grid of emoji that opens at a button: arrows move, Enter takes one, Escape closes. */
import { el } from '../dom.js';
import { openFloat } from '../float.js';
import { commonEmoji } from './emoji.js';

const columns = 8;

/** `onPick` gets the character. */
export function pickEmoji(anchor: HTMLElement, onPick: (emoji: string) => void): void {
  const grid = el('div', { class: 'emoji-grid', testid: 'emoji-picker' });
  const close = openFloat(anchor, 'Add a reaction', grid);
  const buttons = commonEmoji.map(([emoji, name], at) => {
    const attrs = { type: 'button', 'aria-label': name, title: name, tabindex: at === 0 ? 0 : -1 };
    const button = el('button', { class: 'emoji-button', attrs }, emoji);
    button.addEventListener('click', () => {
      close();
      onPick(emoji);
    });
    return button;
  });
  grid.append(...buttons);
  grid.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + columns,
      ArrowUp: at - columns,
      Home: 0,
      End: buttons.length - 1,
    };
    const next = buttons[to[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  buttons[0]?.focus();
}
