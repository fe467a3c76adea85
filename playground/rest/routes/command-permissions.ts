import { DiscordError } from '../../errors.js';
import type { CommandPermissionsRecord } from '../../world/types.js';
import { permissionsKey } from '../../world/world.js';
import { memberGuild } from '../access.js';
import { ok, type RestRequest, type Route } from '../route.js';

function guildOf({ core, params }: RestRequest): string {
  if (params.applicationId !== core.world.botId) throw new DiscordError('unknownApplication');
  return memberGuild(core, params.guildId).id;
}

function shown(applicationId: string, record: CommandPermissionsRecord) {
  const { commandId: id, guildId: guild_id, permissions } = record;
  return { id, application_id: applicationId, guild_id, permissions };
}

function list(request: RestRequest) {
  const { core } = request;
  const guildId = guildOf(request);
  const records = [...core.world.commandPermissions.values()].filter((one) => one.guildId === guildId);
  return ok(records.map((one) => shown(core.world.botId, one)));
}

/** 10063 for no command of the guild, 10066 for one whose permissions nobody has set. */
function get(request: RestRequest) {
  const { core, params } = request;
  const guildId = guildOf(request);
  const id = params.commandId ?? '';
  const command = core.world.commands.get(id);
  const exists = id === core.world.botId || (command && (command.guildId ?? guildId) === guildId);
  if (!exists) throw new DiscordError('unknownCommand');
  const record = core.world.commandPermissions.get(permissionsKey(guildId, id));
  if (!record) throw new DiscordError('unknownCommandPermissions');
  return ok(shown(core.world.botId, record));
}

/** Only a person with a Bearer token changes them (interactions/application-commands, Permissions). */
function edit(request: RestRequest): never {
  guildOf(request);
  throw new DiscordError('noBots');
}

const commands = '/applications/:applicationId/guilds/:guildId/commands';
const common = { auth: 'bot', bucket: 'commands' } as const;

/** Who may use which command in a guild: for a bot to read. */
export const commandPermissionRoutes: Route[] = [
  { ...common, method: 'GET', path: `${commands}/permissions`, handle: list },
  { ...common, method: 'GET', path: `${commands}/:commandId/permissions`, handle: get },
  { ...common, method: 'PUT', path: `${commands}/:commandId/permissions`, handle: edit },
];
