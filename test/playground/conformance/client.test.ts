/** What a bot does through discord.js: each act reaches the world as it would reach Discord's, and each refusal comes back as its error. */
import {
  ButtonStyle,
  type ChatInputCommandInteraction,
  type Client,
  Client as DiscordClient,
  GatewayIntentBits,
  type GuildTextBasedChannel,
  type Interaction,
  type Message,
  MessageFlags,
  PermissionFlagsBits,
  type TextChannel,
} from 'discord.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { login } from '../support.js';
import { each, ground, type Row, x } from './ground.js';

const here = ground();
let client: Client<true>;
let channel: TextChannel;

beforeAll(async () => {
  const { playground } = here();
  playground.setBotRole(playground.world.guild, { permissions: PermissionFlagsBits.Administrator });
  client = here().client;
  channel = (await client.channels.fetch(playground.world.channels.tasks)) as TextChannel;
});

const DJS = 'facts 4.4';
const last = () => here().playground.messages('tasks').at(-1);

/** What the bot does in #tasks, and what somebody sees afterwards. */
const ACTS: Row<[act: () => Promise<unknown>, see: () => unknown, expected: unknown]>[] = [
  [DJS, 'sends text', () => channel.send('hello'), () => last()?.content, 'hello'],
  [DJS, 'sends an embed', () => channel.send({ embeds: [{ title: 'T' }] }), () => last()?.embeds[0]?.title, 'T'],
  [
    DJS,
    'sends a file',
    () => channel.send({ files: [{ attachment: Buffer.from('x'), name: 'x.txt' }] }),
    () => last()?.attachments[0]?.filename,
    'x.txt',
  ],
  [DJS, 'edits', async () => (await channel.send('a')).edit('b'), () => last()?.content, 'b'],
  [DJS, 'replies', async () => (await channel.send('a')).reply('b'), () => last()?.referenced_message?.content, 'a'],
  [DJS, 'reacts', async () => (await channel.send('a')).react('👍'), () => last()?.reactions?.[0]?.emoji.name, '👍'],
  [
    DJS,
    'pins',
    async () => (await channel.send('a')).pin(),
    () =>
      here()
        .playground.messages('tasks')
        .some((one) => one.pinned),
    true,
  ],
  [
    DJS,
    'posts silently',
    () => channel.send({ content: 's', flags: MessageFlags.SuppressNotifications }),
    () => (last()?.flags ?? 0) & (1 << 12),
    1 << 12,
  ],
  [DJS, 'deletes', async () => (await channel.send('gone')).delete(), () => last()?.content === 'gone', false],
  [
    DJS,
    'mentions whom it may',
    () => channel.send({ content: `<@${here().ids.mia}>`, allowedMentions: { users: [here().ids.mia as string] } }),
    () => here().playground.notified(last()?.id ?? ''),
    ['1300000000000000013'],
  ],
  [
    DJS,
    'mentions nobody when it may not',
    () => channel.send({ content: `<@${here().ids.mia}> @everyone`, allowedMentions: { parse: [] } }),
    () => here().playground.notified(last()?.id ?? ''),
    [],
  ],
  [
    DJS,
    'writes a direct message',
    () => client.users.send(here().ids.mia as string, 'private'),
    () => here().member.messages(here().member.dm()).at(-1)?.content,
    'private',
  ],
];

describe('discord.js', () => {
  each(ACTS, async (act, see, expected) => {
    await act();
    expect(see()).toEqual(expected);
  });

  it(`${DJS}: starts a thread, writes in it, archives it`, async () => {
    const thread = await (await channel.send('start')).startThread({ name: 'work' });
    await thread.send('inside');
    await thread.setArchived(true);
    expect(here().playground.messages(thread.id).at(-1)?.content).toBe('inside');
    expect((await client.channels.fetch(thread.id, { force: true }))?.isThread()).toBe(true);
  });

  it(`${DJS}: deletes many at once`, async () => {
    const sent = await Promise.all(['1', '2', '3'].map((content) => channel.send(content)));
    expect((await channel.bulkDelete(sent)).size).toBe(3);
  });

  it(`${DJS}: fetches guild, members, roles, messages, pins and commands`, async () => {
    const guild = await client.guilds.fetch({ guild: here().ids.guild as string, force: true });
    expect((await guild.members.fetch({ user: here().ids.mia as string, force: true })).user.username).toBe('mia');
    expect((await guild.roles.fetch()).size).toBeGreaterThan(1);
    expect((await channel.messages.fetch({ limit: 5 })).size).toBe(5);
    expect((await client.application.commands.fetch()).size).toBeGreaterThan(0);
    expect((await client.application.fetch()).id).toBe(here().ids.app);
  });

  it(`${DJS}: makes and uses a webhook`, async () => {
    const webhook = await channel.createWebhook({ name: 'news' });
    await webhook.send({ content: 'from elsewhere', username: 'Reporter' });
    expect(last()).toMatchObject({ content: 'from elsewhere', webhook_id: webhook.id });
    await webhook.delete();
  });
});

/** What the bot does wrong, and the code of the error that discord.js throws. */
const REFUSALS: Row<[act: () => Promise<unknown>, code: number]>[] = [
  ['message.mdx', 'content over 2,000', () => channel.send(x(2001)), 50035],
  ['message.mdx', 'an empty message', () => channel.send(''), 50006],
  ['opcodes-and-status-codes.mdx', 'a channel that is not there', () => client.rest.get('/channels/1300000000000009999'), 10003],
  ['opcodes-and-status-codes.mdx', 'a message that is not there', () => channel.messages.fetch('1300000000000009999'), 10008],
  [
    'opcodes-and-status-codes.mdx',
    "editing another's message",
    () => client.rest.patch(`/channels/${here().ids.tasks}/messages/${here().ids.hers}`, { body: { content: 'x' } }),
    50005,
  ],
  ['opcodes-and-status-codes.mdx', 'a guild without the bot', () => client.guilds.fetch(here().ids.outside as string), 50001],
];

describe('discord.js gets an error with the code for', () => {
  each(REFUSALS, async (act, code) => expect(act()).rejects.toMatchObject({ code }));
});

type Command = ChatInputCommandInteraction<'cached'>;

/** Lets the handler answer `/say` of a member and gives what the member got. */
async function answered(handler: (interaction: Command) => Promise<unknown>) {
  const once = (interaction: Interaction) => void handler(interaction as Command).catch(() => {});
  client.once('interactionCreate', once);
  return here().member.command('tasks', 'say', { text: 'x' });
}

const go = { type: 1, components: [{ type: 2, style: ButtonStyle.Primary, label: 'Go', custom_id: 'go' }] } as const;

describe("discord.js answers a member's command", () => {
  const ANSWERS: Row<[handler: (interaction: Command) => Promise<unknown>, content: string]>[] = [
    [DJS, 'with a reply', (one) => one.reply('done'), 'done'],
    [DJS, 'with a reply for the member alone', (one) => one.reply({ content: 'done', flags: MessageFlags.Ephemeral }), 'done'],
    [
      DJS,
      'with a reply that it reads back',
      async (one) => expect((await one.reply({ content: 'done', withResponse: true })).resource?.message?.content).toBe('done'),
      'done',
    ],
    [DJS, 'with a defer and an edit', (one) => one.deferReply().then(() => one.editReply('done')), 'done'],
    [DJS, 'with a reply that it fetches', (one) => one.reply('done').then(() => one.fetchReply()), 'done'],
    [
      DJS,
      'with a reply that it edits as a message of the channel',
      async (one) => {
        await one.reply('first');
        return ((await one.fetchReply()) as Message).edit('done');
      },
      'done',
    ],
  ];
  each(ANSWERS, async (handler, content) => {
    const answer = await answered(handler);
    await answer.settled();
    await expect.poll(() => here().member.messages('tasks').at(-1)?.content).toBe(content);
  });

  it(`${DJS}: with follow-ups, and takes its answer back`, async () => {
    const before = here().playground.messages('tasks').length;
    await answered(async (one) => {
      await one.reply('first');
      await one.followUp('more');
      await one.deleteReply();
    });
    await expect
      .poll(() =>
        here()
          .playground.messages('tasks')
          .slice(before)
          .map((one) => one.content),
      )
      .toEqual(['more']);
  });

  it(`${DJS}: with a button, whose press updates the message`, async () => {
    const { message } = await answered((one) => one.reply({ content: 'press', components: [go] }));
    client.once('interactionCreate', (one) => one.isButton() && void one.update({ content: 'pressed', components: [] }));
    await here().member.click(message?.id ?? '', 'Go');
    expect(last()).toMatchObject({ content: 'pressed', components: [] });
  });

  it(`${DJS}: with a modal, whose text it gets`, async () => {
    const answer = await answered((one) =>
      one.showModal({
        customId: 'm',
        title: 'T',
        components: [{ type: 1, components: [{ type: 4, customId: 'name', style: 1, label: 'Name' }] }],
      } as never),
    );
    client.once(
      'interactionCreate',
      (one) => one.isModalSubmit() && void one.reply(`hello ${one.fields.getTextInputValue('name')}`),
    );
    await here().member.submit(answer, { Name: 'Mia' });
    expect(last()?.content).toBe('hello Mia');
  });

  it(`${DJS}: with choices while it is typed`, async () => {
    client.once('interactionCreate', (one) => one.isAutocomplete() && void one.respond([{ name: 'Alpha', value: 'a' }]));
    const answer = await here().member.autocomplete('tasks', 'say', 'from', { from: 'al' });
    expect(answer.choices).toEqual([{ name: 'Alpha', value: 'a' }]);
  });

  it(`${DJS}: not twice: the second reply is refused with 40060`, async () => {
    let second: unknown;
    await answered(async (one) => {
      await one.reply('first');
      // The library itself would refuse; another process with the same token does not know.
      second = await client.rest
        .post(`/interactions/${one.id}/${one.token}/callback`, { body: { type: 4, data: { content: 'x' } }, auth: false })
        .catch((error: unknown) => error);
    });
    await expect.poll(() => second).toMatchObject({ code: 40060 });
  });
});

describe('discord.js hears of', () => {
  it(`${DJS}: messages, edits, deletions, reactions, threads, channels, members and roles`, async () => {
    const { playground, api, ids } = here();
    const { GuildMembers, GuildMessageReactions, GuildMessages, Guilds, MessageContent } = GatewayIntentBits;
    const intents = [Guilds, GuildMessages, MessageContent, GuildMessageReactions, GuildMembers];
    const listener = await login(new DiscordClient({ intents, rest: { api }, waitGuildTimeout: 1_000 }));
    const heard = new Set<string>();
    const names = [
      'messageCreate',
      'messageUpdate',
      'messageDelete',
      'messageReactionAdd',
      'threadCreate',
      'channelCreate',
      'channelDelete',
      'guildMemberAdd',
      'guildMemberRemove',
      'roleUpdate',
    ];
    for (const name of names) listener.on(name as never, (() => heard.add(name)) as never);
    const sent = await channel.send('one');
    await sent.edit('two');
    await sent.react('👍');
    await sent.startThread({ name: 't' });
    const other = await channel.send('three');
    await expect
      .poll(
        () =>
          (listener.channels.cache.get(ids.tasks as string) as GuildTextBasedChannel | undefined)?.messages.cache.has(other.id),
        { timeout: 15_000 },
      )
      .toBe(true);
    await other.delete();
    playground.faults.deleteChannel(playground.addChannel(ids.guild as string, 'new'));
    const zoe = playground.addPerson('zoe');
    playground.addMember(ids.guild as string, zoe);
    playground.removeMember(ids.guild as string, zoe);
    playground.faults.denyRole(ids.guild as string, ids.guild as string, 1n << 6n);
    await expect.poll(() => names.filter((name) => !heard.has(name)), { timeout: 15_000 }).toEqual([]);
    await listener.destroy();
  });
});
