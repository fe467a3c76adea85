/** `/admin failed list`, `requeue` and `purge`: what has failed in this server. */
import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { count, errorLine, person, row, stamp } from '../../src/discord/cards/parts.js';
import { line } from '../../src/discord/cards/text.js';
import { customId } from '../../src/discord/custom-id.js';
import { action, type Component, type MessageBody, type Part, say } from '../../src/discord/router/contract.js';
import { type ActionDefinition, OPTION } from '../../src/discord/router/options.js';
import { InvalidError } from '../../src/tasks/errors.js';
import type { Task } from '../../src/tasks/model.js';
import type { Reach, TaskPage } from '../../src/tasks/service.js';
import type { Services } from '../services.js';
import { agentName, taskChoice, taskId } from '../words.js';
import { EVERYWHERE, requireAdmin, where } from './guard.js';

const failedListDefinition = {
  name: 'list',
  description: 'Tasks that have failed, with their reasons',
  options: [EVERYWHERE],
} as const satisfies ActionDefinition;

const failedRequeueDefinition = {
  name: 'requeue',
  description: 'Put one failed task, or all of them, back into the queue',
  options: [
    { name: 'id', type: OPTION.string, description: 'Type a part of its title', autocomplete: true },
    { name: 'all', type: OPTION.boolean, description: 'All of them, up to 1,000 at once' },
    EVERYWHERE,
  ],
} as const satisfies ActionDefinition;

const failedPurgeDefinition = {
  name: 'purge',
  description: 'Remove all failed tasks; asks first',
  options: [EVERYWHERE],
} as const satisfies ActionDefinition;

const PAGE_SIZE = 8;
/** Stands for "everywhere" in a custom_id; `h` for "here". */
const ALL = 'e';
const HERE = 'h';

export function listFailed(services: Services): Part {
  return {
    action: action(failedListDefinition, {
      async run({ everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        const [page, total] = await Promise.all([
          services.admin.failed(actor, { size: PAGE_SIZE }, reach),
          services.admin.countFailed(actor, reach),
        ]);
        return { kind: 'message', body: failedBody(services, page, total, reach) };
      },
    }),
    components: {
      'failed-page': {
        first: 'update',
        async run({ argument }, { actor }) {
          const [side, cursor] = [argument?.slice(0, 1), argument?.slice(2)];
          if (side === undefined || !cursor)
            throw new InvalidError('This button is damaged. Please use `/admin failed list` again.');
          const reach = requireAdmin(actor, side === ALL);
          const [page, total] = await Promise.all([
            services.admin.failed(actor, { cursor, size: PAGE_SIZE }, reach),
            services.admin.countFailed(actor, reach),
          ]);
          return { kind: 'update', body: failedBody(services, page, total, reach) };
        },
      },
    },
  };
}

function failedBody(services: Services, { tasks, next, previous }: TaskPage, total: number, reach: Reach): MessageBody {
  if (tasks.length === 0) return { content: `No task has failed ${where(reach)}.` };
  const turn = (label: string, cursor: string | null, side: string) => ({
    type: ComponentType.Button as const,
    style: ButtonStyle.Secondary as const,
    label,
    custom_id: customId('failed-page', '-', cursor === null ? side : `${reach.everywhere ? ALL : HERE}.${cursor}`),
    disabled: cursor === null,
  });
  const buttons = [turn('Previous', previous, 'first'), turn('Next', next, 'last')];
  return {
    embeds: [
      {
        title: `${count(total, 'failed task')} ${where(reach)}`,
        description: tasks.map((task) => failedLine(services, task)).join('\n'),
        color: 0xda373c,
        footer: { text: '/admin failed requeue puts them back, /admin failed purge removes them' },
      },
    ],
    components: next === null && previous === null ? [] : [{ type: ComponentType.ActionRow, components: buttons }],
  };
}

function failedLine(services: Services, task: Task): string {
  const why = task.error === null ? 'no reason is known' : errorLine(task.error, 150);
  const agent = line(agentName(services.agents, task.agentId), 60);
  return `❌ **${line(task.title, 120)}** – ${why}\n-# ${agent} · ${person(task.requesterId)} · ${stamp(task.finishedAt ?? task.updatedAt)}`;
}

export function requeueFailed(services: Services): Part {
  return {
    action: action(failedRequeueDefinition, {
      async run({ id, all, everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        if (id === undefined && all !== true)
          throw new InvalidError('Say which: choose a task for `id`, or set `all` to put all of them back.');
        if (id !== undefined && all === true) throw new InvalidError('Choose one of `id` and `all`, not both.');
        const done = await services.admin.requeue(id === undefined ? null : [taskId(id)], actor, reach);
        if (done === 0)
          return say(
            id === undefined
              ? `No task has failed ${where(reach)}.`
              : 'There is no such failed task; it may have been retried already.',
          );
        return say(`${count(done, 'task')} ${done === 1 ? 'is' : 'are'} back in the queue.`);
      },
      suggest: {
        async id(typed, { everywhere }, { actor }) {
          const reach = requireAdmin(actor, everywhere === true);
          const { tasks } = await services.admin.failed(actor, { size: 100 }, reach);
          const wanted = typed.trim().toLowerCase();
          return tasks
            .filter(({ title }) => title.toLowerCase().includes(wanted))
            .slice(0, 25)
            .map((task) => taskChoice(services.agents, task));
        },
      },
    }),
  };
}

export function purgeFailed(services: Services): Part {
  return {
    action: action(failedPurgeDefinition, {
      async run({ everywhere }, { actor }) {
        const reach = requireAdmin(actor, everywhere);
        const total = await services.admin.countFailed(actor, reach);
        if (total === 0) return say(`No task has failed ${where(reach)}.`);
        return say(`This removes ${count(total, 'failed task')} ${where(reach)} for good, with their files. Are you sure?`, {
          components: row([
            {
              type: ComponentType.Button,
              style: ButtonStyle.Danger,
              label: `Remove ${total}`,
              custom_id: customId('failed-purge', '-', reach.everywhere ? ALL : HERE),
            },
            {
              type: ComponentType.Button,
              style: ButtonStyle.Secondary,
              label: 'Keep them',
              custom_id: customId('cleanup-keep', '-'),
            },
          ]),
        });
      },
    }),
    components: { 'failed-purge': purgeConfirmed(services) },
  };
}

function purgeConfirmed(services: Services): Component {
  return {
    first: 'update',
    async run({ argument }, { actor }) {
      const reach = requireAdmin(actor, argument === ALL);
      const removed = await services.admin.purgeFailed(actor, reach);
      return { kind: 'update', body: { content: `Removed ${count(removed, 'failed task')} ${where(reach)}.` } };
    },
  };
}
