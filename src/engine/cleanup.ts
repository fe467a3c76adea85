/**
 * Cleanup: finished tasks leave by the retention settings, and with them whatever nobody needs any more. Regular ones are done by one process at a time,
 * in chunks of at most 500 rows a statement, so that nothing else waits for them. A person may run one for a guild at any time.
 */
import cron, { type ScheduledTask } from 'node-cron';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { lastCleanup, lastRegularAt, recordCleanup, sinceLastRegular, withCleanupLock } from '../store/admin/cleanup-runs.js';
import { addCounts, CHUNK, noCounts, removeTasks } from '../store/admin/remove.js';
import { channelsDue, countDue, dueTasks, type FinalStatus, type RetentionRule } from '../store/admin/retention.js';
import { SWEEPS } from '../store/admin/sweep.js';
import { isConnectionError } from '../store/database.js';
import type { CleanupCounts, CleanupFilter, CleanupStatus } from '../tasks/service.js';
import { FINAL_STATUSES } from '../tasks/states.js';

/** The retention settings: days, and tasks kept per channel (0: no limit). */
export interface Retention {
  retentionDays: number;
  maxCompleted: number;
  maxFailed: number;
}

/** At 17 minutes past each hour: away from the full hour, when schedules are due. */
const SWEEP_AT = '17 * * * *';

export interface CleanupDeps {
  sql: postgres.Sql;
  retention: Retention;
  /** Milliseconds between two regular cleanups. */
  intervalMs: number;
  /** Hears which tasks have been removed. */
  onRemoved(ids: readonly string[]): void;
  log: Logger;
}

/** Which guild a cleanup is for; null: all of them. */
export interface Cleanup {
  start(): void;
  /** Ends the schedule and waits for the chunk that is under way. */
  stop(): Promise<void>;
  /** Cleans up now. `actor` as in the audit history. */
  runNow(actor: string, filter: CleanupFilter, guildId: string | null): Promise<CleanupCounts>;
  /** What `runNow` would remove. */
  preview(filter: CleanupFilter, guildId: string | null): Promise<CleanupCounts>;
  status(guildId: string | null): Promise<CleanupStatus>;
  /** Throws away what has grown too old (history, drafts, claims, files of refused runs), unless another process is cleaning up. Runs every hour. */
  sweep(): Promise<void>;
  /** One regular cleanup, as the schedule does it; null when another process is at it or has just done it. */
  regular(): Promise<CleanupCounts | null>;
}

/** `olderThanDays` given: age alone decides. Absent: the settings do, narrowed by status and channel. */
function ruleOf(retention: Retention, filter: CleanupFilter, guildId: string | null): RetentionRule {
  const byAge = filter.olderThanDays !== undefined;
  return {
    guildId,
    channelId: filter.channelId ?? null,
    statuses: filter.status === undefined ? FINAL_STATUSES : [filter.status satisfies FinalStatus],
    olderThanDays: filter.olderThanDays ?? retention.retentionDays,
    maxCompleted: byAge ? 0 : retention.maxCompleted,
    maxFailed: byAge ? 0 : retention.maxFailed,
  };
}

class CleanupRunner implements Cleanup {
  readonly #deps: CleanupDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #hourly: ScheduledTask | undefined;
  #stopped = false;
  #nextRunAt: Date | null = null;

  constructor(deps: CleanupDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#schedule(Math.min(this.#deps.intervalMs, 10_000));
    this.#hourly = cron.schedule(SWEEP_AT, () => this.sweep().catch((error: unknown) => this.#trouble(error)), {
      noOverlap: true,
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#nextRunAt = null;
    clearTimeout(this.#timer);
    await this.#hourly?.destroy();
    await this.#running;
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#nextRunAt = new Date(Date.now() + ms);
    this.#timer = setTimeout(() => {
      this.#running = this.regular()
        .catch((error: unknown) => this.#trouble(error))
        .then(() => this.#schedule(this.#deps.intervalMs));
    }, ms);
    this.#timer.unref();
  }

  #trouble(error: unknown): void {
    this.#deps.log[isConnectionError(error) ? 'warn' : 'error'](
      { err: error },
      'the cleanup failed; it is tried again at its next time',
    );
  }

  async regular(): Promise<CleanupCounts | null> {
    const { sql, intervalMs } = this.#deps;
    const outcome = await withCleanupLock(sql, async () => {
      const since = await sinceLastRegular(sql);
      // Another process has done it in this interval. A tenth is left for clocks and timers that run unevenly.
      if (since !== null && since < intervalMs * 0.9) return null;
      return this.runNow('keeper', {}, null);
    });
    return outcome === 'busy' ? null : outcome;
  }

  async sweep(): Promise<void> {
    await withCleanupLock(this.#deps.sql, () => this.#sweepAll());
  }

  async #sweepAll(): Promise<void> {
    for (const [name, sweep] of Object.entries(SWEEPS)) {
      let gone = 0;
      for (let last = CHUNK; last === CHUNK && !this.#stopped; gone += last) last = await sweep(this.#deps.sql);
      if (gone > 0) this.#deps.log.info({ what: name, gone }, 'swept');
    }
  }

  async runNow(actor: string, filter: CleanupFilter, guildId: string | null): Promise<CleanupCounts> {
    const { sql, retention, log } = this.#deps;
    const start = performance.now();
    const rule = ruleOf(retention, filter, guildId);
    let removed = noCounts();
    for (const channelId of await channelsDue(sql, rule)) {
      removed = addCounts(removed, await this.#cleanChannel(rule, channelId, actor));
      if (this.#stopped) break;
    }
    const tookMs = performance.now() - start;
    await recordCleanup(sql, { actor, guildId, removed, filter, tookMs });
    log.info({ actor, guildId, removed, tookMs: Math.round(tookMs) }, 'cleaned up');
    return removed;
  }

  async #cleanChannel(rule: RetentionRule, channelId: string, actor: string): Promise<CleanupCounts> {
    const { sql, onRemoved } = this.#deps;
    let removed = noCounts();
    for (let ids = await dueTasks(sql, rule, channelId); ids.length > 0; ids = await dueTasks(sql, rule, channelId)) {
      let progress = 0;
      for (let from = 0; from < ids.length && !this.#stopped; from += CHUNK) {
        const counts = await removeTasks(sql, { ids: ids.slice(from, from + CHUNK), actor, onRemoved });
        progress += counts.completed + counts.failed + counts.cancelled;
        removed = addCounts(removed, { ...counts, spared: 0 });
      }
      // What could not be removed has changed meanwhile (retried, or not announced any more): it is left to the next cleanup.
      if (progress < ids.length) break;
    }
    const { spared } = await countDue(sql, rule, channelId);
    return { ...removed, spared };
  }

  async preview(filter: CleanupFilter, guildId: string | null): Promise<CleanupCounts> {
    const { sql, retention } = this.#deps;
    const rule = ruleOf(retention, filter, guildId);
    let counts = noCounts();
    for (const channelId of await channelsDue(sql, rule)) counts = addCounts(counts, await countDue(sql, rule, channelId));
    return counts;
  }

  async status(guildId: string | null): Promise<CleanupStatus> {
    const { sql, retention } = this.#deps;
    const [lastRun, regularAt] = await Promise.all([lastCleanup(sql, guildId), lastRegularAt(sql)]);
    return { lastRun, lastRegularAt: regularAt, nextRunAt: this.#nextRunAt, ...retention };
  }
}

/** Builds it; nothing runs before `start`. */
export function createCleanup(deps: CleanupDeps): Cleanup {
  return new CleanupRunner(deps);
}
