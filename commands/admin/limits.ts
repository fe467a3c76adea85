/** `/admin limits show` and `set`: how much this server may have in the queue. */
import { action, type Invocation, type Outcome, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { ForbiddenError, InvalidError } from '../../src/tasks/errors.js';
import type { GuildLimits } from '../../src/tasks/service.js';
import type { Services } from '../services.js';
import { requireAdmin } from './guard.js';

const limitsShowDefinition = {
  name: 'show',
  description: 'How many tasks this server may have at once',
} as const satisfies ActionDefinition;

const limitsSetDefinition = {
  name: 'set',
  description: 'Change how many tasks this server may have at once',
  options: [
    { name: 'queue_size', type: OPTION.integer, description: 'Waiting tasks per agent', min_value: 100, max_value: 10_000 },
    { name: 'channel_limit', type: OPTION.integer, description: 'Unfinished tasks per channel', min_value: 10, max_value: 1000 },
    { name: 'reset', type: OPTION.boolean, description: 'Go back to the settings of the whole installation' },
  ],
} as const satisfies ActionDefinition;

export function showLimits(services: Services): Part {
  return { action: action(limitsShowDefinition, { run: async (_, invocation) => limitsNow(services, invocation, '') }) };
}

export function setLimits(services: Services): Part {
  return {
    action: action(limitsSetDefinition, {
      async run({ queue_size, channel_limit, reset }, invocation) {
        requireHere(invocation);
        if (queue_size === undefined && channel_limit === undefined && !reset)
          throw new InvalidError('Say what to change: `queue_size`, `channel_limit`, or `reset`.');
        const change: Partial<GuildLimits> = reset ? { queueSize: null, channelLimit: null } : {};
        if (queue_size !== undefined) change.queueSize = queue_size;
        if (channel_limit !== undefined) change.channelLimit = channel_limit;
        await services.admin.setLimits(change, invocation.actor);
        return limitsNow(services, invocation, 'Changed. ');
      },
    }),
  };
}

/** Limits belong to a guild: owning the application does not give a direct message any. */
function requireHere({ actor }: Invocation): void {
  requireAdmin(actor);
  if (actor.guildId === null) throw new ForbiddenError('Limits belong to a server. Use this in one.');
}

async function limitsNow(services: Services, invocation: Invocation, before: string): Promise<Outcome> {
  requireHere(invocation);
  const { guild, inForce } = await services.admin.limits(invocation.actor);
  const origin = (own: number | null, inUse: number) => (own !== inUse ? "the installation's setting" : 'set for this server');
  const queue = inForce.queueSize === 0 ? 'any number of' : inForce.queueSize.toLocaleString('en-US');
  return say(
    `${before}This server may have ${queue} waiting tasks per agent (${origin(guild.queueSize, inForce.queueSize)}) ` +
      `and ${inForce.channelLimit.toLocaleString('en-US')} unfinished tasks per channel (${origin(guild.channelLimit, inForce.channelLimit)}).`,
  );
}
