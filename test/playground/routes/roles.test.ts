/** Roles and permission overwrites: resources/guild.mdx, resources/channel.mdx, topics/permissions.mdx. */
import { PermissionFlagsBits as P } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { expectForm, ground } from '../conformance/ground.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const BASE = P.ViewChannel | P.SendMessages | P.ReadMessageHistory;

const allow = (permissions: bigint, position = 5) =>
  here().playground.setBotRole(here().ids.guild as string, { permissions: BASE | permissions, position });
afterEach(() => allow(0n, 1));

const roles = '/guilds/{guild}/roles';
const create = (body: object = {}) => here().bot('POST', roles, body);

describe('roles', () => {
  it('are made with what the bot has itself, changed, sorted and deleted', async () => {
    expectRefusal(await create(), 403, 50013);
    allow(P.ManageRoles | P.ManageMessages);
    const made = await create({
      name: 'Helper',
      permissions: P.ManageMessages.toString(),
      color: 255,
      hoist: true,
      mentionable: true,
    });
    expectShape('GuildRoleResponse', made.body);
    expect(made.body).toMatchObject({ name: 'Helper', color: 255, hoist: true, mentionable: true, position: 1, managed: false });
    expect((await create()).body).toMatchObject({ name: 'new role', color: 0 });
    const path = `${roles}/${made.body.id}`;
    expect((await here().bot('PATCH', path, { name: 'Helpers' })).body).toMatchObject({ name: 'Helpers', color: 255 });
    expectShape('GuildRoleResponse', (await here().bot('GET', path)).body);
    const sorted = await here().bot('PATCH', roles, [{ id: made.body.id, position: 3 }]);
    expect(sorted.body.find((one: { id: string }) => one.id === made.body.id).position).toBe(3);
    expect((await here().bot('DELETE', path)).status).toBe(204);
    expectRefusal(await here().bot('GET', path), 404, 10011);
  });

  it("topics/permissions.mdx: nothing at or above the bot's highest role, no permission that it has not got", async () => {
    allow(P.ManageRoles, 1);
    const all: { id: string; name: string; managed: boolean }[] = (await here().bot('GET', roles)).body;
    const moderator = all.find((one) => one.name === 'Moderator')?.id;
    const own = all.find((one) => one.managed)?.id;
    expectRefusal(await create({ permissions: P.BanMembers.toString() }), 403, 50013);
    expectRefusal(await here().bot('PATCH', `${roles}/${moderator}`, { name: 'x' }), 403, 50013);
    expectRefusal(await here().bot('DELETE', `${roles}/${moderator}`), 403, 50013);
    expectRefusal(await here().bot('DELETE', `${roles}/${own}`), 400, 50028);
    expectRefusal(await here().bot('DELETE', `${roles}/{guild}`), 400, 50028);
    const low = (await create()).body.id;
    expectRefusal(await here().bot('PATCH', roles, [{ id: low, position: 2 }]), 403, 50013);
    expectRefusal(await create({ icon: 'data:image/png;base64,iVBORw0KGgo=' }), 400, 50101);
    expectForm(await create({ name: 'x'.repeat(101) }), 'name');
    expectForm(await create({ color: 0x1000000 }), 'color');
  });

  it('opcodes 30005: a guild has so many roles', async () => {
    allow(P.ManageRoles);
    const { limits } = here().playground;
    limits.rolesPerGuild = (await here().bot('GET', roles)).body.length;
    expectRefusal(await create(), 400, 30005);
    limits.rolesPerGuild = 250;
  });
});

describe('overwrites', () => {
  const path = '/channels/{lab}/permissions';

  it('are set for roles and members, change what they may do, and go', async () => {
    const { playground } = here();
    const body = { type: 1, deny: P.SendMessages.toString() };
    expectRefusal(await here().bot('PUT', `${path}/{mia}`, body), 403, 50013);
    allow(P.ManageRoles);
    expect((await here().bot('PUT', `${path}/{mia}`, body)).status).toBe(204);
    await expect(playground.as('member').say('agents-lab', 'x')).rejects.toThrow('cannot send');
    const channel = (await here().bot('GET', '/channels/{lab}')).body;
    expectShape('GuildChannelResponse', channel);
    expect(channel.permission_overwrites).toContainEqual({ id: here().ids.mia, type: 1, allow: '0', deny: '2048' });
    expect((await here().bot('DELETE', `${path}/{mia}`)).status).toBe(204);
    expect((await playground.as('member').say('agents-lab', 'x')).content).toBe('x');
    expectRefusal(await here().bot('DELETE', `${path}/{mia}`), 404, 10009);
    expectRefusal(await here().bot('PUT', `${path}/{none}`, { type: 0, allow: '0' }), 404, 10009);
    expectRefusal(await here().bot('PUT', '/channels/{dm}/permissions/{mia}', body), 400, 50003);
  });

  it('channel.mdx: only permissions that the bot has, unless the channel gives it Manage Roles', async () => {
    allow(P.ManageRoles);
    const wish = { type: 1, allow: P.ManageMessages.toString() };
    expectRefusal(await here().bot('PUT', `${path}/{mia}`, wish), 403, 50013);
    here().playground.faults.overwrite(here().ids.lab as string, here().ids.bot as string, P.ManageRoles, 0n);
    expect((await here().bot('PUT', `${path}/{mia}`, wish)).status).toBe(204);
    expect((await here().bot('DELETE', `${path}/{mia}`)).status).toBe(204);
    here().playground.faults.overwrite(here().ids.lab as string, here().ids.bot as string, 0n, 0n);
  });

  it('come as a whole with PATCH of the channel, which takes Manage Roles', async () => {
    const wanted = { permission_overwrites: [{ id: here().ids.mia, type: 1, allow: '0', deny: '1024' }] };
    allow(P.ManageChannels);
    expectRefusal(await here().bot('PATCH', '/channels/{lab}', wanted), 403, 50013);
    allow(P.ManageChannels | P.ManageRoles);
    const patched = await here().bot('PATCH', '/channels/{lab}', wanted);
    expect(patched.body.permission_overwrites).toEqual([{ id: here().ids.mia, type: 1, allow: '0', deny: '1024' }]);
    expect((await here().bot('PATCH', '/channels/{lab}', { permission_overwrites: [] })).body.permission_overwrites).toEqual([]);
  });

  it('are what discord.js makes of them', async () => {
    allow(P.ManageRoles);
    const guild = await here().client.guilds.fetch(here().ids.guild as string);
    const channel = await guild.channels.fetch(here().ids.lab as string);
    if (!channel || channel.isThread()) throw new Error('no channel');
    await channel.permissionOverwrites.create(here().ids.mia as string, { SendMessages: false });
    expect((await here().bot('GET', '/channels/{lab}')).body.permission_overwrites).toMatchObject([
      { id: here().ids.mia, deny: '2048' },
    ]);
    await channel.permissionOverwrites.delete(here().ids.mia as string);
  });
});
