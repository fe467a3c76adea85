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
