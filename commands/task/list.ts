/** `/task list`: pages of what the person can see, with a select that opens a task. */
import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { z } from 'zod';
import { lookOf, PRIORITY_LOOKS } from '../../src/discord/cards/looks.js';
import { person, stamp } from '../../src/discord/cards/parts.js';
import { cut, line, visible } from '../../src/discord/cards/text.js';
import { customId } from '../../src/discord/custom-id.js';
import { action, type Invocation, type MessageBody, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { available } from '../../src/store/database.js';
import { readDraft, saveDraft } from '../../src/store/interactions/drafts.js';
import { BOUNDS, type Task, type TaskFilter } from '../../src/tasks/model.js';
import type { TaskPage } from '../../src/tasks/service.js';
import { PRIORITY_CHOICES, STATUS_CHOICES, TASK_CHANNELS } from '../options.js';
import type { Services } from '../services.js';
import { agentName, selectRow, stateWord, suggestAgents, taskId } from '../words.js';
import { detailsOf } from './show.js';

const listDefinition = {
  name: 'list',
  description: 'Tasks that you can see, newest first',
  options: [
    { name: 'status', type: OPTION.string, description: 'Only those in this state', choices: STATUS_CHOICES },
    { name: 'agent', type: OPTION.string, description: 'Only those of this agent', autocomplete: true, max_length: 100 },
    { name: 'type', type: OPTION.string, description: 'Only those of this type', max_length: BOUNDS.type },
    { name: 'priority', type: OPTION.string, description: 'Only those of this priority', choices: PRIORITY_CHOICES },
    { name: 'mine', type: OPTION.boolean, description: 'Only those that you asked for' },
    { name: 'channel', type: OPTION.channel, description: 'Only those of this channel', channel_types: TASK_CHANNELS },
    { name: 'search', type: OPTION.string, description: 'Words in the title or description', max_length: 200 },
  ],
} as const satisfies ActionDefinition;

/** Tasks a page: what fits into one embed with room to read, and into one select. */
const PAGE_SIZE = 10;
/** custom_id where a filter would be, when there is none. */
const NO_VIEW = '-';

/** A list kept between two clicks. The filter is parsed again by the service. */
const viewSchema = z.object({ kind: z.literal('list'), heading: z.string(), filter: z.record(z.string(), z.unknown()) });

export function listTasks(services: Services): Part {
  return {
    action: action(listDefinition, {
      async run(options, invocation) {
        const filter = {
          status: options.status,
          agentId: options.agent,
          type: options.type,
          priority: options.priority,
          requesterId: options.mine ? invocation.actor.userId : undefined,
          channelId: options.channel,
          search: options.search,
        };
        return { kind: 'message', body: await firstPage(services, filter, 'Tasks', invocation) };
      },
      suggest: { agent: async (typed) => suggestAgents(services.agents, typed) },
    }),
    components: {
      'list-page': {
        first: 'update',
        async run({ id, argument }, invocation) {
          const view = await readView(services, id, invocation);
          if (view === null) return say('This list is more than an hour old. Please use `/task list` again.');
          const page = await services.tasks.list(view.filter, invocation.actor, { cursor: argument, size: PAGE_SIZE });
          return { kind: 'update', body: pageBody(services, page, view.heading, id) };
        },
      },
      'list-open': {
        first: 'ephemeral',
        on: 'task',
        run: async ({ values }, invocation) => detailsOf(services, taskId(values[0] ?? ''), invocation),
      },
    },
  };
}

/** The first page of a list; its filter is kept for the next ones. */
export async function firstPage(
  services: Services,
  filter: TaskFilter,
  heading: string,
  invocation: Invocation,
): Promise<MessageBody> {
  const { actor } = invocation;
  const page = await services.tasks.list(filter, actor, { size: PAGE_SIZE });
  const set = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  if (page.next === null || (Object.keys(set).length === 0 && heading === 'Tasks'))
    return pageBody(services, page, heading, NO_VIEW);
  const viewId = services.newId();
  const view: z.input<typeof viewSchema> = { kind: 'list', heading, filter: set };
  await available(() => saveDraft(services.sql, viewId, actor.userId, view));
  return pageBody(services, page, heading, viewId);
}

async function readView(
  services: Services,
  id: string,
  { actor }: Invocation,
): Promise<{ heading: string; filter: TaskFilter } | null> {
  if (id === NO_VIEW) return { heading: 'Tasks', filter: {} };
  if (!z.uuid().safeParse(id).success) return null;
  const parsed = viewSchema.safeParse(await available(() => readDraft(services.sql, id, actor.userId)));
  return parsed.success ? { heading: parsed.data.heading, filter: parsed.data.filter as TaskFilter } : null;
}

function pageBody(services: Services, page: TaskPage, heading: string, viewId: string): MessageBody {
  const { tasks, next, previous } = page;
  if (tasks.length === 0) {
    const hint = heading === 'Tasks' ? ' `/task create` makes one; other options of `/task list` may find more.' : '';
    return { content: `There are no such tasks that you can see.${hint}` };
  }
  const turn = (label: string, cursor: string | null, side: string) => ({
    type: ComponentType.Button as const,
    style: ButtonStyle.Secondary as const,
    label,
    // Two disabled buttons must not share an id.
    custom_id: cursor === null ? customId('list-page', NO_VIEW, side) : customId('list-page', viewId, cursor),
    disabled: cursor === null,
  });
  return {
    embeds: [{ title: heading, description: tasks.map((task) => taskLine(services, task)).join('\n'), color: 0x5865f2 }],
    components: [
      selectRow({
        custom_id: customId('list-open', NO_VIEW),
        placeholder: 'Open a task',
        options: tasks.map((task) => ({
          label: cut(visible(task.title), 100) || '–',
          description: cut(`${agentName(services.agents, task.agentId)} · ${stateWord(task)}`, 100),
          value: task.id,
          emoji: { name: lookOf(task).emoji },
        })),
      }),
      ...(next === null && previous === null
        ? []
        : [
            {
              type: ComponentType.ActionRow as const,
              components: [turn('Previous', previous, 'first'), turn('Next', next, 'last')],
            },
          ]),
    ],
  };
}

function taskLine(services: Services, task: Task): string {
  const priority =
    task.priority === 'medium' ? '' : ` · ${PRIORITY_LOOKS[task.priority].emoji} ${PRIORITY_LOOKS[task.priority].word}`;
  const agent = line(agentName(services.agents, task.agentId), 60);
  return (
    `${lookOf(task).emoji} **${line(task.title, 120)}**\n` +
    `-# ${stateWord(task)} · ${agent}${priority} · ${person(task.requesterId)} · ${stamp(task.createdAt)}`
  );
}
