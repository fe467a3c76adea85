/** `/agent show`: what one agent does, the input it takes, its queue and state. */
import type { APIEmbedField } from 'discord-api-types/v10';
import { describeInput, type InputField } from '../../src/agents/describe.js';
import { duration } from '../../src/discord/cards/parts.js';
import { cut, line } from '../../src/discord/cards/text.js';
import { action, type Part } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { requireAgent } from '../creation/advance.js';
import { hint } from '../creation/form.js';
import type { Services } from '../services.js';
import { suggestAgents } from '../words.js';
import { stateLine } from './list.js';

const agentShowDefinition = {
  name: 'show',
  description: 'What an agent does, the input it takes, its queue',
  options: [
    { name: 'agent', type: OPTION.string, description: 'Which one', required: true, autocomplete: true, max_length: 100 },
  ],
} as const satisfies ActionDefinition;

const FILES = { none: 'takes none', optional: 'may have some', required: 'needs one' } as const;

export function showAgent(services: Services): Part {
  return {
    action: action(agentShowDefinition, {
      async run({ agent: agentId }, { actor }) {
        const agent = requireAgent(services, agentId);
        const state = (await services.admin.agentStates(actor)).find((each) => each.agentId === agentId);
        const limits = [
          agent.softTimeoutSeconds === undefined ? null : `asked to stop after ${duration(agent.softTimeoutSeconds)}`,
          agent.hardTimeoutSeconds === undefined ? null : `ended after ${duration(agent.hardTimeoutSeconds)}`,
        ].filter((each) => each !== null);
        const fields: APIEmbedField[] = [
          { name: 'Input', value: inputLines(describeInput(agent)) },
          { name: 'Files', value: FILES[agent.files ?? 'none'], inline: true },
          ...(limits.length > 0 ? [{ name: 'A run is', value: limits.join(', '), inline: true }] : []),
          { name: 'State', value: stateLine(state) },
        ];
        const embed = {
          title: line(agent.name, 200),
          description: line(agent.description, 1000),
          fields,
          color: 0x5865f2,
          footer: { text: agent.id },
        };
        return { kind: 'message', body: { embeds: [embed] } };
      },
      suggest: { agent: async (typed) => suggestAgents(services.agents, typed) },
    }),
  };
}

/** Characters of an embed field. */
const ROOM = 1024;

function inputLines(fields: readonly InputField[]): string {
  if (fields.length === 0) return 'none';
  const lines: string[] = [];
  let length = 0;
  for (const field of fields) {
    const text = fieldLine(field);
    length += text.length + 1;
    if (length > ROOM - 30) break;
    lines.push(text);
  }
  const more = fields.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

function fieldLine(field: InputField): string {
  const needed = field.required ? ', required' : '';
  const fallback = fallbackText(field.default);
  const otherwise = fallback === '' ? '' : `, otherwise ${line(fallback, 40)}`;
  const about = field.description === '' ? '' : ` – ${line(field.description, 100)}`;
  return `\`${cut(field.name.replaceAll('`', ''), 60)}\`: ${line(hint(field), 120)}${needed}${otherwise}${about}`;
}

/** A default as a person would type it; empty for none and for what is empty itself. */
function fallbackText(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '{}' || text === '[]' ? '' : text;
}
