/** Makes statistics of grouped numbers. */
import type { StatsRow } from '../../store/admin/stats.js';
import { PRIORITIES } from '../model.js';
import type { AgentStats, Stats } from '../service.js';
import { STATUSES, type Status } from '../states.js';

export type BucketUnit = 'hour' | 'day';

/** Longest period whose buckets are hours. */
const HOURLY_UP_TO_HOURS = 48;

/** Buckets of a period. */
export function unitOf(hours: number): BucketUnit {
  return hours <= HOURLY_UP_TO_HOURS ? 'hour' : 'day';
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

function sumBy(rows: readonly StatsRow[], value: (row: StatsRow) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0);
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function summary(rows: readonly StatsRow[]) {
  const byStatus = zeros<Status>(STATUSES);
  for (const row of rows) byStatus[row.status] += row.tasks;
  const completed = rows.filter((row) => row.status === 'completed');
  return {
    byStatus,
    successRate: ratio(byStatus.completed, byStatus.completed + byStatus.failed),
    meanSeconds: ratio(
      sumBy(completed, (row) => row.runSeconds),
      byStatus.completed,
    ),
    meanScore: ratio(
      sumBy(completed, (row) => row.scoreSum),
      sumBy(completed, (row) => row.scoreCount),
    ),
  };
}

const UNIT_MS: Record<BucketUnit, number> = { hour: 3_600_000, day: 86_400_000 };

/** Every bucket from `since` to `until`, also the empty ones. Both units are fixed lengths, because they are counted in UTC. */
function bucketsOf(rows: readonly StatsRow[], unit: BucketUnit, since: Date, until: Date): Stats['buckets'] {
  const buckets = new Map<number, Stats['buckets'][number]>();
  for (let at = since.getTime(); at <= until.getTime(); at += UNIT_MS[unit])
    buckets.set(at, { at: new Date(at), completed: 0, failed: 0, cancelled: 0 });
  for (const row of rows) {
    const bucket = row.at === null ? undefined : buckets.get(row.at.getTime());
    if (bucket && (row.status === 'completed' || row.status === 'failed' || row.status === 'cancelled'))
      bucket[row.status] += row.tasks;
  }
  return [...buckets.values()];
}

/** Statistics of the rows; `percentiles` as by runPercentiles. Agents are sorted by how much they did. */
export function statisticsOf(
  rows: readonly StatsRow[],
  period: { unit: BucketUnit; since: Date; until: Date },
  percentiles: ReadonlyMap<string | null, number>,
): Stats {
  const byPriority = zeros(PRIORITIES);
  for (const row of rows) {
    const priority = PRIORITIES[row.priority];
    if (priority !== undefined) byPriority[priority] += row.tasks;
  }
  const agentIds = [...new Set(rows.map((row) => row.agentId))];
  const agents: AgentStats[] = agentIds.map((agentId) => ({
    agentId,
    ...summary(rows.filter((row) => row.agentId === agentId)),
    p95Seconds: percentiles.get(agentId) ?? null,
  }));
  const done = ({ byStatus }: AgentStats) => byStatus.completed + byStatus.failed + byStatus.cancelled;
  agents.sort((a, b) => done(b) - done(a) || a.agentId.localeCompare(b.agentId));
  const { meanScore: _, ...whole } = summary(rows);
  return {
    since: period.since,
    ...whole,
    p95Seconds: percentiles.get(null) ?? null,
    byPriority,
    agents,
    buckets: bucketsOf(rows, period.unit, period.since, period.until),
  };
}
