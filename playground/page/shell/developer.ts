/** The place of the developer panel: a side panel at the right, whose code is fetched when it is first opened. */
import type { PageContext } from '../context.js';
import { el, fill } from '../dom.js';

export interface DeveloperSide {
  node: HTMLElement;
  isOpen(): boolean;
  /** Opens or closes it; `open` absent: the other state. */
  toggle(open?: boolean): void;
}

/** Builds the closed panel; `app` gets the class `developer-open` while it is open, `onToggle` is told of each change. */
export function developerSide(context: PageContext, app: () => HTMLElement, onToggle: (open: boolean) => void): DeveloperSide {
  const node = el('aside', {
    class: 'developer',
    testid: 'developer',
    attrs: { id: 'developer', 'aria-label': 'Developer panel', tabindex: -1 },
  });
  let mounted = false;
  node.hidden = true;
  const isOpen = (): boolean => node.hidden === false;
  const mount = async (): Promise<void> => {
    try {
      const { mountDeveloperPanel } = await import('../dev/panel.js');
      fill(node);
      mountDeveloperPanel(context, node);
    } catch (error) {
      // The file could not be fetched (the playground has ended, or was built anew): the next opening tries again.
      console.error('The developer panel could not be loaded', error);
      mounted = false;
      fill(node, el('p', {}, 'The developer panel could not be loaded.'));
    }
  };
  return {
    node,
    isOpen,
    toggle(wanted) {
      const open = wanted ?? !isOpen();
      if (open !== isOpen()) onToggle(open);
      node.hidden = !open;
      app().classList.toggle('developer-open', open);
      for (const button of document.querySelectorAll('[aria-controls="developer"]'))
        button.setAttribute('aria-expanded', String(open));
      if (!open || mounted) return;
      mounted = true;
      void mount();
    },
  };
}
