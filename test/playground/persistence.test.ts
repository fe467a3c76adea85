import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlayground } from '../../playground/index.js';
import { asBot } from './support.js';

describe('a saved world', () => {
  let folder: string;
  let stateFile: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'world-'));
    stateFile = join(folder, 'deep', 'world.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = async () => {
    const playground = createPlayground({ stateFile, page: false });
    const { apiUrl } = await playground.listen();
    return { playground, bot: asBot(apiUrl) };
  };

  it('comes back with channels, messages, files, commands and links that work', async () => {
    const first = await start();
    const { world } = first.playground;
    const form = new FormData();
    form.set('payload_json', JSON.stringify({ content: 'kept' }));
    form.set('files[0]', new Blob(['file text']), 'f.txt');
    const sent = await first.bot('POST', `/channels/${world.channels.tasks}/messages`, form);
    await first.bot('PUT', `/applications/${world.application}/commands`, [{ name: 'hi', description: 'Hi' }]);
    const added = first.playground.addChannel(world.guild, 'added');
    await first.playground.as('member').say('tasks', 'me too');
    await first.playground.close();

    const second = await start();
    const messages = second.playground.messages('tasks');
    expect(messages.map((one) => one.content)).toEqual(['kept', 'me too']);
    const url = messages[0]?.attachments[0]?.url ?? '';
    expect(url).not.toBe(sent.body.attachments[0].url);
    expect(await (await fetch(url)).text()).toBe('file text');
    expect(second.playground.messages(added)).toEqual([]);
    const commands = await second.bot('GET', `/applications/${world.application}/commands`);
    expect(commands.body).toMatchObject([{ name: 'hi' }]);
    const later = await second.playground.as('member').say('tasks', 'later');
    expect(BigInt(later.id)).toBeGreaterThan(BigInt(messages[1]?.id ?? '0'));
    await second.bot('DELETE', `/channels/${world.channels.tasks}/messages/${sent.body.id}`);
    await second.playground.close();
    expect(await readdir(`${stateFile}.files`)).toEqual([]);
  });

  it('comes back with reactions, pins, roles, nicknames, bans, emoji, slow mode, webhooks and who may use commands', async () => {
    const first = await start();
    const { world } = first.playground;
    const all = (1n << 52n) - 1n;
    first.playground.setBotRole(world.guild, { permissions: all, position: 9 });
    const guild = `/guilds/${world.guild}`;
    const tasks = `/channels/${world.channels.tasks}`;
    const { id } = (await first.bot('POST', `${tasks}/messages`, { content: 'kept' })).body;
    await first.bot('PUT', `${tasks}/messages/${id}/reactions/${encodeURIComponent('👍')}/@me`);
    await first.bot('PUT', `${tasks}/messages/pins/${id}`);
    const role = (await first.bot('POST', `${guild}/roles`, { name: 'Helper', hoist: true })).body.id;
    await first.bot('PATCH', `${guild}/members/${world.people.member}`, { nick: 'Em', roles: [role] });
    await first.bot('PUT', `${guild}/bans/${world.people.stranger}`, {});
    await first.bot('POST', `${guild}/emojis`, { name: 'wave', image: 'data:image/png;base64,iVBORw0KGgo=' });
    await first.bot('PATCH', tasks, { rate_limit_per_user: 5 });
    await first.bot('PATCH', guild, { description: 'What we do' });
    await first.bot('PATCH', '/applications/@me', { description: 'Does it' });
    const hook = (await first.bot('POST', `${tasks}/webhooks`, { name: 'Hook' })).body;
    const command = (await first.bot('POST', `/applications/${world.bot}/commands`, { name: 'hi', description: 'Hi' })).body.id;
    first.playground.setCommandPermissions(world.guild, command, [{ id: role, type: 1, permission: true }]);
    const seen = async ({ bot }: typeof first) => {
      const paths = [`${tasks}/messages/${id}`, `${tasks}/pins`, `${guild}/roles`, `${guild}/members/${world.people.member}`];
      paths.push(`${guild}/bans`, guild, tasks, '/applications/@me', `/webhooks/${hook.id}/${hook.token}`);
      paths.push(`/applications/${world.bot}/guilds/${world.guild}/commands/permissions`);
      const bodies = await Promise.all(paths.map(async (path) => (await bot('GET', path)).body));
      return JSON.parse(JSON.stringify(bodies).replaceAll(/127\.0\.0\.1:\d+/g, 'here'));
    };
    const before = await seen(first);
    expect(JSON.stringify(before)).not.toContain('"code"');
    await first.playground.close();

    const second = await start();
    expect(await seen(second)).toEqual(before);
    const later = (await second.bot('POST', `${guild}/roles`, {})).body.id;
    expect(BigInt(later)).toBeGreaterThan(BigInt(hook.id));
    await second.playground.close();
  });

  it('of an older version is read', async () => {
    const first = await start();
    await first.playground.as('member').say('tasks', 'long ago');
    await first.playground.close();
    const saved = JSON.parse(await readFile(stateFile, 'utf8'));
    for (const key of ['webhooks', 'commandPermissions', 'application']) delete saved[key];
    await writeFile(stateFile, JSON.stringify(saved));
    const lines: string[] = [];
    const playground = createPlayground({ stateFile, page: false, log: (line) => lines.push(line) });
    expect(lines).toEqual([]);
    expect(playground.messages('tasks').map((one) => one.content)).toEqual(['long ago']);
    await playground.close();
  });

  it('is written while it runs, and never holds ephemeral messages', async () => {
    const { playground } = await start();
    await playground.as('member').say('tasks', 'soon on disk');
    await expect.poll(() => readFile(stateFile, 'utf8').catch(() => ''), { timeout: 15_000 }).toContain('soon on disk');
    await playground.close();
  });

  it('is put aside when corrupt, and a fresh one begins', async () => {
    await (await start()).playground.close();
    for (const text of ['{"version":1,', '{"version":9}', '[]']) {
      await writeFile(stateFile, text);
      const lines: string[] = [];
      const playground = createPlayground({ stateFile, page: false, log: (line) => lines.push(line) });
      expect(playground.messages('tasks')).toEqual([]);
      expect(lines.join()).toContain('is corrupt');
      await playground.close();
    }
    const aside = (await readdir(join(folder, 'deep'))).filter((name) => name.includes('.corrupt-'));
    expect(aside.length).toBeGreaterThan(0);
  });
});
