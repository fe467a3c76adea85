/** What the gateway sends to whom: intents, message content, shards, compression. */
import { GatewayIntentBits as Intent } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { messages, type Stage, stage } from './gateway-stage.js';
import { each, type Row } from './ground.js';

const GATEWAY = 'gateway.mdx';
const FACTS = 'facts 1.5';

const thumb = '%F0%9F%91%8D';

/** What happens, which event tells of it, and the intents that bring it. */
const INTENTS: Row<[act: (where: Stage) => Promise<unknown>, event: string, intents: number]>[] = [
  [
    GATEWAY,
    "a member's message",
    (where) => where.playground.as('member').say('tasks', 'x'),
    'MESSAGE_CREATE',
    Intent.GuildMessages,
  ],
  [
    GATEWAY,
    'a direct message',
    (where) => where.playground.as('member').say(where.playground.as('member').dm(), 'x'),
    'MESSAGE_CREATE',
    Intent.DirectMessages,
  ],
  [GATEWAY, 'an edited message', async (where) => edited(where), 'MESSAGE_UPDATE', Intent.GuildMessages],
  [GATEWAY, 'a deleted message', async (where) => deleted(where), 'MESSAGE_DELETE', Intent.GuildMessages],
  [GATEWAY, 'a reaction', async (where) => reacted(where), 'MESSAGE_REACTION_ADD', Intent.GuildMessageReactions],
  [
    GATEWAY,
    'typing',
    (where) => where.bot('POST', `/channels/${where.playground.world.channels.tasks}/typing`),
    'TYPING_START',
    Intent.GuildMessageTyping,
  ],
  [
    GATEWAY,
    'a new channel',
    async ({ playground }) => playground.addChannel(playground.world.guild, 'new'),
    'CHANNEL_CREATE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a deleted channel',
    async ({ playground }) => playground.faults.deleteChannel(playground.world.channels.lab),
    'CHANNEL_DELETE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a new thread',
    async ({ playground }) => playground.addThread(playground.world.channels.tasks, 't'),
    'THREAD_CREATE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a changed role',
    async ({ playground }) => playground.faults.denyRole(playground.world.guild, playground.world.guild, 1n << 6n),
    'GUILD_ROLE_UPDATE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a guild that the bot leaves',
    async ({ playground }) => playground.faults.removeBot(playground.world.otherGuild),
    'GUILD_DELETE',
    Intent.Guilds,
  ],
  [
    GATEWAY,
    'a new member',
    async ({ playground }) => playground.addMember(playground.world.guild, playground.addPerson('zoe')),
    'GUILD_MEMBER_ADD',
    Intent.GuildMembers,
  ],
  [
    GATEWAY,
    'a member that leaves',
    async ({ playground }) => playground.removeMember(playground.world.guild, playground.world.people.member),
    'GUILD_MEMBER_REMOVE',
    Intent.GuildMembers,
  ],
];

const own = async (where: Stage) => {
  const path = `/channels/${where.playground.world.channels.tasks}/messages`;
  return `${path}/${(await where.bot('POST', path, { content: 'x' })).body.id}`;
};
const edited = async (where: Stage) => where.bot('PATCH', await own(where), { content: 'y' });
const deleted = async (where: Stage) => where.bot('DELETE', await own(where));
const reacted = async (where: Stage) => {
  where.playground.setBotRole(where.playground.world.guild, { permissions: 8n });
  return where.bot('PUT', `${await own(where)}/reactions/${thumb}/@me`);
};

describe('an intent brings', () => {
  each(INTENTS, async (act, event, intents) => {
    const where = await stage();
    // The members intent needs no guild event to be there, but what it tells does.
    const having = await where.ready(intents);
    const lacking = await where.ready(
      (Intent.Guilds | Intent.GuildMessages | Intent.DirectMessages | Intent.GuildMembers) & ~intents,
    );
    await act(where);
    await having.event(event);
    // Frames come in order: what a later one says shows that the earlier ones are there.
    lacking.send(1, null);
    await lacking.next((frame) => frame.op === 11);
    expect(lacking.names()).not.toContain(event);
  });

  it(`${FACTS}: interactions need none`, async () => {
    const where = await stage();
    await where.bot('POST', `/applications/${where.playground.world.application}/commands`, { name: 'say', description: 'D' });
    const client = await where.ready(0);
    void where.playground
      .as('member')
      .command('tasks', 'say')
      .catch(() => {});
    expect((await client.event('INTERACTION_CREATE')).d).toMatchObject({ type: 2, data: { name: 'say' } });
  });

  /** Who writes what, and whether a bot without the message content intent sees it. */
  const CONTENT: Row<[say: (where: Stage) => Promise<unknown>, seen: boolean]>[] = [
    [
      GATEWAY,
      "content of a member's message is hidden",
      ({ playground }) => playground.as('member').say('tasks', 'words'),
      false,
    ],
    [
      GATEWAY,
      'content that mentions the bot is shown',
      ({ playground }) => playground.as('member').say('tasks', `<@${playground.world.bot}> words`),
      true,
    ],
    [
      GATEWAY,
      'content of a direct message is shown',
      ({ playground }) => playground.as('member').say(playground.as('member').dm(), 'words'),
      true,
    ],
    [
      GATEWAY,
      "content of the bot's own message is shown",
      ({ bot, playground }) => bot('POST', `/channels/${playground.world.channels.tasks}/messages`, { content: 'words' }),
      true,
    ],
  ];
  each(CONTENT, async (act, seen) => {
    const where = await stage();
    const intents = Intent.Guilds | Intent.GuildMessages | Intent.DirectMessages;
    const [without, having] = [await where.ready(intents), await where.ready(intents | Intent.MessageContent)];
    await act(where);
    expect((await having.event('MESSAGE_CREATE')).d.content).toContain('words');
    expect((await without.event('MESSAGE_CREATE')).d.content.includes('words')).toBe(seen);
  });
});

describe('shards', () => {
  it(`${GATEWAY}: have the guilds with (id >> 22) % count, direct messages go to shard 0`, async () => {
    const where = await stage({ limits: { maxConcurrency: 4 } });
    const guilds = Array.from(
      { length: 8 },
      (_, n) => where.playground.addGuild(`g${n}`, [where.playground.world.people.member]).guildId,
    );
    const shards = [
      await where.ready(messages | Intent.DirectMessages, { shard: [0, 2] }),
      await where.ready(messages | Intent.DirectMessages, { shard: [1, 2] }),
    ];
    for (const [n, shard] of shards.entries()) {
      const { d } = await shard.event('READY');
      const ids: string[] = d.guilds.map((guild: { id: string }) => guild.id);
      expect(ids.every((id) => Number((BigInt(id) >> 22n) % 2n) === n)).toBe(true);
      for (const id of guilds.filter((one) => Number((BigInt(one) >> 22n) % 2n) === n)) expect(ids).toContain(id);
    }
    await where.playground.as('member').say(where.playground.as('member').dm(), 'x');
    await shards[0]?.event('MESSAGE_CREATE');
    expect(shards[1]?.names()).not.toContain('MESSAGE_CREATE');
  });
});

describe('compression', () => {
  it.each([
    ['zlib-stream for the transport', { query: 'v=10&encoding=json&compress=zlib-stream' }, {}],
    ['zlib for large payloads', {}, { compress: true }],
  ])(`${GATEWAY}: %s is given when asked for`, async (_kind, where, more) => {
    const client = await (await stage()).ready(messages, more, where);
    expect(client.binary.length).toBeGreaterThan(0);
    expect((await client.event('READY')).d.v).toBe(10);
  });
});
