import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  type ChatInputCommandInteraction,
  EmbedBuilder,
  type Interaction,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';

/** Commands of the bot that the browser tests talk to: one for each thing that the page must be able to do. */
export const PAGE_COMMANDS = [
  {
    name: 'task',
    description: 'Tasks',
    options: [
      {
        type: 1,
        name: 'create',
        description: 'Gives an agent a task',
        options: [
          { type: 3, name: 'agent', description: 'Who does it', required: true, autocomplete: true },
          { type: 3, name: 'title', description: 'What it is called', required: true, min_length: 3, max_length: 60 },
          { type: 4, name: 'retries', description: 'How often to try again', min_value: 0, max_value: 10 },
          { type: 3, name: 'priority', description: 'How urgent', choices: [{ name: 'High', value: 'high' }] },
          { type: 5, name: 'hold', description: 'Wait for Start' },
          { type: 6, name: 'owner', description: 'Whose it is' },
          { type: 11, name: 'file', description: 'What to work on' },
        ],
      },
    ],
  },
  { name: 'form', description: 'Opens a form' },
  { name: 'panel', description: 'Shows buttons and a select' },
  { name: 'slow', description: 'Thinks first' },
  { name: 'silent', description: 'Never answers' },
  { name: 'secret', description: 'Answers you alone' },
  { name: 'Create task', type: 3 },
];

const agents = ['sample', 'file-processing', 'api-call'];

/** Answers every interaction of `PAGE_COMMANDS`; `release` decides when `/slow` is done thinking. */
export async function answer(interaction: Interaction, release: Promise<void>): Promise<void> {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    if (typed === 'broken') return;
    await interaction.respond(agents.filter((name) => name.includes(typed)).map((name) => ({ name, value: name })));
  } else if (interaction.isChatInputCommand()) await command(interaction, release);
  else if (interaction.isMessageContextMenuCommand())
    await interaction.reply(`From message: ${interaction.targetMessage.content}`);
  else if (interaction.isButton()) await interaction.update({ content: `Pressed ${interaction.customId}`, components: [] });
  else if (interaction.isStringSelectMenu())
    await interaction.reply({ content: `Chose ${interaction.values.join(', ')}`, flags: MessageFlags.Ephemeral });
  else if (interaction.isModalSubmit()) {
    const { fields } = interaction;
    await interaction.reply(
      `Form: ${fields.getTextInputValue('title')} / ${fields.getTextInputValue('about')} / ${fields.getStringSelectValues('level').join()}`,
    );
  }
}

async function command(interaction: ChatInputCommandInteraction, release: Promise<void>): Promise<void> {
  switch (interaction.commandName) {
    case 'task':
      return created(interaction);
    case 'form':
      await interaction.showModal(form());
      return;
    case 'panel':
      await interaction.reply({ content: 'A panel', components: panel() });
      return;
    case 'secret':
      await interaction.reply({ content: 'Between us', flags: MessageFlags.Ephemeral });
      return;
    case 'slow':
      await interaction.deferReply();
      await release;
      await interaction.editReply('Done thinking');
      return;
  }
}

async function created(interaction: ChatInputCommandInteraction): Promise<void> {
  const { options } = interaction;
  const file = options.getAttachment('file');
  const embed = new EmbedBuilder()
    .setTitle(options.getString('title', true))
    .setColor(0x5865f2)
    .setDescription('Waiting in **line**')
    .addFields(
      { name: 'Agent', value: options.getString('agent', true), inline: true },
      { name: 'Retries', value: String(options.getInteger('retries') ?? 'default'), inline: true },
      { name: 'Hold', value: String(options.getBoolean('hold') ?? false), inline: true },
      { name: 'Owner', value: options.getUser('owner')?.toString() ?? 'nobody', inline: true },
      { name: 'File', value: file ? `${file.name}, ${file.size} bytes` : 'none' },
    );
  await interaction.reply({ embeds: [embed] });
}

function form(): ModalBuilder {
  const title = new TextInputBuilder().setCustomId('title').setStyle(TextInputStyle.Short).setMinLength(3).setMaxLength(40);
  const about = new TextInputBuilder()
    .setCustomId('about')
    .setStyle(TextInputStyle.Paragraph)
    .setRequired(false)
    .setValue('as usual');
  const level = new StringSelectMenuBuilder()
    .setCustomId('level')
    .addOptions({ label: 'Low', value: 'low' }, { label: 'High', value: 'high' });
  return new ModalBuilder()
    .setCustomId('form')
    .setTitle('Details of the task')
    .addLabelComponents(
      new LabelBuilder().setLabel('Title').setTextInputComponent(title),
      new LabelBuilder().setLabel('About').setDescription('What the agent should know').setTextInputComponent(about),
      new LabelBuilder().setLabel('Level').setStringSelectMenuComponent(level),
    );
}

function panel(): (ActionRowBuilder<ButtonBuilder> | ActionRowBuilder<StringSelectMenuBuilder>)[] {
  const buttons = new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder().setCustomId('cancel').setLabel('Cancel').setStyle(ButtonStyle.Danger),
    new ButtonBuilder().setCustomId('never').setLabel('Off').setStyle(ButtonStyle.Secondary).setDisabled(true),
  );
  const select = new StringSelectMenuBuilder()
    .setCustomId('pick')
    .setPlaceholder('Open a task')
    .addOptions({ label: 'First', value: '1', description: 'pending' }, { label: 'Second', value: '2' });
  return [buttons, new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(select)];
}
