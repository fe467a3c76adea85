import { describe, expect, it } from 'vitest';
import { isTimeZone, parseDelay, parseDuration } from '../../commands/creation/delay.js';

const NOW = new Date('2026-11-23T18:00:00Z');
const BERLIN = 'Europe/Berlin';

function at(text: string, zone = 'UTC', now = NOW): string {
  const parsed = parseDelay(text, now, zone);
  return parsed.ok ? parsed.at.toISOString() : parsed.problem;
}

describe('parseDuration', () => {
  it.each([
    ['10m', 600],
    ['90s', 90],
    ['2h', 7200],
    ['1d 3h', 97_200],
    ['1d3h', 97_200],
    ['2 hours and 5 min', 7500],
    ['1.5h', 5400],
    ['1 week, 2 days', 777_600],
    ['', null],
    ['soon', null],
    ['10', null],
    ['10 months', null],
    ['10m later', null],
    ['-5m', null],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });
});

describe('parseDelay', () => {
  it.each([
    ['10m', 'UTC', '2026-11-23T18:10:00.000Z'],
    ['in 2h', BERLIN, '2026-11-23T20:00:00.000Z'],
    ['in two hours', BERLIN, '2026-11-23T20:00:00.000Z'],
    ['tomorrow 9:00', 'UTC', '2026-11-24T09:00:00.000Z'],
    ['tomorrow 9:00', BERLIN, '2026-11-24T08:00:00.000Z'],
    ['tomorrow 9:00', 'America/New_York', '2026-11-24T14:00:00.000Z'],
    ['2026-12-24 18:00', BERLIN, '2026-12-24T17:00:00.000Z'],
    ['2026-12-24T18:00+05:00', BERLIN, '2026-12-24T13:00:00.000Z'],
    ['9pm UTC', BERLIN, '2026-11-23T21:00:00.000Z'],
    // Past today: tomorrow is meant.
    ['9:00', 'UTC', '2026-11-24T09:00:00.000Z'],
    ['friday 17:00', BERLIN, '2026-11-27T16:00:00.000Z'],
  ])('%s in %s', (text, zone, expected) => {
    expect(at(text, zone)).toBe(expected);
  });

  it('keeps the clock time over a change to summer time', () => {
    const march = new Date('2027-03-27T12:00:00Z');
    expect(at('tomorrow 9:00', BERLIN, march)).toBe('2027-03-28T07:00:00.000Z');
    expect(at('in 24 hours', BERLIN, march)).toBe('2027-03-28T12:00:00.000Z');
  });

  it.each(['banana', 'banana tomorrow', '', '2026-13-45', 'tomorrow or friday'])(
    'refuses what it cannot read whole: %s',
    (text) => {
      expect(at(text)).toMatch(/cannot read/);
    },
  );

  it('refuses the past and more than a year', () => {
    expect(at('2020-01-01')).toMatch(/past/);
    expect(at('yesterday')).toMatch(/past/);
    expect(at('0m')).toMatch(/past/);
    expect(at('400 days')).toMatch(/one year/);
    expect(at('999999999w')).toMatch(/one year|cannot read/);
  });
});

it('knows time zones', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('UTC')).toBe(true);
  expect(isTimeZone('Mars/Olympus')).toBe(false);
  expect(isTimeZone("x'; drop table tasks")).toBe(false);
});

describe('what is relative', () => {
  it.each([
    ['10m', true],
    ['in 2h', true],
    ['in two hours', true],
    ['2 hours from now', true],
    ['tomorrow 9:00', false],
    ['2026-12-24 18:00', false],
    ['9pm UTC', false],
  ])('%s', (text, relative) => {
    expect(parseDelay(text, NOW, BERLIN)).toMatchObject({ ok: true, relative });
  });
});
