import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../playground/index.js';
import { asBot, type RestReply } from './support.js';

const HOUR = 3_600_000;
const VIEW = 1n << 10n;
const SEND = 1n << 11n;
const EMBED = 1n << 14n;
const ATTACH = 1n << 15n;
const HISTORY = 1n << 16n;

describe('the REST API', () => {
  let playground: Playground;
  let api: string;
  let bot: (method: string, path: string, body?: unknown) => Promise<RestReply>;
  let messages: string;

  beforeEach(async () => {
    playground = createPlayground({ page: false, clock: createClock({ frozen: true }) });
    ({ apiUrl: api } = await playground.listen());
    bot = asBot(api);
    messages = `/channels/${playground.world.channels.tasks}/messages`;
  });
  afterEach(() => playground.close());

  const post = (body: unknown) => bot('POST', messages, body);
  const calm = () => playground.clock.advance(5_001);
  const deny = (bits: bigint) => playground.faults.overwrite(playground.world.channels.tasks, playground.world.bot, 0n, bits);

  it('knows the token, and names what it does not know', async () => {
    expect((await asBot(api, 'invalid')('GET', '/users/@me')).body).toEqual({ message: '401: Unauthorized', code: 0 });
    expect((await bot('GET', '/users/@me')).body).toMatchObject({ id: playground.world.bot, username: 'Bot', bot: true });
    const unknown = await bot('GET', '/nothing/here');
    expect(unknown).toMatchObject({ status: 404, body: { code: 0, message: '404: Not Found' } });
    expect((await fetch(`${api}/gateway`)).status).toBe(200);
    expect(playground.counts().unknownRoutes).toEqual(['GET /api/v10/nothing/here']);
    expect(playground.ledger().map((one) => [one.route, one.status, one.code])).toEqual([
      ['/users/:id', 401, 0],
      ['/users/:id', 200, undefined],
      ['/api/v10/nothing/here', 404, 0],
      ['/gateway', 200, undefined],
    ]);
  });

  it('answers without a version as with it, and no other version', async () => {
    const status = async (path: string) => (await fetch(`${api}${path}`, { headers: { authorization: 'Bot x' } })).status;
    expect(await status('/users/@me?x=1')).toBe(200);
    expect(await status('/v10/users/@me')).toBe(200);
    expect([await status('/v9/users/@me'), await status('/nothing')]).toEqual([404, 404]);
    expect(playground.counts().unknownRoutes).toEqual(['GET /api/v9/users/@me', 'GET /api/v10/nothing']);
  });

  it('limits messages and edits per channel in buckets of their own, with headers, and all routes together', async () => {
    const first = await post({ content: '1' });
    const header = (reply: RestReply, name: string) => reply.headers.get(name);
    expect([header(first, 'x-ratelimit-limit'), header(first, 'x-ratelimit-remaining')]).toEqual(['5', '4']);
    expect(header(first, 'x-ratelimit-reset-after')).toBe('5.000');
    expect(Number(header(first, 'x-ratelimit-reset')) * 1000).toBeGreaterThan(playground.clock.now());
    for (let n = 2; n <= 5; n++) expect((await post({ content: `${n}` })).status).toBe(200);
    const sixth = await post({ content: '6' });
    expect(sixth).toMatchObject({ status: 429, body: { global: false, message: 'You are being rate limited.' } });
    expect(sixth.body.retry_after).toBeLessThanOrEqual(5);
    expect(header(sixth, 'retry-after')).toBe('5');
    expect(header(sixth, 'x-ratelimit-scope')).toBe('user');
    expect(header(sixth, 'x-ratelimit-bucket')).toBe(header(first, 'x-ratelimit-bucket'));
    const edit = await bot('PATCH', `${messages}/${first.body.id}`, { content: 'edited' });
    expect(edit.status).toBe(200);
    expect(header(edit, 'x-ratelimit-bucket')).not.toBe(header(first, 'x-ratelimit-bucket'));
    expect((await bot('POST', `/channels/${playground.world.channels.lab}/messages`, { content: 'x' })).status).toBe(200);
    await calm();
    expect((await post({ content: 'again' })).status).toBe(200);
    const many = await Promise.all(Array.from({ length: 60 }, () => bot('GET', '/users/@me')));
    const refused = many.filter((reply) => reply.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body.global).toBe(true);
    expect([header(refused[0] as RestReply, 'x-ratelimit-global'), header(refused[0] as RestReply, 'x-ratelimit-scope')]).toEqual(
      ['true', 'global'],
    );
    expect(playground.counts().status429).toBe(refused.length + 1);
  });

  it('limits edits of old messages with 30046', async () => {
    const { id } = (await post({ content: 'old' })).body;
    await playground.clock.advance(HOUR + 1_000);
    const edit = () => bot('PATCH', `${messages}/${id}`, { content: 'x' });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push(await edit());
    expect(statuses.map((reply) => reply.status)).toEqual([200, 200, 200, 429]);
    expect(statuses[3]?.body.code).toBe(30046);
    expect(statuses[3]?.headers.get('retry-after')).not.toBeNull();
    await playground.clock.advance(20_001);
    expect((await edit()).status).toBe(200);
  });

  it('blocks an address after too many invalid requests', async () => {
    const strict = createPlayground({ page: false, limits: { invalidRequestsPer10Minutes: 3 } });
    const refusing = asBot((await strict.listen()).apiUrl, 'invalid');
    for (let n = 0; n < 3; n++) expect((await refusing('GET', '/users/@me')).status).toBe(401);
    expect((await refusing('GET', '/users/@me')).status).toBe(429);
    await strict.clock.advance(3_600_001);
    expect((await refusing('GET', '/users/@me')).status).toBe(401);
    await strict.close();
  });

  it('gives the earlier message for a nonce that it remembers', async () => {
    const body = { content: 'once', nonce: 'n1', enforce_nonce: true };
    const first = await post(body);
    const again = await post(body);
    expect(again.body.id).toBe(first.body.id);
    expect((await post({ content: 'once', nonce: 'n1' })).body.id).not.toBe(first.body.id);
    expect(playground.messages('tasks')).toHaveLength(2);
    await playground.clock.advance(5 * 60_000 + 1);
    expect((await post(body)).body.id).not.toBe(first.body.id);
  });

  it('asks for the permissions that each request needs', async () => {
    const { id } = (await post({ content: 'mine' })).body;
    const form = new FormData();
    form.set('files[0]', new Blob(['x']), 'x.txt');
    deny(EMBED);
    expect((await post({ embeds: [{ title: 'x' }] })).body.code).toBe(50013);
    deny(ATTACH);
    expect((await bot('POST', messages, form)).body.code).toBe(50013);
    deny(SEND);
    expect((await post({ content: 'x' })).body.code).toBe(50013);
    expect((await bot('PATCH', `${messages}/${id}`, { content: 'still' })).status).toBe(200);
    await calm();
    deny(HISTORY);
    expect((await bot('GET', `${messages}/${id}`)).body.code).toBe(50013);
    expect((await bot('GET', messages)).body).toEqual([]);
    deny(VIEW);
    for (const [method, path, body] of [
      ['POST', messages, { content: 'x' }],
      ['PATCH', `${messages}/${id}`, { content: 'x' }],
      ['GET', messages, undefined],
      ['GET', `/channels/${playground.world.channels.tasks}`, undefined],
    ] as const)
      expect(await bot(method, path, body), `${method} ${path}`).toMatchObject({ status: 403, body: { code: 50001 } });
    deny(0n);
    const other = await playground.as('member').say('tasks', 'hers');
    expect((await bot('PATCH', `${messages}/${other.id}`, { content: 'x' })).body.code).toBe(50005);
    expect((await bot('DELETE', `${messages}/${other.id}`)).body.code).toBe(50013);
    expect((await bot('POST', '/channels/1300000000000009999/messages', { content: 'x' })).body.code).toBe(10003);
    expect((await bot('GET', `${messages}/1300000000000009999`)).body.code).toBe(10008);
    playground.faults.removeBot(playground.world.guild);
    expect((await post({ content: 'x' })).body.code).toBe(50001);
  });

  it('lists messages before, after and around, and deletes many', async () => {
    for (let n = 0; n < 6; n++) await playground.as('member').say('tasks', `${n}`);
    const ids = playground.messages('tasks').map((one) => one.id);
    const list = async (query: string) =>
      (await bot('GET', `${messages}?${query}`)).body.map((one: { content: string }) => one.content).join('');
    expect(await list('')).toBe('543210');
    expect(await list('limit=2')).toBe('54');
    expect(await list(`before=${ids[3]}&limit=2`)).toBe('21');
    expect(await list(`after=${ids[1]}&limit=2`)).toBe('32');
    expect(await list(`around=${ids[3]}&limit=4`)).toBe('5432');
    expect((await bot('GET', `${messages}?limit=101`)).body.code).toBe(50035);
    const bulk = (list: unknown) => bot('POST', `${messages}/bulk-delete`, { messages: list });
    expect((await bulk(ids.slice(0, 2))).body.code).toBe(50013);
    playground.faults.overwrite(playground.world.channels.tasks, playground.world.bot, 1n << 13n, 0n);
    expect((await bulk(ids.slice(0, 1))).body.code).toBe(50016);
    expect((await bulk(ids.slice(0, 4))).status).toBe(204);
    expect(await list('')).toBe('54');
    await playground.clock.advance(15 * 24 * HOUR);
    expect((await bulk(ids.slice(4))).body.code).toBe(50034);
  });

  it('keeps the rules of threads', async () => {
    const { id } = (await post({ content: 'start' })).body;
    const path = `${messages}/${id}/threads`;
    expect((await bot('POST', path, { name: 'x'.repeat(101) })).body.code).toBe(50035);
    expect(await bot('POST', path, { name: 'T' })).toMatchObject({
      status: 201,
      body: { id, type: 11, parent_id: playground.world.channels.tasks },
    });
    expect((await bot('POST', path, { name: 'T' })).body.code).toBe(160004);
    const inThread = (await bot('POST', `/channels/${id}/messages`, { content: 'in' })).body;
    expect((await bot('PATCH', `/channels/${id}`, { archived: true })).status).toBe(200);
    expect((await bot('PATCH', `/channels/${id}/messages/${inThread.id}`, { content: 'x' })).body.code).toBe(50083);
    expect((await bot('POST', `/channels/${id}/messages`, { content: 'wakes it' })).status).toBe(200);
    expect((await bot('GET', `/channels/${id}`)).body.thread_metadata.archived).toBe(false);
    playground.faults.overwrite(playground.world.channels.tasks, playground.world.bot, 0n, 1n << 38n);
    expect((await bot('POST', `/channels/${id}/messages`, { content: 'x' })).body.code).toBe(50013);
    const threads = `/channels/${playground.world.channels.tasks}/threads`;
    expect((await bot('POST', threads, { name: 'private' })).body.code).toBe(50013);
    playground.limits.activeThreadsPerGuild = 1;
    expect((await bot('POST', threads, { name: 'second', type: 11 })).body.code).toBe(160006);
  });

  it('hides private threads from who is not in them', async () => {
    const { world } = playground;
    const id = playground.addThread(world.channels.tasks, 'secret', { private: true, memberIds: [world.people.member] });
    expect((await bot('GET', `/channels/${id}`)).body.code).toBe(50001);
    expect((await playground.as('member').say(id, 'hi')).content).toBe('hi');
    await expect(playground.as('secondMember').say(id, 'hi')).rejects.toThrow('cannot send');
  });

  it('renames a channel twice in ten minutes and no more', async () => {
    const { world } = playground;
    playground.faults.overwrite(world.channels.lab, world.bot, 1n << 4n, 0n);
    const rename = (name: string) => bot('PATCH', `/channels/${world.channels.lab}`, { name });
    expect([(await rename('a')).status, (await rename('b')).status, (await rename('c')).status]).toEqual([200, 200, 429]);
    expect((await bot('PATCH', `/channels/${world.channels.general}`, { name: 'x' })).body.code).toBe(50013);
  });

  it('mentions only whom allowed_mentions lets through, and never by an edit', async () => {
    const { world, notified } = { ...playground };
    const { member, admin } = world.people;
    const content = `<@${member}> <@${admin}> @everyone`;
    const told = async (allowed?: object) =>
      notified((await post({ content, ...(allowed && { allowed_mentions: allowed }) })).body.id);
    expect(await told()).toEqual([admin, member]);
    expect(await told({ parse: [] })).toEqual([]);
    expect(await told({ parse: [], users: [member] })).toEqual([member]);
    const { id } = (await post({ content: 'plain' })).body;
    const edited = await bot('PATCH', `${messages}/${id}`, { content });
    expect(edited.body.mentions).toHaveLength(2);
    expect(notified(id)).toEqual([]);
  });
});
