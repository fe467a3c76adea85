/** `/admin health`: what the bot stands on, and how it answers. */
import { line } from '../../src/discord/cards/text.js';
import { action, type Part } from '../../src/discord/router/contract.js';
import type { ActionDefinition } from '../../src/discord/router/options.js';
import type { DependencyHealth } from '../../src/tasks/service.js';
import type { Services } from '../services.js';
import { requireAdmin } from './guard.js';

const healthDefinition = {
  name: 'health',
  description: 'Whether database, queue, Discord and workers are well',
} as const satisfies ActionDefinition;

const NAMES: Readonly<Record<DependencyHealth['name'], string>> = {
  postgres: 'Database (Postgres)',
  redis: 'Queue (Redis)',
  discord: 'Discord',
  engine: 'Workers',
  event_loop: 'Event loop',
  clock: 'Clock',
};

export function showHealth(services: Services): Part {
  return {
    action: action(healthDefinition, {
      async run(_, { actor }) {
        requireAdmin(actor);
        const parts = await services.admin.health();
        const well = parts.every(({ ok }) => ok);
        const lines = parts.map(
          ({ name, ok, detail, latencyMs }) =>
            `${ok ? '🟢' : '🔴'} **${NAMES[name]}** – ${line(detail, 300)}${latencyMs === null ? '' : ` (${Math.round(latencyMs)} ms)`}`,
        );
        const embed = {
          title: well ? 'All is well' : 'Something needs attention',
          description: lines.join('\n'),
          color: well ? 0x22a559 : 0xda373c,
        };
        return { kind: 'message', body: { embeds: [embed] } };
      },
    }),
  };
}
