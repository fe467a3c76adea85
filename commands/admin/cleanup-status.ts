/** `/admin cleanup-status`: when the cleanup ran, what it removed, and by which rules. */
import { count, duration, person, stamp } from '../../src/discord/cards/parts.js';
import { line } from '../../src/discord/cards/text.js';
import { action, type Part, say } from '../../src/discord/router/contract.js';
import type { ActionDefinition } from '../../src/discord/router/options.js';
import type { Services } from '../services.js';
import { endedWords } from '../words.js';
import { requireAdmin } from './guard.js';

const cleanupStatusDefinition = {
  name: 'cleanup-status',
  description: 'When the cleanup ran last, what it removed and what it keeps',
} as const satisfies ActionDefinition;

export function cleanupStatus(services: Services): Part {
  return {
    action: action(cleanupStatusDefinition, {
      async run(_, { actor }) {
        requireAdmin(actor);
        const { lastRun, lastRegularAt, nextRunAt, retentionDays, maxCompleted, maxFailed } =
          await services.admin.cleanupStatus(actor);
        const most = (number: number, word: string) =>
          number === 0 ? `all ${word}` : `${number.toLocaleString('en-US')} ${word}`;
        const lines = [
          `Tasks that have ended are kept for ${count(retentionDays, 'day')}, at most ${most(maxCompleted, 'completed')} and ${most(maxFailed, 'failed')} per channel.`,
          lastRegularAt === null ? 'The regular cleanup has not run yet.' : `The regular cleanup ran ${stamp(lastRegularAt)}.`,
          ...(nextRunAt === null ? [] : [`It runs again ${stamp(nextRunAt)}.`]),
          ...(lastRun === null
            ? []
            : [
                `The last cleanup ${actor.guildId === null ? 'of everything' : 'of this server alone'} ran ${stamp(lastRun.at)} ${runner(lastRun.by)} and removed ${endedWords(lastRun.removed)} in ${duration(lastRun.tookMs / 1000)}.`,
              ]),
        ];
        return say(lines.join('\n'));
      },
    }),
  };
}

function runner(actor: string): string {
  const user = /^person:(\d{17,20})$/.exec(actor);
  return user?.[1] ? `by ${person(user[1])}` : actor === 'keeper' ? 'by itself' : `by ${line(actor, 60)}`;
}
