/**
 * Tells Discord which commands there are. What is registered is fetched and compared first: nothing is sent when nothing changed
 * (200 creations a day are allowed per guild).
 */
import type { RESTGetAPIApplicationCommandsResult } from 'discord-api-types/v10';
import { Routes } from 'discord-api-types/v10';
import type { Logger } from 'pino';
import type { CommandSet, SlashCommand } from './contract.js';
import { OPTION } from './options.js';
import type { Rest } from './rest.js';

/** A command as Discord's API takes it. */
export interface CommandPayload {
  name: string;
  type: number;
  [field: string]: unknown;
}

const GUILD = 0;
const DIRECT_MESSAGE = 1;

/** The payloads of a set, as they are registered. Commands of one guild have neither contexts nor integration types: Discord does not keep them. */
export function commandPayloads(commands: CommandSet, scope: 'global' | 'guild' = 'global'): CommandPayload[] {
  const all = globalPayloads(commands);
  return scope === 'global' ? all : all.map(({ contexts: _, integration_types: __, ...rest }) => rest as CommandPayload);
}

function globalPayloads(commands: CommandSet): CommandPayload[] {
  const slash = commands.slash.map((command) => ({
    name: command.name,
    type: 1,
    description: command.description,
    default_member_permissions: command.defaultMemberPermissions ?? null,
    contexts: command.directMessages ? [GUILD, DIRECT_MESSAGE] : [GUILD],
    integration_types: [0],
    options: optionsOf(command),
  }));
  const menus = commands.messageMenu.map(({ name }) => ({
    name,
    type: 3,
    contexts: [GUILD, DIRECT_MESSAGE],
    integration_types: [0],
  }));
  return [...slash, ...menus];
}

function optionsOf(command: SlashCommand): object[] {
  const bare = command.actions.get('');
  if (bare) return [...(bare.definition.options ?? [])];
  const top: object[] = [];
  const groups = new Map<string, object[]>();
  for (const [path, { definition }] of command.actions) {
    const [first = '', second] = path.split(' ');
    const { description, options = [] } = definition;
    const subcommand = { type: OPTION.subcommand, name: second ?? first, description, options };
    if (second === undefined) {
      top.push(subcommand);
      continue;
    }
    const members = groups.get(first) ?? [];
    if (members.length === 0) {
      groups.set(first, members);
      top.push({ type: OPTION.group, name: first, description: command.groups?.[first] ?? first, options: members });
    }
    members.push(subcommand);
  }
  return top;
}

/** Fields that mean the same when they are absent. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  required: false,
  autocomplete: false,
  nsfw: false,
  description: '',
  default_member_permissions: null,
};
/** Fields that Discord adds. */
const IGNORED = new Set([
  'id',
  'application_id',
  'guild_id',
  'version',
  'default_permission',
  'dm_permission',
  'handler',
  'name_localized',
  'description_localized',
]);

/** A form of a command (or of a part of it) that is equal for equal commands, whoever wrote it. */
export function normalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalised);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value)
    .filter(([key, item]) => !IGNORED.has(key) && item !== undefined && item !== null)
    .filter(([key, item]) => DEFAULTS[key] !== item && !(Array.isArray(item) && item.length === 0))
    .map(([key, item]): [string, unknown] => [key, key === 'contexts' ? [...(item as number[])].sort() : normalised(item)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(kept);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(normalised(a)) === JSON.stringify(normalised(b));
}

export interface RegistrationOptions {
  rest: Rest;
  applicationId: string;
  /** Register in this guild only; absent: globally. */
  guildId?: string | undefined;
  commands: CommandSet;
  /** `replace` removes every other command of the application; `merge` leaves those of the other program alone. */
  mode: 'replace' | 'merge';
}

/** Registers what differs. Errors are those of the REST client. */
export async function registerCommands(options: RegistrationOptions): Promise<'unchanged' | 'registered'> {
  const { rest, applicationId, guildId, mode } = options;
  const route =
    guildId === undefined ? Routes.applicationCommands(applicationId) : Routes.applicationGuildCommands(applicationId, guildId);
  const wanted = commandPayloads(options.commands, guildId === undefined ? 'global' : 'guild');
  const there = (await rest.get(route)) as RESTGetAPIApplicationCommandsResult;
  const registered = (command: CommandPayload) => there.find(({ name, type }) => name === command.name && type === command.type);
  const changed = wanted.filter((command) => !same(command, registered(command)));
  if (mode === 'replace') {
    if (changed.length === 0 && there.length === wanted.length) return 'unchanged';
    await rest.put(route, { body: wanted });
    return 'registered';
  }
  // Creating a command whose name is taken overwrites it.
  for (const command of changed) await rest.post(route, { body: command });
  return changed.length === 0 ? 'unchanged' : 'registered';
}

/** Guilds in which commands of an earlier registration are looked for: each costs a request. Larger bots are not those that people try out. */
const MOST_GUILDS = 100;

export interface CleanOptions extends Pick<RegistrationOptions, 'rest' | 'applicationId' | 'guildId' | 'commands'> {
  /** The guilds that the bot is in. */
  guilds: readonly string[];
  log: Logger;
  /** Ends it early. */
  signal: AbortSignal;
}

/**
 * Removes our commands where an earlier setting of `guildId` had registered them, since Discord shows both: the global ones when there is a guild, else those of
 * up to 100 guilds. Commands of other names stay. Best effort: what fails is logged, and left to the next start. Never rejects.
 * @returns how many were removed.
 */
export async function removeElsewhere({
  rest,
  applicationId,
  guildId,
  commands,
  guilds,
  log,
  signal,
}: CleanOptions): Promise<number> {
  const ours = new Set(commandPayloads(commands).map(({ name, type }) => `${type} ${name}`));
  const routes =
    guildId === undefined
      ? guilds.slice(0, MOST_GUILDS).map((guild) => Routes.applicationGuildCommands(applicationId, guild))
      : [Routes.applicationCommands(applicationId)];
  let removed = 0;
  for (const route of routes) {
    try {
      const there = (await rest.get(route, { signal })) as RESTGetAPIApplicationCommandsResult;
      for (const { id, name, type } of there) {
        if (!ours.has(`${type} ${name}`)) continue;
        await rest.delete(`${route}/${id}`, { signal });
        removed += 1;
      }
    } catch (error) {
      if (signal.aborted) break;
      log.warn({ err: error, route }, 'commands of an earlier registration may be shown twice');
    }
  }
  if (removed > 0)
    log.info({ removed, from: guildId === undefined ? 'servers' : 'everywhere' }, 'commands of an earlier registration removed');
  return removed;
}
