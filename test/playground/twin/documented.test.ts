/** What the playground says has the keys and types that Discord's documentation names, and no others. */
import type { Client } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../../playground/index.js';
import { RawGateway } from '../gateway-client.js';
import { asBot, FAST, login, newClient, type RestReply } from '../support.js';
import { differences, SHAPES } from './documented.js';
import { answer, COMMANDS } from './flow.js';

let playground: Playground;
let client: Client<true>;
let url: string;
let bot: (method: string, path: string, body?: unknown) => Promise<RestReply>;
let messages: string;
/** Raw INTERACTION_CREATE payloads. */
const interactions: Record<string, unknown>[] = [];

beforeAll(async () => {
  playground = createPlayground({ page: false, clock: createClock({ frozen: true }), limits: FAST });
  const listening = await playground.listen();
  url = listening.url;
  bot = asBot(listening.apiUrl);
  messages = `/channels/${playground.world.channels.tasks}/messages`;
  client = await login(newClient(listening.apiUrl));
  await client.application.commands.set(COMMANDS);
  await playground.botReady();
  client.ws.on('INTERACTION_CREATE' as never, ((data: Record<string, unknown>) => interactions.push(data)) as never);
});
afterAll(async () => {
  await client?.destroy();
  await playground?.close();
});

const same = (value: unknown, shape: keyof typeof SHAPES) => expect(differences(value, SHAPES[shape])).toEqual([]);
const calm = () => playground.clock.advance(5_001);

describe('Discord documents the shape of', () => {
  it('gateway.mdx: hello, heartbeat ACK, ready, resumed, invalid session', async () => {
    const raw = new RawGateway(url);
    same(await raw.next((frame) => frame.op === 10), 'hello');
    raw.send(1, null);
    same(await raw.next((frame) => frame.op === 11), 'acknowledged');
    raw.send(2, { token: 'x', intents: 1, properties: {} });
    const ready = await raw.event('READY');
    same(ready, 'ready');
    raw.socket.close(4200);
    await raw.closeCode();
    const again = new RawGateway(url);
    await again.next((frame) => frame.op === 10);
    again.send(6, { token: 'x', session_id: ready.d.session_id, seq: ready.s });
    same(await again.event('RESUMED'), 'resumed');
    again.socket.close(1000);
    const third = new RawGateway(url);
    await third.next((frame) => frame.op === 10);
    third.send(6, { token: 'x', session_id: 'nothing', seq: 1 });
    same(await third.next((frame) => frame.op === 9), 'invalidSession');
    third.socket.terminate();
  });

  it('gateway.mdx: Get Gateway Bot', async () => same((await bot('GET', '/gateway/bot')).body, 'gatewayBot'));

  it('reference.mdx: errors, and the tree of a form', async () => {
    same((await bot('GET', '/channels/1300000000000009999')).body, 'error');
    const form = (await bot('POST', messages, { embeds: [{ title: 'x'.repeat(257) }] })).body;
    same(form, 'formError');
    same(form.errors.embeds[0].title._errors[0], 'formErrorLeaf');
  });

  it('rate-limits.mdx: a refusal', async () => {
    await calm();
    const replies = [];
    for (let n = 0; n < 6; n++) replies.push(await bot('POST', messages, { content: 'x' }));
    same(replies.at(-1)?.body, 'rateLimited');
    await calm();
  });

  it('message.mdx: messages of the bot, of a person, replies, and attachments', async () => {
    const form = new FormData();
    form.set('payload_json', JSON.stringify({ content: 'x', nonce: 'n' }));
    form.set('files[0]', new Blob(['x']), 'x.txt');
    const { body } = await bot('POST', messages, form);
    same(body, 'message');
    same(body.attachments[0], 'attachment');
    same((await bot('POST', messages, { content: 'y', message_reference: { message_id: body.id } })).body, 'message');
    const hers = await playground.as('member').say('tasks', 'z');
    same((await bot('GET', `${messages}/${hers.id}`)).body, 'message');
    await calm();
  });

  it('receiving-and-responding.mdx: interactions of each kind, and the answer to a callback', async () => {
    const mia = playground.as('member');
    let callback: unknown;
    client.once('interactionCreate', async (one) => {
      if (one.isRepliable())
        callback = await client.rest.post(`/interactions/${one.id}/${one.token}/callback`, {
          auth: false,
          query: new URLSearchParams({ with_response: 'true' }),
          body: { type: 4, data: { content: 'x' } },
        });
    });
    await mia.command('tasks', 'reply');
    await expect.poll(() => callback).toBeDefined();
    same(callback, 'callback');
    client.on('interactionCreate', (one) => void answer(one));
    const { message } = await mia.command('tasks', 'panel');
    await mia.click(message?.id ?? '', 'press');
    await mia.select(message?.id ?? '', 'pick', ['b']);
    await mia.submit(await mia.command('tasks', 'form'), { name: 'Mia' });
    expect(interactions.map((one) => one.type)).toEqual([2, 2, 3, 3, 2, 5]);
    for (const one of interactions) {
      same(one, 'interaction');
      same(one.data, one.type === 2 ? 'commandData' : one.type === 3 ? 'componentData' : 'modalData');
    }
    for (const one of mia.messages('tasks')) same(one, 'message');
  });
});
