/** `/task batch`: up to 100 tasks at once, from a file or typed, with one card; and the buttons of that card. */
import { ComponentType, TextInputStyle } from 'discord-api-types/v10';
import type { Agent } from '../../src/agents/contract.js';
import { describeInput } from '../../src/agents/describe.js';
import { countsLine, renderBatchCard } from '../../src/discord/cards/batch-card.js';
import { count } from '../../src/discord/cards/parts.js';
import { line } from '../../src/discord/cards/text.js';
import { customId } from '../../src/discord/custom-id.js';
import { action, type Form, type Invocation, type Outcome, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, type AttachmentRef, OPTION } from '../../src/discord/router/options.js';
import { ConflictError, InvalidError } from '../../src/tasks/errors.js';
import { BOUNDS, type Task, taskIdSchema } from '../../src/tasks/model.js';
import { CANCELLABLE_STATUSES, type Status } from '../../src/tasks/states.js';
import { cardHooks, requireAgent, requirePosting } from '../creation/advance.js';
import { type ParsedBatch, parseBatchFile, parseBatchLines } from '../creation/batch-file.js';
import { keepDraft, type TaskDraft, takeOutDraft } from '../creation/draft.js';
import { form, hint, label } from '../creation/form.js';
import type { Services } from '../services.js';
import { agentName, suggestAgents } from '../words.js';
import { firstPage } from './list.js';

const batchDefinition = {
  name: 'batch',
  description: 'Give many tasks to an agent at once, with one card for all',
  options: [
    {
      name: 'agent',
      type: OPTION.string,
      description: 'Who should do them',
      required: true,
      autocomplete: true,
      max_length: 100,
    },
    { name: 'file', type: OPTION.attachment, description: 'JSON or CSV, up to 100 tasks; without it a form asks for titles' },
    { name: 'title', type: OPTION.string, description: 'A name for the whole batch', max_length: BOUNDS.title },
  ],
} as const satisfies ActionDefinition;

export function batchTasks(services: Services): Part {
  return {
    action: action(batchDefinition, {
      first: 'public',
      async run({ agent: agentId, file, title }, invocation) {
        requirePosting(invocation);
        const agent = requireAgent(services, agentId);
        if (agent.files === 'required')
          throw new InvalidError(
            `${line(agent.name, 100)} needs a file with each task, which a batch cannot give. Use \`/task create\`.`,
          );
        if (file === undefined) return askForTitles(services, agentId, agent, title, invocation);
        return createBatch(services, agentId, await readFile(services, agent, file), title ?? file.filename, invocation);
      },
      suggest: { agent: async (typed) => suggestAgents(services.agents, typed) },
    }),
    components: {
      'batch-cancel': { first: 'ephemeral', on: 'batch', run: ({ id }, invocation) => cancelRest(services, id, invocation) },
      'batch-retry': { first: 'ephemeral', on: 'batch', run: ({ id }, invocation) => retryFailed(services, id, invocation) },
      'batch-details': { first: 'ephemeral', on: 'batch', run: ({ id }, invocation) => batchDetails(services, id, invocation) },
    },
    forms: { 'batch-titles': titlesEntered(services) },
  };
}

async function readFile(services: Services, agent: Agent, file: AttachmentRef): Promise<ParsedBatch> {
  const { name, bytes } = await services.readAttachment(file);
  return parseBatchFile(agent, name, bytes);
}

async function askForTitles(
  services: Services,
  agentId: string,
  agent: Agent,
  title: string | undefined,
  { actor }: Invocation,
): Promise<Outcome> {
  const draftId = services.newId();
  // An agent's id may be longer than what a form's id can carry.
  const draft: TaskDraft = {
    kind: 'task',
    agentId,
    title: '',
    timeConfirmed: false,
    input: {},
    typed: {},
    files: [],
    metadata: {},
  };
  await keepDraft(services, draftId, actor.userId, draft);
  const required = describeInput(agent).filter((field) => field.required);
  const fields = required.map((field) => `${field.name} (${hint(field)})`).join(', ');
  const titleField = {
    type: ComponentType.TextInput as const,
    custom_id: 'title',
    style: TextInputStyle.Short as const,
    required: false,
    max_length: BOUNDS.title,
    ...(title === undefined ? {} : { value: title }),
  };
  const titles = {
    type: ComponentType.TextInput as const,
    custom_id: 'titles',
    style: TextInputStyle.Paragraph as const,
    required: true,
  };
  const input = {
    type: ComponentType.TextInput as const,
    custom_id: 'input',
    style: TextInputStyle.Paragraph as const,
    required: required.length > 0,
    placeholder: 'JSON or key=value pairs',
  };
  return {
    kind: 'form',
    form: form(customId('batch-titles', draftId), `Batch for ${agent.name}`, [
      label('Titles', `One task a line, up to ${BOUNDS.batch}`, titles),
      label('Input for all of them', fields === '' ? 'Only if they should have any' : `Needs ${fields}`, input),
      label('Name of the batch', '', titleField),
    ]),
    otherwise: { content: 'That took too long to open a form. Please use `/task batch` again.' },
  };
}

function titlesEntered(services: Services): Form {
  return {
    first: 'public',
    async run({ id, fields }, invocation) {
      requirePosting(invocation);
      const { agentId } = await takeOutDraft(services, id, invocation.actor.userId);
      const parsed = parseBatchLines(requireAgent(services, agentId), fields.get('titles') ?? '', fields.get('input') ?? '');
      return createBatch(services, agentId, parsed, fields.get('title') ?? '', invocation);
    },
  };
}

async function createBatch(
  services: Services,
  agentId: string,
  parsed: ParsedBatch,
  name: string,
  invocation: Invocation,
): Promise<Outcome> {
  if (!parsed.ok) {
    const lines = parsed.problems.map((problem) => `• ${line(problem, 300)}`).join('\n');
    throw new InvalidError(`Nothing was created. Mend this and try again:\n${lines}`.slice(0, 1950));
  }
  const fallback = `${count(parsed.tasks.length, 'task')} for ${agentName(services.agents, agentId)}`;
  const title = [...(parsed.title?.trim() || name.trim() || fallback)].slice(0, BOUNDS.title).join('');
  const asked = parsed.tasks.map((task) => ({ ...task, agentId }));
  const { batch, tasks } = await services.tasks.createBatch(title, asked, invocation.origin);
  const first = tasks[0];
  const { embeds, components } = renderBatchCard({
    batch,
    requesterId: invocation.actor.userId,
    createdAt: first?.createdAt ?? invocation.receivedAt,
    agentName: agentName(services.agents, agentId),
    failed: [],
  });
  return {
    kind: 'card',
    body: { embeds, components },
    note: `Created ${count(batch.total, 'task')}.`,
    ...cardHooks(services, batch.id, 1),
  };
}

/** The batch's tasks in these states, all pages. Throws NotFoundError when the batch is gone or not visible. */
async function tasksOf(services: Services, id: string, statuses: readonly Status[], { actor }: Invocation): Promise<Task[]> {
  const batchId = batchIdOf(id);
  await services.tasks.batch(batchId, actor);
  const page = await services.tasks.list({ batchId }, actor, { size: BOUNDS.batch });
  return page.tasks.filter(({ status }) => statuses.includes(status));
}

function batchIdOf(id: string): string {
  const parsed = taskIdSchema.safeParse(id);
  if (parsed.success) return parsed.data;
  throw new InvalidError('This button is damaged. Please use `/task list` instead.');
}

/** Tasks of a batch that are changed at once. */
const AT_ONCE = 8;

/** Does it to each; tasks that moved on meanwhile do not count. The first goes alone: what refuses it refuses the others too. */
async function each(tasks: readonly Task[], change: (task: Task) => Promise<unknown>): Promise<number> {
  const one = async (task: Task): Promise<number> => {
    try {
      await change(task);
      return 1;
    } catch (error) {
      if (error instanceof ConflictError) return 0;
      throw error;
    }
  };
  let done = 0;
  for (let from = 0; from < tasks.length; from += from === 0 ? 1 : AT_ONCE) {
    const chunk = tasks.slice(from, from === 0 ? 1 : from + AT_ONCE);
    for (const changed of await Promise.all(chunk.map(one))) done += changed;
  }
  return done;
}

async function cancelRest(services: Services, id: string, invocation: Invocation): Promise<Outcome> {
  const open = await tasksOf(services, id, CANCELLABLE_STATUSES, invocation);
  const done = await each(open, (task) => services.tasks.cancel(task.id, invocation.actor));
  return say(done === 0 ? 'All tasks of this batch have ended already.' : `Cancelled ${count(done, 'task')} of the batch.`);
}

async function retryFailed(services: Services, id: string, invocation: Invocation): Promise<Outcome> {
  const failed = await tasksOf(services, id, ['failed'], invocation);
  const again = failed.length > 0 ? failed : await tasksOf(services, id, ['cancelled'], invocation);
  const done = await each(again, (task) => services.tasks.retry(task.id, invocation.actor));
  return say(
    done === 0
      ? 'No task of this batch has failed.'
      : `${count(done, 'task')} of the batch ${done === 1 ? 'is' : 'are'} back in the queue.`,
  );
}

async function batchDetails(services: Services, id: string, invocation: Invocation): Promise<Outcome> {
  const batchId = batchIdOf(id);
  const batch = await services.tasks.batch(batchId, invocation.actor);
  const body = await firstPage(services, { batchId }, batch.title, invocation);
  return { kind: 'message', body: { ...body, content: `**${line(batch.title, 200)}**\n${countsLine(batch)}` } };
}
