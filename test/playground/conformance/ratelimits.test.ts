/** Rate limits: buckets, headers, bodies, scopes, what is exempt, and what counts as an invalid request. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../../playground/index.js';
import { asBot, FAST, login, newClient, type RestReply } from '../support.js';
import type { Row } from './ground.js';

const DOC = 'rate-limits.mdx';
const FACTS = 'facts 1.2';

let playground: Playground;
let api: string;
let bot: (method: string, path: string, body?: unknown) => Promise<RestReply>;
let tasks: string;
let lab: string;

beforeEach(async () => {
  playground = createPlayground({ page: false, clock: createClock({ frozen: true }), limits: FAST });
  ({ apiUrl: api } = await playground.listen());
  bot = asBot(api);
  tasks = `/channels/${playground.world.channels.tasks}`;
  lab = `/channels/${playground.world.channels.lab}`;
});
afterEach(() => playground.close());

const post = (channel = tasks) => bot('POST', `${channel}/messages`, { content: 'x' });
const statuses = async (count: number, act: () => Promise<RestReply>) => {
  const seen: number[] = [];
  for (let n = 0; n < count; n++) seen.push((await act()).status);
  return seen;
};
const fives = (last = 429) => [200, 200, 200, 200, 200, last];

/** Sends until one is refused and gives that one. */
async function refused(act: () => Promise<RestReply>): Promise<RestReply> {
  for (let n = 0; n < 200; n++) {
    const reply = await act();
    if (reply.status === 429) return reply;
  }
  throw new Error('nothing was refused');
}

describe('a bucket', () => {
  it(`${DOC}: has the headers Limit, Remaining, Reset, Reset-After and Bucket on every answer`, async () => {
    const first = await post();
    const second = await post();
    const header = (reply: RestReply, name: string) => reply.headers.get(`x-ratelimit-${name}`);
    expect([header(first, 'limit'), header(first, 'remaining'), header(second, 'remaining')]).toEqual(['5', '4', '3']);
    expect(header(first, 'reset-after')).toBe('5.000');
    expect(Number(header(first, 'reset'))).toBeCloseTo(playground.clock.now() / 1000 + 5, 2);
    expect(header(first, 'bucket')).toMatch(/^\w{8,}$/);
    expect(header(first, 'bucket')).toBe(header(second, 'bucket'));
    expect([header(first, 'global'), header(first, 'scope'), first.headers.get('retry-after')]).toEqual([null, null, null]);
  });

  it(`${DOC}: that is used up refuses with 429, Retry-After, scope user and a body that says for how long`, async () => {
    expect(await statuses(6, post)).toEqual(fives());
    const reply = await post();
    expect(reply.body).toEqual({ message: 'You are being rate limited.', retry_after: expect.any(Number), global: false });
    expect(reply.body.retry_after).toBeGreaterThan(4);
    expect(reply.headers.get('retry-after')).toBe('5');
    expect(reply.headers.get('x-ratelimit-scope')).toBe('user');
    expect(reply.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(reply.headers.get('x-ratelimit-bucket')).toBeTruthy();
  });

  it(`${DOC}: is full again when its window is over`, async () => {
    await statuses(6, post);
    await playground.clock.advance(4_900);
    expect((await post()).status).toBe(429);
    await playground.clock.advance(101);
    expect((await post()).status).toBe(200);
  });

  it(`${DOC}: is one for each channel`, async () => {
    await statuses(6, post);
    expect((await post(lab)).status).toBe(200);
  });

  it(`${FACTS}: of edits is another than that of posts, and also 5 per 5 s and channel`, async () => {
    const { id } = (await post()).body;
    const edit = () => bot('PATCH', `${tasks}/messages/${id}`, { content: 'y' });
    expect(await statuses(6, edit)).toEqual(fives());
    expect((await post()).status).toBe(200);
  });

  it(`${FACTS}: of edits is shared by all messages of the channel`, async () => {
    const ids = [(await post()).body.id, (await post()).body.id];
    let n = 0;
    const edit = () => bot('PATCH', `${tasks}/messages/${ids[n++ % 2]}`, { content: 'y' });
    expect(await statuses(6, edit)).toEqual(fives());
  });

  it(`${FACTS}: of renames is 2 per 10 min, and topics count too`, async () => {
    playground.faults.overwrite(playground.world.channels.tasks, playground.world.bot, 1n << 4n, 0n);
    const patch = (body: object) => bot('PATCH', tasks, body);
    expect([(await patch({ name: 'a' })).status, (await patch({ topic: 'b' })).status]).toEqual([200, 200]);
    expect((await patch({ name: 'c' })).status).toBe(429);
    expect((await patch({ position: 3 })).status).toBe(200);
    await playground.clock.advance(10 * 60_000 + 1);
    expect((await patch({ name: 'c' })).status).toBe(200);
  });
});

describe('an edit of a message older than an hour', () => {
  it(`${FACTS}: has a limit of its own: 429 with 30046`, async () => {
    const { id } = (await post()).body;
    await playground.clock.advance(3_600_001);
    const edit = () => bot('PATCH', `${tasks}/messages/${id}`, { content: 'y' });
    expect(await statuses(3, edit)).toEqual([200, 200, 200]);
    const reply = await edit();
    expect(reply).toMatchObject({
      status: 429,
      body: { code: 30046, message: expect.stringContaining('older than 1 hour'), retry_after: expect.any(Number) },
    });
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    await playground.clock.advance(20_001);
    expect((await edit()).status).toBe(200);
  });

  it(`${FACTS}: is none when it is a minute younger`, async () => {
    const { id } = (await post()).body;
    await playground.clock.advance(3_540_000);
    expect(await statuses(5, () => bot('PATCH', `${tasks}/messages/${id}`, { content: 'y' }))).toEqual([200, 200, 200, 200, 200]);
  });
});

describe('the global limit', () => {
  const many = (count: number, path = '/users/@me') => Promise.all(Array.from({ length: count }, () => bot('GET', path)));

  it(`${DOC}: is 50 a second for all routes together, scope global`, async () => {
    const replies = await many(51);
    const [reply] = replies.filter((one) => one.status === 429);
    expect(replies.filter((one) => one.status === 200)).toHaveLength(50);
    expect(reply?.body).toEqual({ message: 'You are being rate limited.', retry_after: expect.any(Number), global: true });
    expect(reply?.headers.get('x-ratelimit-global')).toBe('true');
    expect(reply?.headers.get('x-ratelimit-scope')).toBe('global');
    expect(Number(reply?.headers.get('retry-after'))).toBeGreaterThan(0);
    await playground.clock.advance(1_001);
    expect((await bot('GET', '/users/@me')).status).toBe(200);
  });

  it(`${DOC}: does not bind the endpoints of interactions`, async () => {
    const client = await login(newClient(api));
    await client.application.commands.set([{ name: 'say', description: 'D' }]);
    const arrived = new Promise<{ id: string; token: string }>((resolve) => client.once('interactionCreate', resolve));
    void playground
      .as('member')
      .command('tasks', 'say')
      .catch(() => {});
    const { id, token } = await arrived;
    await many(60);
    const anonymous = async (method: string, path: string, body: object) =>
      (await fetch(`${api}/v10${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }))
        .status;
    expect(await anonymous('POST', `/interactions/${id}/${token}/callback`, { type: 5 })).toBe(204);
    expect(
      await anonymous('PATCH', `/webhooks/${playground.world.application}/${token}/messages/@original`, { content: 'x' }),
    ).toBe(200);
    expect((await bot('GET', '/users/@me')).status).toBe(429);
    await client.destroy();
  });
});

describe('invalid requests', () => {
  const invalid: Row<[act: () => Promise<unknown>]>[] = [
    [DOC, '401', () => asBot(api, 'invalid')('GET', '/users/@me')],
    [DOC, '403', () => bot('GET', `/guilds/${playground.world.guild}/bans`)],
    [DOC, '429', () => refused(() => post(lab))],
  ];
  it.each(invalid)('%s: %s counts', async (_from, _says, act) => {
    playground.faults.setLimit('invalidRequestsPer10Minutes', 1);
    playground.faults.setLimit('generalPerWindow', 1e6);
    await act();
    const reply = await bot('GET', '/users/@me');
    expect([403, 429]).toContain(reply.status);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each([
    ['400', () => bot('POST', `${tasks}/messages`, {})],
    ['404', () => bot('GET', '/channels/1300000000000009999')],
    ['200', () => bot('GET', '/users/@me')],
  ] as [string, () => Promise<RestReply>][])(`${DOC}: %s does not count`, async (_status, act) => {
    playground.faults.setLimit('invalidRequestsPer10Minutes', 1);
    await act();
    await act();
    expect((await bot('GET', '/users/@me')).status).toBe(200);
  });

  it(`${DOC}: a 429 of scope shared does not count`, async () => {
    playground.faults.limitRoute({
      route: '/channels/:id/messages',
      method: 'POST',
      limit: 0,
      windowMs: 60_000,
      scope: 'shared',
    });
    playground.faults.setLimit('invalidRequestsPer10Minutes', 1);
    const reply = await post();
    expect(reply.status).toBe(429);
    expect(reply.headers.get('x-ratelimit-scope')).toBe('shared');
    expect(reply.body).toMatchObject({ message: 'The resource is being rate limited.', global: false });
    expect((await bot('GET', '/users/@me')).status).toBe(200);
  });

  it(`${DOC}: the default is 10,000 in 10 minutes`, () => {
    expect(playground.limits.invalidRequestsPer10Minutes).toBe(10_000);
  });
});

describe('the ledger', () => {
  it('issue: counts requests, waits and 429s of each route', async () => {
    await statuses(7, post);
    const { routes, status429, requests } = playground.counts();
    expect({ status429, requests }).toEqual({ status429: 2, requests: 7 });
    expect(routes['POST /channels/:id/messages']).toMatchObject({ requests: 7, status429: 2, waitMs: expect.any(Number) });
    expect(playground.buckets().some((one) => one.major === playground.world.channels.tasks && one.used === 5)).toBe(true);
  });
});

describe('with the real client', () => {
  it(`${FACTS}: discord.js reads the headers, waits by itself and meets no 429`, async () => {
    const live = createPlayground({ page: false, limits: { ...FAST, messagesPerWindow: 2, windowMs: 300 } });
    const client = await login(newClient((await live.listen()).apiUrl));
    const channel = await client.channels.fetch(live.world.channels.tasks);
    if (!channel?.isSendable()) throw new Error('not sendable');
    await Promise.all(Array.from({ length: 6 }, (_, n) => channel.send(`${n}`)));
    expect(live.counts().status429).toBe(0);
    expect(live.messages('tasks')).toHaveLength(6);
    await client.destroy();
    await live.close();
  });
});
