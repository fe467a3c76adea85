/** Reaching what can be done with messages: a right click, or the keyboard: one message is reachable with Tab, arrows move, Enter opens its menu, Escape leaves. */

/** Listens on the list; `leave` gives the focus back to the message box. */
export function readingKeys(list: HTMLElement, leave: () => void): void {
  list.addEventListener('focusin', (event) => {
    const message = (event.target as HTMLElement).closest<HTMLElement>('.message');
    if (message) makeReachable(list, message);
  });
  list.addEventListener('contextmenu', openActions);
  list.addEventListener('keydown', (event) => handleKey(event, leave));
}

/** A right click opens the message's menu, as in Discord; on links, pictures and marked text the browser's own. */
function openActions(event: MouseEvent): void {
  const target = event.target as HTMLElement;
  const more = target.closest('.message')?.querySelector<HTMLElement>('.more');
  if (!more || target.closest('a, img') || getSelection()?.isCollapsed === false) return;
  event.preventDefault();
  more.click();
}

/** Without a focused message the newest one is the one to reach. */
export function reachNewest(list: HTMLElement): void {
  const reachable = list.querySelector('.message[tabindex="0"]');
  if (reachable?.contains(document.activeElement)) return;
  const newest = list.lastElementChild?.querySelector<HTMLElement>('.message');
  if (newest) makeReachable(list, newest);
}

function makeReachable(list: HTMLElement, message: HTMLElement): void {
  for (const other of list.querySelectorAll('.message[tabindex="0"]')) {
    other.setAttribute('tabindex', '-1');
    for (const button of other.querySelectorAll('.toolbar button')) button.setAttribute('tabindex', '-1');
  }
  message.setAttribute('tabindex', '0');
  for (const button of message.querySelectorAll('.toolbar button')) button.setAttribute('tabindex', '0');
}

function handleKey(event: KeyboardEvent, leave: () => void): void {
  const target = event.target as HTMLElement;
  const message = target.closest<HTMLElement>('.message');
  if (!message || event.defaultPrevented) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    leave();
    return;
  }
  if (target !== message) return;
  const row = message.closest('li');
  const next = { ArrowUp: row?.previousElementSibling, ArrowDown: row?.nextElementSibling }[event.key];
  if (next) {
    event.preventDefault();
    next.querySelector<HTMLElement>('.message')?.focus();
  } else if (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
    event.preventDefault();
    message.querySelector<HTMLElement>('.more')?.click();
  }
}
