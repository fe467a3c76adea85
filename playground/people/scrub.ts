import type { Core } from '../core.js';
import type { ChannelRecord } from '../world/types.js';

/** A person as this channel's guild shows the name. */
export function shownName(core: Core, channel: ChannelRecord, userId: string): string | undefined {
  const nick = channel.guildId === null ? undefined : core.world.member(channel.guildId, userId)?.nick;
  return nick ?? core.world.users.get(userId)?.displayName;
}

function roleName(core: Core, channel: ChannelRecord, roleId: string): string | undefined {
  return core.world.guilds.get(channel.guildId ?? '')?.roles.find((role) => role.id === roleId)?.name;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Makes a function that shows mentions as people see them and replaces what differs between runs: ids get numbers in the order
 * they appear, times and the playground's own address lose their value.
 */
export function createScrubber(core: Core, channel: ChannelRecord): (text: string) => string {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const numbered = (kind: string, value: string): string => {
    const known = names.get(value);
    if (known) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    const fresh = `<${kind} ${count}>`;
    counts.set(kind, count);
    names.set(value, fresh);
    return fresh;
  };
  return (text) =>
    text
      .replaceAll(core.baseUrl(), '<local>')
      .replaceAll(/<@!?(\d{17,19})>/g, (_all, id: string) => `@${shownName(core, channel, id) ?? 'unknown'}`)
      .replaceAll(/<@&(\d{17,19})>/g, (_all, id: string) => `@${roleName(core, channel, id) ?? 'unknown'}`)
      .replaceAll(/<#(\d{17,19})>/g, (_all, id: string) => `#${core.world.channels.get(id)?.name ?? 'unknown'}`)
      .replaceAll(/<a?:(\w{2,32}):\d{17,19}>/g, ':$1:')
      .replaceAll(/<\/([^:<>]{1,100}):\d{17,19}>/g, '/$1')
      .replaceAll(/<t:-?\d+(?::([a-zA-Z]))?>/g, (_all, style: string | undefined) => `<time${style ? `:${style}` : ''}>`)
      .replaceAll(UUID, (uuid) => numbered('uuid', uuid.toLowerCase()))
      .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>')
      .replaceAll(/\b\d{17,19}\b/g, (id) => numbered('id', id));
}
