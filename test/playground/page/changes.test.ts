import { describe, expect, it } from 'vitest';
import { Logs } from '../../../playground/page/logs.js';
import { readableColor } from '../../../playground/page/messages/colors.js';
import { putChannel, takeChannel } from '../../../playground/page/world-changes.js';
import type { PageChannel, PageGuild, PageMessage } from '../../../playground/protocol.js';

const may = { attach: true, react: true, pin: false, manageMessages: false, startThread: true, manageThreads: false };
const channel = (id: string, position: number, more: Partial<PageChannel> = {}): PageChannel => ({
  id,
  guildId: '1',
  parentId: null,
  type: 0,
  name: `name ${id}`,
  topic: '',
  position,
  canSend: true,
  may,
  unread: 0,
  mentions: 0,
  ...more,
});

describe('changes of the world', () => {
  it('puts a channel in its place, threads last, and takes it away', () => {
    const guild: PageGuild = { id: '1', name: 'One', roles: [], memberIds: [], nameColors: {}, channels: [] };
    const channels = { byId: new Map<string, PageChannel>(), guilds: [guild], dms: [] };
    putChannel(channels, channel('10', 1));
    putChannel(channels, channel('11', 0, { type: 11, parentId: '10' }));
    putChannel(channels, channel('12', 0));
    expect(guild.channels.map(({ id }) => id)).toEqual(['12', '10', '11']);
    putChannel(channels, channel('10', 1, { name: 'renamed' }));
    expect(guild.channels.map(({ name }) => name)).toEqual(['name 12', 'renamed', 'name 11']);
    expect(channels.byId.get('10')?.name).toBe('renamed');
    // A guild that this person is not in is none of the page's.
    putChannel(channels, channel('20', 0, { guildId: '2' }));
    expect(channels.byId.has('20')).toBe(false);
    expect(takeChannel(channels, '10')).toBe(true);
    expect(takeChannel(channels, '10')).toBe(false);
    expect(guild.channels.map(({ id }) => id)).toEqual(['12', '11']);
  });
});

describe('the loaded messages', () => {
  const message = (id: string) => ({ id, channel_id: '10', content: id }) as PageMessage;
  it('keeps the order of ids, whatever the order in which they come', () => {
    const logs = new Logs();
    expect(logs.insert('10', message('5'))).toBe(false);
    logs.load({ type: 'messages', channelId: '10', messages: [message('30'), message('10')], hasMore: true }, 1);
    expect(logs.of('10').firstNewId).toBe('30');
    expect(logs.insert('10', message('20'))).toBe(true);
    logs.load({ type: 'messages', channelId: '10', messages: [message('9'), message('10')], hasMore: false, before: '10' }, 0);
    expect(logs.of('10').messages.map(({ id }) => id)).toEqual(['9', '10', '20', '30']);
    expect(logs.replace('10', { ...message('20'), content: 'changed' })).toBe(true);
    expect(logs.find('10', '20')?.content).toBe('changed');
    expect(logs.remove('10', '30')).toBe(true);
    expect(logs.of('10').firstNewId).toBeNull();
    expect(logs.remove('10', '30')).toBe(false);
  });
});

describe('the colour of a name', () => {
  it('is light enough to be read, and stays as it is when it is', () => {
    expect(readableColor(0x57f287)).toBe('rgb(87 242 135)');
    const [red = 0, green = 0, blue = 0] = readableColor(0x000080).match(/\d+/g)?.map(Number) ?? [];
    expect(0.2126 * red + 0.7152 * green + 0.0722 * blue).toBeGreaterThan(120);
  });
});
