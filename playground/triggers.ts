import type { Core } from './core.js';
import type { Faults } from './faults.js';
import type { Gateway } from './gateway/server.js';
import type { PlaygroundLimits } from './limits.js';
import { deleteMessages } from './messages/post.js';
import type { GuildRecord } from './world/types.js';

function guildOf(core: Core, guildId: string): GuildRecord {
  const guild = core.world.guilds.get(guildId);
  if (!guild) throw new Error(`there is no guild ${guildId}`);
  return guild;
}

/** Sets the permissions of a role and tells everybody. */
function setRole(core: Core, guild: GuildRecord, roleId: string, permissions: string): void {
  const role = guild.roles.find((one) => one.id === roleId);
  // A role that is gone by the time its fault ends needs nothing back.
  if (!role) return;
  role.permissions = permissions;
  core.bus.publish({ type: 'role_update', guildId: guild.id, roleId });
}

function denyRole(core: Core, guild: GuildRecord, roleId: string, permissions: bigint): void {
  const role = guild.roles.find((one) => one.id === roleId);
  if (!role) throw new Error(`there is no role ${roleId}`);
  const before = role.permissions;
  core.faults.undo.push(() => setRole(core, guild, roleId, before));
  setRole(core, guild, roleId, (BigInt(before) & ~permissions).toString());
}

function overwrite(core: Core, channelId: string, id: string, allow: bigint, deny: bigint): void {
  const channel = core.world.channels.get(channelId);
  if (!channel) throw new Error(`there is no channel ${channelId}`);
  const guild = core.world.guilds.get(channel.guildId ?? '');
  const before = channel.overwrites;
  core.faults.undo.push(() => {
    channel.overwrites = before;
    core.bus.publish({ type: 'channel_update', channel });
  });
  channel.overwrites = before.filter((one) => one.id !== id);
  const type = guild?.roles.some((role) => role.id === id) ? 0 : 1;
  if (allow !== 0n || deny !== 0n) channel.overwrites.push({ id, type, allow: allow.toString(), deny: deny.toString() });
  core.bus.publish({ type: 'channel_update', channel });
}

/** Faults of the gateway. */
function gatewayFaults(core: Core, gateway: Gateway) {
  const { faults, bus, clock } = core;
  return {
    dropGateway: (code = 4000) => gateway.drop(code),
    hangGateway: (hang = true) => gateway.hang(hang),
    withholdAcks: (on) => gateway.withholdAcks(on),
    askForHeartbeat: () => gateway.signal(1),
    resetToken: gateway.resetToken,
    delayGateway(delayMs) {
      faults.gatewayDelayMs = delayMs;
    },
    reconnectGateway: () => gateway.signal(7),
    invalidateGateway: (resumable = false) => gateway.signal(9, resumable),
    refuseGateway(refuse) {
      faults.refuseGateway = refuse;
    },
    delayInteractions(fault) {
      faults.lateInteractions = { ...fault };
    },
    redeliver(interactionId, delayMs = 0) {
      const record = core.interactions.byId(interactionId);
      if (!record) throw new Error(`there is no interaction ${interactionId}`);
      const publish = () => bus.publish({ type: 'interaction', payload: record.payload });
      if (delayMs === 0) publish();
      else clock.after(delayMs, publish);
    },
  } satisfies Partial<Faults>;
}

/** Faults of the REST API. */
function restFaults(core: Core) {
  const { faults, limiter, limits } = core;
  return {
    failRest: (fault) => void faults.rest.push({ ...fault }),
    setLimit(name: keyof PlaygroundLimits, value: number) {
      const before = limits[name];
      faults.undo.push(() => {
        limits[name] = before;
      });
      limits[name] = value;
    },
    limitRoute: (limit) => void faults.undo.push(limiter.tighten({ ...limit })),
    blockAddress(forMs = limits.blockMs) {
      faults.undo.push(() => limiter.block(0));
      limiter.block(forMs);
    },
    autoMod(pattern) {
      faults.autoMod = pattern;
    },
  } satisfies Partial<Faults>;
}

/** Faults of the world: what is gone, and who may no longer do what. */
function worldFaults(core: Core) {
  const { faults, world, bus } = core;
  return {
    deleteChannel(channelId) {
      for (const channel of world.removeChannel(channelId)) bus.publish({ type: 'channel_delete', channel });
    },
    deleteMessage: (channelId, messageId) => deleteMessages(core, channelId, [messageId]),
    overwrite: (channelId, id, allow, deny) => overwrite(core, channelId, id, allow, deny),
    denyRole: (guildId, roleId, permissions) => denyRole(core, guildOf(core, guildId), roleId, permissions),
    denyMember(guildId, permissions, userId = world.botId) {
      const guild = guildOf(core, guildId);
      const member = guild.members.find((one) => one.userId === userId);
      if (!member) throw new Error(`${userId} is no member of ${guild.name}`);
      for (const roleId of new Set([guild.id, ...member.roles])) denyRole(core, guild, roleId, permissions | ADMINISTRATOR);
    },
    closeDms: (userId) => void faults.closedDms.add(userId),
    removeBot(guildId) {
      const guild = guildOf(core, guildId);
      guild.members = guild.members.filter((member) => member.userId !== world.botId);
      bus.publish({ type: 'guild_delete', guildId });
    },
  } satisfies Partial<Faults>;
}

/** Who is an administrator has every permission, whatever else is taken away. */
const ADMINISTRATOR = 1n << 3n;

function clear(core: Core, gateway: Gateway): void {
  const { faults } = core;
  gateway.hang(false);
  gateway.withholdAcks(false);
  faults.rest = [];
  faults.refuseGateway = false;
  faults.gatewayDelayMs = 0;
  gateway.hurry();
  faults.release();
  faults.lateInteractions = { times: 0, delayMs: 0 };
  faults.autoMod = null;
  faults.closedDms.clear();
  for (const undo of faults.undo.splice(0).toReversed()) undo();
}

/** The `Faults` of the API: sets what goes wrong, or does it at once. Each is told to whoever watches the faults. */
export function createFaults(core: Core, gateway: Gateway): Faults {
  const faults: Faults = {
    ...gatewayFaults(core, gateway),
    ...restFaults(core),
    ...worldFaults(core),
    clear: () => clear(core, gateway),
  };
  const told = Object.entries(faults).map(([name, run]: [string, (...args: never[]) => unknown]) => [
    name,
    (...args: never[]) => {
      core.faults.tell([name, ...args.map(shown)].join(' '));
      return run(...args);
    },
  ]);
  return Object.fromEntries(told) as Faults;
}

function shown(value: unknown): string {
  if (typeof value === 'bigint' || value instanceof RegExp) return String(value);
  return JSON.stringify(value) ?? '';
}
