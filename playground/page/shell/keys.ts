/** Keys that work wherever the focus is. */

interface Keys {
  /** Closes what lies over the messages in a narrow window; false when nothing does. */
  closeSides(): boolean;
  /** One channel further (1) or back (-1). */
  nextChannel(step: number): void;
  focusComposer(): void;
}

/** Escape closes the sides; Alt+arrows change the channel; a letter typed nowhere goes to the message box. */
export function globalKeys(keys: Keys): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || document.querySelector('dialog[open], .menu, .float')) return;
    if (event.key === 'Escape' && keys.closeSides()) return;
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      keys.nextChannel(event.key === 'ArrowDown' ? 1 : -1);
      return;
    }
    const nowhere = document.activeElement === document.body || document.activeElement === null;
    if (nowhere && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) keys.focusComposer();
  });
}
