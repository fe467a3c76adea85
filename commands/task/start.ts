/** `/task start`, and Start on the card of a held task. */
import { action, type Invocation, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import type { Services } from '../services.js';
import { taskChoice, taskId, titled } from '../words.js';

const startDefinition = {
  name: 'start',
  description: 'Start a task that is on hold or set for later',
  options: [{ name: 'id', type: OPTION.string, description: 'Type a part of its title', required: true, autocomplete: true }],
} as const satisfies ActionDefinition;

export function startTask(services: Services): Part {
  const start = async (id: string, { actor }: Invocation) =>
    say(`${titled(await services.tasks.start(taskId(id), actor))} is in the queue now.`);
  return {
    action: action(startDefinition, {
      run: async ({ id }, invocation) => start(id, invocation),
      suggest: {
        id: async (typed, _, { actor }) =>
          (await services.tasks.suggest('start', typed, actor)).map((task) => taskChoice(services.agents, task)),
      },
    }),
    components: { start: { first: 'ephemeral', on: 'task', run: async ({ id }, invocation) => start(id, invocation) } },
  };
}
