/** `/admin timeout-stale`: fails runs that nobody hears of any more. */
import { count } from '../../src/discord/cards/parts.js';
import { action, type Part, say } from '../../src/discord/router/contract.js';
import type { ActionDefinition } from '../../src/discord/router/options.js';
import type { Services } from '../services.js';
import { titled } from '../words.js';
import { EVERYWHERE, requireAdmin, where } from './guard.js';

const timeoutStaleDefinition = {
  name: 'timeout-stale',
  description: 'Fail running tasks whose worker is gone or whose time is over',
  options: [EVERYWHERE],
} as const satisfies ActionDefinition;

const NAMED = 10;

export function timeoutStale(services: Services): Part {
  return {
    action: action(timeoutStaleDefinition, {
      async run({ everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        const tasks = await services.admin.timeoutStale(actor, reach);
        if (tasks.length === 0) return say(`No running task is stale ${where(reach)}.`);
        const names = tasks.slice(0, NAMED).map((task) => `• ${titled(task)}`);
        const more = tasks.length > NAMED ? [`… and ${tasks.length - NAMED} more`] : [];
        return say([`Ended ${count(tasks.length, 'stale task')} ${where(reach)}:`, ...names, ...more].join('\n').slice(0, 2000));
      },
    }),
  };
}
