/** `/admin stats`: counts, throughput, durations and success, with a chart. */
import type { APIEmbed } from 'discord-api-types/v10';
import { DateTime } from 'luxon';
import { PRIORITY_LOOKS, STATUS_LOOKS } from '../../src/discord/cards/looks.js';
import { duration } from '../../src/discord/cards/parts.js';
import { line } from '../../src/discord/cards/text.js';
import type { StatsChartData } from '../../src/discord/charts/stats-chart.js';
import { action, type MessageBody, type Part } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { available } from '../../src/store/database.js';
import { readTimeZones } from '../../src/store/interactions/settings.js';
import type { Actor } from '../../src/tasks/actor.js';
import { BOUNDS, PRIORITIES } from '../../src/tasks/model.js';
import type { AgentStats, Reach, Stats } from '../../src/tasks/service.js';
import { STATUSES } from '../../src/tasks/states.js';
import { TASK_CHANNELS } from '../options.js';
import type { Services } from '../services.js';
import { agentName, suggestAgents } from '../words.js';
import { EVERYWHERE, requireAdmin } from './guard.js';

const statsDefinition = {
  name: 'stats',
  description: 'How many tasks, how fast, how well, with a chart',
  options: [
    {
      name: 'period',
      type: OPTION.integer,
      description: 'How far back (24 hours, if you say nothing)',
      choices: [
        { name: 'Last 24 hours', value: 24 },
        { name: 'Last 7 days', value: 168 },
        { name: 'Last 30 days', value: 720 },
      ],
    },
    { name: 'agent', type: OPTION.string, description: 'Only this agent', autocomplete: true, max_length: 100 },
    { name: 'type', type: OPTION.string, description: 'Only tasks of this type', max_length: BOUNDS.type },
    { name: 'channel', type: OPTION.channel, description: 'Only this channel', channel_types: TASK_CHANNELS },
    { name: 'user', type: OPTION.user, description: 'Only tasks of this person' },
    EVERYWHERE,
  ],
} as const satisfies ActionDefinition;

const CHART = 'stats.png';

export function showStats(services: Services): Part {
  return {
    action: action(statsDefinition, {
      async run({ period = 24, agent, type, channel, user, everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        const stats = await services.admin.stats({ hours: period }, actor, {
          ...reach,
          agentId: agent,
          type,
          channelId: channel,
          requesterId: user,
        });
        const zone = await zoneOf(services, actor);
        return { kind: 'message', body: await statsBody(services, stats, { hours: period, zone, ...reach }) };
      },
      suggest: { agent: async (typed) => suggestAgents(services.agents, typed) },
    }),
  };
}

/** In which time zone the hours and days of the chart are named. */
async function zoneOf(services: Services, { userId, guildId }: Actor): Promise<string> {
  const zones = await available(() => readTimeZones(services.sql, userId, guildId));
  return zones.user ?? zones.guild ?? 'UTC';
}

interface Period extends Reach {
  hours: number;
  zone: string;
}

async function statsBody(services: Services, stats: Stats, period: Period): Promise<MessageBody> {
  const { hours, everywhere } = period;
  const title = `Statistics of the last ${hours === 24 ? '24 hours' : `${hours / 24} days`}${everywhere ? ', everywhere' : ''}`;
  // Numbers without a picture are better than neither.
  const chart = await services.drawStats(chartData(services, stats, title, period)).catch((error: unknown) => {
    services.log.error({ err: error }, 'the chart could not be drawn');
    return null;
  });
  const embed: APIEmbed = {
    title,
    color: 0x5865f2,
    description: [
      STATUSES.map((status) => `${STATUS_LOOKS[status].emoji} ${stats.byStatus[status]} ${STATUS_LOOKS[status].counted}`).join(
        ' · ',
      ),
      PRIORITIES.map(
        (priority) =>
          `${PRIORITY_LOOKS[priority].emoji} ${stats.byPriority[priority]} ${PRIORITY_LOOKS[priority].word.toLowerCase()}`,
      ).join(' · '),
      throughput(stats, hours),
      quality(stats),
    ].join('\n'),
    fields: stats.agents.slice(0, 12).map((agent) => ({
      name: line(agentName(services.agents, agent.agentId), 100),
      value: agentLine(agent),
      inline: true,
    })),
    ...(chart === null ? {} : { image: { url: `attachment://${CHART}` } }),
  };
  return { embeds: [embed], ...(chart === null ? {} : { files: [{ name: CHART, data: chart, contentType: 'image/png' }] }) };
}

function chartData(services: Services, stats: Stats, title: string, { hours, zone }: Period): StatsChartData {
  const format = hours <= 48 ? 'HH:mm' : 'd LLL';
  const buckets = stats.buckets.map(({ at, ...counts }) => ({
    label: DateTime.fromJSDate(at, { zone }).toFormat(format),
    ...counts,
  }));
  const agents = stats.agents.map(({ agentId, byStatus }) => ({
    agentId: agentName(services.agents, agentId),
    count: STATUSES.reduce((sum, status) => sum + byStatus[status], 0),
  }));
  return { title, buckets, agents };
}

function throughput({ buckets }: Stats, hours: number): string {
  const ended = buckets.reduce((sum, bucket) => sum + bucket.completed + bucket.failed + bucket.cancelled, 0);
  const perHour = ended / hours;
  const rate = perHour >= 1 ? `${rounded(perHour)} an hour` : `${rounded(perHour * 24)} a day`;
  return `${ended.toLocaleString('en-US')} ended, ${rate}`;
}

function rounded(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: number >= 10 ? 0 : 1 });
}

function quality({ successRate, meanSeconds, p95Seconds }: Stats): string {
  if (successRate === null) return 'Nothing has ended in this time, so there is no success rate yet.';
  const took =
    meanSeconds === null
      ? ''
      : `; a run takes ${duration(meanSeconds)} on average${p95Seconds === null ? '' : `, 95 % of them ${atMost(p95Seconds)}`}`;
  return `**${percent(successRate)}** succeeded${took}`;
}

/** "under 1 s" is a bound already. */
function atMost(seconds: number): string {
  const text = duration(seconds);
  return text.startsWith('under') ? text : `at most ${text}`;
}

function agentLine({ byStatus, successRate, meanSeconds, meanScore }: AgentStats): string {
  return [
    `${byStatus.completed} done, ${byStatus.failed} failed, ${byStatus.pending + byStatus.in_progress} open`,
    successRate === null ? null : `${percent(successRate)} succeeded`,
    meanSeconds === null ? null : `${duration(meanSeconds)} a run`,
    meanScore === null ? null : `👍 ${percent(meanScore)}`,
  ]
    .filter((each) => each !== null)
    .join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;
}
