/** All that a person can do in Discord, composed from the files of this folder. */
import type { Action, CommandSet, Component, Form, Part, SlashCommand } from '../src/discord/router/contract.js';
import { PERMISSION } from '../src/discord/router/permissions.js';
import { cleanupTasks } from './admin/cleanup.js';
import { cleanupStatus } from './admin/cleanup-status.js';
import { listFailed, purgeFailed, requeueFailed } from './admin/failed.js';
import { showHealth } from './admin/health.js';
import { setLimits, showLimits } from './admin/limits.js';
import { pauseAgent, resumeAgent } from './admin/pause.js';
import { showStats } from './admin/stats.js';
import { timeoutStale } from './admin/timeout-stale.js';
import { listAgents } from './agent/list.js';
import { showAgent } from './agent/show.js';
import { help } from './help.js';
import type { Services } from './services.js';
import { timeZone } from './settings/time-zone.js';
import { fromMessage } from './task/from-message.js';
import { taskParts } from './task/index.js';

export type { Services } from './services.js';

type Head = Omit<SlashCommand, 'actions'>;

const TASK: Head = { name: 'task', description: 'Tasks for agents', directMessages: true };
const AGENT: Head = { name: 'agent', description: 'Who does the tasks', directMessages: true };
const SETTINGS: Head = { name: 'settings', description: 'Your settings, and those of the server', directMessages: true };
const HELP: Head = { name: 'help', description: 'What you can do with Guildhall', directMessages: true };
const ADMIN: Head = {
  name: 'admin',
  description: 'For those who manage the server',
  defaultMemberPermissions: String(PERMISSION.manageServer),
  directMessages: false,
  groups: { failed: 'What has failed', limits: 'How much this server may have in the queue' },
};

/**
 * Builds the commands. `omit` leaves out whole commands by name (`help`), for a bot that has its own of that name.
 */
export function createCommands(services: Services, omit: readonly string[] = []): CommandSet {
  const menu = fromMessage(services);
  const tree: [Head, Part[], Record<string, Part[]>?][] = [
    [TASK, taskParts(services)],
    [AGENT, [listAgents(services), showAgent(services)]],
    [
      ADMIN,
      [cleanupTasks, timeoutStale, showStats, showHealth, pauseAgent, resumeAgent, cleanupStatus].map((part) => part(services)),
      {
        failed: [listFailed, requeueFailed, purgeFailed].map((part) => part(services)),
        limits: [showLimits, setLimits].map((part) => part(services)),
      },
    ],
    [SETTINGS, [timeZone(services)]],
  ];
  const slash = tree.map(([head, parts, groups = {}]) => ({ ...head, actions: actionsOf(parts, groups) }));
  const helping = help();
  if (helping.action) slash.push({ ...HELP, actions: new Map([['', helping.action]]) });
  const parts = [...tree.flatMap(([, own, groups = {}]) => [...own, ...Object.values(groups).flat()]), menu.part];
  return {
    slash: slash.filter(({ name }) => !omit.includes(name)),
    messageMenu: [menu.menu].filter(({ name }) => !omit.includes(name)),
    components: merged<Component>(parts.map(({ components = {} }) => components)),
    forms: merged<Form>(parts.map(({ forms = {} }) => forms)),
  };
}

function actionsOf(parts: readonly Part[], groups: Readonly<Record<string, readonly Part[]>>): Map<string, Action> {
  const actions = new Map<string, Action>();
  for (const { action } of parts) if (action) actions.set(action.definition.name, action);
  for (const [group, members] of Object.entries(groups))
    for (const { action } of members) if (action) actions.set(`${group} ${action.definition.name}`, action);
  return actions;
}

/** One table of all; two of one name would hide each other, so that is refused. */
function merged<T>(tables: readonly Readonly<Record<string, T>>[]): Map<string, T> {
  const all = new Map<string, T>();
  for (const [name, value] of tables.flatMap((table) => Object.entries(table))) {
    if (all.has(name)) throw new Error(`two handlers are named ${name}`);
    all.set(name, value);
  }
  return all;
}
