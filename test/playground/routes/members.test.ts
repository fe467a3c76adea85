/** Members, time-outs, bans: resources/guild.mdx, topics/permissions.mdx (Permission Hierarchy). */
import { PermissionFlagsBits as P } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { expectForm, ground } from '../conformance/ground.js';
import { asBot } from '../support.js';
import { expectRefusal, expectShape } from './shapes.js';

const here = ground();
const DAY_MS = 86_400_000;
const BASE = P.ViewChannel | P.SendMessages | P.ReadMessageHistory;

const allow = (permissions: bigint, position = 5) =>
  here().playground.setBotRole(here().ids.guild as string, { permissions: BASE | permissions, position });
afterEach(() => allow(0n, 1));

const patch = (body: object, who = '{mia}') => here().bot('PATCH', `/guilds/{guild}/members/${who}`, body);
const later = (ms: number) => new Date(here().playground.clock.now() + ms).toISOString();
const moderatorRole = async () => {
  const roles: { id: string; name: string }[] = (await here().bot('GET', '/guilds/{guild}/roles')).body;
  return roles.find((role) => role.name === 'Moderator')?.id as string;
};

describe('members', () => {
  it('are found by id, by the beginning of a name, and in pages', async () => {
    const { people, bot } = here().playground.world;
    expectShape('GuildMemberResponse', (await here().bot('GET', '/guilds/{guild}/members/{mia}')).body);
    const page = await here().bot('GET', `/guilds/{guild}/members?limit=2&after=${bot}`);
    expect(page.body.map((one: { user: { id: string } }) => one.user.id)).toEqual([people.admin, people.moderator]);
    const found = await here().bot('GET', '/guilds/{guild}/members/search?query=MI');
    expect(found.body).toMatchObject([{ user: { id: people.member } }]);
    expectRefusal(await here().bot('GET', '/guilds/{guild}/members/{stranger}'), 404, 10007);
    expectRefusal(await here().bot('GET', '/guilds/{guild}/members/{none}'), 404, 10013);
    expectRefusal(await here().bot('GET', '/guilds/{outside}/members/{mia}'), 403, 50001);
  });

  it('get a nickname with Manage Nicknames, the bot itself with Change Nickname', async () => {
    expectRefusal(await patch({ nick: 'M' }), 403, 50013);
    allow(P.ManageNicknames);
    const renamed = await patch({ nick: 'M' });
    expectShape('GuildMemberResponse', renamed.body);
    expect(renamed.body.nick).toBe('M');
    expect((await patch({ nick: '' })).body.nick).toBeNull();
    expectForm(await patch({ nick: 'x'.repeat(33) }), 'nick');
    expectRefusal(await patch({ nick: 'x' }, here().playground.world.people.admin), 403, 50013);
    allow(0n);
    expect((await patch({ nick: 'Mine' }, '@me')).body.nick).toBe('Mine');
    here().playground.faults.denyMember(here().ids.guild as string, P.ChangeNickname);
    expectRefusal(await patch({ nick: 'x' }, '@me'), 403, 50013);
    here().playground.faults.clear();
  });

  it("get and lose roles below the bot's highest, none of an app's own", async () => {
    const role = await moderatorRole();
    const path = `/guilds/{guild}/members/{mia}/roles/${role}`;
    expectRefusal(await here().bot('PUT', path), 403, 50013);
    allow(P.ManageRoles, 1);
    expectRefusal(await here().bot('PUT', path), 403, 50013);
    allow(P.ManageRoles, 5);
    expect((await here().bot('PUT', path)).status).toBe(204);
    expect((await here().bot('GET', '/guilds/{guild}/members/{mia}')).body.roles).toEqual([role]);
    expect((await here().bot('GET', '/guilds/{guild}/roles/member-counts')).body[role]).toBe(2);
    expect((await here().bot('DELETE', path)).status).toBe(204);
    expect((await patch({ roles: [role] })).body.roles).toEqual([role]);
    expect((await patch({ roles: [] })).body.roles).toEqual([]);
    expectRefusal(await here().bot('PUT', '/guilds/{guild}/members/{mia}/roles/{none}'), 404, 10011);
    expectRefusal(await here().bot('PUT', '/guilds/{guild}/members/{mia}/roles/{guild}'), 400, 50028);
    expectRefusal(await patch({ roles: ['{none}'.length > 0 ? (here().ids.none as string) : ''] }), 404, 10011);
  });

  it('guild.mdx, communication_disabled_until: a time-out of up to 28 days leaves reading only, and ends by itself', async () => {
    const { playground } = here();
    expectRefusal(await patch({ communication_disabled_until: later(60_000) }), 403, 50013);
    allow(P.ModerateMembers);
    expectForm(await patch({ communication_disabled_until: later(29 * DAY_MS) }), 'communication_disabled_until');
    const quiet = await patch({ communication_disabled_until: later(60_000) });
    expectShape('GuildMemberResponse', quiet.body);
    await expect(playground.as('member').say('tasks', 'hm')).rejects.toThrow('cannot send');
    expect(playground.as('member').messages('tasks').length).toBeGreaterThan(0);
    await playground.clock.advance(60_001);
    expect((await playground.as('member').say('tasks', 'back')).content).toBe('back');
    await patch({ communication_disabled_until: later(60_000) });
    expect((await patch({ communication_disabled_until: null })).body.communication_disabled_until).toBeNull();
    expectRefusal(await patch({ communication_disabled_until: later(60_000) }, playground.world.people.admin), 403, 50013);
  });

  it('opcodes 40032: nobody is in a voice channel', async () => {
    allow(P.MuteMembers);
    expectRefusal(await patch({ mute: true }), 400, 40032);
  });

  it('are kicked with Kick Members, but not who stands as high as the bot', async () => {
    const { playground } = here();
    const path = '/guilds/{guild}/members/';
    const { secondMember, moderator, admin } = playground.world.people;
    expectRefusal(await here().bot('DELETE', `${path}${secondMember}`), 403, 50013);
    allow(P.KickMembers, 1);
    expectRefusal(await here().bot('DELETE', `${path}${moderator}`), 403, 50013);
    expectRefusal(await here().bot('DELETE', `${path}${admin}`), 403, 50013);
    expect((await here().bot('DELETE', `${path}${secondMember}`)).status).toBe(204);
    expectRefusal(await here().bot('GET', `${path}${secondMember}`), 404, 10007);
    playground.addMember(here().ids.guild as string, secondMember);
  });

  it('are what discord.js makes of them', async () => {
    allow(P.ManageNicknames | P.ModerateMembers | P.ManageRoles);
    const guild = await here().client.guilds.fetch(here().ids.guild as string);
    const member = await guild.members.fetch(here().ids.mia as string);
    expect((await member.setNickname('Em')).nickname).toBe('Em');
    expect((await member.timeout(60_000)).isCommunicationDisabled()).toBe(true);
    await member.timeout(null);
    await member.setNickname(null);
    const role = await guild.roles.create({ name: 'made', permissions: P.ViewChannel });
    await member.roles.add(role);
    expect((await member.fetch(true)).roles.cache.has(role.id)).toBe(true);
    await role.delete();
    expect((await here().bot('GET', '/guilds/{guild}/members/{mia}')).body.roles).toEqual([]);
  });
});

describe('bans', () => {
  const bans = '/guilds/{guild}/bans';

  it('keep people out and delete what they wrote lately, are listed with their reason, and end', async () => {
    const { playground, api } = here();
    const max = playground.world.people.secondMember;
    expectRefusal(await here().bot('GET', bans), 403, 50013);
    expectRefusal(await here().bot('PUT', `${bans}/${max}`, {}), 403, 50013);
    allow(P.BanMembers);
    const said = await playground.as('secondMember').say('tasks', 'last words');
    const response = await fetch(`${api}/v10/guilds/${playground.world.guild}/bans/${max}`, {
      method: 'PUT',
      headers: { authorization: 'Bot test', 'content-type': 'application/json', 'x-audit-log-reason': 'too%20loud' },
      body: JSON.stringify({ delete_message_seconds: 3600 }),
    });
    expect(response.status).toBe(204);
    expect(playground.messages('tasks').some((one) => one.id === said.id)).toBe(false);
    const list = await here().bot('GET', bans);
    for (const ban of list.body) expectShape('GuildBanResponse', ban);
    expect(list.body).toMatchObject([{ user: { id: max }, reason: 'too loud' }]);
    expectShape('GuildBanResponse', (await here().bot('GET', `${bans}/${max}`)).body);
    expect(() => playground.addMember(here().ids.guild as string, max)).toThrow('banned');
    expect((await here().bot('DELETE', `${bans}/${max}`)).status).toBe(204);
    expectRefusal(await here().bot('GET', `${bans}/${max}`), 404, 10026);
    expectRefusal(await here().bot('DELETE', `${bans}/${max}`), 404, 10026);
    playground.addMember(here().ids.guild as string, max);
  });

  it('take who exists and stands below the bot; many at once answer who was banned', async () => {
    const { people } = here().playground.world;
    allow(P.BanMembers | P.ManageGuild, 1);
    expectRefusal(await here().bot('PUT', `${bans}/{none}`, {}), 404, 10013);
    expectRefusal(await here().bot('PUT', `${bans}/${people.moderator}`, {}), 403, 50013);
    expectForm(await here().bot('PUT', `${bans}/{stranger}`, { delete_message_seconds: 604_801 }), 'delete_message_seconds');
    const many = { user_ids: [people.stranger, people.moderator] };
    const bulk = await here().bot('POST', '/guilds/{guild}/bulk-ban', many);
    expectShape('BulkBanUsersResponse', bulk.body);
    expect(bulk.body).toEqual({ banned_users: [people.stranger], failed_users: [people.moderator] });
    expectRefusal(await here().bot('POST', '/guilds/{guild}/bulk-ban', many), 400, 500000);
    expect((await asBot(here().api)('DELETE', `/guilds/${here().ids.guild}/bans/${people.stranger}`)).status).toBe(204);
  });
});
