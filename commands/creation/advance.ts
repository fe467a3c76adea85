/**
 * The way of a task from what was asked for to its card: input that is wrong is to be mended, what is missing is asked for, a time is
 * confirmed, and then the task is created. Each step but the last keeps the draft and ends in a message or form that leads on.
 */
import { ButtonStyle } from 'discord-api-types/v10';
import type { Agent } from '../../src/agents/contract.js';
import { button, row, stamp } from '../../src/discord/cards/parts.js';
import { renderTaskCard } from '../../src/discord/cards/task-card.js';
import { line } from '../../src/discord/cards/text.js';
import type { Invocation, MessageBody, Outcome } from '../../src/discord/router/contract.js';
import { ForbiddenError, GuildhallError, NotFoundError } from '../../src/tasks/errors.js';
import type { NewTask } from '../../src/tasks/model.js';
import type { Created } from '../../src/tasks/service.js';
import type { Services } from '../services.js';
import { agentName, titled } from '../words.js';
import { keepDraft, type TaskDraft } from './draft.js';
import { FIELDS_PER_FORM, inputForm, wholeForm } from './form.js';
import { type InputState, inputState, inputText } from './input.js';

/** Takes the next step with a draft. `draftId`: under which it is, or will be, kept. */
export async function advance(services: Services, draftId: string, draft: TaskDraft, invocation: Invocation): Promise<Outcome> {
  requirePosting(invocation);
  const agent = requireAgent(services, draft.agentId);
  const state = inputState(agent, draft);
  if (state.kind === 'good' && (draft.startAt === undefined || draft.timeConfirmed))
    return createNow(services, draftId, draft, state.input, invocation);
  await keepDraft(services, draftId, invocation.actor.userId, draft);
  switch (state.kind) {
    case 'wrong':
      return { kind: 'update', body: problems(draftId, agent, state) };
    case 'missing':
      return askFor(draftId, agent, draft, state);
    case 'good':
      return { kind: 'update', body: confirmTime(draftId, draft) };
  }
}

/** Opens the form that the draft needs now. Null: it needs none. */
export function nextForm(draftId: string, agent: Agent, draft: TaskDraft) {
  const state = inputState(agent, draft);
  if (state.kind === 'good') return null;
  if (state.kind === 'wrong' && state.whole) return wholeForm(draftId, agent.name, inputText(draft));
  return inputForm(draftId, agent.name, state.fields, draft);
}

/** The agent that runs the queue. Throws NotFoundError with what to do. */
export function requireAgent(services: Services, agentId: string): Agent {
  const agent = services.agents.runner(agentId);
  if (agent) return agent;
  throw new NotFoundError(`There is no agent “${line(agentId, 50)}”. \`/agent list\` shows those that there are.`);
}

/** Refuses at once what would fail when the card is to be posted or changed. Throws ForbiddenError. */
export function requirePosting({ botIsHere, missingToPost }: Invocation): void {
  if (!botIsHere)
    throw new ForbiddenError(
      'I am not a member of this server, so I cannot show the task here. Somebody who manages the server can add me with the invite link.',
    );
  if (missingToPost.length === 0) return;
  const names = missingToPost.map((name) => `**${name}**`).join(', ');
  throw new ForbiddenError(
    `I am not allowed to show tasks in this channel: I lack ${names}. Ask somebody who manages the server, or use another channel.`,
  );
}

function askFor(draftId: string, agent: Agent, draft: TaskDraft, state: InputState & { kind: 'missing' }): Outcome {
  const names = state.fields.map(({ label }) => `**${line(label, 60)}**`);
  const more = state.fields.length > FIELDS_PER_FORM ? ` (${FIELDS_PER_FORM} at a time)` : '';
  return {
    kind: 'form',
    form: inputForm(draftId, agent.name, state.fields, draft),
    otherwise: {
      content: `${line(agent.name, 100)} still needs ${names.slice(0, 10).join(', ')}${more}. Press Continue to go on.`,
      components: row([button(ButtonStyle.Primary, 'Continue', 'task-form', draftId), discard(draftId)]),
    },
  };
}

function problems(draftId: string, agent: Agent, { sentences }: InputState & { kind: 'wrong' }): MessageBody {
  const shown = sentences.slice(0, 8).map((sentence) => `• ${line(sentence, 180)}`);
  const more = sentences.length > shown.length ? [`… and ${sentences.length - shown.length} more`] : [];
  return {
    content: [`This input does not fit ${line(agent.name, 100)}; nothing was created yet:`, ...shown, ...more].join('\n'),
    components: row([button(ButtonStyle.Primary, 'Fix input', 'task-form', draftId), discard(draftId)]),
  };
}

function confirmTime(draftId: string, draft: TaskDraft): MessageBody {
  const at = new Date(draft.startAt ?? 0);
  return {
    content: `${titled(draft)} will start ${stamp(at, 'F')} (${stamp(at)}). Is that right?`,
    components: row([button(ButtonStyle.Success, 'Create task', 'task-confirm', draftId), discard(draftId)]),
  };
}

function discard(draftId: string) {
  return button(ButtonStyle.Secondary, 'Discard', 'task-discard', draftId);
}

/** A relative time is what is left of it: this machine's clock, right or wrong, is in both and so in neither. */
function startOf({ startAt, relative }: TaskDraft, now: Date): Pick<NewTask, 'startAt' | 'startInSeconds'> {
  if (startAt === undefined) return {};
  const at = new Date(startAt);
  return relative ? { startInSeconds: Math.max(0, (at.getTime() - now.getTime()) / 1000) } : { startAt: at };
}

async function createNow(
  services: Services,
  draftId: string,
  draft: TaskDraft,
  input: NewTask['input'],
  invocation: Invocation,
): Promise<Outcome> {
  try {
    const files = await Promise.all(draft.files.map((file) => services.readAttachment(file)));
    const created = await services.tasks.create(
      {
        agentId: draft.agentId,
        title: draft.title,
        description: draft.description,
        type: draft.type,
        priority: draft.priority,
        input,
        metadata: draft.metadata,
        files,
        ...startOf(draft, services.clock()),
        hold: draft.hold,
        maxRetries: draft.maxRetries,
        timeoutSeconds: draft.timeoutSeconds,
      },
      invocation.origin,
    );
    return cardOf(services, created);
  } catch (error) {
    // The draft was taken out; a refusal ("the queue is full") must not cost what was typed: the buttons that led here still work.
    if (error instanceof GuildhallError && error.code !== 'unavailable')
      await keepDraft(services, draftId, invocation.actor.userId, draft).catch((lost: unknown) =>
        services.log.warn({ err: lost }, 'a draft could not be put back'),
      );
    throw error;
  }
}

/** The public card of a task that was just created. */
function cardOf(services: Services, { task, place, warnings }: Created): Outcome {
  const { embeds, components } = renderTaskCard({
    task,
    place,
    progress: null,
    files: [],
    agentName: agentName(services.agents, task.agentId),
    now: services.clock(),
  });
  return {
    kind: 'card',
    body: { embeds, components },
    note: `Created ${titled(task)}.`,
    whisper: warnings.length > 0 ? warnings.join('\n') : undefined,
    ...cardHooks(services, task.cardId, task.revision),
  };
}

/** Tells the announcer which message the card is, or that there is none. */
export function cardHooks(
  services: Services,
  cardId: string,
  revision: number,
): Pick<Outcome & { kind: 'card' }, 'posted' | 'notPosted'> {
  return {
    async posted(messageId) {
      return (await services.recordPosted({ cardId, messageId, revision })) === 'recorded' ? 'kept' : 'surplus';
    },
    async notPosted() {
      await services
        .releaseReservation(cardId)
        .catch((error: unknown) => services.log.warn({ err: error }, 'a card could not be given back at once'));
    },
  };
}
