/** Agents for benchmarks. As a module it can be named in AGENT_MODULES. */
import { z } from 'zod';
import { type Agent, defineAgent } from '../src/agents/contract.js';

/** Tasks at once: more than any benchmark needs. */
const CONCURRENCY = 1000;

/** Works until it is released, all of its tasks at the same moment, and tells its progress every second. */
function busyAgent(released: Promise<void>): Agent {
  return defineAgent({
    id: 'bench-busy',
    name: 'Busy',
    description: 'Works until it is released and tells its progress every second.',
    inputSchema: z.object({}),
    concurrency: CONCURRENCY,
    // It only waits, as agents do that call a service: a thread for each of a thousand runs would be what is measured.
    isolation: 'none',
    async run(_task, context) {
      for (let seconds = 0, working = true; working; seconds += 1) {
        context.progress(seconds % 100, 'Working', `For ${seconds} s`);
        working = await Promise.race([context.wait(1000).then(() => true), released.then(() => false)]);
      }
      return { text: 'Done.' };
    },
  });
}

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

/** Released by the signal SIGUSR2. */
export default [busyAgent(new Promise((resolve) => process.once('SIGUSR2', () => resolve())))];
