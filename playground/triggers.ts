import type { Faults } from './api.js';
import type { Core } from './core.js';
import type { Gateway } from './gateway/server.js';
import { deleteMessages } from './messages/post.js';

/** The `Faults` of the API: sets what goes wrong, or does it at once. */
export function createFaults(core: Core, gateway: Gateway): Faults {
  const { faults, world, bus } = core;
  return {
    dropGateway: (code = 4000) => gateway.drop(code),
    reconnectGateway: () => gateway.signal(7),
    invalidateGateway: (resumable = false) => gateway.signal(9, resumable),
    refuseGateway(refuse) {
      faults.refuseGateway = refuse;
    },
    failRest: (fault) => void faults.rest.push({ ...fault }),
    clear() {
      faults.rest = [];
      faults.refuseGateway = false;
      faults.autoMod = null;
      faults.closedDms.clear();
    },
    redeliver(interactionId) {
      const record = core.interactions.byId(interactionId);
      if (!record) throw new Error(`there is no interaction ${interactionId}`);
      bus.publish({ type: 'interaction', payload: record.payload });
    },
    deleteChannel(channelId) {
      for (const channel of world.removeChannel(channelId)) bus.publish({ type: 'channel_delete', channel });
    },
    deleteMessage: (channelId, messageId) => deleteMessages(core, channelId, [messageId]),
    overwrite(channelId, userId, allow, deny) {
      const channel = world.channels.get(channelId);
      if (!channel) throw new Error(`there is no channel ${channelId}`);
      channel.overwrites = channel.overwrites.filter((one) => one.id !== userId);
      if (allow !== 0n || deny !== 0n)
        channel.overwrites.push({ id: userId, type: 1, allow: allow.toString(), deny: deny.toString() });
      bus.publish({ type: 'channel_update', channel });
    },
    closeDms: (userId) => void faults.closedDms.add(userId),
    removeBot(guildId) {
      const guild = world.guilds.get(guildId);
      if (!guild) throw new Error(`there is no guild ${guildId}`);
      guild.members = guild.members.filter((member) => member.userId !== world.botId);
      bus.publish({ type: 'guild_delete', guildId });
    },
    autoMod(pattern) {
      faults.autoMod = pattern;
    },
  };
}
