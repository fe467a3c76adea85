/** The agents of one process: which there are, which queue each serves, and which queues this process runs. */
import type { Agent } from './contract.js';
import { AgentDefinitionError, validateAgent } from './validate.js';

/** The queue of tasks that name no agent. */
export const DEFAULT_QUEUE = 'default';

/** One entry of the setting `AGENTS`: `researcher` or, with tasks at once, `researcher:4`. */
export interface RunEntry {
  id: string;
  concurrency?: number;
}

export interface RegistryOptions {
  /** Id of the agent that runs tasks which name none. An agent with the id `default` comes first. */
  defaultAgent?: string;
  /** Which queues this process runs: `all` (when absent), `none` (it only takes orders), or these. */
  run?: readonly RunEntry[] | 'all' | 'none';
  /** Where agents can be imported from, of those that were loaded from modules. */
  modules?: ReadonlyMap<Agent, string>;
}

/** A queue that this process runs. */
export interface ServedQueue {
  queueId: string;
  agent: Agent;
  /** Tasks at once; absent: the setting `WORKER_CONCURRENCY`. */
  concurrency: number | undefined;
}

export interface Registry {
  get(id: string): Agent | undefined;
  /** All agents, in the order they were given. */
  all(): readonly Agent[];
  /** The agent that runs the tasks of a queue, whether or not this process does; none: nobody here knows that queue. */
  runner(queueId: string): Agent | undefined;
  served(): readonly ServedQueue[];
  /** The queues whose tasks an agent runs: its own, and the default queue when it serves that. One is paused and resumed with the other. */
  queuesOf(agentId: string): string[];
  /** The module from which a thread of its own imports the agent; undefined: it runs in the main thread. */
  moduleOf(agent: Agent): string | undefined;
}

/** @throws AgentDefinitionError when an agent is not valid, an id is taken twice, or an option names an agent that is not there. */
export function createRegistry(agents: readonly Agent[], options: RegistryOptions = {}): Registry {
  const byId = indexById(agents);
  const known = [...byId.keys()].join(', ') || 'none';
  if (options.defaultAgent !== undefined && !byId.has(options.defaultAgent))
    throw new AgentDefinitionError(`The default agent "${options.defaultAgent}" does not exist. There are: ${known}.`);

  const runner = (queueId: string) =>
    byId.get(queueId) ??
    (queueId === DEFAULT_QUEUE && options.defaultAgent !== undefined ? byId.get(options.defaultAgent) : undefined);
  const served = chooseServed(agents, runner, options.run ?? 'all', known);
  const queuesOf = (id: string) => (id !== DEFAULT_QUEUE && runner(DEFAULT_QUEUE)?.id === id ? [id, DEFAULT_QUEUE] : [id]);
  const moduleOf = (agent: Agent) => (agent.isolation === 'none' ? undefined : (agent.module ?? options.modules?.get(agent)));
  return { get: (id) => byId.get(id), all: () => [...byId.values()], runner, served: () => served, queuesOf, moduleOf };
}

function indexById(agents: readonly Agent[]): Map<string, Agent> {
  const byId = new Map<string, Agent>();
  for (const [index, candidate] of agents.entries()) {
    const agent = validateAgent(candidate, `agent ${index + 1} of ${agents.length}`);
    if (byId.has(agent.id)) throw new AgentDefinitionError(`Two agents have the id "${agent.id}". Ids must be unique.`);
    byId.set(agent.id, agent);
  }
  return byId;
}

/**
 * The default queue goes with the agent that runs it, unless it is named itself: whoever splits agents
 * over processes should not find the tasks without an agent waiting for a process that nobody started.
 */
function chooseServed(
  agents: readonly Agent[],
  runner: (queueId: string) => Agent | undefined,
  run: readonly RunEntry[] | 'all' | 'none',
  known: string,
): ServedQueue[] {
  if (run === 'none') return [];
  const entries: readonly RunEntry[] = run === 'all' ? agents.map(({ id }) => ({ id })) : run;
  const served = new Map<string, ServedQueue>();
  for (const { id, concurrency } of entries) {
    const agent = runner(id);
    if (!agent) throw new AgentDefinitionError(`AGENTS names "${id}", which does not exist. There are: ${known}.`);
    if (served.has(id)) throw new AgentDefinitionError(`AGENTS names "${id}" twice.`);
    served.set(id, { queueId: id, agent, concurrency: concurrency ?? agent.concurrency });
  }
  const serving = served.get(runner(DEFAULT_QUEUE)?.id ?? '');
  if (serving && !served.has(DEFAULT_QUEUE)) served.set(DEFAULT_QUEUE, { ...serving, queueId: DEFAULT_QUEUE });
  return [...served.values()];
}
