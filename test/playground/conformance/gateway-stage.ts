/** A playground whose gateway is looked at frame by frame. */
import { GatewayIntentBits as Intent } from 'discord.js';
import { afterEach } from 'vitest';
import { createClock, createPlayground, type Playground, type PlaygroundOptions } from '../../../playground/index.js';
import { identify, RawGateway } from '../gateway-client.js';
import { asBot, FAST } from '../support.js';

/** Guilds and their messages. */
export const messages = Intent.Guilds | Intent.GuildMessages;

const playgrounds: Playground[] = [];
/** Connections of the test; they end with it. */
export const clients: RawGateway[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  for (const playground of playgrounds.splice(0)) await playground.close();
});

/** A playground with the token `secret` and a frozen clock; all of it ends with the test. */
export async function stage(options: PlaygroundOptions = {}) {
  const clock = createClock({ frozen: true });
  const playground = createPlayground({
    page: false,
    clock,
    token: 'secret',
    ...options,
    limits: { ...FAST, ...options.limits },
  });
  playgrounds.push(playground);
  const { url, apiUrl } = await playground.listen();
  const connect = async (where: { path?: string; query?: string } = {}) => {
    const client = new RawGateway(url, where);
    clients.push(client);
    await client.next((frame) => frame.op === 10);
    return client;
  };
  const ready = async (intents: number, more: object = {}, where = {}) => {
    const client = await connect(where);
    client.send(2, hello(intents, more));
    const { d } = await client.event('READY');
    if ((intents & 1) !== 0 && d.guilds.length > 0)
      await client.next((frame) => frame.t === 'GUILD_CREATE' && frame.d.id === d.guilds.at(-1).id);
    return Object.assign(client, { session: d.session_id as string, resumeUrl: d.resume_gateway_url as string });
  };
  return { playground, url, connect, ready, bot: asBot(apiUrl, 'secret') };
}

/** The data of an IDENTIFY with the right token. */
export const hello = (intents: number, more: object = {}) => identify(intents, { token: 'secret', ...more });

export type Stage = Awaited<ReturnType<typeof stage>>;
