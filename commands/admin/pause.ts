/** `/admin pause` and `/admin resume`: an agent starts nothing new while it is paused; what runs goes on. */
import { line } from '../../src/discord/cards/text.js';
import { action, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { requireAgent } from '../creation/advance.js';
import type { Services } from '../services.js';
import { suggestAgents } from '../words.js';
import { EVERYWHERE, requireAdmin, where } from './guard.js';

const AGENT = {
  name: 'agent',
  type: OPTION.string,
  description: 'Which one',
  required: true,
  autocomplete: true,
  max_length: 100,
} as const;

const pauseDefinition = {
  name: 'pause',
  description: 'Let an agent start nothing new; what runs goes on',
  options: [AGENT, EVERYWHERE],
} as const satisfies ActionDefinition;

const resumeDefinition = {
  name: 'resume',
  description: 'Let a paused agent work again',
  options: [AGENT, EVERYWHERE],
} as const satisfies ActionDefinition;

export function pauseAgent(services: Services): Part {
  return {
    action: action(pauseDefinition, {
      async run({ agent: agentId, everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        const name = `**${line(requireAgent(services, agentId).name, 100)}**`;
        const outcome = await services.admin.pause(agentId, actor, reach);
        if (outcome === 'already') return say(`${name} is paused ${where(reach)} already.`);
        return say(`${name} is paused ${where(reach)}: it starts nothing new until \`/admin resume\`. What runs goes on.`);
      },
      suggest: { agent: async (typed) => suggestAgents(services.agents, typed) },
    }),
  };
}

export function resumeAgent(services: Services): Part {
  return {
    action: action(resumeDefinition, {
      async run({ agent: agentId, everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        const name = `**${line(requireAgent(services, agentId).name, 100)}**`;
        const outcome = await services.admin.resume(agentId, actor, reach);
        return say(outcome === 'resumed' ? `${name} works again ${where(reach)}.` : `${name} was not paused ${where(reach)}.`);
      },
      suggest: { agent: async (typed) => suggestAgents(services.agents, typed) },
    }),
  };
}
