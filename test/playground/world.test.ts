import { describe, expect, it } from 'vitest';
import { ChannelIndex } from '../../playground/world/channel-index.js';
import { createWorld, dmChannel, textChannel, WORLD_IDS } from '../../playground/world/seed.js';
import type { ChannelRecord } from '../../playground/world/types.js';

const id = (n: number) => (1_400_000_000_000_000_000n + BigInt(n)).toString();
const thread = (n: number, archived = false): ChannelRecord => ({
  ...textChannel(id(n), id(1), 't', 0),
  type: 11,
  parentId: id(2),
  thread: {
    ownerId: id(9),
    archived,
    locked: false,
    invitable: true,
    autoArchiveMinutes: 60,
    archiveTimestamp: '',
    createTimestamp: '',
    memberIds: [],
    messageCount: 0,
  },
});
const keys = (map: ReadonlyMap<string, unknown>) => [...map.keys()];

describe('the channels of a world', () => {
  it('are found by guild, parent, person and whether they are active, and forgotten when they go', () => {
    const channels = new ChannelIndex();
    const sleeping = thread(4, true);
    for (const one of [textChannel(id(2), id(1), 'a', 0), thread(3), sleeping, dmChannel(id(5), id(8), id(9))])
      channels.set(one.id, one);
    expect(keys(channels.inGuild(id(1)))).toEqual([id(2), id(3), id(4)]);
    expect(keys(channels.under(id(2)))).toEqual([id(3), id(4)]);
    expect(keys(channels.activeIn(id(1)))).toEqual([id(3)]);
    expect(channels.dmWith(id(9))?.id).toBe(id(5));
    if (sleeping.thread) sleeping.thread.archived = false;
    channels.noteArchived(sleeping);
    expect(keys(channels.activeIn(id(1)))).toEqual([id(3), id(4)]);
    channels.set(id(3), thread(3, true));
    expect(keys(channels.activeIn(id(1)))).toEqual([id(4)]);
    for (const one of [id(3), id(4), id(5)]) channels.delete(one);
    expect([channels.size, channels.inGuild(id(1)).size, channels.under(id(2)).size, channels.dmWith(id(9))]).toEqual([
      1,
      1,
      0,
      undefined,
    ]);
    channels.clear();
    expect(channels.inGuild(id(1)).size).toBe(0);
  });
});

describe('the members of a large guild', () => {
  it('are found after some came and after the list was replaced', () => {
    const world = createWorld();
    const guild = world.guilds.get(WORLD_IDS.guild);
    if (!guild) throw new Error('no guild');
    for (let n = 0; n < 100; n++) guild.members.push({ userId: id(n), roles: [], joinedAt: '' });
    expect(world.isMember(guild.id, id(50))).toBe(true);
    guild.members.push({ userId: id(200), roles: [], joinedAt: '' });
    expect(world.isMember(guild.id, id(200))).toBe(true);
    guild.members = guild.members.filter((member) => member.userId !== id(50));
    expect([world.isMember(guild.id, id(50)), world.isMember(guild.id, id(51))]).toEqual([false, true]);
  });
});
