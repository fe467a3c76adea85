/** Files of messages, and nonces. */
import { describe, expect, it } from 'vitest';
import { ground } from './ground.js';

const here = ground();

describe('files', () => {
  const form = (body: object, ...files: [name: string, type: string, data: string | Uint8Array][]) => {
    const data = new FormData();
    data.set('payload_json', JSON.stringify(body));
    files.forEach(([name, type, content], index) => {
      data.set(`files[${index}]`, new Blob([content as string], { type }), name);
    });
    return data;
  };
  const post = (data: FormData) => here().bot('POST', '/channels/{tasks}/messages', data);

  it('reference.mdx: of a multipart body are stored and served back', async () => {
    const { body } = await post(
      form({ content: 'x', attachments: [{ id: 0, description: 'said' }] }, ['a b.txt', 'text/plain', 'hello']),
    );
    expect(body.attachments).toEqual([
      expect.objectContaining({
        filename: 'a_b.txt',
        size: 5,
        description: 'said',
        content_type: expect.stringContaining('text/plain'),
      }),
    ]);
    const served = await fetch(body.attachments[0].url);
    expect([served.status, await served.text()]).toEqual([200, 'hello']);
  });

  it('are served by their name however long it is, and are gone with their message and their channel', async () => {
    const { playground, ids, bot } = here();
    const status = async (url: string) => (await fetch(url)).status;
    const long = await post(form({}, [`${'n'.repeat(150)}.txt`, 'text/plain', 'x']));
    expect(await status(long.body.attachments[0].url)).toBe(200);
    await bot('DELETE', `/channels/{tasks}/messages/${long.body.id}`);
    expect(await status(long.body.attachments[0].url)).toBe(404);
    const channel = playground.addChannel(ids.guild ?? '', 'short-lived');
    const { body } = await bot('POST', `/channels/${channel}/messages`, form({}, ['x.txt', 'text/plain', 'x']));
    playground.faults.deleteChannel(channel);
    expect(await status(body.attachments[0].url)).toBe(404);
  });

  it('message.mdx: alone make a message', async () => {
    expect((await post(form({}, ['x.txt', 'text/plain', 'x']))).status).toBe(200);
  });

  it('message.mdx: of an edit are appended, and kept by `attachments` alone', async () => {
    const { body } = await post(form({}, ['one.txt', 'text/plain', '1'], ['two.txt', 'text/plain', '2']));
    const path = `/channels/{tasks}/messages/${body.id}`;
    const names = (reply: { body: { attachments: { filename: string }[] } }) => reply.body.attachments.map((one) => one.filename);
    expect(names(await here().bot('PATCH', path, { content: 'x' }))).toEqual(['one.txt', 'two.txt']);
    expect(names(await here().bot('PATCH', path, { attachments: [{ id: body.attachments[1].id }] }))).toEqual(['two.txt']);
    const added = form({ attachments: [{ id: body.attachments[1].id }, { id: 0 }] }, ['three.txt', 'text/plain', '3']);
    expect(names(await here().bot('PATCH', path, added))).toEqual(['two.txt', 'three.txt']);
    expect(await here().bot('PATCH', path, { content: '', attachments: [] })).toMatchObject({
      status: 400,
      body: { code: 50006 },
    });
  });

  it('facts 1.3: of more than 10 in a message are refused with 30015', async () => {
    const eleven = Array.from({ length: 11 }, (_, n): [string, string, string] => [`${n}.txt`, 'text/plain', 'x']);
    expect(await post(form({}, ...eleven))).toMatchObject({ status: 400, body: { code: 30015 } });
  });

  it('facts 1.3: over the limit of one file are refused with 413 and 40005', async () => {
    const { playground } = here();
    playground.faults.setLimit('maxFileBytes', 10);
    expect(await post(form({}, ['x.bin', 'application/octet-stream', new Uint8Array(11)]))).toMatchObject({
      status: 413,
      body: { code: 40005 },
    });
    playground.faults.clear();
  });

  it('message.mdx: named by attachment:// in an embed are its picture', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const { body } = await post(
      form({ embeds: [{ title: 'x', image: { url: 'attachment://p.png' } }] }, ['p.png', 'image/png', png]),
    );
    expect(body.embeds[0].image.url).toMatch(/^http.*p\.png/);
  });
});

describe('a nonce', () => {
  const body = { content: 'once', nonce: 'n', enforce_nonce: true };
  const create = (more: object = {}) => here().bot('POST', '/channels/{tasks}/messages', { ...body, ...more });

  it('message.mdx: that is enforced gives back the first message', async () => {
    const first = await create();
    const again = await create({ content: 'twice' });
    expect(again.body).toMatchObject({ id: first.body.id, content: 'once', nonce: 'n' });
  });

  it('message.mdx: that is not enforced makes another message', async () => {
    const first = await create();
    expect((await create({ enforce_nonce: false })).body.id).not.toBe(first.body.id);
  });

  it('facts 1.3: is forgotten after minutes', async () => {
    const first = await create();
    await here().playground.clock.advance(here().playground.limits.nonceWindowMs + 1);
    expect((await create()).body.id).not.toBe(first.body.id);
  });
});
