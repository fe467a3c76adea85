/** The faults of the developer panel: what its forms ask for, and what is set to go wrong now in words. */
import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import type { Faults, RestFault } from '../faults.js';
import type { PlaygroundLimits } from '../limits.js';
import type { FaultRequest } from './dev-protocol.js';

function bitOf(name: string): bigint {
  const bit: bigint | undefined = (PermissionFlagsBits as Record<string, bigint>)[name];
  if (bit === undefined) throw new Error(`There is no permission ${name}.`);
  return bit;
}

function limitName(core: Core, name: string): keyof PlaygroundLimits {
  if (!Object.hasOwn(core.limits, name)) throw new Error(`There is no limit ${name}.`);
  return name as keyof PlaygroundLimits;
}

/** What a person looks for is text, not an expression: a bad expression could hold up the whole program. */
const literal = (text: string) => new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');

type Of<K extends FaultRequest['kind']> = Extract<FaultRequest, { kind: K }>;

/** What each form does. All throw an Error with one sentence when what it is about is not there. */
const DOES: { [K in FaultRequest['kind']]: (faults: Faults, request: Of<K>, core: Core) => void } = {
  drop: (faults, { code }) => faults.dropGateway(code),
  hang: (faults) => faults.hangGateway(),
  withholdAcks: (faults) => faults.withholdAcks(true),
  askForHeartbeat: (faults) => faults.askForHeartbeat(),
  resetToken: (faults) => faults.resetToken(),
  delayGateway: (faults, { delayMs }) => faults.delayGateway(delayMs),
  reconnect: (faults) => faults.reconnectGateway(),
  invalidate: (faults, { resumable }) => faults.invalidateGateway(resumable),
  refuseGateway: (faults, { refuse }) => faults.refuseGateway(refuse),
  failRest: (faults, { kind: _kind, ...fault }) => faults.failRest(fault),
  setLimit: (faults, { name, value }, core) => faults.setLimit(limitName(core, name), value),
  limitRoute: (faults, { kind: _kind, ...limit }) => faults.limitRoute(limit),
  block: (faults, { forMs }) => faults.blockAddress(forMs),
  lateInteractions: (faults, { times, delayMs }) => faults.delayInteractions({ times, delayMs }),
  redeliver: (faults, { interactionId, delayMs }) => faults.redeliver(interactionId, delayMs),
  deleteChannel(faults, { channelId }, { world }) {
    if (!world.channels.has(channelId)) throw new Error('There is no such channel any more.');
    faults.deleteChannel(channelId);
  },
  deleteMessage(faults, { channelId, messageId }, { world }) {
    if (world.message(messageId)?.message.channel_id !== channelId) throw new Error('There is no such message in this channel.');
    faults.deleteMessage(channelId, messageId);
  },
  denyInChannel(faults, { channelId, permission }, { world }) {
    const own = world.channels.get(channelId)?.overwrites.find((one) => one.id === world.botId);
    const bit = bitOf(permission);
    faults.overwrite(channelId, world.botId, BigInt(own?.allow ?? 0) & ~bit, BigInt(own?.deny ?? 0) | bit);
  },
  denyInGuild: (faults, { guildId, permission }) => faults.denyMember(guildId, bitOf(permission)),
  closeDms: (faults, { userId }) => faults.closeDms(userId),
  removeBot: (faults, { guildId }) => faults.removeBot(guildId),
  autoMod: (faults, { text }) => faults.autoMod(text === '' ? null : literal(text)),
  clear: (faults) => faults.clear(),
};

/** Sets a fault or does it at once. Throws an Error with one sentence when what it is about is not there. */
export function applyFault<K extends FaultRequest['kind']>(core: Core, faults: Faults, request: Of<K>): void {
  (DOES[request.kind] as (faults: Faults, request: Of<K>, core: Core) => void)(faults, request, core);
}

function restText(fault: RestFault): string {
  const what = {
    status: `answer ${fault.status ?? 500}`,
    cut: 'be cut off',
    truncate: 'be cut in mid-answer',
    stall: 'stall in mid-answer',
    hang: 'never be answered',
  };
  const does = fault.how || fault.status ? what[fault.how ?? 'status'] : '';
  const late = fault.delayMs ? `${does ? ', ' : ' '}${fault.delayMs} ms late` : '';
  const which = [fault.method, fault.route].filter(Boolean).join(' ') || 'REST requests';
  return `The next ${fault.times} of ${which} will ${does || 'come'}${late}${fault.when === 'after' ? ', after their effect' : ''}`;
}

/** What is set to go wrong now, a sentence each. */
export function faultsNow({ faults, world, limiter }: Core): string[] {
  const blockedMs = limiter.blockedForMs();
  return [
    ...faults.rest.map(restText),
    faults.refuseGateway && 'New gateway connections are refused',
    faults.gatewayDelayMs > 0 && `Gateway events come ${faults.gatewayDelayMs} ms late`,
    faults.lateInteractions.times > 0 &&
      `The next ${faults.lateInteractions.times} interactions come ${faults.lateInteractions.delayMs} ms late`,
    faults.autoMod && `Messages with ${faults.autoMod.source} are blocked (200000)`,
    ...[...faults.closedDms].map((id) => `${world.user(id).displayName} takes no direct messages (50007)`),
    blockedMs > 0 && 'The address is blocked for too many invalid requests',
    faults.undo.length > 0 && `${faults.undo.length} changed limits or permissions`,
  ].filter((line) => typeof line === 'string');
}
