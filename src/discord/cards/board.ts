/**
 * The board: one message that shows what runs in a busy channel, while the single cards rest.
 */
import { STATUS_LOOKS } from './looks.js';
import { bar, count, NO_PINGS, person, type Rendered } from './parts.js';
import { line } from './text.js';

/** One running task (or batch) of the channel. */
export interface BoardEntry {
  title: string;
  requesterId: string;
  /** 0–100. */
  percent: number;
  /** Name of its step, or a batch's "12 of 40 ended". */
  step: string;
  /** Address of its card; null when it has none. */
  link: string | null;
}

export interface BoardView {
  /** Running ones, oldest first; the first 20 are listed. */
  entries: readonly BoardEntry[];
  /** How many run in all, and how many wait. */
  running: number;
  waiting: number;
  /** Without anything that people or agents wrote. */
  plain?: boolean;
}

/** Footer by which a board is recognised among the bot's messages. */
export const BOARD_FOOTER = 'This board goes away when it is quiet again.';
const LISTED = 20;
const MAX_UNITS = 3_900;

/** Renders the board of a channel. */
export function renderBoard(view: BoardView): Rendered {
  const lines: string[] = [];
  let units = 0;
  for (const entry of view.entries.slice(0, LISTED)) {
    const text = entryLine(entry, view.plain ?? false);
    if (units + text.length + 1 > MAX_UNITS) break;
    lines.push(text);
    units += text.length + 1;
  }
  const more = view.running - lines.length;
  if (more > 0) lines.push(`… and ${count(more, 'more', 'more')}`);
  const waiting = view.waiting > 0 ? `, ${view.waiting.toLocaleString('en-US')} waiting` : '';
  return {
    embeds: [
      {
        title: `📋 ${count(view.running, 'task')} running here${waiting}`,
        description: lines.join('\n') || 'One moment …',
        color: STATUS_LOOKS.in_progress.colour,
        footer: { text: BOARD_FOOTER },
      },
    ],
    components: [],
    allowed_mentions: NO_PINGS,
  };
}

function entryLine({ title, requesterId, percent, step, link }: BoardEntry, plain: boolean): string {
  const words = plain ? [] : [line(title, 60), ...(step.trim() === '' ? [] : [line(step, 40)])];
  return [bar(percent, 6), ...words, person(requesterId), ...(link === null ? [] : [`[card](${link})`])].join(' · ');
}
