/** Agents for benchmarks. As a module it can be named in AGENT_MODULES. */
import { z } from 'zod';
import { type Agent, defineAgent } from '../src/agents/contract.js';

/** Tasks at once: more than any benchmark needs. */
const CONCURRENCY = 1000;

/** Works until a given time and tells its progress every second. */
const untilAgent = defineAgent({
  id: 'bench-until',
  name: 'Until',
  description: 'Works until a given time and tells its progress every second.',
  inputSchema: z.object({ until: z.number().describe('Milliseconds since 1970.') }),
  concurrency: CONCURRENCY,
  async run({ input }, context) {
    const total = Math.max(1, input.until - Date.now());
    for (let left = total; left > 0; left = input.until - Date.now()) {
      context.progress(100 * (1 - left / total), 'Working', `${Math.ceil(left / 1000)} s left`);
      await context.wait(Math.min(1000, left));
    }
    return { text: 'Done.' };
  },
});

/** Does nothing, and tells when it began. */
export function nothingAgent(began: (taskId: string) => void, concurrency: number): Agent {
  return defineAgent({
    id: 'bench-nothing',
    name: 'Nothing',
    description: 'Does nothing.',
    inputSchema: z.object({}),
    concurrency,
    async run(task) {
      began(task.id);
      return { text: 'Done.' };
    },
  });
}

export default [untilAgent];
