import type { Interaction } from 'discord.js';
import type { APIMessage } from 'discord-api-types/v10';

/** Commands of the bot that `recorded.json` was made with. */
export const COMMANDS = ['reply', 'defer', 'panel', 'form'].map((name) => ({ name, description: name }));

const button = { type: 2, style: 1, label: 'Press', custom_id: 'press' } as const;
const select = {
  type: 3,
  custom_id: 'pick',
  options: [
    { label: 'A', value: 'a' },
    { label: 'B', value: 'b' },
  ],
} as const;
const input = { type: 4, custom_id: 'name', style: 1, label: 'Name' } as const;

/** The bot: the same lines ran against the other implementation. */
export async function answer(interaction: Interaction): Promise<void> {
  if (interaction.isChatInputCommand()) {
    switch (interaction.commandName) {
      case 'reply':
        await interaction.reply('answered');
        return;
      case 'defer':
        await interaction.deferReply();
        await interaction.editReply('answered late');
        await interaction.followUp('and more');
        return;
      case 'panel':
        await interaction.reply({
          content: 'choose',
          components: [
            { type: 1, components: [button] },
            { type: 1, components: [select] },
          ],
        });
        return;
      case 'form':
        await interaction.showModal({ custom_id: 'form', title: 'Form', components: [{ type: 1, components: [input] }] });
    }
  } else if (interaction.isButton()) await interaction.update('pressed');
  else if (interaction.isStringSelectMenu()) await interaction.reply(`picked ${interaction.values.join()}`);
  else if (interaction.isModalSubmit()) await interaction.reply(`hello ${interaction.fields.getTextInputValue('name')}`);
}

/** What a person sees of a channel, a line for each message. */
export function seen(messages: APIMessage[], bot: string): string[] {
  return messages.map((message) => {
    const embeds = message.embeds.map((one) =>
      [one.title, one.description, ...(one.fields ?? []).map((field) => `${field.name}: ${field.value}`)]
        .filter(Boolean)
        .join(' / '),
    );
    const rows = (message.components ?? []).map((row) =>
      (row as { components: { label?: string; custom_id?: string }[] }).components
        .map((one) => `[${one.label ?? one.custom_id}]`)
        .join(' '),
    );
    const by = message.author.id === bot ? 'bot:' : `${message.author.username}:`;
    return [by, message.content, ...embeds.map((text) => `{${text}}`), ...rows].filter(Boolean).join(' ');
  });
}
