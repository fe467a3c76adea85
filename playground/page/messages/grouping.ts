/** Which messages stand under one header, and where the day and "new" lines go. Pure. */
import type { PageMessage } from '../../protocol.js';
import { dayKey, formatTimestamp } from '../timestamps.js';

export interface RowPlan {
  /** Shown without avatar and name, under the message before. */
  grouped: boolean;
  /** Text of the day line above; null: same day as the message before. */
  day: string | null;
  /** The "new" line goes above. */
  firstNew: boolean;
}

/** Messages of one author within this time share a header. Discord's client uses seven minutes. */
const groupWindowMs = 7 * 60_000;

/** How to draw a message, given the one before it (null: the first of the channel or of what is loaded). */
export function planRow(message: PageMessage, before: PageMessage | null, firstNewId: string | null): RowPlan {
  const at = Date.parse(message.timestamp);
  const previousAt = before ? Date.parse(before.timestamp) : Number.NaN;
  const newDay = !before || dayKey(at, {}) !== dayKey(previousAt, {});
  const firstNew = message.id === firstNewId;
  const together =
    before !== null &&
    before.author.id === message.author.id &&
    at - previousAt < groupWindowMs &&
    !message.commandLine &&
    !message.referenced_message &&
    message.type !== 19 &&
    (before.flags ?? 0) % 128 < 64 === (message.flags ?? 0) % 128 < 64;
  return {
    grouped: together && !newDay && !firstNew,
    day: newDay ? formatTimestamp(at / 1000, 'D', { nowMs: at }) : null,
    firstNew,
  };
}
