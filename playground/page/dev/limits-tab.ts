/** Rate limits as they stand: buckets in use, and what each route was told. */
import type { DevEvent, DevState } from '../../pageserver/dev-protocol.js';
import { el, fill } from '../dom.js';
import { duration } from './lists.js';

type Watched = Extract<DevEvent, { type: 'watch' }>;

export interface LimitsTab {
  node: HTMLElement;
  draw(watched: Watched, state: DevState | null): void;
}

function table(label: string, head: string[], rows: (string | Node)[][], empty: string): HTMLElement {
  if (rows.length === 0) return el('p', { class: 'dev-empty' }, empty);
  return el(
    'div',
    { class: 'dev-scroll', attrs: { tabindex: 0, role: 'region', 'aria-label': label } },
    el(
      'table',
      { class: 'dev-table' },
      el('caption', { class: 'visually-hidden' }, label),
      el('thead', {}, el('tr', {}, ...head.map((text) => el('th', { attrs: { scope: 'col' } }, text)))),
      el('tbody', {}, ...rows.map((cells) => el('tr', {}, ...cells.map((cell) => el('td', {}, cell))))),
    ),
  );
}

/** The name of what a bucket belongs to: a channel or server by name, anything else as it is. */
function placeName(state: DevState | null, id: string): string {
  for (const guild of state?.guilds ?? []) {
    if (guild.id === id) return guild.name;
    const channel = guild.channels.find((one) => one.id === id);
    if (channel) return `#${channel.name}`;
  }
  return id;
}

export function limitsTab(): LimitsTab {
  const node = el('div', { class: 'dev-limits', testid: 'dev-limits' });
  let drawn = '';
  return {
    node,
    draw({ now, buckets, counts }, state) {
      const open = buckets.map((bucket) => [
        `${bucket.name} ${placeName(state, bucket.major)}`.trim(),
        `${Math.max(0, bucket.limit - bucket.used)} of ${bucket.limit}`,
        duration(Math.max(0, bucket.resetAt - now)),
      ]);
      const routes = Object.entries(counts.routes)
        .sort(([, one], [, other]) => other.status429 - one.status429 || other.requests - one.requests)
        .map(([name, one]) => [
          name,
          String(one.requests),
          String(one.status429),
          String(one.refused),
          one.waitMs > 0 ? duration(one.waitMs) : '–',
          duration(one.longestMs),
        ]);
      const errors = Object.entries(counts.errors).map(([code, count]) => [code, String(count)]);
      // Drawing the same again would lose the place where somebody reads.
      const text = JSON.stringify([open, routes, errors, counts.unknownRoutes]);
      if (text === drawn) return;
      drawn = text;
      fill(
        node,
        el('p', { class: 'dev-sum' }, `${counts.requests} requests, ${counts.status429} answered with 429`),
        el('h3', {}, 'Buckets in use'),
        table('Buckets in use', ['Bucket', 'Remaining', 'Resets in'], open, 'No window is open: everything is unused.'),
        el('h3', {}, 'Routes'),
        table('Routes', ['Route', 'Calls', '429', 'Refused', 'Told to wait', 'Longest'], routes, 'No request yet.'),
        el('h3', {}, 'Refusals'),
        table('Refusals', ['Code or status', 'Times'], errors, 'Nothing was refused.'),
        counts.unknownRoutes.length > 0 ? el('h3', {}, 'Routes that nothing answers') : null,
        counts.unknownRoutes.length > 0 ? el('ul', {}, ...counts.unknownRoutes.map((line) => el('li', {}, line))) : null,
      );
    },
  };
}
