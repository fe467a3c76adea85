/** The message menu command **Create task**: a form filled from the message. */
import { ComponentType, TextInputStyle } from 'discord-api-types/v10';
import { messageLink } from '../../src/discord/cards/parts.js';
import { cut, visible } from '../../src/discord/cards/text.js';
import { customId } from '../../src/discord/custom-id.js';
import type { Form, Invocation, MessageAction, Outcome, Part, TargetMessage } from '../../src/discord/router/contract.js';
import { readAttachments } from '../../src/discord/router/options.js';
import { InvalidError } from '../../src/tasks/errors.js';
import { BOUNDS, PRIORITIES, type Priority } from '../../src/tasks/model.js';
import { advance, requireAgent, requirePosting } from '../creation/advance.js';
import { keepDraft, type TaskDraft, takeOutDraft } from '../creation/draft.js';
import { form, label, WHOLE_INPUT } from '../creation/form.js';
import { takeInput } from '../creation/input.js';
import { PRIORITY_CHOICES } from '../options.js';
import type { Services } from '../services.js';

/** Agents that a select of a form can offer. */
const OFFERED = 25;

export function fromMessage(services: Services): { menu: MessageAction; part: Part } {
  return {
    menu: { name: 'Create task', first: 'ephemeral', run: (target, invocation) => ask(services, target, invocation) },
    part: { forms: { 'task-message': entered(services) } },
  };
}

async function ask(services: Services, target: TargetMessage, invocation: Invocation): Promise<Outcome> {
  requirePosting(invocation);
  const agents = services.agents.all().slice(0, OFFERED);
  if (agents.length === 0) throw new InvalidError('There is no agent to give it to.');
  const content = visible(target.content).trim();
  const draft: TaskDraft = {
    kind: 'task',
    agentId: agents[0]?.id ?? '',
    title: '',
    timeConfirmed: false,
    input: {},
    typed: {},
    files: readAttachments(target.attachments),
    metadata: { message: messageLink(invocation.actor.guildId, invocation.origin.channelId, target.id) },
  };
  const draftId = services.newId();
  await keepDraft(services, draftId, invocation.actor.userId, draft);
  const firstLine = content.split('\n').find((each) => each.trim() !== '') ?? '';
  return {
    kind: 'form',
    form: form(customId('task-message', draftId), 'Create task', [
      label('Agent', 'Who should do it', {
        type: ComponentType.StringSelect,
        custom_id: 'agent',
        options: agents.map(({ id, name, description }) => ({
          label: cut(visible(name), 100),
          value: id,
          description: cut(visible(description), 100),
        })),
      }),
      label('Title', '', textField('title', TextInputStyle.Short, cut(firstLine.trim(), 100), BOUNDS.title, true)),
      label('Description', '', textField('description', TextInputStyle.Paragraph, cut(content, 1900), BOUNDS.description, false)),
      label('Priority', '', {
        type: ComponentType.StringSelect,
        custom_id: 'priority',
        required: false,
        options: PRIORITY_CHOICES.map(({ name, value }) => ({ label: name, value, default: value === 'medium' })),
      }),
      label(
        'Input',
        'For the agent: JSON or key=value pairs. What it needs is asked for next.',
        textField(WHOLE_INPUT, TextInputStyle.Paragraph, '', 4000, false),
      ),
    ]),
    otherwise: { content: 'That took too long to open a form. Please choose Create task again.' },
  };
}

function textField(id: string, style: TextInputStyle, value: string, most: number, required: boolean) {
  return {
    type: ComponentType.TextInput as const,
    custom_id: id,
    style,
    max_length: most,
    required,
    ...(value === '' ? {} : { value }),
  };
}

function entered(services: Services): Form {
  return {
    first: 'public',
    async run({ id, fields }, invocation) {
      requirePosting(invocation);
      const draft = await takeOutDraft(services, id, invocation.actor.userId);
      const agent = requireAgent(services, fields.get('agent') ?? '');
      const title = fields.get('title')?.trim() ?? '';
      if (title === '') throw new InvalidError('A task needs a title. Please choose Create task again.');
      const priority = PRIORITIES.find((each): each is Priority => each === fields.get('priority'));
      const next: TaskDraft = {
        ...draft,
        agentId: agent.id,
        title,
        description: fields.get('description')?.trim(),
        priority,
        // A message may have files that this agent has no use for.
        files: (agent.files ?? 'none') === 'none' ? [] : draft.files,
        ...takeInput(fields.get(WHOLE_INPUT)),
      };
      return advance(services, id, next, invocation);
    },
  };
}
