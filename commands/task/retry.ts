/** `/task retry`, and Retry on a card. */
import { action, type Invocation, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import type { Services } from '../services.js';
import { taskChoice, taskId, titled } from '../words.js';

const retryDefinition = {
  name: 'retry',
  description: 'Put a failed or cancelled task back into the queue',
  options: [{ name: 'id', type: OPTION.string, description: 'Type a part of its title', required: true, autocomplete: true }],
} as const satisfies ActionDefinition;

export function retryTask(services: Services): Part {
  const retry = async (id: string, { actor }: Invocation) =>
    say(`${titled(await services.tasks.retry(taskId(id), actor))} is back in the queue.`);
  return {
    action: action(retryDefinition, {
      run: async ({ id }, invocation) => retry(id, invocation),
      suggest: {
        id: async (typed, _, { actor }) =>
          (await services.tasks.suggest('retry', typed, actor)).map((task) => taskChoice(services.agents, task)),
      },
    }),
    components: { retry: { first: 'ephemeral', on: 'task', run: async ({ id }, invocation) => retry(id, invocation) } },
  };
}
