/**
 * Discord's message timestamps (`<t:seconds:style>`) and the times that the page shows beside messages.
 * Pure: the current time, the locale and the time zone are handed in.
 */

/** The seven styles of Discord: short and long time, short and long date, short and long date with time, relative. */
export const timestampStyles = ['t', 'T', 'd', 'D', 'f', 'F', 'R'] as const;
export type TimestampStyle = (typeof timestampStyles)[number];

export interface TimeContext {
  /** Milliseconds since 1970. */
  nowMs: number;
  /** BCP 47; absent: the browser's. */
  locale?: string;
  /** IANA name; absent: the browser's. */
  timeZone?: string;
  /** Where formatters are kept for the next time: making one costs a hundred times as much as using it. */
  formatters?: Map<TimestampStyle, Intl.DateTimeFormat>;
}

/** The last second that a JavaScript Date can hold. */
export const maxTimestampSeconds = 8_640_000_000_000;

const formats: Record<Exclude<TimestampStyle, 'R'>, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { day: '2-digit', month: '2-digit', year: 'numeric' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

/** The unit, its length in seconds and where the next one begins. Months and years are averages, as in Discord's client. */
const relativeUnits: readonly [Intl.RelativeTimeFormatUnit, number, number][] = [
  ['second', 1, 60],
  ['minute', 60, 3_600],
  ['hour', 3_600, 86_400],
  ['day', 86_400, 2_592_000],
  ['month', 2_592_000, 31_536_000],
  ['year', 31_536_000, Number.POSITIVE_INFINITY],
];

/** Text of a timestamp; `seconds` since 1970, within ±8.64e12 (outside: "Invalid date"). */
export function formatTimestamp(seconds: number, style: TimestampStyle, context: TimeContext): string {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > maxTimestampSeconds) return 'Invalid date';
  if (style === 'R') return formatRelative(seconds * 1000, context);
  let formatter = context.formatters?.get(style);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(context.locale, { ...formats[style], timeZone: context.timeZone });
    context.formatters?.set(style, formatter);
  }
  return formatter.format(seconds * 1000);
}

/** "in 5 minutes", "2 hours ago": rounded, as in Discord's client; a minute and more are told in the unit that they round to. */
export function formatRelative(atMs: number, context: TimeContext): string {
  const difference = Math.trunc((atMs - context.nowMs) / 1000);
  const size = Math.abs(difference);
  // 59 minutes and 59 seconds round to 60 minutes, which is one hour.
  const [unit, length] = relativeUnits.find(([, one, end]) => Math.round(size / one) * one < end) ?? ['year', 31_536_000];
  const amount = Math.sign(difference) * Math.round(size / length);
  return new Intl.RelativeTimeFormat(context.locale, { numeric: 'always' }).format(amount, unit);
}

/** Beside a message: "Today at 18:04", "Yesterday at 18:04" or the short date with the time. */
export function formatMessageTime(atMs: number, context: TimeContext): string {
  const time = formatTimestamp(atMs / 1000, 't', context);
  const day = dayKey(atMs, context);
  if (day === dayKey(context.nowMs, context)) return `Today at ${time}`;
  if (day === dayKey(context.nowMs - 86_400_000, context)) return `Yesterday at ${time}`;
  return `${formatTimestamp(atMs / 1000, 'd', context)} ${time}`;
}

/** The calendar day as `2026-11-23`, for comparing days. */
export function dayKey(atMs: number, context: Pick<TimeContext, 'timeZone'>): string {
  if (context.timeZone) {
    const parts: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: context.timeZone };
    return new Intl.DateTimeFormat('en-CA', parts).format(atMs);
  }
  // The local day needs no Intl.DateTimeFormat, which is slow to make, and every message asks for its day.
  const date = new Date(atMs);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
