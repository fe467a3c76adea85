/** `/task cancel`, and Cancel on a card. */
import { action, type Invocation, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { BOUNDS } from '../../src/tasks/model.js';
import type { Services } from '../services.js';
import { taskChoice, taskId, titled } from '../words.js';

const cancelDefinition = {
  name: 'cancel',
  description: 'Stop a task that has not ended yet',
  options: [
    { name: 'id', type: OPTION.string, description: 'Type a part of its title', required: true, autocomplete: true },
    { name: 'reason', type: OPTION.string, description: 'Why, for its history', max_length: BOUNDS.reason },
  ],
} as const satisfies ActionDefinition;

export function cancelTask(services: Services): Part {
  const cancel = async (id: string, { actor }: Invocation, reason?: string) =>
    say(`Cancelled ${titled(await services.tasks.cancel(taskId(id), actor, reason))}. Retry brings it back.`);
  return {
    action: action(cancelDefinition, {
      run: async ({ id, reason }, invocation) => cancel(id, invocation, reason),
      suggest: {
        id: async (typed, _, { actor }) =>
          (await services.tasks.suggest('cancel', typed, actor)).map((task) => taskChoice(services.agents, task)),
      },
    }),
    components: { cancel: { first: 'ephemeral', on: 'task', run: async ({ id }, invocation) => cancel(id, invocation) } },
  };
}
