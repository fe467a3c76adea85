/** What the two charts of the statistics show, as Chart.js configurations. */
import type { ChartConfiguration, ChartOptions, Plugin } from 'chart.js';
import { formatCount } from '../../agents/markdown.js';
import { COLOURS, FONT } from './theme.js';

/** Counts of tasks. `label`: a day or an hour, as it should stand under the column. */
export interface StatsChartData {
  title: string;
  /** Oldest first; without gaps, so that an hour without tasks shows as an empty one. */
  buckets: readonly { label: string; completed: number; failed: number; cancelled: number }[];
  /** Tasks per agent; the busiest are shown, the rest is summed up. */
  agents: readonly { agentId: string; count: number }[];
}

const MOST_BARS = 8;
const LONGEST_LABEL = 26;

/** The throughput stacked by status, and the bars of the agents. */
export function statsConfigs(data: StatsChartData): [ChartConfiguration<'bar'>, ChartConfiguration<'bar'>] {
  return [throughputConfig(data.buckets), agentsConfig(busiest(data.agents))];
}

function throughputConfig(buckets: StatsChartData['buckets']): ChartConfiguration<'bar'> {
  const statuses = [
    ['Completed', 'completed'],
    ['Failed', 'failed'],
    ['Cancelled', 'cancelled'],
  ] as const;
  const options = baseOptions('Tasks that ended');
  const empty = buckets.every(({ completed, failed, cancelled }) => completed + failed + cancelled === 0);
  return {
    type: 'bar',
    data: {
      labels: buckets.map(({ label }) => label),
      datasets: statuses.map(([label, status]) => ({
        label: `${label} (${formatCount(sum(buckets.map((bucket) => bucket[status])))})`,
        data: buckets.map((bucket) => bucket[status]),
        backgroundColor: COLOURS[status],
        maxBarThickness: 64,
      })),
    },
    options: {
      ...options,
      scales: {
        x: { stacked: true, grid: { display: false }, ticks: { ...ticks(), maxRotation: 0, autoSkipPadding: 16 } },
        y: {
          stacked: true,
          beginAtZero: true,
          grid: { color: COLOURS.grid },
          ticks: { ...ticks(), precision: 0, display: !empty },
        },
      },
    },
    plugins: [emptyNotice(empty)],
  };
}

function agentsConfig(agents: StatsChartData['agents']): ChartConfiguration<'bar'> {
  const options = baseOptions('Tasks per agent');
  const empty = agents.every(({ count }) => count === 0);
  return {
    type: 'bar',
    data: {
      labels: agents.map(({ agentId, count }) => `${shorten(agentId)} · ${formatCount(count)}`),
      datasets: [{ data: agents.map(({ count }) => count), backgroundColor: COLOURS.agent, maxBarThickness: 30 }],
    },
    options: {
      ...options,
      indexAxis: 'y',
      plugins: { ...options.plugins, legend: { display: false } },
      scales: {
        x: { beginAtZero: true, grid: { color: COLOURS.grid }, ticks: { ...ticks(), precision: 0, display: !empty } },
        y: { grid: { display: false }, ticks: { ...ticks(), autoSkip: false, color: COLOURS.text } },
      },
    },
    plugins: [emptyNotice(empty)],
  };
}

function baseOptions(title: string): ChartOptions<'bar'> {
  return {
    responsive: false,
    animation: false,
    devicePixelRatio: 1,
    layout: { padding: { top: 6, right: 12 } },
    plugins: {
      title: {
        display: true,
        text: title,
        align: 'start',
        color: COLOURS.text,
        font: { family: FONT, size: 22, weight: 'bold' },
      },
      legend: {
        align: 'start',
        labels: { color: COLOURS.text, font: { family: FONT, size: 19 }, boxWidth: 20, boxHeight: 20, padding: 18 },
      },
    },
  };
}

function ticks() {
  return { color: COLOURS.quiet as string, font: { family: FONT, size: 18 } };
}

/** Says in the picture that there is nothing, so that an empty chart does not look like a broken one. */
function emptyNotice(empty: boolean): Plugin<'bar'> {
  return {
    id: 'empty-notice',
    afterDraw({ ctx, chartArea }) {
      if (!empty) return;
      ctx.fillStyle = COLOURS.quiet;
      ctx.font = `22px ${FONT}`;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      ctx.fillText('No tasks in this time', (chartArea.left + chartArea.right) / 2, (chartArea.top + chartArea.bottom) / 2);
    },
  };
}

/** Busiest first; what does not fit becomes one bar. */
function busiest(agents: StatsChartData['agents']): StatsChartData['agents'] {
  const sorted = agents.toSorted((one, other) => other.count - one.count || one.agentId.localeCompare(other.agentId));
  if (sorted.length <= MOST_BARS) return sorted;
  const rest = sorted.slice(MOST_BARS - 1);
  return [...sorted.slice(0, MOST_BARS - 1), { agentId: `${rest.length} others`, count: sum(rest.map(({ count }) => count)) }];
}

function shorten(agentId: string): string {
  return agentId.length > LONGEST_LABEL ? `${agentId.slice(0, LONGEST_LABEL - 1)}…` : agentId;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
