/** `/task show`, and Details on a card. */
import { renderDetails } from '../../src/discord/cards/details.js';
import { type CardFile, count } from '../../src/discord/cards/parts.js';
import { action, type Invocation, type MessageBody, type Outcome, type Part } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import type { Actor } from '../../src/tasks/actor.js';
import { GuildhallError } from '../../src/tasks/errors.js';
import type { Services } from '../services.js';
import { agentName, taskChoice, taskId } from '../words.js';

const showDefinition = {
  name: 'show',
  description: 'Everything about a task, with its history',
  options: [{ name: 'id', type: OPTION.string, description: 'Type a part of its title', required: true, autocomplete: true }],
} as const satisfies ActionDefinition;

export function showTask(services: Services): Part {
  return {
    action: action(showDefinition, {
      run: async ({ id }, invocation) => detailsOf(services, taskId(id), invocation),
      suggest: {
        id: async (typed, _, { actor }) =>
          (await services.tasks.suggest('show', typed, actor)).map((task) => taskChoice(services.agents, task)),
      },
    }),
    components: {
      details: { first: 'ephemeral', on: 'task', run: async ({ id }, invocation) => detailsOf(services, taskId(id), invocation) },
    },
  };
}

/** All that is known of a task, for the one who asks, with its whole result and the files that its run made. */
export async function detailsOf(services: Services, id: string, { actor, receivedAt }: Invocation): Promise<Outcome> {
  const details = await services.tasks.details(id, actor);
  const {
    embeds,
    components,
    files: wanted = [],
  } = renderDetails({
    details,
    agentName: agentName(services.agents, details.task.agentId),
    now: receivedAt,
  });
  const files: File[] = [];
  // One after the other: together they may be megabytes, and others want the database too.
  for (const file of wanted) {
    const data = await bytesOf(services, details.task.id, file, actor);
    if (data !== null) files.push({ name: file.name, data, contentType: file.contentType });
  }
  const missing = wanted.length - files.length;
  return {
    kind: 'message',
    body: {
      ...(missing > 0 ? { content: `${count(missing, 'file')} could not be attached. Please try again in a moment.` } : {}),
      embeds,
      components,
      ...(files.length > 0 ? { files } : {}),
    },
  };
}

type File = NonNullable<MessageBody['files']>[number];

/** Null when the file cannot be had now: what else is known is shown all the same, as it is while Postgres is away. */
async function bytesOf(services: Services, taskId: string, { source }: CardFile, actor: Actor): Promise<Uint8Array | null> {
  if ('text' in source) return Buffer.from(source.text);
  try {
    return (await services.tasks.file(taskId, source.fileId, actor)).bytes;
  } catch (error) {
    if (!(error instanceof GuildhallError)) throw error;
    services.log.warn({ err: error, taskId }, 'a file could not be attached to Details');
    return null;
  }
}
