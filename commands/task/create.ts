/** `/task create`, and the buttons and forms of a task that is still being asked for. */
import type { Form } from '../../src/discord/router/contract.js';
import { action, type Component, type Invocation, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION, type OptionValues } from '../../src/discord/router/options.js';
import { available } from '../../src/store/database.js';
import { readTimeZones } from '../../src/store/interactions/settings.js';
import { InvalidError } from '../../src/tasks/errors.js';
import { BOUNDS } from '../../src/tasks/model.js';
import { advance, nextForm, requireAgent, requirePosting } from '../creation/advance.js';
import { parseDelay, parseDuration } from '../creation/delay.js';
import { loadDraft, type TaskDraft, takeOutDraft } from '../creation/draft.js';
import { WHOLE_INPUT } from '../creation/form.js';
import { takeInput } from '../creation/input.js';
import { PRIORITY_CHOICES } from '../options.js';
import type { Services } from '../services.js';
import { suggestAgents, titled } from '../words.js';

const createDefinition = {
  name: 'create',
  description: 'Give a task to an agent',
  options: [
    { name: 'agent', type: OPTION.string, description: 'Who should do it', required: true, autocomplete: true, max_length: 100 },
    {
      name: 'title',
      type: OPTION.string,
      description: 'What it is about, in a few words',
      required: true,
      max_length: BOUNDS.title,
    },
    { name: 'description', type: OPTION.string, description: 'What should be done', max_length: BOUNDS.description },
    {
      name: 'priority',
      type: OPTION.string,
      description: 'How urgent it is (medium, if you say nothing)',
      choices: PRIORITY_CHOICES,
    },
    { name: 'input', type: OPTION.string, description: "The agent's input: JSON, or key=value pairs", max_length: 4000 },
    { name: 'file', type: OPTION.attachment, description: 'A file to work on, up to 10 MiB' },
    { name: 'delay', type: OPTION.string, description: 'Start later: 10m, 2h, tomorrow 9:00', max_length: 100 },
    { name: 'timeout', type: OPTION.string, description: 'How long one run may take: 90s, 10m, 2h', max_length: 50 },
    {
      name: 'retries',
      type: OPTION.integer,
      description: 'How often to try again after a failure',
      min_value: BOUNDS.retries.min,
      max_value: BOUNDS.retries.max,
    },
    { name: 'type', type: OPTION.string, description: 'A word to find such tasks by', max_length: BOUNDS.type },
    { name: 'hold', type: OPTION.boolean, description: 'Do not start it until somebody presses Start' },
  ],
} as const satisfies ActionDefinition;

export function createTask(services: Services): Part {
  return {
    action: action(createDefinition, {
      first: 'public',
      async run(options, invocation) {
        requirePosting(invocation);
        requireAgent(services, options.agent);
        requireOneStart(options);
        const draft = await draftOf(services, options, invocation);
        return advance(services, services.newId(), draft, invocation);
      },
      suggest: { agent: async (typed) => suggestAgents(services.agents, typed) },
    }),
    components: {
      'task-form': openForm(services),
      'task-confirm': confirm(services),
      'task-discard': discard(services),
    },
    forms: { 'task-input': fieldsEntered(services), 'task-raw': wholeEntered(services) },
  };
}

async function draftOf(
  services: Services,
  options: OptionValues<typeof createDefinition>,
  { actor, receivedAt }: Invocation,
): Promise<TaskDraft> {
  const start =
    options.delay === undefined ? undefined : await readDelay(services, options.delay, actor.userId, actor.guildId, receivedAt);
  return {
    kind: 'task',
    agentId: options.agent,
    title: options.title,
    description: options.description,
    type: options.type,
    priority: options.priority,
    hold: options.hold,
    maxRetries: options.retries,
    timeoutSeconds: options.timeout === undefined ? undefined : readTimeout(options.timeout),
    startAt: start?.at.toISOString(),
    relative: start?.relative,
    timeConfirmed: false,
    ...takeInput(options.input),
    files: options.file ? [options.file] : [],
    metadata: {},
  };
}

/** A held task starts at a press of Start: a time for it would never come. Throws InvalidError. */
function requireOneStart({ hold, delay }: OptionValues<typeof createDefinition>): void {
  if (!hold || delay === undefined) return;
  throw new InvalidError(
    'Choose one: `delay` starts the task at a time, `hold` keeps it until somebody presses Start. Use the command again with only one of them.',
    [{ field: 'hold', problem: 'cannot go together with delay' }],
  );
}

/** The time that `delay` means in the person's time zone. Throws InvalidError. */
async function readDelay(services: Services, typed: string, userId: string, guildId: string | null, now: Date) {
  const zones = await available(() => readTimeZones(services.sql, userId, guildId));
  const parsed = parseDelay(typed, now, zones.user ?? zones.guild ?? 'UTC');
  if (parsed.ok) return parsed;
  throw new InvalidError(`\`delay\`: ${parsed.problem}`, [{ field: 'delay', problem: parsed.problem }]);
}

/** Seconds of `timeout`. Throws InvalidError. */
function readTimeout(typed: string): number {
  const seconds = parseDuration(typed);
  const { min, max } = BOUNDS.timeoutSeconds;
  if (seconds !== null && seconds >= min && seconds <= max) return seconds;
  throw new InvalidError('`timeout` must be a time from 1 second to 24 hours, such as `90s`, `10m` or `2h`.', [
    { field: 'timeout', problem: 'is not a time from 1 second to 24 hours' },
  ]);
}

/** Continue, and Fix input: opens the form that the draft needs. */
function openForm(services: Services): Component {
  return {
    first: 'update',
    async run({ id }, invocation) {
      const draft = await loadDraft(services, id, invocation.actor.userId);
      const agent = requireAgent(services, draft.agentId);
      const form = nextForm(id, agent, draft);
      if (form === null) return advance(services, id, draft, invocation);
      return { kind: 'form', form, otherwise: { content: 'That took too long to open a form. Please press the button again.' } };
    },
  };
}

function fieldsEntered(services: Services): Form {
  return {
    first: 'update',
    async run({ id, fields }, invocation) {
      const draft = await takeOutDraft(services, id, invocation.actor.userId);
      return advance(services, id, { ...draft, typed: { ...draft.typed, ...Object.fromEntries(fields) } }, invocation);
    },
  };
}

function wholeEntered(services: Services): Form {
  return {
    first: 'update',
    async run({ id, fields }, invocation) {
      const draft = await takeOutDraft(services, id, invocation.actor.userId);
      const { unreadInput: _, ...rest } = draft;
      return advance(services, id, { ...rest, ...takeInput(fields.get(WHOLE_INPUT)) }, invocation);
    },
  };
}

/** The time is right. The draft is taken, so that a second click finds none. */
function confirm(services: Services): Component {
  return {
    first: 'update',
    async run({ id }, invocation) {
      requirePosting(invocation);
      const draft = await takeOutDraft(services, id, invocation.actor.userId);
      return advance(services, id, { ...draft, timeConfirmed: true }, invocation);
    },
  };
}

function discard(services: Services): Component {
  return {
    first: 'update',
    async run({ id }, invocation) {
      const draft = await takeOutDraft(services, id, invocation.actor.userId).catch((error: unknown) => {
        if (error instanceof InvalidError) return null; // Gone already: that is what was asked for.
        throw error;
      });
      if (draft === null) return say('There was nothing left to discard.');
      return { kind: 'update', body: { content: `Discarded; ${titled(draft)} was not created.` } };
    },
  };
}
