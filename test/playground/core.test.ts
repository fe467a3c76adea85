import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  MessageFlags,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, setStage } from './support.js';

describe('the real client', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  it('logs in and knows the guilds, channels and itself', () => {
    const { client, playground } = stage;
    expect(client.user.username).toBe('Bot');
    expect(client.guilds.cache.map((guild) => guild.name).sort()).toEqual(['Northwind Studio', 'Workshop']);
    const guild = client.guilds.cache.get(playground.world.guild);
    expect(guild?.channels.cache.map((channel) => channel.name)).toEqual(['general', 'tasks', 'agents-lab', 'staff']);
    expect(guild?.members.me?.id).toBe(playground.world.bot);
  });

  it('replies to a command, with options of every kind', async () => {
    const seen: unknown[] = [];
    stage.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      const file = interaction.options.getAttachment('file', true);
      const where = interaction.options.getChannel('where', true);
      const who = interaction.options.getMember('who');
      seen.push(interaction.options.getString('text'), file.name, file.size, where.name, who !== null);
      seen.push(
        interaction.memberPermissions?.has('SendMessages'),
        interaction.appPermissions.has('EmbedLinks'),
        interaction.inCachedGuild(),
      );
      await interaction.reply({ content: `you said ${interaction.options.getString('text')}` });
    });
    const { world } = stage.playground;
    const answer = await stage.playground.as('member').command('tasks', 'echo', {
      text: 'hi',
      file: { attachment: { name: 'a b.txt', data: Buffer.from('four') } },
      who: world.people.admin,
      where: world.channels.general,
    });
    expect(answer.kind).toBe('message');
    expect(answer.message?.content).toBe('you said hi');
    expect(answer.latencyMs).toBeLessThan(3_000);
    expect(seen).toEqual(['hi', 'a_b.txt', 4, 'general', true, true, true, true]);
    expect(stage.playground.transcript('tasks', 'mia')).toBe('Mia used echo\nBot:\n  you said hi');
  });

  it('defers, edits and follows up', async () => {
    stage.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      await interaction.editReply('done');
      await interaction.followUp({ content: 'and more', flags: MessageFlags.Ephemeral });
    });
    const answer = await stage.playground.as('member').command('#agents-lab', 'echo', { text: 'x' });
    expect(answer.kind).toBe('deferred');
    expect((await answer.settled()).content).toBe('done');
    await expect.poll(() => stage.playground.as('member').messages('agents-lab').length, { timeout: 15_000 }).toBe(2);
    expect(stage.playground.messages('agents-lab')).toHaveLength(1);
    expect(stage.playground.as('admin').messages('agents-lab')).toHaveLength(1);
  });

  it('answers with choices', async () => {
    stage.on(async (interaction) => {
      if (!interaction.isAutocomplete()) return;
      expect(interaction.options.getSubcommand()).toBe('create');
      await interaction.respond([{ name: `for ${interaction.options.getFocused()}`, value: 'sample' }]);
    });
    const answer = await stage.playground.as('member').autocomplete('tasks', 'task create', 'agent', { agent: 'sa' });
    expect(answer.choices).toEqual([{ name: 'for sa', value: 'sample' }]);
  });

  it('opens a modal from a button and takes its fields', async () => {
    stage.on(async (interaction) => {
      if (interaction.isChatInputCommand()) {
        const open = new ButtonBuilder().setCustomId('open').setLabel('Open').setStyle(ButtonStyle.Primary);
        await interaction.reply({ content: 'press', components: [new ActionRowBuilder<ButtonBuilder>().addComponents(open)] });
      } else if (interaction.isButton()) {
        const name = new TextInputBuilder().setCustomId('name').setLabel('Name').setStyle(TextInputStyle.Short);
        const modal = new ModalBuilder().setCustomId('m').setTitle('Fill in');
        await interaction.showModal(modal.addComponents(new ActionRowBuilder<TextInputBuilder>().addComponents(name)));
      } else if (interaction.isModalSubmit() && interaction.isFromMessage()) {
        await interaction.update({ content: `thanks ${interaction.fields.getTextInputValue('name')}`, components: [] });
      }
    });
    const mia = stage.playground.as('member');
    const { message } = await mia.command('tasks', 'echo', { text: 'x' });
    const opened = await mia.click(message?.id ?? '', 'Open');
    expect(opened.modal?.title).toBe('Fill in');
    await expect(mia.submit(opened, {})).rejects.toThrow('Name must be filled in');
    const done = await mia.submit(opened, { Name: 'Mia' });
    expect(done).toMatchObject({ kind: 'update', message: { id: message?.id, content: 'thanks Mia', components: [] } });
  });

  it('updates the message of a select, at once and after deferring', async () => {
    stage.on(async (interaction) => {
      if (interaction.isChatInputCommand()) {
        const menu = new StringSelectMenuBuilder()
          .setCustomId('pick')
          .addOptions({ label: 'A', value: 'a' }, { label: 'B', value: 'b' });
        await interaction.reply({
          content: 'pick',
          components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)],
        });
      } else if (interaction.isStringSelectMenu()) {
        if (interaction.values[0] === 'a') return void (await interaction.update('a it is'));
        await interaction.deferUpdate();
        await interaction.editReply('b it is');
      }
    });
    const mia = stage.playground.as('member');
    const id = (await mia.command('tasks', 'echo', { text: 'x' })).message?.id ?? '';
    expect(await mia.select(id, 'pick', ['a'])).toMatchObject({ kind: 'update', message: { content: 'a it is' } });
    const deferred = await mia.select(id, 'pick', ['b']);
    expect(deferred.kind).toBe('deferred_update');
    expect((await deferred.settled()).content).toBe('b it is');
    await expect(mia.select(id, 'pick', ['c'])).rejects.toThrow('no such option');
  });

  it('runs a context-menu command on a message', async () => {
    stage.on(async (interaction) => {
      if (interaction.isMessageContextMenuCommand()) await interaction.reply(`about: ${interaction.targetMessage.content}`);
    });
    const max = stage.playground.as('secondMember');
    const said = await max.say('general', 'look at this');
    const answer = await max.messageCommand('general', 'Make task', said.id);
    expect(answer.message?.content).toBe('about: look at this');
  });

  it('posts, edits, fetches, threads and deletes through the channel', async () => {
    const { client, playground } = stage;
    const channel = await client.channels.fetch(playground.world.channels.general);
    if (!channel?.isSendable() || channel.isDMBased() || channel.isThread()) throw new Error('not a text channel');
    const sent = await channel.send({ content: 'one', files: [{ attachment: Buffer.from('hello'), name: 'h.txt' }] });
    const url = sent.attachments.first()?.url ?? '';
    expect(await (await fetch(url)).text()).toBe('hello');
    const edited = await sent.edit({ content: 'two' });
    expect(edited.attachments.size).toBe(1);
    expect((await channel.messages.fetch(sent.id)).content).toBe('two');
    const thread = await sent.startThread({ name: 'Talk' });
    expect(thread.id).toBe(sent.id);
    await thread.send('in the thread');
    expect(playground.messages(thread.id).map((one) => one.content)).toEqual(['in the thread']);
    await sent.delete();
    await expect(channel.messages.fetch({ message: sent.id, force: true })).rejects.toMatchObject({ code: 10008 });
  });

  it('writes to a person directly', async () => {
    const { client, playground } = stage;
    const user = await client.users.fetch(playground.world.people.member);
    const sent = await user.send('psst');
    expect(
      playground
        .as('member')
        .messages(playground.as('member').dm())
        .map((one) => one.content),
    ).toEqual(['psst']);
    expect(playground.notified(sent.id)).toEqual([playground.world.people.member]);
  });

  it('met no unknown route', () => {
    expect(stage.playground.counts()).toMatchObject({ status429: 0, unknownRoutes: [] });
  });
});
