/** The bot that the page's browser tests talk to: every kind of option, component, modal and message that the page must show. */

import { deflateSync } from 'node:zlib';
import {
  type ChatInputCommandInteraction,
  ComponentType,
  type Interaction,
  type MessageCreateOptions,
  MessageFlags,
  type ModalComponentData,
  type ModalSubmitInteraction,
} from 'discord.js';

const option = (type: number, name: string, description: string, more: object = {}) => ({ type, name, description, ...more });

/** One command with every type of option, commands for forms and messages, and context-menu commands of both kinds. */
export const COMMANDS = [
  {
    name: 'every',
    description: 'Takes an option of every type',
    options: [
      option(3, 'text', 'Any text', { required: true, min_length: 2, max_length: 40 }),
      option(3, 'choice', 'One of a list', {
        choices: [
          { name: 'Low', value: 'low' },
          { name: 'High', value: 'high' },
        ],
      }),
      option(3, 'live', 'Completed by the bot', { autocomplete: true }),
      option(4, 'whole', 'A whole number', { min_value: 1, max_value: 10 }),
      option(10, 'number', 'Any number', { min_value: 0.5 }),
      option(5, 'switch', 'True or false'),
      option(6, 'person', 'Somebody'),
      option(7, 'channel', 'A text channel', { channel_types: [0] }),
      option(8, 'role', 'A role'),
      option(9, 'whom', 'A person or a role'),
      option(11, 'file', 'A file'),
      option(11, 'second', 'Another file'),
    ],
  },
  { name: 'form', description: 'Opens a form with every kind of field' },
  { name: 'show', description: 'Shows messages', options: [option(3, 'what', 'Which', { required: true })] },
  { name: 'staff', description: 'For those who manage messages', default_member_permissions: '8192', contexts: [0] },
  { name: 'Inspect message', type: 3 },
  { name: 'Inspect person', type: 2 },
];

/** A picture of one colour as PNG. */
export function picture(width: number, height: number, rgb: [number, number, number]): Buffer {
  const line = Buffer.concat([Buffer.from([0]), ...Array.from({ length: width }, () => Buffer.from(rgb))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([start, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

/** The check sum of PNG's chunks (CRC-32, PNG specification, annex D). */
function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

const button = (label: string, style: number, more: object = {}) => ({
  type: 2,
  label,
  style,
  ...(style !== 5 && { custom_id: label.toLowerCase() }),
  ...more,
});
const row = (...components: object[]) => ({ type: 1, components });

/** Messages by name; what a channel can hold. Times are by the playground's clock. */
export function messages(nowMs: number): Record<string, MessageCreateOptions> {
  const seconds = Math.floor(nowMs / 1000);
  const styles = ['t', 'T', 'd', 'D', 'f', 'F', 'R'].map((style) => `${style}: <t:${seconds - 3_700}:${style}>`).join('\n');
  const files = [
    { name: 'red.png', attachment: picture(320, 180, [190, 60, 60]) },
    { name: 'blue.png', attachment: picture(320, 180, [60, 90, 190]) },
    { name: 'green.png', attachment: picture(180, 320, [60, 150, 90]) },
  ];
  const table = Buffer.from(`name,amount\n${Array.from({ length: 12 }, (_, at) => `row ${at},${at * 3}`).join('\n')}\n`);
  const made = {
    markdown: {
      content:
        '# A heading\n**bold**, *italic*, __under__, ~~gone~~, `code` and ||a secret||\n- first\n  - inside\n- second\n1. one\n2. two\n> quoted\n' +
        '```js\nconst answer = 42;\n```\n[a link](https://example.com) and https://example.com/page\n-# small print',
    },
    times: { content: styles },
    embed: {
      embeds: [
        {
          author: { name: 'Weekly report' },
          title: 'Everything at a glance',
          url: 'https://example.com',
          description: 'What happened **this week**, with `numbers`.',
          color: 0x57f287,
          fields: [
            { name: 'Done', value: '12', inline: true },
            { name: 'Open', value: '3', inline: true },
            { name: 'Late', value: 'none', inline: true },
            { name: 'Notes', value: 'A longer text that takes the whole width of the embed, as it is not inline.' },
          ],
          image: { url: 'attachment://red.png' },
          thumbnail: { url: 'attachment://blue.png' },
          footer: { text: 'Made by the bot' },
          timestamp: new Date(nowMs).toISOString(),
        },
      ],
      files: files.slice(0, 2),
    },
    files: {
      content: 'A table and a note',
      files: [
        { name: 'rows.csv', attachment: table },
        { name: 'archive.zip', attachment: Buffer.alloc(2_048) },
      ],
    },
    pictures: {
      content: 'Three pictures, one hidden',
      files: [...files.slice(0, 2), { name: 'SPOILER_green.png', attachment: files[2]?.attachment as Buffer }],
    },
    buttons: {
      content: 'Buttons of every style',
      components: [
        row(
          button('Primary', 1),
          button('Secondary', 2),
          button('Success', 3),
          button('Danger', 4),
          button('Link', 5, { url: 'https://example.com' }),
        ),
        row(
          button('Off', 2, { disabled: true }),
          button('Rocket', 2, { emoji: { name: '🚀' } }),
          button('Silent', 2),
          button('Form', 1),
        ),
      ],
    },
    selects: {
      content: 'Selects of every kind',
      components: [
        row({
          type: 3,
          custom_id: 'string',
          placeholder: 'Choose up to two',
          min_values: 1,
          max_values: 2,
          options: [
            { label: 'First', value: '1', description: 'The one' },
            { label: 'Second', value: '2', emoji: { name: '✌️' } },
            { label: 'Third', value: '3' },
          ],
        }),
        row({ type: 5, custom_id: 'users', placeholder: 'Choose a person' }),
        row({ type: 6, custom_id: 'roles', placeholder: 'Choose a role' }),
        row({ type: 7, custom_id: 'mentionables', placeholder: 'Choose a person or role' }),
        row({ type: 8, custom_id: 'channels', placeholder: 'Choose a channel', channel_types: [0] }),
      ],
    },
    layout: {
      flags: MessageFlags.IsComponentsV2,
      components: [
        { type: 10, content: '## Components V2\nText outside of a container' },
        {
          type: 17,
          accent_color: 0xeb459e,
          components: [
            {
              type: 9,
              components: [{ type: 10, content: '**A section**\nwith a picture beside it' }],
              accessory: { type: 11, media: { url: 'attachment://blue.png' }, description: 'A blue picture' },
            },
            { type: 14, divider: true, spacing: 2 },
            {
              type: 12,
              items: [
                { media: { url: 'attachment://red.png' }, description: 'Red' },
                { media: { url: 'attachment://green.png' }, description: 'Green', spoiler: true },
              ],
            },
            { type: 13, file: { url: 'attachment://rows.csv' } },
            { type: 9, components: [{ type: 10, content: 'A section with a button' }], accessory: button('Press', 1) },
            row({ type: 3, custom_id: 'inside', placeholder: 'A select inside', options: [{ label: 'One', value: '1' }] }),
          ],
        },
        { type: 17, spoiler: true, components: [{ type: 10, content: 'A hidden container' }] },
      ],
      files: [...files, { name: 'rows.csv', attachment: table }],
    },
    long: { content: `${'A long line without an end '.repeat(12)}\n${'w'.repeat(200)}` },
  };
  return made as unknown as Record<string, MessageCreateOptions>;
}

const label = (text: string, component: object, description?: string) => ({
  type: 18,
  label: text,
  component,
  ...(description && { description }),
});

/** A form with every kind of field. */
export function form(): ModalComponentData {
  return {
    customId: 'form',
    title: 'Every kind of field',
    components: [
      { type: 10, content: 'Fill this in, **please**.' },
      label('Name', {
        type: 4,
        custom_id: 'name',
        style: 1,
        min_length: 3,
        max_length: 20,
        placeholder: 'At least three letters',
      }),
      label(
        'Level',
        {
          type: 3,
          custom_id: 'level',
          options: [
            { label: 'Low', value: 'low' },
            { label: 'High', value: 'high' },
          ],
        },
        'How urgent it is',
      ),
      label('Reviewer', { type: 5, custom_id: 'reviewer', required: false }),
      label('File', { type: 19, custom_id: 'file', required: true, max_values: 2 }),
    ],
  } as unknown as ModalComponentData;
}

/** A form with the newer fields: one of several, some of several, yes or no, and a long text. */
export function choices(): ModalComponentData {
  return {
    customId: 'choices',
    title: 'Choices',
    components: [
      label('Speed', {
        type: 21,
        custom_id: 'speed',
        options: [
          { label: 'Slow', value: 'slow', description: 'Takes its time' },
          { label: 'Fast', value: 'fast' },
        ],
      }),
      label('Extras', {
        type: 22,
        custom_id: 'extras',
        min_values: 1,
        max_values: 2,
        options: [
          { label: 'Cake', value: 'cake' },
          { label: 'Tea', value: 'tea' },
          { label: 'Milk', value: 'milk' },
        ],
      }),
      label('I agree', { type: 23, custom_id: 'agree' }),
      label('Where', { type: 8, custom_id: 'where', channel_types: [0] }),
      label('About', { type: 4, custom_id: 'about', style: 2, required: false, max_length: 200 }),
    ],
  } as unknown as ModalComponentData;
}

/** Answers what people do with the commands and messages above. */
export async function answer(interaction: Interaction, nowMs: () => number): Promise<void> {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    if (typed === 'broken') return;
    const found = ['alpha', 'beta', 'gamma'].filter((name) => name.includes(typed));
    await interaction.respond(found.map((name) => ({ name: name.toUpperCase(), value: name })));
  } else if (interaction.isChatInputCommand()) await command(interaction, nowMs);
  else if (interaction.isMessageContextMenuCommand()) await interaction.reply(`Looked at: ${interaction.targetMessage.content}`);
  else if (interaction.isUserContextMenuCommand()) await interaction.reply(`Looked at: ${interaction.targetUser.username}`);
  else if (interaction.isModalSubmit()) await interaction.reply(filledIn(interaction));
  else if (interaction.isButton()) {
    if (interaction.customId === 'silent') return;
    if (interaction.customId === 'form') await interaction.showModal(choices());
    else await interaction.reply({ content: `Pressed ${interaction.customId}`, flags: MessageFlags.Ephemeral });
  } else if (interaction.isAnySelectMenu())
    await interaction.reply({
      content: `${interaction.customId}: ${interaction.values.join(', ')}`,
      flags: MessageFlags.Ephemeral,
    });
}

async function command(interaction: ChatInputCommandInteraction, nowMs: () => number): Promise<void> {
  const { options, commandName } = interaction;
  if (commandName === 'form') await interaction.showModal(form());
  else if (commandName === 'every') {
    const given = options.data.map((one) => `${one.name} = ${one.attachment ? one.attachment.name : String(one.value)}`);
    await interaction.reply(given.join('\n'));
  } else if (commandName === 'show') {
    const what = options.getString('what', true);
    if (what === 'thinking') await interaction.deferReply();
    else if (what === 'secret') await interaction.reply({ content: 'Between us', flags: MessageFlags.Ephemeral });
    else if (what !== 'nothing') await interaction.reply(messages(nowMs())[what] as never);
  }
}

/** Every field with what was entered, one on each line. */
function filledIn({ fields }: ModalSubmitInteraction): string {
  const lines = fields.fields.map((field, customId) => {
    const { values, value } = field as unknown as { values?: readonly string[]; value?: unknown };
    const files =
      field.type === ComponentType.FileUpload ? fields.getUploadedFiles(customId)?.map((file) => file.name) : undefined;
    return `${customId} = ${files?.join(', ') ?? values?.join(', ') ?? String(value)}`;
  });
  return lines.join('\n') || 'Nothing';
}
