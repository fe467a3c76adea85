/** The two live lists of the panel: REST calls and gateway frames. */
import type { DevRequest, FrameLine, RestLine } from '../../pageserver/dev-protocol.js';
import { el } from '../dom.js';
import { LiveList } from './live-list.js';

const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** `1.2 s`, `340 ms`. */
export function duration(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`;
}

function statusClass(status: number): string {
  if (status === 429) return 'limited';
  return status === 0 || status >= 500 ? 'broken' : status >= 400 ? 'refused' : 'fine';
}

function more(...parts: (string | false | undefined)[]): HTMLElement {
  return el('span', { class: 'dev-more' }, parts.filter(Boolean).join(' · '));
}

export function restList(send: (request: DevRequest) => void): LiveList<RestLine> {
  return new LiveList<RestLine>({
    label: 'REST calls',
    empty: 'The bot has not called the REST API yet.',
    testid: 'dev-rest',
    row: (line) => [
      el('span', { class: `dev-status ${statusClass(line.status)}` }, line.status === 0 ? 'cut' : String(line.status)),
      el('span', { class: 'dev-method' }, line.method),
      el('span', { class: 'dev-route' }, line.route),
      more(
        clockTime.format(line.at),
        duration(line.ms),
        line.waitMs !== undefined && `wait ${duration(line.waitMs)}${line.scope ? ` (${line.scope})` : ''}`,
        line.code !== undefined && line.code !== 0 && `code ${line.code}`,
        line.violations !== undefined && `${line.violations} against the schema`,
        line.fault !== undefined && `fault: ${line.fault}`,
      ),
    ],
    text: (line) => `${line.method} ${line.route} ${line.path} ${line.status} ${line.code ?? ''} ${line.fault ?? ''}`,
    ask: (n) => send({ type: 'detail', of: 'rest', n }),
  });
}

const arrows = { in: '↑', out: '↓', open: '●', close: '○' };
const spoken = { in: 'from the bot', out: 'to the bot', open: 'connection', close: 'connection' };

export function frameList(send: (request: DevRequest) => void): LiveList<FrameLine> {
  return new LiveList<FrameLine>({
    label: 'gateway frames',
    empty: 'No frame has come since the panel was opened.',
    testid: 'dev-gateway',
    row: (line) => [
      el(
        'span',
        { class: `dev-status ${line.direction}`, attrs: { 'aria-label': spoken[line.direction], role: 'img' } },
        arrows[line.direction],
      ),
      el('span', { class: 'dev-route' }, line.name),
      more(
        clockTime.format(line.at),
        `connection ${line.connection}`,
        line.op !== undefined && `op ${line.op}`,
        typeof line.s === 'number' && `s ${line.s}`,
        line.size > 0 && `${line.size} characters`,
      ),
    ],
    text: (line) => `${line.name} ${spoken[line.direction]} ${line.direction} op ${line.op ?? ''}`,
    ask: (n) => send({ type: 'detail', of: 'frame', n }),
  });
}
