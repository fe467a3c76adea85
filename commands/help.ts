/** `/help`: what there is, in one message. */
import { action, type Part } from '../src/discord/router/contract.js';
import type { ActionDefinition } from '../src/discord/router/options.js';

const helpDefinition = {
  name: 'help',
  description: 'What you can do with Guildhall',
} as const satisfies ActionDefinition;

const TASKS = [
  '`/task create` gives a task to an agent; a form asks for whatever it still needs',
  '`/task batch` gives up to 100 tasks at once, from a file or a form',
  '`/task list` finds tasks, `/task show` shows everything about one',
  '`/task cancel`, `/task retry` and `/task start` do the same as the buttons on the cards',
  'Right-click a message → Apps → **Create task** makes a task from it',
];
const AGENTS = ['`/agent list` shows which there are, `/agent show` what one does and needs'];
const SETTINGS = ['`/settings time-zone` sets how times like “tomorrow 9:00” are read'];
const ADMIN = [
  '`/admin stats` and `/admin health` show how it goes',
  '`/admin pause` and `/admin resume` stop and start an agent',
  '`/admin limits` sets how much may be in the queue',
  '`/admin failed` lists, requeues and purges what has failed',
  '`/admin cleanup`, `/admin cleanup-status` and `/admin timeout-stale` tidy up',
];

/** The help; people who cannot use `/admin` are not told of it. */
export function help(): Part {
  return {
    action: action(helpDefinition, {
      async run(_, { actor }) {
        const sections = [
          { name: 'Tasks', value: TASKS.join('\n') },
          { name: 'Agents', value: AGENTS.join('\n') },
          { name: 'Settings', value: SETTINGS.join('\n') },
          ...(actor.isAdmin || actor.isOwner ? [{ name: 'For those who manage the server', value: ADMIN.join('\n') }] : []),
        ];
        const description =
          'Agents do tasks for you in the background. Each task has a card in its channel that shows how it goes, and you are told when it is done.';
        return { kind: 'message', body: { embeds: [{ title: 'Guildhall', description, fields: sections, color: 0x5865f2 }] } };
      },
    }),
  };
}
