/** Small pieces of wording that several commands share. */
import type { APIActionRowComponent, APIComponentInMessageActionRow, APIStringSelectComponent } from 'discord-api-types/v10';
import { ComponentType } from 'discord-api-types/v10';
import type { Registry } from '../src/agents/registry.js';
import { STATUS_LOOKS, WAITING_LOOKS } from '../src/discord/cards/looks.js';
import { cut, line, visible } from '../src/discord/cards/text.js';
import type { Choice } from '../src/discord/router/contract.js';
import { InvalidError } from '../src/tasks/errors.js';
import { type Task, taskIdSchema } from '../src/tasks/model.js';

/** A task's title in bold, safe to show. */
export function titled(task: Pick<Task, 'title'>): string {
  return `**${line(task.title, 200)}**`;
}

/** Name of an agent for people; its id when this process does not know it. */
export function agentName(agents: Registry, agentId: string): string {
  return agents.runner(agentId)?.name ?? agentId;
}

/** A status in words: what it waits for, if it does. */
export function stateWord(task: Pick<Task, 'status' | 'waitingFor'>): string {
  if (task.waitingFor === null) return STATUS_LOOKS[task.status].word;
  const { counted } = WAITING_LOOKS[task.waitingFor];
  return counted.charAt(0).toUpperCase() + counted.slice(1);
}

/** `3 completed, 1 failed`: only what there is; "nothing" when there is none. */
export function endedWords(counts: Readonly<Record<'completed' | 'failed' | 'cancelled', number>>): string {
  const parts = (['completed', 'failed', 'cancelled'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** A task as a line of suggestions: `⏳ title · Sample · waiting`. Plain text: suggestions know no Markdown. */
export function taskChoice(agents: Registry, task: Task): Choice {
  const tail = ` · ${agentName(agents, task.agentId)} · ${stateWord(task)}`;
  const title = visible(task.title).replace(/\s+/g, ' ');
  return {
    name: `${STATUS_LOOKS[task.status].emoji} ${cut(title, Math.max(20, 96 - tail.length))}${cut(tail, 60)}`,
    value: task.id,
  };
}

/** Checks an id that a person chose or typed. Throws InvalidError. */
export function taskId(typed: string): string {
  const parsed = taskIdSchema.safeParse(typed.trim().toLowerCase());
  if (parsed.success) return parsed.data;
  throw new InvalidError('That is not a task. Start typing its title and choose one of the suggestions.', [
    { field: 'id', problem: 'is not a task id' },
  ]);
}

/** A select in a row of its own. */
export function selectRow(select: Omit<APIStringSelectComponent, 'type'>): APIActionRowComponent<APIComponentInMessageActionRow> {
  return { type: ComponentType.ActionRow, components: [{ type: ComponentType.StringSelect, ...select }] };
}

/** Suggestions of agents whose id or name contains the text. */
export function suggestAgents(agents: Registry, typed: string): Choice[] {
  const wanted = typed.trim().toLowerCase();
  return agents
    .all()
    .filter(({ id, name }) => id.includes(wanted) || name.toLowerCase().includes(wanted))
    .slice(0, 25)
    .map(({ id, name, description }) => ({ name: cut(`${visible(name)} – ${visible(description)}`, 100), value: id }));
}
