/** Making things go wrong: what is set now, the forms, and what was done. */
import type { DevRequest, DevState } from '../../pageserver/dev-protocol.js';
import { el, fill } from '../dom.js';
import { faultForm } from './fault-form.js';
import { faultGroups } from './fault-specs.js';

const toldKept = 50;

export interface FaultsTab {
  node: HTMLElement;
  draw(state: DevState): void;
  /** Adds a line to what was done. */
  told(what: string, refused?: boolean): void;
}

export function faultsTab(send: (request: DevRequest) => void): FaultsTab {
  const now = el('ul', { class: 'dev-set', testid: 'dev-faults-now' });
  const told = el('ol', { class: 'dev-told', testid: 'dev-told', attrs: { role: 'log', 'aria-label': 'Faults so far' } });
  const forms = faultGroups.map(([title, specs], group) => ({
    title,
    forms: specs.map((spec, index) => faultForm(spec, `dev-fault-${group}-${index}`, (fault) => send({ type: 'fault', fault }))),
  }));
  const clear = el(
    'button',
    {
      class: 'dev-button',
      testid: 'dev-clear',
      attrs: { type: 'button' },
      on: { click: () => send({ type: 'fault', fault: { kind: 'clear' } }) },
    },
    'Clear all',
  );
  return {
    node: el(
      'div',
      { class: 'dev-faults', testid: 'dev-faults' },
      el('div', { class: 'dev-heading' }, el('h3', {}, 'Set now'), clear),
      now,
      ...forms.map((group, index) =>
        el(
          'details',
          { class: 'dev-group', attrs: { open: index === 0 } },
          el('summary', {}, group.title),
          ...group.forms.map((form) => form.node),
        ),
      ),
      el('h3', {}, 'Done'),
      told,
    ),
    draw(state) {
      fill(now, ...(state.faults.length > 0 ? state.faults : ['Nothing: everything works.']).map((line) => el('li', {}, line)));
      for (const group of forms) for (const form of group.forms) form.refresh(state);
    },
    told(what, refused = false) {
      told.prepend(el('li', { class: refused ? 'refused' : '' }, what));
      while (told.childElementCount > toldKept) told.lastElementChild?.remove();
    },
  };
}
