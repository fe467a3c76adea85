/** Reading "when": `10m`, `1d 3h`, `2026-12-24 18:00`, `tomorrow 9:00`; and "how long": `90s`, `2h`. */
import * as chrono from 'chrono-node';
import { DateTime, IANAZone } from 'luxon';
import { BOUNDS } from '../../src/tasks/model.js';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const PIECE = /(\d{1,9}(?:\.\d{1,3})?)\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|min|m|seconds?|secs?|sec|s)(?![a-z])/giy;

/** Seconds of `90s`, `10m`, `1d 3h`, `2 hours and 5 min`; null for anything else. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  let position = 0;
  let seconds = 0;
  while (position < trimmed.length) {
    PIECE.lastIndex = position;
    const match = PIECE.exec(trimmed);
    if (!match) return null;
    seconds += Number(match[1]) * (UNIT_SECONDS[(match[2] ?? '').charAt(0).toLowerCase()] ?? 0);
    position = PIECE.lastIndex;
    position += /^(\s*,\s*|\s+and\s+|\s*)/i.exec(trimmed.slice(position))?.[0].length ?? 0;
  }
  return trimmed === '' ? null : Math.round(seconds);
}

/** Whether the name is a time zone that is known here. */
export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** `relative`: so long from now, which only the database's clock is to count. */
export type ParsedDelay = { ok: true; at: Date; relative: boolean } | { ok: false; problem: string };

/** "in two hours", "2 hours from now", "an hour later". */
const RELATIVE = /^in\b|\bfrom now$|\blater$/i;

const HELP = 'Try `10m`, `2h`, `tomorrow 9:00` or `2026-12-24 18:00`.';

/**
 * The time that a person means, read in their time zone. Refused, with a sentence: what cannot be read whole, the past, and more than a year.
 * @param zone IANA name.
 */
export function parseDelay(text: string, now: Date, zone: string): ParsedDelay {
  const typed = text.trim();
  const duration = parseDuration(typed.replace(/^in\s+/i, ''));
  const at =
    duration !== null ? new Date(now.getTime() + duration * 1000) : (parseIso(typed, zone) ?? parseWords(typed, now, zone));
  if (at === null || Number.isNaN(at.getTime())) return { ok: false, problem: `I cannot read this as a time. ${HELP}` };
  if (at.getTime() <= now.getTime()) return { ok: false, problem: `That time is in the past. ${HELP}` };
  if (at.getTime() > now.getTime() + BOUNDS.delaySeconds * 1000)
    return { ok: false, problem: 'A task can be delayed by at most one year.' };
  return { ok: true, at, relative: duration !== null || RELATIVE.test(typed) };
}

function parseIso(typed: string, zone: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}/.test(typed)) return null;
  const parsed = DateTime.fromISO(typed.replace(/^(\d{4}-\d{2}-\d{2})\s+(\d)/, '$1T$2').replace(/\s+(?=[+-]\d|Z$)/, ''), {
    zone,
  });
  return parsed.isValid ? parsed.toJSDate() : null;
}

/** chrono knows offsets, not zones: it is told today's offset, and the parts it found are then read in the zone itself (summer time). */
function parseWords(typed: string, now: Date, zone: string): Date | null {
  const timezone = DateTime.fromJSDate(now, { zone }).offset;
  const [found, ...more] = chrono.parse(typed, { instant: now, timezone }, { forwardDate: true });
  // Half a sentence understood is a task at the wrong time.
  if (!found || more.length > 0 || found.text.length !== typed.length) return null;
  const { start } = found;
  // "9pm UTC" names its offset; "in two hours" is exact.
  if (start.isCertain('timezoneOffset')) return start.date();
  const part = (name: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second') => start.get(name) ?? 0;
  const local = DateTime.fromObject(
    {
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
    },
    { zone },
  );
  return local.isValid ? local.toJSDate() : null;
}
