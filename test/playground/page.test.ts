import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ActionRowBuilder, ButtonBuilder, ButtonStyle, ModalBuilder, TextInputBuilder, TextInputStyle } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { PageEvent, PageRequest } from '../../playground/protocol.js';
import { type Stage, setStage } from './support.js';

type EventOf<T extends PageEvent['type']> = PageEvent & { type: T };

/** A page without a browser: sends requests and waits for events. */
class Page {
  readonly events: PageEvent[] = [];
  private constructor(readonly socket: WebSocket) {
    socket.on('message', (raw) => this.events.push(JSON.parse(String(raw))));
  }

  static async open(url: string, userId?: string): Promise<Page> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/page`, { origin: url });
    const page = new Page(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    page.send({ type: 'hello', ...(userId && { userId }) });
    await page.next('snapshot');
    return page;
  }

  send(request: PageRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  /** The first event of this type that fits and was not taken before. */
  async next<T extends PageEvent['type']>(type: T, fits: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
    const find = () => this.events.findIndex((event) => event.type === type && fits(event as EventOf<T>));
    await expect.poll(find, { timeout: 15_000, interval: 5 }).toBeGreaterThanOrEqual(0);
    return this.events.splice(find(), 1)[0] as EventOf<T>;
  }
}

describe('the page server', () => {
  let stage: Stage;
  let pageDir: string;
  const pages: Page[] = [];
  const open = async (userId?: string) => {
    const page = await Page.open(stage.url, userId);
    pages.push(page);
    return page;
  };

  beforeAll(async () => {
    pageDir = await mkdtemp(join(tmpdir(), 'page-'));
    stage = await setStage({ page: true, pageDir, notices: () => ['Redis: none'] });
  });
  afterAll(async () => {
    for (const page of pages) page.socket.terminate();
    await stage.close();
    await rm(pageDir, { recursive: true });
  });

  it('says that the page is not built, then serves it with a strict policy and nothing else', async () => {
    const missing = await fetch(stage.url);
    expect(missing.status).toBe(503);
    expect(await missing.text()).toContain('has not been built');
    await writeFile(join(pageDir, 'index.html'), '<p>hello</p>');
    await writeFile(join(pageDir, 'app.js'), '1');
    const built = await fetch(stage.url);
    expect(await built.text()).toBe('<p>hello</p>');
    expect(built.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect((await fetch(`${stage.url}/app.js`)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    for (const path of ['/..%2f..%2fpackage.json', '/%2e%2e/package.json', '/.env', '/nothing.js'])
      expect((await fetch(stage.url + path)).status, path).toBe(404);
  });

  it('refuses other pages and other host names, also for WebSockets', async () => {
    const evil = { origin: 'http://evil.example' };
    expect((await fetch(`${stage.url}/`, { headers: evil })).status).toBe(403);
    expect((await fetch(`${stage.api}/v10/gateway`, { headers: evil })).status).toBe(403);
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      const { port } = new URL(stage.url);
      request({ port, host: '127.0.0.1', headers: { host: `evil.example:${port}` } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(403);
    for (const path of ['/page', '/gateway']) {
      const socket = new WebSocket(stage.url.replace('http', 'ws') + path, { headers: evil });
      const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
      expect(error.message).toContain('403');
    }
  });

  it('shows each person what that person may see', async () => {
    const { world } = stage.playground;
    const admin = await Page.open(stage.url);
    const mia = await Page.open(stage.url, world.people.member);
    pages.push(admin, mia);
    admin.send({ type: 'hello' });
    mia.send({ type: 'hello', userId: world.people.member });
    const [forAdmin, forMia] = await Promise.all([admin.next('snapshot'), mia.next('snapshot')]);
    expect(forAdmin.me.displayName).toBe('Ada');
    expect(forAdmin).toMatchObject({ botOnline: true, botId: world.bot, notices: ['Redis: none'] });
    const names = (event: EventOf<'snapshot'>) =>
      event.guilds.map((guild) => guild.channels.map((channel) => channel.name).join(' '));
    expect(names(forAdmin)).toEqual(['general tasks agents-lab staff', 'general']);
    expect(names(forMia)).toEqual(['general tasks agents-lab']);
    expect(forMia.dms).toMatchObject([{ type: 1, name: 'Bot' }]);
    expect(forAdmin.commands.map((command) => command.name)).toContain('admin');
    expect(forMia.commands.map((command) => command.name)).not.toContain('admin');
    mia.send({ type: 'open', channelId: world.channels.staff });
    expect((await mia.next('error')).message).toBe('You cannot see this channel.');
  });

  it('says things, counts unread messages and mentions, and forgets them when read', async () => {
    const { world } = stage.playground;
    const ada = await open(world.people.admin);
    const mia = await open(world.people.member);
    ada.send({ type: 'say', channelId: world.channels.tasks, content: `hey <@${world.people.member}>` });
    const seen = await mia.next('message_create');
    expect(seen).toMatchObject({ channelId: world.channels.tasks, mentioned: true });
    mia.send({ type: 'hello', userId: world.people.member });
    const unread = await mia.next('snapshot');
    const tasks = (event: EventOf<'snapshot'>) =>
      event.guilds[0]?.channels.find((channel) => channel.id === world.channels.tasks);
    expect(tasks(unread)).toMatchObject({ unread: 1, mentions: 1 });
    mia.send({ type: 'read', channelId: world.channels.tasks, messageId: seen.message.id });
    mia.send({ type: 'hello', userId: world.people.member });
    expect(tasks(await mia.next('snapshot'))).toMatchObject({ unread: 0, mentions: 0 });
    mia.send({ type: 'open', channelId: world.channels.tasks });
    const log = await mia.next('messages');
    expect(log).toMatchObject({ hasMore: false, messages: [{ content: `hey <@${world.people.member}>` }] });
  });

  it('offers the commands of the channel that is looked at, and tells when the clock is moved', async () => {
    const { world, clock } = stage.playground;
    const ada = await open(world.people.admin);
    ada.send({ type: 'look', channelId: world.channels.tasks });
    const inGuild = await ada.next('commands');
    ada.send({ type: 'look', channelId: stage.playground.as('admin').dm() });
    const inDm = await ada.next('commands');
    const names = ({ commands }: EventOf<'commands'>) => commands.map((command) => command.name);
    expect(names(inGuild)).toContain('admin');
    expect(names(inDm)).not.toContain('admin');
    const before = clock.now();
    await clock.advance(3_600_000);
    expect((await ada.next('clock')).nowMs).toBe(before + 3_600_000);
  });

  it('lets people react, edit, delete, pin and start threads, as far as they may', async () => {
    const { world } = stage.playground;
    const mia = await open(world.people.member);
    const mo = await open(world.people.moderator);
    const channelId = world.channels.general;
    const { id: messageId } = await stage.playground.as('member').say('general', 'Mine');
    const at = { channelId, messageId };
    const update = (page: Page) => page.next('message_update', ({ message }) => message.id === messageId);
    mia.send({ type: 'react', ...at, emoji: '👍', on: true });
    expect((await update(mia)).message.reactions).toMatchObject([{ count: 1, me: true, emoji: { name: '👍' } }]);
    expect((await update(mo)).message.reactions).toMatchObject([{ count: 1, me: false, userIds: [world.people.member] }]);
    mia.send({ type: 'react', ...at, emoji: '👍', on: false });
    expect((await update(mia)).message.reactions).toBeUndefined();
    await update(mo);
    mia.send({ type: 'react', ...at, emoji: 'no emoji', on: true });
    expect((await mia.next('error')).message).toBe('This is no emoji');
    mo.send({ type: 'edit', ...at, content: 'Not mine' });
    expect((await mo.next('error')).message).toBe('Only the author can edit a message');
    mia.send({ type: 'edit', ...at, content: 'Mine, changed' });
    expect((await update(mia)).message).toMatchObject({ content: 'Mine, changed', edited_timestamp: expect.any(String) });
    mia.send({ type: 'pin', ...at, on: true });
    expect((await mia.next('error')).message).toBe('Mia may not pin messages here');
    mo.send({ type: 'pin', ...at, on: true });
    await mo.next('message_update', ({ message }) => message.pinned);
    mia.send({ type: 'pins', channelId });
    expect((await mia.next('pins')).messages.map((message) => message.id)).toEqual([messageId]);
    mia.send({ type: 'start_thread', requestId: 't', ...at, name: ' About it ' });
    expect(await mia.next('thread_started')).toMatchObject({ requestId: 't', channelId: messageId });
    expect((await mo.next('channel')).channel).toMatchObject({ id: messageId, name: 'About it', parentId: channelId });
    mo.send({ type: 'archive', channelId: messageId, on: true });
    await mia.next('channel', ({ channel }) => channel.archived === true);
    mo.send({ type: 'delete', ...at });
    expect(await mia.next('message_delete')).toMatchObject({ messageId });
  });

  it('uploads a file and gives it to a command', async () => {
    const { world } = stage.playground;
    const mia = await open(world.people.member);
    const answer = await fetch(`${stage.url}/page/upload?name=rows.csv`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'a,b\n1,2\n',
    });
    const { id } = (await answer.json()) as { id: string };
    const large = await fetch(`${stage.url}/page/upload?name=big`, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(large.status).toBe(413);
    stage.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      const file = interaction.options.getAttachment('file', true);
      await interaction.reply(await (await fetch(file.url)).text());
    });
    const commandId = stage.client.application.commands.cache.find((command) => command.name === 'echo')?.id ?? '';
    const options = [
      { name: 'text', type: 3, value: 'x' },
      { name: 'file', type: 11, value: id },
    ];
    mia.send({ type: 'command', requestId: 'r1', channelId: world.channels.lab, commandId, path: [], options });
    expect(await mia.next('interaction')).toMatchObject({ requestId: 'r1', state: 'ok' });
    const created = await mia.next('message_create', (event) => event.channelId === world.channels.lab);
    expect(created.message).toMatchObject({ content: 'a,b\n1,2', commandLine: { userId: world.people.member, name: 'echo' } });
    mia.send({ type: 'command', requestId: 'r2', channelId: world.channels.lab, commandId, path: [], options: [] });
    expect(await mia.next('interaction')).toMatchObject({ requestId: 'r2', state: 'refused', reason: 'option text is required' });
  });

  it('completes, presses, fills forms in, and tells when the bot does not answer', async () => {
    const { world, clock } = stage.playground;
    const mia = await open(world.people.member);
    const cache = stage.client.application.commands.cache;
    const idOf = (name: string) => cache.find((command) => command.name === name)?.id ?? '';
    stage.on(async (interaction) => {
      if (interaction.isAutocomplete()) await interaction.respond([{ name: 'Sample', value: 'sample' }]);
      else if (interaction.isChatInputCommand()) {
        const open = new ButtonBuilder().setCustomId('open').setLabel('Open').setStyle(ButtonStyle.Primary);
        const row = new ActionRowBuilder<ButtonBuilder>().addComponents(open);
        await interaction.reply({ content: 'press', components: [row], flags: 64 });
      } else if (interaction.isButton()) {
        const input = new TextInputBuilder().setCustomId('f').setLabel('F').setStyle(TextInputStyle.Short);
        const row = new ActionRowBuilder<TextInputBuilder>().addComponents(input);
        await interaction.showModal(new ModalBuilder().setCustomId('m').setTitle('T').addComponents(row));
      }
    });
    const where = { channelId: world.channels.lab, commandId: idOf('task'), path: ['create'] };
    const typed = [{ name: 'agent', type: 3, value: 's', focused: true }];
    mia.send({ type: 'autocomplete', requestId: 'a', ...where, options: typed });
    expect(await mia.next('choices')).toMatchObject({ requestId: 'a', choices: [{ value: 'sample' }] });

    mia.send({ type: 'command', requestId: 'c', ...where, options: [{ name: 'agent', type: 3, value: 'sample' }] });
    const { message } = await mia.next('message_create', (event) => event.message.content === 'press');
    expect(stage.playground.messages('agents-lab').map((one) => one.content)).not.toContain('press');
    mia.send({ type: 'component', requestId: 'p', channelId: world.channels.lab, messageId: message.id, customId: 'open' });
    const modal = await mia.next('modal');
    expect(modal.modal.title).toBe('T');
    mia.send({ type: 'modal', requestId: 'm', modalId: modal.modalId, fields: { f: '' } });
    expect(await mia.next('interaction', (event) => event.requestId === 'm')).toMatchObject({
      state: 'refused',
      reason: 'F must be filled in',
    });
    mia.send({ type: 'modal', requestId: 'm2', modalId: modal.modalId, fields: { f: 'x' } });
    const isOver = () => mia.events.some((event) => event.type === 'interaction' && event.requestId === 'm2');
    await expect.poll(() => clock.advance(3_001).then(isOver), { timeout: 15_000 }).toBe(true);
    expect(await mia.next('interaction', (event) => event.requestId === 'm2')).toMatchObject({ state: 'failed' });
    mia.send({ type: 'dismiss', channelId: world.channels.lab, messageId: message.id });
    expect(await mia.next('message_delete')).toMatchObject({ messageId: message.id });
  });

  it('tells what changed in the world, and refuses nonsense', async () => {
    const ada = await open();
    const id = stage.playground.addChannel(stage.playground.world.guild, 'fresh');
    expect((await ada.next('channel')).channel).toMatchObject({ id, name: 'fresh', canSend: true, unread: 0 });
    stage.playground.faults.deleteChannel(id);
    expect(await ada.next('channel_gone')).toMatchObject({ channelId: id });
    const newcomer = stage.playground.addPerson('nora');
    stage.playground.addMember(stage.playground.world.guild, newcomer);
    const { guild, users } = await ada.next('guild');
    expect(guild.memberIds).toContain(newcomer);
    expect(users.map((user) => user.username)).toContain('nora');
    stage.playground.removeMember(stage.playground.world.guild, newcomer);
    expect((await ada.next('guild')).guild.memberIds).not.toContain(newcomer);
    expect(ada.events.filter((event) => event.type === 'snapshot')).toEqual([]);
    ada.socket.send('{"type":"hello","userId":1}');
    ada.socket.send('not json');
    await ada.next('error');
    await ada.next('error');
  });
});
