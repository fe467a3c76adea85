/** The clock of the local Discord: limits, deadlines and tokens all follow it. */
import type { DevRequest } from '../../pageserver/dev-protocol.js';
import { el } from '../dom.js';

export interface TimeTab {
  node: HTMLElement;
  draw(now: number): void;
}

const steps: [label: string, ms: number, why: string][] = [
  ['+3 s', 3_000, 'an interaction that nobody answered fails'],
  ['+15 min', 15 * 60_000, 'the tokens of interactions end (50027)'],
  ['+1 h', 60 * 60_000, 'edits of what was posted before get a limit of their own (30046)'],
];
const units: [label: string, ms: number][] = [
  ['seconds', 1_000],
  ['minutes', 60_000],
  ['hours', 3_600_000],
  ['days', 86_400_000],
];

export function timeTab(send: (request: DevRequest) => void): TimeTab {
  const now = el('p', { class: 'dev-now', testid: 'dev-now' }, '…');
  const amount = el('input', {
    class: 'dev-input',
    attrs: { type: 'number', min: 1, max: 1000, value: 1, id: 'dev-amount', required: true },
  });
  const unit = el(
    'select',
    { class: 'dev-input', attrs: { id: 'dev-unit', 'aria-label': 'Unit' } },
    ...units.map(([label, ms]) => el('option', { attrs: { value: ms } }, label)),
  );
  const advance = (ms: number): void => send({ type: 'advance', ms: Math.min(ms, 31 * 86_400_000) });
  const form = el(
    'form',
    {
      class: 'dev-form',
      on: {
        submit: (event) => {
          event.preventDefault();
          advance(Math.max(1, Math.round(Number(amount.value) * Number(unit.value))));
        },
      },
    },
    el('label', { attrs: { for: 'dev-amount' } }, 'Another step'),
    el('div', { class: 'dev-fields' }, amount, unit, el('button', { class: 'dev-button', attrs: { type: 'submit' } }, 'Move')),
  );
  return {
    node: el(
      'div',
      { class: 'dev-time', testid: 'dev-time' },
      el('p', {}, 'It is now, for the local Discord:'),
      now,
      el('p', { class: 'dev-hint' }, 'The clock goes forward only. Whatever becomes due on the way happens at once.'),
      ...steps.map(([label, ms, why]) =>
        el(
          'div',
          { class: 'dev-step' },
          el('button', { class: 'dev-button', attrs: { type: 'button' }, on: { click: () => advance(ms) } }, label),
          el('span', {}, why),
        ),
      ),
      form,
    ),
    draw(at) {
      const ahead = Math.round((at - Date.now()) / 1000);
      const text = new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
      now.textContent = Math.abs(ahead) > 1 ? `${text} (${ahead > 0 ? 'ahead' : 'behind'} by ${span(Math.abs(ahead))})` : text;
    },
  };
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
