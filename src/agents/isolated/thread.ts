/**
 * The thread in which the agents of one module run, one run at a time. Gives each run the context of the contract, over a port of its own.
 *
 * An error that nobody caught belongs to the run in whose course it came up: that run fails with it, and no other.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Agent } from '../contract.js';
import { parseInput } from '../input.js';
import { RETIRE, type RunMessage } from './messages.js';
import { ThreadRun } from './thread-run.js';

const engine = parentPort as MessagePort;
const { module } = workerData as { module: string };
const loading = import(/* @vite-ignore */ module) as Promise<Record<string, unknown>>;
// The first run says what is wrong with it.
loading.catch(() => undefined);
const course = new AsyncLocalStorage<ThreadRun>();
let current: ThreadRun | undefined;

/** Found before; to look through a module costs more than a short run. */
const agents = new Map<string, Agent>();

/** The agent of that id among everything that the module exports. */
function agentOf(exported: Record<string, unknown>, agentId: string): Agent {
  const known = agents.get(agentId);
  if (known !== undefined) return known;
  const found = Object.values(exported)
    .flat()
    .find((value): value is Agent => typeof value === 'object' && value !== null && (value as Agent).id === agentId);
  if (found === undefined) throw new Error(`The module of the agent ${agentId} does not export it any more.`);
  agents.set(agentId, found);
  return found;
}

async function perform(run: ThreadRun, { agentId, task }: RunMessage): Promise<void> {
  try {
    const agent = agentOf(await loading, agentId);
    const input = parseInput(agent, task.input);
    if (!input.ok) throw new Error('The input no longer fits the agent.');
    run.finish(await agent.run({ ...task, input: input.value, files: run.files }, run.context));
  } catch (error) {
    run.fail(error, false);
  }
}

engine.on('message', (message: RunMessage) => {
  const run = new ThreadRun(message.port as MessagePort, message.task.files);
  current = run;
  run.begin();
  void course.run(run, () => perform(run, message));
});

function uncaught(error: unknown): void {
  const run = course.getStore() ?? current;
  if (run === undefined || run.over) engine.postMessage(RETIRE);
  else run.fail(error, true);
}
process.on('uncaughtException', uncaught);
process.on('unhandledRejection', uncaught);
