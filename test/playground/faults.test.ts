import { GatewayIntentBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './support.js';

describe('faults', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await setStage({ limits: { messagesPerWindow: 100 } });
  });
  afterEach(() => stage.close());

  const channel = async () => {
    const found = await stage.client.channels.fetch(stage.playground.world.channels.tasks);
    if (!found?.isSendable()) throw new Error('not sendable');
    return found;
  };
  const contents = () => stage.playground.messages('tasks').map((one) => one.content);

  it('fail requests before or after their effect, as often as asked', async () => {
    const { faults } = stage.playground;
    faults.failRest({ route: '/channels', method: 'POST', times: 1, status: 502 });
    await (await channel()).send('one');
    expect(contents()).toEqual(['one']);
    faults.failRest({ route: '/channels/:id/messages', times: 1, status: 500, when: 'after' });
    const nonce = 'n-1';
    await (await channel()).send({ content: 'two', nonce, enforceNonce: true });
    expect(contents()).toEqual(['one', 'two']);
    expect(stage.playground.counts().requests).toBeGreaterThan(4);
    faults.failRest({ times: 1, how: 'cut', when: 'after', method: 'POST' });
    const raw = stage.fetch('POST', `/channels/${stage.playground.world.channels.tasks}/messages`, { content: 'three' });
    await expect(raw).rejects.toThrow();
    expect(contents()).toEqual(['one', 'two', 'three']);
  });

  it('leave requests hanging, and stop on clear', async () => {
    const { faults, world } = stage.playground;
    const get = () => stage.fetch('GET', `/channels/${world.channels.tasks}`);
    faults.failRest({ route: '/channels', times: 1, how: 'hang' });
    const hanging = fetch(`${stage.api}/v10/channels/${world.channels.tasks}`, {
      headers: { authorization: 'Bot x' },
      signal: AbortSignal.timeout(80),
    });
    await expect(hanging).rejects.toThrow('timeout');
    faults.failRest({ times: 100, status: 503 });
    expect((await get()).status).toBe(503);
    faults.clear();
    expect((await get()).status).toBe(200);
  });

  it('block content, deliver an interaction twice, and take permissions away', async () => {
    const { faults, world } = stage.playground;
    const target = await channel();
    faults.autoMod(/spam/gi);
    for (const content of ['spam', 'more SPAM']) await expect(target.send(content)).rejects.toMatchObject({ code: 200000 });
    await expect(target.send({ embeds: [{ description: 'spam' }] })).rejects.toMatchObject({ code: 200000 });
    faults.autoMod(null);
    await target.send('spam');
    const ids: string[] = [];
    stage.on(async (interaction) => {
      ids.push(interaction.id);
      if (ids.length === 1 && interaction.isChatInputCommand()) await interaction.reply('hi');
    });
    await stage.playground.as('member').command('tasks', 'echo', { text: 'x' });
    faults.redeliver(ids[0] ?? '');
    await expect.poll(() => ids.length, { timeout: 15_000 }).toBe(2);
    expect(ids[1]).toBe(ids[0]);
    faults.overwrite(world.channels.tasks, world.bot, 0n, 1n << 11n);
    await expect(target.send('x')).rejects.toMatchObject({ code: 50013 });
    faults.deleteChannel(world.channels.tasks);
    await expect(target.send('x')).rejects.toMatchObject({ code: 10003 });
  });

  it('wait for messages, and show the transcript when none comes', async () => {
    const { playground } = stage;
    const waiting = playground.waitFor('tasks', (message) => message.content === 'later');
    const button = { type: 2, style: 1, custom_id: 'go', label: 'Go', disabled: true } as const;
    const target = await channel();
    const embeds = [
      {
        title: 'T',
        description: `by <@${playground.world.people.member}> <t:1700000000:R>`,
        fields: [{ name: 'F', value: 'V' }],
      },
    ];
    await target.send({ content: `id ${playground.world.guild}`, embeds, components: [{ type: 1, components: [button] }] });
    await target.send('later');
    expect((await waiting).content).toBe('later');
    const expected = 'Bot:\n  id <id 1>\n  ┃ T\n  ┃ by @Mia <time:R>\n  ┃ F: V\n  [Go] (disabled)\nBot:\n  later';
    expect(playground.transcript('tasks')).toBe(expected);
    await expect(playground.waitFor('tasks', () => false, 20)).rejects.toThrow('Bot:\n  later');
  });
});

describe('people', () => {
  it('come and go, and may take no direct messages', async () => {
    const stage = await setStage({}, [GatewayIntentBits.GuildMembers]);
    const { playground, client } = stage;
    const { guild } = playground.world;
    const seen: string[] = [];
    client.on('guildMemberAdd', (member) => seen.push(`+${member.user.username}`));
    client.on('guildMemberRemove', (member) => seen.push(`-${member.user.username}`));
    const zoe = playground.addPerson('zoe');
    const direct = (await client.users.createDM(zoe)).id;
    const write = () => stage.fetch('POST', `/channels/${direct}/messages`, { content: 'x' });
    expect((await write()).body.code).toBe(50007);
    playground.addMember(guild, zoe);
    expect((await write()).status).toBe(200);
    expect((await playground.as('zoe').say('tasks', 'hello')).content).toBe('hello');
    playground.faults.closeDms(zoe);
    expect((await write()).body.code).toBe(50007);
    playground.removeMember(guild, zoe);
    await expect.poll(() => seen, { timeout: 15_000 }).toEqual(['+zoe', '-zoe']);
    await expect(playground.as(zoe).say('tasks', 'x')).rejects.toThrow('cannot send');
    await stage.close();
  });
});
