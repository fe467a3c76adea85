/** "What a person sees" as text: everything that Discord shows, the same in every run. */
import { PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, setStage } from './support.js';

let stage: Stage;
let messages: string;

beforeAll(async () => {
  stage = await setStage({ limits: { messagesPerWindow: 100 } });
  messages = `/channels/${stage.playground.world.channels.tasks}/messages`;
});
afterAll(() => stage.close());

const post = async (body: object) => {
  const reply = await stage.fetch('POST', messages, body);
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body.id as string;
};

function withFiles(body: object, names: string[]): FormData {
  const form = new FormData();
  form.set('payload_json', JSON.stringify(body));
  for (const [index, name] of names.entries()) form.set(`files[${index}]`, new Blob(['x'], { type: 'image/png' }), name);
  return form;
}

it('shows replies, embeds, links, chosen defaults, threads, reactions, pins and polls', async () => {
  const { playground } = stage;
  const { people, channels, guild } = playground.world;
  const first = await post({ content: 'A question\nof two lines' });
  await post({
    content: `see <#${channels.general}> and <:party:${guild}>`,
    message_reference: { message_id: first },
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: 'Report',
        url: 'https://example.com/r',
        description: 'All\ndone',
        author: { name: 'Scribe' },
        fields: [{ name: 'Cost', value: '3' }],
        thumbnail: { url: 'https://example.com/t.png' },
        image: { url: 'https://example.com/i.png' },
        footer: { text: 'the end' },
        timestamp: '2026-01-02T03:04:05.000Z',
      },
    ],
    components: [
      { type: 1, components: [{ type: 2, style: 5, label: 'Open', url: 'https://example.com/o' }] },
      {
        type: 1,
        components: [
          {
            type: 3,
            custom_id: 'a',
            placeholder: 'Pick',
            options: [
              { label: 'One', value: '1' },
              { label: 'Two', value: '2', default: true },
            ],
          },
        ],
      },
      {
        type: 1,
        components: [{ type: 5, custom_id: 'b', placeholder: 'Who', default_values: [{ id: people.member, type: 'user' }] }],
      },
    ],
  });
  expect((await stage.fetch('POST', `${messages}/${first}/threads`, { name: 'More' })).status).toBe(201);
  for (const emoji of ['👍', '🎉']) {
    expect((await stage.fetch('PUT', `${messages}/${first}/reactions/${encodeURIComponent(emoji)}/@me`)).status).toBe(204);
  }
  playground.faults.overwrite(channels.tasks, playground.world.bot, PermissionFlagsBits.SendPolls, 0n);
  await post({
    poll: { question: { text: 'Lunch?' }, answers: [{ poll_media: { text: 'Yes' } }, { poll_media: { text: 'No' } }] },
  });
  const expected = `Bot:
  A question
  of two lines
  👍 1  🎉 1
  ⤷ thread More (0 messages)
↪ Bot: A question of two lines
Bot:
  see #general and :party:
  ┃ Scribe — Report (https://example.com/r)
  ┃ All
  ┃ done
  ┃ Cost: 3
  ┃ (thumbnail https://example.com/t.png)
  ┃ (image https://example.com/i.png)
  ┃ the end • <time>
  [Open](https://example.com/o)
  {Pick: One | Two ✓}
  {Who: @Mia ✓}
Bot:
  (poll) Lunch?
  ( ) Yes
  ( ) No`;
  const bot = stage.client.user.username;
  expect(playground.transcript('tasks')).toBe(expected.replaceAll('Bot:', `${bot}:`));
  playground.faults.deleteMessage(channels.tasks, first);
  expect(playground.transcript('tasks')).toContain(`↪ a message that was deleted\n${bot}:`);
});

it('shows all of Components V2, and posted files by their name', async () => {
  const { playground } = stage;
  const body = {
    flags: 1 << 15,
    attachments: [{ id: 0 }, { id: 1 }, { id: 2 }],
    components: [
      { type: 10, content: '# Title\nand text' },
      {
        type: 17,
        components: [
          {
            type: 9,
            components: [{ type: 10, content: 'Section' }],
            accessory: { type: 11, media: { url: 'attachment://t.png' }, description: 'small' },
          },
          { type: 14 },
          {
            type: 12,
            items: [{ media: { url: 'attachment://g.png' }, spoiler: true }, { media: { url: 'https://example.com/h.png' } }],
          },
          { type: 13, file: { url: 'attachment://f.png' } },
          {
            type: 1,
            components: [
              { type: 2, style: 1, custom_id: 'go', label: 'Go' },
              { type: 2, style: 4, custom_id: 'no', label: 'No' },
            ],
          },
        ],
      },
    ],
  };
  const lab = `/channels/${playground.world.channels.lab}/messages`;
  const reply = await stage.fetch('POST', lab, withFiles(body, ['t.png', 'g.png', 'f.png']));
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  const plain = await stage.fetch('POST', lab, withFiles({ attachments: [{ id: 0, description: 'A chart' }] }, ['c.png']));
  expect(plain.status).toBe(200);
  const bot = stage.client.user.username;
  const expected = `${bot}:
  # Title
  and text
  ▏ Section
  ▏ (thumbnail t.png "small")
  ▏ ───
  ▏ (gallery: g.png spoiler, https://example.com/h.png)
  ▏ (file f.png)
  ▏ [Go] [No]
${bot}:
  (file c.png, image/png, "A chart")`;
  expect(playground.transcript('agents-lab')).toBe(expected);
  // Each time the same, and for a person the same as for everybody where nothing is hidden.
  expect(playground.transcript('agents-lab', 'mia')).toBe(expected);
});
