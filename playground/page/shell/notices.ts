/** What the page says outside the messages: the bars at the top, toasts, and the region for screen readers. */
import { el, fill, icon } from '../dom.js';

export interface Notices {
  bars: HTMLElement;
  toasts: HTMLElement;
  live: HTMLElement;
  setConnection(lost: boolean): void;
  setNotices(lines: readonly string[]): void;
  /** A short note at the corner; pressing it does `onPress`. */
  toast(title: string, text: string, onPress?: () => void): void;
  announce(text: string): void;
}

const toastMs = 6_000;
const mostToasts = 3;
/** Messages that come together are read out together, the last few of them. */
const announceDelayMs = 400;
const mostAnnounced = 3;

export function notices(): Notices {
  const connection = el('div', { class: 'bar lost', attrs: { role: 'alert' } });
  const lines = el('div', { class: 'bar-lines', testid: 'notices' });
  const toasts = el('div', { class: 'toasts', attrs: { role: 'status' } });
  const live = el('div', { class: 'visually-hidden', testid: 'live', attrs: { 'aria-live': 'polite', role: 'log' } });
  const dismissed = new Set<string>();
  let waiting: string[] = [];
  connection.hidden = true;
  return {
    bars: el('div', { class: 'bars' }, connection, lines),
    toasts,
    live,
    setConnection(lost) {
      connection.hidden = !lost;
      fill(connection, lost ? 'Connection to the local Discord lost. Trying again…' : null);
    },
    setNotices(list) {
      fill(lines, ...list.filter((line) => !dismissed.has(line)).map((line) => noticeBar(line, () => dismissed.add(line))));
    },
    toast(title, text, onPress) {
      const node = el(
        'button',
        { class: 'toast', testid: 'toast', attrs: { type: 'button' } },
        el('b', {}, title),
        el('span', {}, text),
      );
      node.addEventListener('click', () => {
        node.remove();
        onPress?.();
      });
      toasts.append(node);
      while (toasts.children.length > mostToasts) toasts.firstElementChild?.remove();
      setTimeout(() => node.remove(), toastMs);
    },
    announce(text) {
      if (waiting.length === 0) {
        setTimeout(() => {
          fill(live, ...waiting.slice(-mostAnnounced).map((line) => el('p', {}, line)));
          waiting = [];
        }, announceDelayMs);
      }
      waiting.push(text);
    },
  };
}

function noticeBar(line: string, onDismiss: () => void): HTMLElement {
  const close = el(
    'button',
    { class: 'icon-button', attrs: { type: 'button', 'aria-label': 'Hide this notice' } },
    icon('close', 16),
  );
  const bar = el('div', { class: 'bar', attrs: { role: 'note' } }, el('span', {}, line), close);
  close.addEventListener('click', () => {
    onDismiss();
    bar.remove();
  });
  return bar;
}
