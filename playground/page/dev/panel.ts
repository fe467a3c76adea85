/** The developer panel: REST calls, gateway events, rate limits and faults, live. */
import type { PageContext } from '../context.js';
import { add, el } from '../dom.js';

/** Draws the panel into `element`; called once, when it is opened for the first time. */
export function mountDeveloperPanel(_context: PageContext, element: HTMLElement): void {
  add(element, el('p', {}, 'Nothing to show yet.'));
}
