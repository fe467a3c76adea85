import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAttachmentReader } from '../../../src/discord/router/attachments.js';

let server: Server;
let origin: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/redirect') response.writeHead(302, { location: '/ok' }).end();
    else if (path === '/gone') response.writeHead(404).end('no');
    else if (path === '/hang') response.writeHead(200).write('h');
    else if (path === '/more') response.end('x'.repeat(5000));
    else response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ref = (path: string, size = 5, filename = 'a.txt') => ({
  url: `${origin}${path}`,
  filename,
  size,
  contentType: 'text/plain',
});

describe('attachments', () => {
  it('are copied', async () => {
    const read = createAttachmentReader({ apiUrl: `${origin}/api` });
    const file = await read(ref('/ok', 5, '../../etc/pass\u0000wd\ud800'));
    expect(file).toMatchObject({ name: 'passwd', contentType: 'text/plain' });
    expect(Buffer.from(file.bytes).toString()).toBe('hello');
  });

  it.each([
    ['/more', /larger than Discord said/],
    ['/gone', /status 404/],
    ['/redirect', /could not be fetched/],
    ['/hang', /could not be fetched/],
  ])('%s is refused', async (path, words) => {
    const read = createAttachmentReader({ apiUrl: `${origin}/api`, withinMs: 300 });
    await expect(read(ref(path))).rejects.toThrow(words);
  });

  it('are refused when too large', async () => {
    const read = createAttachmentReader({ apiUrl: `${origin}/api` });
    await expect(read(ref('/ok', 10 * 1024 * 1024 + 1))).rejects.toThrow(/10 MiB/);
  });

  it("come from Discord's hosts only", async () => {
    const real = createAttachmentReader({ apiUrl: 'https://discord.com/api' });
    for (const url of [
      `${origin}/ok`,
      'http://cdn.discordapp.com/a',
      'https://cdn.discordapp.com.evil.test/a',
      'https://cdn.discordapp.com:8443/a',
      'https://evil.test/cdn.discordapp.com',
      'https://169.254.169.254/latest',
      'file:///etc/passwd',
      'not a url',
    ])
      await expect(real({ ...ref('/ok'), url })).rejects.toThrow(/does not come from Discord/);
    const local = createAttachmentReader({ apiUrl: 'http://127.0.0.1:1/api' });
    await expect(local(ref('/ok'))).rejects.toThrow(/does not come from Discord/);
    await expect(local({ ...ref('/ok'), url: 'https://cdn.discordapp.com/a' })).rejects.toThrow(/does not come from Discord/);
  });
});
