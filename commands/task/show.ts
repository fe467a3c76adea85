/** `/task show`, and Details on a card. */
import { renderDetails } from '../../src/discord/cards/details.js';
import { action, type Invocation, type Outcome, type Part } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import type { Services } from '../services.js';
import { agentName, taskChoice, taskId } from '../words.js';

const showDefinition = {
  name: 'show',
  description: 'Everything about a task, with its history',
  options: [{ name: 'id', type: OPTION.string, description: 'Type a part of its title', required: true, autocomplete: true }],
} as const satisfies ActionDefinition;

export function showTask(services: Services): Part {
  return {
    action: action(showDefinition, {
      run: async ({ id }, invocation) => detailsOf(services, taskId(id), invocation),
      suggest: {
        id: async (typed, _, { actor }) =>
          (await services.tasks.suggest('show', typed, actor)).map((task) => taskChoice(services.agents, task)),
      },
    }),
    components: {
      details: { first: 'ephemeral', on: 'task', run: async ({ id }, invocation) => detailsOf(services, taskId(id), invocation) },
    },
  };
}

/** All that is known of a task, for the one who asks. */
export async function detailsOf(services: Services, id: string, { actor, receivedAt }: Invocation): Promise<Outcome> {
  const details = await services.tasks.details(id, actor);
  const { embeds, components } = renderDetails({
    details,
    agentName: agentName(services.agents, details.task.agentId),
    now: receivedAt,
  });
  return { kind: 'message', body: { embeds, components } };
}
