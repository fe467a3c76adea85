/** `/agent list`: which agents there are, and how busy they are. */
import { count } from '../../src/discord/cards/parts.js';
import { line } from '../../src/discord/cards/text.js';
import { action, type Part, say } from '../../src/discord/router/contract.js';
import type { ActionDefinition } from '../../src/discord/router/options.js';
import type { AgentState } from '../../src/tasks/service.js';
import type { Services } from '../services.js';

const agentListDefinition = {
  name: 'list',
  description: 'Which agents there are and how busy they are',
} as const satisfies ActionDefinition;

/** Characters of one embed's description. */
const ROOM = 4000;

export function listAgents(services: Services): Part {
  return {
    action: action(agentListDefinition, {
      async run(_, { actor }) {
        const states = new Map((await services.admin.agentStates(actor)).map((state) => [state.agentId, state]));
        const agents = services.agents.all();
        if (agents.length === 0) return say('There are no agents yet.');
        const lines: string[] = [];
        let length = 0;
        for (const agent of agents) {
          const text =
            `**${line(agent.name, 80)}** (\`${agent.id}\`) – ${line(agent.description, 150)}\n` +
            `-# ${stateLine(states.get(agent.id))}${services.agents.queuesOf(agent.id).length > 1 ? ' · also takes the tasks that name no agent' : ''}`;
          length += text.length + 1;
          if (length > ROOM) break;
          lines.push(text);
        }
        const more = agents.length - lines.length;
        if (more > 0) lines.push(`… and ${more} more; \`/agent show\` finds them by name.`);
        return { kind: 'message', body: { embeds: [{ title: 'Agents', description: lines.join('\n'), color: 0x5865f2 }] } };
      },
    }),
  };
}

/** How an agent stands, in one line. */
export function stateLine(state: AgentState | undefined): string {
  if (!state) return 'no work yet';
  const paused = state.pausedEverywhere ? '⏸️ paused everywhere · ' : state.paused ? '⏸️ paused in this server · ' : '';
  const workers = state.workers === 0 ? 'no worker runs it at the moment' : count(state.workers, 'worker');
  return `${paused}${state.running} running · ${state.pending} waiting · ${workers}`;
}
