/**
 * The same bot flow gives the same visible result in another implementation of Discord: npm `discord-digital-twin` 0.1.1.
 *
 * That package does not install as it is published (it asks for a version of its web framework that is gone), so it is no dependency: its answers
 * were recorded once, with that framework overridden by its newest version, and stand in recorded.json. It checks no bodies, so what is compared is
 * what a person sees of a bot that does everything right.
 */
import { readFile } from 'node:fs/promises';
import type { Client } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../../playground/index.js';
import { FAST, login, newClient } from '../support.js';
import { answer, COMMANDS, seen } from './flow.js';

let playground: Playground;
let client: Client<true>;
let recorded: Record<string, string[]>;

beforeAll(async () => {
  recorded = JSON.parse(await readFile(new URL('recorded.json', import.meta.url), 'utf8'));
  playground = createPlayground({
    page: false,
    clock: createClock({ frozen: true }),
    limits: { ...FAST, messagesPerWindow: 100 },
  });
  client = await login(newClient((await playground.listen()).apiUrl));
  await client.application.commands.set(COMMANDS);
  await playground.botReady();
  client.on('interactionCreate', (interaction) => void answer(interaction));
});
afterAll(async () => {
  await client?.destroy();
  await playground?.close();
});

describe('what a person sees is what the other implementation showed after', () => {
  it('each step of the flow', async () => {
    const mia = playground.as('member');
    const compared: string[] = [];
    const look = async (step: string) => {
      compared.push(step);
      await expect.poll(() => seen(mia.messages('tasks'), playground.world.bot), { timeout: 15_000 }).toEqual(recorded[step]);
    };
    const channel = await client.channels.fetch(playground.world.channels.tasks);
    if (!channel?.isSendable()) throw new Error('not sendable');
    await mia.command('tasks', 'reply');
    await look('a command answered at once');
    await (await mia.command('tasks', 'defer')).settled();
    await look('a command answered after a defer');
    const panel = (await mia.command('tasks', 'panel')).message?.id ?? '';
    await look('a panel with a button and a select');
    await mia.click(panel, 'press');
    await look('the button pressed');
    await mia.select(panel, 'pick', ['b']);
    await look('the select used');
    await mia.submit(await mia.command('tasks', 'form'), { name: 'Mia' });
    await look('a form submitted');
    const sent = await channel.send('posted by itself');
    await look('a message of the bot itself');
    await sent.edit('edited by itself');
    await look('it is edited');
    await sent.delete();
    await look('it is deleted');
    await channel.send({
      embeds: [{ title: 'Card', description: 'state: **running**', fields: [{ name: 'Step', value: '2 of 3' }] }],
    });
    await look('a card');
    await mia.say('tasks', 'hello from mia');
    await look('a message of a person');
    expect(compared).toEqual(Object.keys(recorded));
  });
});
