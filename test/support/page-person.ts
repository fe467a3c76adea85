/** A person at the page of the local Discord, without a browser: the page's WebSocket, for programs that run in another process. */
import { WebSocket } from 'ws';
import type { PageEvent, PageMessage, PageRequest } from '../../playground/protocol.js';
import { until } from './until.js';

export interface PagePerson {
  /** Uses a slash command (`task create`) in the channel of that name; resolves when it was acknowledged, rejects when it was refused or failed. */
  command(channel: string, line: string, options: Record<string, string | number | boolean>): Promise<void>;
  /** Resolves when what this person sees in the channel fits: one text for all messages, in their order, as they are now. */
  sees(channel: string, text: RegExp, limitMs?: number): Promise<string>;
  close(): void;
}

type Snapshot = PageEvent & { type: 'snapshot' };

/** Opens the page at this address as the person that it offers first, once the bot is online and has commands. */
export async function openPage(url: string): Promise<PagePerson> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/page`, { origin: url });
  const state = watch(socket);
  const send = (request: PageRequest) => socket.send(JSON.stringify(request));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  send({ type: 'hello' });
  await until('commands on the page', () => state.snapshot?.botOnline && state.snapshot.commands.length > 0, 20_000);
  const channelId = (name: string) => {
    const channels = state.snapshot?.guilds.flatMap(({ channels }) => channels) ?? [];
    const id = channels.find((channel) => channel.name === name)?.id;
    if (id === undefined) throw new Error(`the page shows no channel ${name}`);
    return id;
  };
  let requests = 0;
  return {
    async command(channel, line, options) {
      const [name = '', ...path] = line.split(' ');
      const commandId = state.snapshot?.commands.find((command) => command.name === name)?.id ?? '';
      requests += 1;
      const requestId = String(requests);
      const given = Object.entries(options).map(([option, value]) => ({ name: option, type: 3, value }));
      send({ type: 'command', requestId, channelId: channelId(channel), commandId, path, options: given });
      const answer = await until(`an answer to /${line}`, () => state.answers.get(requestId) ?? refused(state.trouble), 20_000);
      if (answer.state !== 'ok') throw new Error(`/${line}: ${answer.state} ${answer.reason ?? ''}`);
    },
    async sees(channel, text, limitMs = 30_000) {
      const id = channelId(channel);
      send({ type: 'open', channelId: id });
      const seen = () => [...(state.messages.get(id)?.values() ?? [])].map(textOf).join('\n');
      return until(String(text), () => text.test(seen()) && seen(), limitMs).catch((error: Error) => {
        throw new Error(`${error.message}; seen:\n${seen()}`);
      });
    },
    close: () => socket.terminate(),
  };
}

function refused(trouble: string | undefined): undefined {
  if (trouble !== undefined) throw new Error(`the page was told: ${trouble}`);
}

function watch(socket: WebSocket) {
  const state = {
    snapshot: undefined as Snapshot | undefined,
    answers: new Map<string, PageEvent & { type: 'interaction' }>(),
    messages: new Map<string, Map<string, PageMessage>>(),
    trouble: undefined as string | undefined,
  };
  const put = (channelId: string, message: PageMessage) => {
    const channel = state.messages.get(channelId) ?? new Map<string, PageMessage>();
    state.messages.set(channelId, channel.set(message.id, message));
  };
  socket.on('message', (raw) => {
    const event = JSON.parse(String(raw)) as PageEvent;
    if (event.type === 'snapshot') state.snapshot = event;
    else if (event.type === 'interaction') state.answers.set(event.requestId, event);
    else if (event.type === 'messages') for (const message of event.messages) put(event.channelId, message);
    else if (event.type === 'message_create' || event.type === 'message_update') put(event.channelId, event.message);
    else if (event.type === 'message_delete') state.messages.get(event.channelId)?.delete(event.messageId);
    else if (event.type === 'error') state.trouble = event.message;
  });
  return state;
}

function textOf({ content, embeds }: PageMessage): string {
  return [content, ...embeds.flatMap(({ title, description }) => [title, description])].join('\n');
}
