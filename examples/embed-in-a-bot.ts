/**
 * A discord.js bot with a command of its own, and Guildhall in it by one line. Run it with
 * `DISCORD_TOKEN=… node dist/examples/embed-in-a-bot.js` (after `npm run build`).
 */
import { Client, Events, GatewayIntentBits } from 'discord.js';
import { createGuildhall } from '../src/guildhall.js';

const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: process.env.DISCORD_API_URL || 'https://discord.com/api' },
});

client.once(Events.ClientReady, async ({ application }) => {
  // `create` keeps the other commands of the application; `set` would remove Guildhall's.
  await application.commands.create({ name: 'ping', description: 'Answers at once' });
});

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isChatInputCommand() && interaction.commandName === 'ping') await interaction.reply('Pong!');
});

await client.login(process.env.DISCORD_TOKEN);

// The one line. Guildhall adds its commands and answers them; everything else stays with the bot.
const guildhall = await createGuildhall({ client }).start();

async function stop(): Promise<void> {
  await guildhall.stop();
  await client.destroy();
}
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
