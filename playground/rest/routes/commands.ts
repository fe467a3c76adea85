import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { Core } from '../../core.js';
import { DiscordError } from '../../errors.js';
import { type CommandBody, parseCommand } from '../../validation/commands.js';
import { formTree } from '../../validation/form.js';
import { memberGuild } from '../access.js';
import { noContent, ok, type RestRequest, type Route } from '../route.js';

/** The scope of the request: a guild's id, or null for global commands. Checks application and guild. */
function scopeOf(core: Core, params: Record<string, string>): string | null {
  if (params.applicationId !== core.world.botId) throw new DiscordError('unknownApplication');
  return params.guildId === undefined ? null : memberGuild(core, params.guildId).id;
}

function inScope(core: Core, guildId: string | null): APIApplicationCommand[] {
  return [...core.world.commands.values()].filter((one) => one.guildId === guildId).map((one) => one.command);
}

function toCommand(core: Core, guildId: string | null, body: CommandBody, id: string): APIApplicationCommand {
  const command = {
    ...body,
    id,
    application_id: core.world.botId,
    version: core.ids.next(),
    default_member_permissions: body.default_member_permissions ?? null,
    nsfw: body.nsfw ?? false,
    ...(guildId === null
      ? {
          contexts: body.contexts ?? null,
          integration_types: body.integration_types ?? [0],
          dm_permission: body.dm_permission ?? true,
        }
      : { guild_id: guildId }),
  };
  return JSON.parse(JSON.stringify(command)) as APIApplicationCommand;
}

/** Stores a command; one of the same type and name keeps its id. */
function upsert(core: Core, guildId: string | null, body: CommandBody): { command: APIApplicationCommand; isNew: boolean } {
  const known = inScope(core, guildId).find((one) => one.type === body.type && one.name === body.name);
  const command = toCommand(core, guildId, body, known?.id ?? core.ids.next());
  core.world.commands.set(command.id, { guildId, command });
  return { command, isNew: !known };
}

function refuseTooMany(core: Core, commands: { type: number }[]): void {
  const { commandsPerScope, contextCommandsPerScope } = core.limits;
  for (const type of [1, 2, 3]) {
    const most = type === 1 ? commandsPerScope : contextCommandsPerScope;
    if (commands.filter((one) => one.type === type).length > most) throw new DiscordError('maxCommands');
  }
}

/** Commands of a kind and name that the scope does not have yet count as created; those of a day are limited (30034). */
function countCreates(core: Core, guildId: string | null, bodies: CommandBody[]): void {
  const known = inScope(core, guildId);
  const fresh = bodies.filter((body) => !known.some((one) => one.type === body.type && one.name === body.name)).length;
  if (!core.world.takeCommandCreates(guildId, fresh, core.limits.dailyCommandCreates)) throw new DiscordError('dailyCommands');
}

/** `with_localizations` decides whether a list has the dictionaries. */
function listed(command: APIApplicationCommand, withLocalizations: boolean) {
  if (withLocalizations) return command;
  const { name_localizations: _names, description_localizations: _descriptions, ...rest } = command;
  return rest;
}

function list({ core, params, query }: RestRequest) {
  return ok(inScope(core, scopeOf(core, params)).map((one) => listed(one, query.with_localizations === 'true')));
}

function find(core: Core, params: Record<string, string>): APIApplicationCommand {
  const scope = scopeOf(core, params);
  const record = core.world.commands.get(params.commandId ?? '');
  if (!record || record.guildId !== scope) throw new DiscordError('unknownCommand');
  return record.command;
}

function get({ core, params }: RestRequest) {
  return ok(find(core, params));
}

function create({ core, params, body }: RestRequest) {
  const scope = scopeOf(core, params);
  const parsed = parseCommand(body);
  refuseTooMany(core, [...inScope(core, scope).filter((one) => one.type !== parsed.type || one.name !== parsed.name), parsed]);
  countCreates(core, scope, [parsed]);
  const { command, isNew } = upsert(core, scope, parsed);
  core.bus.publish({ type: 'commands' });
  return { status: isNew ? 201 : 200, body: command };
}

function overwrite({ core, params, body }: RestRequest) {
  const scope = scopeOf(core, params);
  if (!Array.isArray(body)) {
    throw new DiscordError(
      'invalidForm',
      formTree([{ path: [], code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' }]),
    );
  }
  const parsed = body.map((one, index) => parseCommand(one, [index]));
  parsed.forEach((one, index) => {
    if (parsed.findIndex((other) => other.type === one.type && other.name === one.name) === index) return;
    throw new DiscordError(
      'invalidForm',
      formTree([
        {
          path: [index, 'name'],
          code: 'APPLICATION_COMMANDS_DUPLICATE_NAME',
          message: 'Application command names must be unique',
        },
      ]),
    );
  });
  refuseTooMany(core, parsed);
  countCreates(core, scope, parsed);
  const kept = parsed.map((one) => upsert(core, scope, one).command);
  for (const one of inScope(core, scope)) if (!kept.some((each) => each.id === one.id)) core.world.commands.delete(one.id);
  core.bus.publish({ type: 'commands' });
  return ok(kept);
}

function patch({ core, params, body }: RestRequest) {
  const known = find(core, params);
  const scope = scopeOf(core, params);
  const { id, application_id: _application, version: _version, guild_id: _guild, ...fields } = known;
  const parsed = parseCommand({ ...fields, ...(body as object), type: known.type });
  const command = toCommand(core, scope, parsed, id);
  core.world.commands.set(id, { guildId: scope, command });
  core.bus.publish({ type: 'commands' });
  return ok(command);
}

function remove({ core, params }: RestRequest) {
  core.world.commands.delete(find(core, params).id);
  core.bus.publish({ type: 'commands' });
  return noContent();
}

const routesUnder = (base: string): Route[] => [
  { method: 'GET', path: base, auth: 'bot', bucket: 'commands', handle: list },
  { method: 'POST', path: base, auth: 'bot', bucket: 'commands', handle: create },
  { method: 'PUT', path: base, auth: 'bot', bucket: 'commands', handle: overwrite },
  { method: 'GET', path: `${base}/:commandId`, auth: 'bot', bucket: 'commands', handle: get },
  { method: 'PATCH', path: `${base}/:commandId`, auth: 'bot', bucket: 'commands', handle: patch },
  { method: 'DELETE', path: `${base}/:commandId`, auth: 'bot', bucket: 'commands', handle: remove },
];

/** Commands of the application, global and of guilds (interactions/application-commands). */
export const commandRoutes: Route[] = [
  ...routesUnder('/applications/:applicationId/commands'),
  ...routesUnder('/applications/:applicationId/guilds/:guildId/commands'),
];
