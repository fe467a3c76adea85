/** The example of playground/README.md: what stands between the two marks is what the README shows. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
// example:start
import { Client, GatewayIntentBits } from 'discord.js';
import { expect, it } from 'vitest';
import { createClock, createPlayground } from '../../playground/index.js';

it('a bot says pong, and says so when it may not', async () => {
  const playground = createPlayground({ page: false, clock: createClock({ frozen: true }) });
  const { apiUrl } = await playground.listen();

  // The bot: nothing but `rest.api` differs from the real one.
  const bot = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: apiUrl } });
  bot.once('clientReady', (ready) => ready.application.commands.set([{ name: 'ping', description: 'Answers' }]));
  bot.on('interactionCreate', async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    await interaction.deferReply();
    await interaction.editReply(interaction.appPermissions.has('SendMessages') ? 'pong' : 'I may not speak here');
  });
  await bot.login('any token');
  await playground.botReady();

  // A person, and what that person sees.
  const mia = playground.as('member');
  const answer = await mia.command('tasks', 'ping');
  expect((await answer.settled()).content).toBe('pong');
  expect(playground.transcript('tasks')).toContain('pong');

  // Something goes wrong.
  const { channels, bot: botId } = playground.world;
  playground.faults.overwrite(channels.tasks, botId, 0n, 1n << 11n);
  const second = await mia.command('tasks', 'ping');
  expect((await second.settled()).content).toBe('I may not speak here');

  // Fifteen minutes pass at once: the token of the interaction is dead.
  await playground.clock.advance(15 * 60_000 + 1);
  expect(playground.counts()).toMatchObject({ status429: 0, unknownRoutes: [] });

  await bot.destroy();
  await playground.close();
});
// example:end

it('is what the README shows', async () => {
  const source = await readFile(fileURLToPath(import.meta.url), 'utf8');
  const readme = await readFile(new URL('../../playground/README.md', import.meta.url), 'utf8');
  const example = /\/\/ example:start\n(.*?)\/\/ example:end/s.exec(source)?.[1] ?? 'none';
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
