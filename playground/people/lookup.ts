import type { World as WorldIds } from '../api.js';
import type { Core } from '../core.js';
import { WORLD_IDS } from '../world/seed.js';
import type { ChannelRecord, UserRecord } from '../world/types.js';

/** Finds a person by the key of `World.people`, id or name. */
export function findPerson(core: Core, who: string): UserRecord {
  const byKey = Object.hasOwn(WORLD_IDS.people, who) ? WORLD_IDS.people[who as keyof WorldIds['people']] : who;
  const user =
    core.world.users.get(byKey) ?? [...core.world.users.values()].find((one) => one.username.toLowerCase() === who.toLowerCase());
  if (!user) throw new Error(`there is no person ${who}`);
  return user;
}

/**
 * Finds a channel by id or name (`#tasks`, `tasks`). With a person, only channels that the person can see are found by
 * name first; the first guild's win over the other's.
 */
export function findChannel(core: Core, channel: string, userId?: string): ChannelRecord {
  const byId = core.world.channels.get(channel);
  if (byId) return byId;
  const name = channel.replace(/^#/, '');
  const named = [...core.world.channels.values()].filter((one) => one.guildId !== null && one.name === name);
  const visible = named.find((one) => userId !== undefined && core.world.canView(one, userId));
  const found = visible ?? named[0];
  if (!found) throw new Error(`there is no channel ${channel}`);
  return found;
}
