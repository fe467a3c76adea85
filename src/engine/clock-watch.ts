/**
 * Compares this machine's clock with the database's. Nothing is decided by this machine's clock, so a wrong one changes nothing; but people see times made
 * by it, and it is a fault to be mended, hence the alarm.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { databaseNow } from '../store/tasks/clock.js';

/** Milliseconds between the clocks from which on there is an alarm. */
export const CLOCK_ALARM_MS = 2000;
/** Milliseconds between two comparisons. */
const EVERY_MS = 30_000;
/** A slower answer tells too little of the time. */
const SLOW_MS = 1000;

export interface ClockWatchDeps {
  sql: postgres.Sql;
  /** Milliseconds since 1970 by this machine. */
  now: () => number;
  /** Counts comparisons that found the clocks too far apart. */
  alarmed(): void;
  log: Logger;
}

export class ClockWatch {
  readonly #deps: ClockWatchDeps;
  #aheadMs: number | null = null;
  #nextAt = 0;

  constructor(deps: ClockWatchDeps) {
    this.#deps = deps;
  }

  /** How far this machine's clock is ahead of the database's, in ms; null before the first comparison. */
  get aheadMs(): number | null {
    return this.#aheadMs;
  }

  get alarm(): boolean {
    return this.#aheadMs !== null && Math.abs(this.#aheadMs) > CLOCK_ALARM_MS;
  }

  /** Compares, when it is time. Rejects when Postgres cannot be asked. */
  async look(): Promise<void> {
    const { sql, now, alarmed, log } = this.#deps;
    const sentAt = performance.now();
    if (sentAt < this.#nextAt) return;
    this.#nextAt = sentAt + EVERY_MS;
    const before = now();
    const there = await databaseNow(sql);
    if (performance.now() - sentAt > SLOW_MS) return;
    const known = this.alarm;
    this.#aheadMs = Math.round((before + now()) / 2 - there);
    if (this.alarm) {
      alarmed();
      log.warn({ aheadMs: this.#aheadMs }, 'the clock of this machine is off from the database’s by more than 2 s');
    } else if (known) log.info({ aheadMs: this.#aheadMs }, 'the clock of this machine is right again');
  }
}
