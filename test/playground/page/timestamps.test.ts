import { describe, expect, it } from 'vitest';
import { dayKey, formatMessageTime, formatTimestamp } from '../../../playground/page/timestamps.js';

/** 2026-11-23 18:04:05 UTC */
const nowMs = Date.UTC(2026, 10, 23, 18, 4, 5);
const context = { nowMs, locale: 'en-GB', timeZone: 'UTC' };
const seconds = nowMs / 1000;

describe('the seven styles', () => {
  it.each([
    ['t', '18:04'],
    ['T', '18:04:05'],
    ['d', '23/11/2026'],
    ['D', '23 November 2026'],
    ['f', '23 November 2026 at 18:04'],
    ['F', 'Monday, 23 November 2026 at 18:04'],
    ['R', 'in 0 seconds'],
  ] as const)('%s', (style, expected) => {
    // Node's ICU versions differ in these small things.
    const shown = formatTimestamp(seconds, style, context)
      .replace(/, (?=\d\d:)/, ' at ')
      .replace('Monday 23', 'Monday, 23');
    expect(shown).toBe(expected);
  });

  it('keeps formatters where it is told to, without mixing styles up', () => {
    const formatters = new Map();
    const kept = { ...context, formatters };
    expect(formatTimestamp(seconds, 't', kept)).toBe('18:04');
    expect(formatTimestamp(seconds, 'D', kept)).toBe('23 November 2026');
    expect(formatTimestamp(seconds + 60, 't', kept)).toBe('18:05');
    expect(formatters.size).toBe(2);
  });

  it('says so when the time is none', () => {
    expect(formatTimestamp(Number.NaN, 'f', context)).toBe('Invalid date');
    expect(formatTimestamp(9e12, 'R', context)).toBe('Invalid date');
  });
});

describe('relative time', () => {
  it.each([
    [30, 'in 30 seconds'],
    [-59, '59 seconds ago'],
    [-60, '1 minute ago'],
    [89, 'in 1 minute'],
    [3_540, 'in 59 minutes'],
    [3_599, 'in 1 hour'],
    [7_199, 'in 2 hours'],
    [3_600, 'in 1 hour'],
    [-82_800, '23 hours ago'],
    [-86_400, '1 day ago'],
    [86_400 * 40, 'in 1 month'],
    [-86_400 * 400, '1 year ago'],
  ])('%i s: %s', (offset, expected) => {
    expect(formatTimestamp(seconds + offset, 'R', context)).toBe(expected);
  });
});

describe('beside a message', () => {
  it('names today and yesterday', () => {
    expect(formatMessageTime(nowMs - 60_000, context)).toBe('Today at 18:03');
    expect(formatMessageTime(nowMs - 86_400_000, context)).toBe('Yesterday at 18:04');
    expect(formatMessageTime(nowMs - 3 * 86_400_000, context)).toBe('20/11/2026 18:04');
  });

  it('goes by the calendar of the time zone', () => {
    expect(dayKey(Date.UTC(2026, 10, 23, 23, 30), { timeZone: 'UTC' })).toBe('2026-11-23');
    expect(dayKey(Date.UTC(2026, 10, 23, 23, 30), { timeZone: 'Europe/Berlin' })).toBe('2026-11-24');
    expect(dayKey(nowMs, {})).toMatch(/^2026-11-2\d$/);
  });
});
