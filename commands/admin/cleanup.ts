/** `/admin cleanup`: shows what would go, and removes it when that is confirmed. */
import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { count } from '../../src/discord/cards/parts.js';
import { customId } from '../../src/discord/custom-id.js';
import { action, type Component, type Outcome, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { InvalidError } from '../../src/tasks/errors.js';
import type { CleanupCounts, CleanupFilter, Reach } from '../../src/tasks/service.js';
import { ENDED_CHOICES, TASK_CHANNELS } from '../options.js';
import type { Services } from '../services.js';
import { endedWords } from '../words.js';
import { EVERYWHERE, requireAdmin, where } from './guard.js';

const cleanupDefinition = {
  name: 'cleanup',
  description: 'Remove tasks that have ended; shows first what would go',
  options: [
    { name: 'older_than', type: OPTION.integer, description: 'Days since they ended', min_value: 0, max_value: 3650 },
    { name: 'status', type: OPTION.string, description: 'Only those in this state', choices: ENDED_CHOICES },
    { name: 'channel', type: OPTION.channel, description: 'Only those of this channel', channel_types: TASK_CHANNELS },
    EVERYWHERE,
  ],
} as const satisfies ActionDefinition;

export function cleanupTasks(services: Services): Part {
  return {
    action: action(cleanupDefinition, {
      async run({ older_than, status, channel, everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        const filter: CleanupFilter = { olderThanDays: older_than, status, channelId: channel };
        return preview(await services.admin.cleanupPreview(filter, actor, reach), filter, reach);
      },
    }),
    components: { cleanup: confirmed(services), 'cleanup-keep': kept },
  };
}

function preview(counts: CleanupCounts, filter: CleanupFilter, reach: Reach): Outcome {
  const total = counts.completed + counts.failed + counts.cancelled;
  const spared = counts.spared === 0 ? '' : ` ${count(counts.spared, 'more task')} must be announced first and would stay.`;
  const rule = ruleWords(filter.olderThanDays);
  if (total === 0) return say(`There is nothing to remove ${where(reach)}${rule}.${spared}`);
  const packed = pack(filter, reach);
  return say(
    `This would remove ${count(total, 'task')} ${where(reach)}${rule}: ${endedWords(counts)}.${spared} Their history stays, their files go.`,
    {
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            {
              type: ComponentType.Button,
              style: ButtonStyle.Danger,
              label: `Remove ${total}`,
              custom_id: customId('cleanup', '-', packed),
            },
            {
              type: ComponentType.Button,
              style: ButtonStyle.Secondary,
              label: 'Keep them',
              custom_id: customId('cleanup-keep', '-'),
            },
          ],
        },
      ],
    },
  );
}

function ruleWords(days: number | undefined): string {
  if (days === undefined) return ' by the retention settings';
  return days === 0 ? '' : ` that ended ${count(days, 'day')} ago or earlier`;
}

function confirmed(services: Services): Component {
  return {
    first: 'update',
    async run({ argument }, { actor }) {
      const { filter, everywhere } = unpack(argument ?? '');
      const reach = requireAdmin(actor, everywhere);
      const counts = await services.admin.cleanup(filter, actor, reach);
      const total = counts.completed + counts.failed + counts.cancelled;
      const what = total === 0 ? '' : `: ${endedWords(counts)}`;
      return { kind: 'update', body: { content: `Removed ${count(total, 'task')} ${where(reach)}${what}.` } };
    },
  };
}

const kept: Component = {
  first: 'update',
  run: async () => ({ kind: 'update', body: { content: 'Nothing was removed.' } }),
};

/** The filter as a custom_id can carry it: `30,failed,<channel>,e`, each part empty where it is absent. */
function pack({ olderThanDays, status, channelId }: CleanupFilter, { everywhere }: Reach): string {
  return [olderThanDays ?? '', status ?? '', channelId ?? '', everywhere ? 'e' : ''].join(',');
}

/** Reads it back. Throws InvalidError for what `pack` did not make. */
function unpack(packed: string): { filter: CleanupFilter; everywhere: boolean } {
  const match = /^(\d{0,4}),(completed|failed|cancelled|),(\d{17,20}|),(e?)$/.exec(packed);
  if (!match) throw new InvalidError('This button is damaged. Please use `/admin cleanup` again.');
  const [, days, status, channelId, everywhere] = match;
  return {
    filter: {
      olderThanDays: days ? Number(days) : undefined,
      status: status ? (status as CleanupFilter['status']) : undefined,
      channelId: channelId || undefined,
    },
    everywhere: everywhere === 'e',
  };
}
