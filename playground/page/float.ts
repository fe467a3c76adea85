/** A small panel that floats at a button until Escape, a press outside, or until the focus leaves it. */
import { el } from './dom.js';

/** Opens the panel with this content and gives the function that closes it; the focus goes back to the button. */
export function openFloat(anchor: HTMLElement, label: string, content: HTMLElement, style = ''): () => void {
  document.querySelector('.float')?.dispatchEvent(new Event('dismiss'));
  const attrs = { role: 'dialog', 'aria-label': label, tabindex: -1 };
  const panel = el('div', { class: `float ${style}`.trim(), testid: 'float', attrs }, content);
  const close = (focus = true): void => {
    if (!panel.isConnected) return;
    panel.remove();
    document.removeEventListener('pointerdown', outside, true);
    anchor.setAttribute('aria-expanded', 'false');
    if (focus && anchor.isConnected) anchor.focus();
  };
  const outside = (event: Event): void => {
    const target = event.target as Node;
    if (!panel.contains(target) && !anchor.contains(target)) close(false);
  };
  panel.addEventListener('dismiss', () => close(false));
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    close();
  });
  panel.addEventListener('focusout', (event) => {
    const to = event.relatedTarget;
    if (to instanceof Node && !panel.contains(to) && !anchor.contains(to)) close(false);
  });
  document.body.append(panel);
  placeAt(panel, anchor);
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  panel.focus();
  return close;
}

/** Below the anchor when there is room, else above; towards the middle of the window, and always inside it. */
export function placeAt(panel: HTMLElement, anchor: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = box.bottom + 4 + height <= innerHeight;
  const wanted = box.left < innerWidth / 2 ? box.left : box.right - width;
  panel.style.left = `${Math.max(8, Math.min(wanted, innerWidth - width - 8))}px`;
  panel.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - 4 - height)}px`;
}
