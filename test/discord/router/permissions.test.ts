import { ChannelType, Client, type Guild, type GuildChannel, type GuildMember } from 'discord.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guildView } from '../../../src/discord/gateway/guild-view.js';
import { actorOf, missingToPost, originOf, scopeOf } from '../../../src/discord/router/actor.js';
import type { Envelope } from '../../../src/discord/router/incoming.js';
import { channelPermissions, guildPermissions, PERMISSION } from '../../../src/discord/router/permissions.js';
import { canControl, canSee } from '../../../src/tasks/actor.js';

const GUILD = '100000000000000001';
const OWNER = '300000000000000001';
const USER = '300000000000000002';
const ROLES = ['400000000000000001', '400000000000000002', '400000000000000003'];
const NOW = new Date('2026-11-23T18:00:00Z');
const VIEW = PERMISSION.viewChannel;

interface Overwrite {
  id: string;
  type: 0 | 1;
  allow: bigint;
  deny: bigint;
}
interface Channel {
  id: string;
  type: number;
  parent?: string;
  overwrites?: Overwrite[];
}

/** A guild in the cache of a client that never connects. */
function guildOf(everyone: bigint, roles: readonly bigint[], channels: readonly Channel[]): Guild {
  const client = new Client({ intents: [] });
  const role = (id: string, permissions: bigint) => ({
    id,
    name: id,
    permissions: permissions.toString(),
    position: 0,
    color: 0,
  });
  const add = (client.guilds as unknown as { _add(data: object): Guild })._add.bind(client.guilds);
  return add({
    id: GUILD,
    name: 'Guild',
    owner_id: OWNER,
    roles: [role(GUILD, everyone), ...roles.map((permissions, index) => role(ROLES[index] ?? '', permissions))],
    channels: channels.map(({ id, type, overwrites = [] }) => ({
      id,
      type,
      name: id,
      permission_overwrites: overwrites.map((one) => ({ ...one, allow: one.allow.toString(), deny: one.deny.toString() })),
    })),
    threads: [],
  });
}

function memberOf(guild: Guild, roles: readonly string[]): GuildMember {
  const add = (guild.members as unknown as { _add(data: object): GuildMember })._add.bind(guild.members);
  return add({ user: { id: USER, username: 'user' }, roles, joined_at: NOW.toISOString() });
}

const bits = fc.bigInt({ min: 0n, max: (1n << 50n) - 1n });
// Administrator cannot be part of an overwrite.
const channelBits = bits.map((all) => all & ~PERMISSION.administrator);
const overwrite = fc.record({
  id: fc.constantFrom(GUILD, USER, ...ROLES, '500000000000000009'),
  type: fc.constant<0 | 1>(0),
  allow: channelBits,
  deny: channelBits,
});

describe("the arithmetic is discord.js's", () => {
  it('for any roles and overwrites', () => {
    fc.assert(
      fc.property(
        bits,
        fc.array(bits, { minLength: 3, maxLength: 3 }),
        fc.subarray(ROLES),
        fc.uniqueArray(overwrite, { selector: ({ id }) => id, maxLength: 6 }),
        (everyone, roles, worn, overwrites) => {
          const fixed = overwrites.map((one): Overwrite => ({ ...one, type: one.id === USER ? 1 : 0 }));
          const guild = guildOf(everyone, roles, [{ id: '200000000000000001', type: 0, overwrites: fixed }]);
          const member = memberOf(guild, worn);
          const channel = guild.channels.cache.first() as GuildChannel;
          const view = guildView(guild);
          const who = { userId: USER, roles: worn, timedOut: false };
          const base = guildPermissions(view, who);
          const channelOf = view.channel(channel.id);
          if (!channelOf) throw new Error('no channel');
          const ours = channelPermissions(base, view, channelOf, who);
          const theirs = channel.permissionsFor(member);
          for (let bit = 0n; bit < 50n; bit += 1n) {
            const isThere = (theirs.bitfield & (1n << bit)) !== 0n || (theirs.bitfield & PERMISSION.administrator) !== 0n;
            expect((ours & (1n << bit)) !== 0n).toBe(isThere);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('the owner and administrators may all, somebody in time-out only look', () => {
    const view = guildView(guildOf(VIEW | PERMISSION.manageMessages, [PERMISSION.administrator], []));
    expect(guildPermissions(view, { userId: OWNER, roles: [], timedOut: false })).toBe(~0n);
    expect(guildPermissions(view, { userId: USER, roles: [ROLES[0] ?? ''], timedOut: true })).toBe(~0n);
    expect(guildPermissions(view, { userId: USER, roles: [], timedOut: true })).toBe(VIEW);
  });
});

const OPEN = '200000000000000001';
const HIDDEN = '200000000000000002';
const VOICE = '200000000000000003';
const CATEGORY = '200000000000000004';
const THREAD = '200000000000000005';
const PRIVATE = '200000000000000006';

function envelope(more: Partial<Envelope> = {}): Envelope {
  return {
    id: '900000000000000001',
    applicationId: '900000000000000002',
    token: 'token',
    guildId: GUILD,
    channel: { id: OPEN, type: 0, parentId: null },
    userId: USER,
    member: { roles: [], permissions: VIEW, timedOutUntil: null },
    appPermissions: ~0n,
    message: null,
    ...more,
  };
}

function guildWithThreads(everyone = VIEW): Guild {
  const hide: Overwrite = { id: GUILD, type: 0, allow: 0n, deny: VIEW };
  const guild = guildOf(
    everyone,
    [VIEW | PERMISSION.manageThreads, PERMISSION.manageServer, PERMISSION.manageMessages],
    [
      { id: OPEN, type: ChannelType.GuildText },
      { id: HIDDEN, type: ChannelType.GuildText, overwrites: [hide] },
      { id: VOICE, type: ChannelType.GuildVoice },
      { id: CATEGORY, type: ChannelType.GuildCategory },
    ],
  );
  const thread = (id: string, type: number) => ({
    id,
    type,
    parent_id: OPEN,
    guild_id: GUILD,
    name: id,
    thread_metadata: { archived: false },
  });
  const channels = guild.client.channels as unknown as { _add(data: object, guild: Guild): unknown };
  channels._add(thread(THREAD, ChannelType.PublicThread), guild);
  channels._add(thread(PRIVATE, ChannelType.PrivateThread), guild);
  return guild;
}

const actorIn = (guild: Guild | undefined, more: Partial<Envelope> = {}, isOwner = false) =>
  actorOf(envelope(more), guild && guildView(guild), isOwner, NOW);
const member = (roles: string[] = [], permissions = VIEW) => ({ roles, permissions, timedOutUntil: null });

describe('who is asking', () => {
  it('sees what the channels allow, private threads only by Manage Threads or from inside', () => {
    const guild = guildWithThreads();
    expect(actorIn(guild).scopes).toEqual([OPEN]);
    const manager = actorIn(guild, { member: member([ROLES[0] ?? '']) });
    expect([...manager.scopes].sort()).toEqual([OPEN, PRIVATE].sort());
    const inside = actorIn(guild, { channel: { id: PRIVATE, type: 12, parentId: OPEN } });
    expect([...inside.scopes].sort()).toEqual([OPEN, PRIVATE].sort());
    const heard = actorIn(guildWithThreads(VIEW | PERMISSION.connect));
    expect([...heard.scopes].sort()).toEqual([OPEN, VOICE].sort());
    const owner = actorIn(guild, { userId: OWNER });
    expect([...owner.scopes].sort()).toEqual([HIDDEN, OPEN, PRIVATE, VOICE].sort());
  });

  it('moderates by Manage Messages, also in threads of the channel', () => {
    const guild = guildWithThreads();
    const moderator = actorIn(guild, { member: member([ROLES[2] ?? '']) });
    expect([OPEN, PRIVATE, '200000000000000099'].map((scope) => moderator.moderates(scope))).toEqual([true, true, false]);
    expect(actorIn(guild).moderates(OPEN)).toBe(false);
    expect(actorIn(guild, { member: member([ROLES[1] ?? '']) }).isAdmin).toBe(true);
    expect(actorIn(guild).isAdmin).toBe(false);
    expect(actorIn(guild, {}, true).isOwner).toBe(true);
  });

  it('falls back to what Discord sent when the guild is not cached', () => {
    const actor = actorIn(undefined, { member: member([], VIEW | PERMISSION.manageMessages) });
    expect(actor).toMatchObject({ scopes: [OPEN], isAdmin: false });
    expect([actor.moderates(OPEN), actor.moderates(HIDDEN)]).toEqual([true, false]);
    expect(actorIn(undefined, { member: member([], PERMISSION.administrator) }).isAdmin).toBe(true);
  });

  it('in a direct message sees only its own', () => {
    const actor = actorIn(undefined, { guildId: null, member: null });
    expect(actor).toMatchObject({ guildId: null, scopes: [OPEN], isAdmin: false });
    const own = { guildId: null, scopeId: OPEN, requesterId: USER };
    expect([canSee(actor, own), canControl(actor, own)]).toEqual([true, true]);
    expect(canSee(actor, { ...own, requesterId: OWNER })).toBe(false);
  });
});

describe('where it comes from', () => {
  it('a public thread belongs to its channel, a private one to itself', () => {
    expect(scopeOf({ id: THREAD, type: 11, parentId: OPEN })).toBe(OPEN);
    expect(scopeOf({ id: THREAD, type: 10, parentId: OPEN })).toBe(OPEN);
    expect(scopeOf({ id: PRIVATE, type: 12, parentId: OPEN })).toBe(PRIVATE);
    expect(scopeOf({ id: OPEN, type: 0, parentId: CATEGORY })).toBe(OPEN);
    expect(originOf(envelope({ channel: { id: THREAD, type: 11, parentId: OPEN } }))).toEqual({
      guildId: GUILD,
      channelId: THREAD,
      scopeId: OPEN,
      requesterId: USER,
      interactionId: '900000000000000001',
    });
  });

  it('names what the bot lacks', () => {
    const lacks = (appPermissions: bigint | null, type = 0, guildId: string | null = GUILD) =>
      missingToPost(envelope({ appPermissions, guildId, channel: { id: OPEN, type, parentId: null } }));
    const all = VIEW | PERMISSION.sendMessages | PERMISSION.embedLinks | PERMISSION.attachFiles;
    expect(lacks(all)).toEqual([]);
    expect(lacks(all, 11)).toEqual(['Send Messages in Threads']);
    expect(lacks(VIEW)).toEqual(['Embed Links', 'Attach Files', 'Send Messages']);
    expect(lacks(PERMISSION.administrator)).toEqual([]);
    expect(lacks(null)).toEqual([]);
    expect(lacks(0n, 1, null)).toEqual([]);
  });
});
