/** Discord's limits, by topics/rate-limits of its documentation unless said otherwise. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock, createPlayground, type Playground } from '../../playground/index.js';
import { createWindows } from '../../playground/rest/windows.js';
import { asBot, FAST, type RestReply, setStage } from './support.js';

const header = (reply: RestReply, name: string) => reply.headers.get(name);
const HOUR_MS = 3_600_000;

describe('rate limits', () => {
  let playground: Playground;
  let bot: ReturnType<typeof asBot>;
  let messages: string;
  beforeEach(async () => {
    playground = createPlayground({ page: false, clock: createClock({ frozen: true }), limits: { globalPerSecond: 1_000 } });
    bot = asBot((await playground.listen()).apiUrl);
    messages = `/channels/${playground.world.channels.tasks}/messages`;
  });
  afterEach(() => playground.close());

  const post = (content = 'x') => bot('POST', messages, { content });
  const editOf = (id: string) => () => bot('PATCH', `${messages}/${id}`, { content: 'y' });

  it('"Per-route limits may be shared across a set of similar endpoints, indicated in the X-RateLimit-Bucket header"', async () => {
    playground.faults.setLimit('webhooksPerWindow', 3);
    const app = playground.world.bot;
    const unknown = await bot('POST', `/webhooks/${app}/${'a'.repeat(64)}`, { content: 'x' });
    const again = await bot('GET', `/webhooks/${app}/${'a'.repeat(64)}/messages/@original`);
    const other = await bot('PATCH', `/webhooks/${app}/${'b'.repeat(64)}/messages/@original`, { content: 'x' });
    const buckets = [unknown, again, other].map((reply) => header(reply, 'x-ratelimit-bucket'));
    expect(new Set(buckets).size).toBe(1);
    expect(buckets[0]).toMatch(/^[0-9a-f]{32}$/);
    // "Top-level resources … webhook_id + webhook_token": each token counts for itself.
    const left = [unknown, again, other].map((reply) => header(reply, 'x-ratelimit-remaining'));
    expect(left).toEqual(['2', '1', '2']);
  });

  it('gives routes that share nothing buckets of their own, and one route the same bucket in every channel', async () => {
    const { channels } = playground.world;
    const one = await bot('GET', `/channels/${channels.tasks}`);
    const other = await bot('GET', `/channels/${channels.general}`);
    const list = await bot('GET', messages);
    expect(header(one, 'x-ratelimit-bucket')).toBe(header(other, 'x-ratelimit-bucket'));
    expect(header(other, 'x-ratelimit-remaining')).toBe(header(one, 'x-ratelimit-remaining'));
    expect(header(list, 'x-ratelimit-bucket')).not.toBe(header(one, 'x-ratelimit-bucket'));
  });

  it('answers as in "Example Exceeded User Rate Limit Response"', async () => {
    for (let n = 0; n < 5; n++) expect((await post()).status).toBe(200);
    await playground.clock.advance(1_500);
    const refused = await post();
    expect(refused).toMatchObject({
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 3.5, global: false },
    });
    expect(header(refused, 'retry-after')).toBe('4');
    expect(header(refused, 'x-ratelimit-limit')).toBe('5');
    expect(header(refused, 'x-ratelimit-remaining')).toBe('0');
    expect(header(refused, 'x-ratelimit-reset-after')).toBe('3.500');
    expect(header(refused, 'x-ratelimit-scope')).toBe('user');
    expect(header(refused, 'x-ratelimit-global')).toBeNull();
  });

  it('answers as in "Example Exceeded Resource Rate Limit Response": the bucket itself has requests left', async () => {
    playground.faults.limitRoute({
      route: '/channels/:id/messages',
      method: 'POST',
      limit: 1,
      windowMs: 60_000,
      scope: 'shared',
    });
    expect((await post()).status).toBe(200);
    const refused = await post();
    expect(refused).toMatchObject({
      status: 429,
      body: { message: 'The resource is being rate limited.', retry_after: 60, global: false },
    });
    expect(header(refused, 'x-ratelimit-scope')).toBe('shared');
    expect(header(refused, 'x-ratelimit-remaining')).toBe('3');
    expect(header(refused, 'x-ratelimit-reset-after')).toBe('5.000');
    expect((await bot('GET', messages)).status).toBe(200);
    await playground.clock.advance(60_000);
    expect((await post()).status).toBe(200);
  });

  it('answers as in "Example Exceeded Global Rate Limit Response", and not to interaction endpoints', async () => {
    playground.faults.setLimit('globalPerSecond', 2);
    const me = () => bot('GET', '/users/@me');
    expect([(await me()).status, (await me()).status]).toEqual([200, 200]);
    const refused = await me();
    expect(refused).toMatchObject({
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 1, global: true },
    });
    expect([header(refused, 'x-ratelimit-global'), header(refused, 'x-ratelimit-scope')]).toEqual(['true', 'global']);
    expect(header(refused, 'x-ratelimit-limit')).toBeNull();
    // "Interaction endpoints are not bound to the bot's Global Rate Limit": these fail for their token alone.
    const token = 'a'.repeat(64);
    const id = '1300000000000000999';
    const callback = await bot('POST', `/interactions/${id}/${token}/callback`, { type: 5 });
    const followUp = await bot('POST', `/webhooks/${playground.world.bot}/${token}`, { content: 'x' });
    expect([callback.body.code, followUp.body.code]).toEqual([10062, 10015]);
    await playground.clock.advance(1_000);
    expect((await me()).status).toBe(200);
  });

  it('keeps the bucket of a route out of its smaller limits (30046, renames), so that only a part of it is limited', async () => {
    const { id } = (await post('old')).body;
    await playground.clock.advance(HOUR_MS + 1_000);
    const edits = [];
    for (let n = 0; n < 4; n++) edits.push(await editOf(id)());
    const refused = edits[3] as RestReply;
    expect(refused).toMatchObject({ status: 429, body: { code: 30046, global: false, retry_after: 20 } });
    expect([header(refused, 'retry-after'), header(refused, 'x-ratelimit-remaining')]).toEqual(['20', '1']);
    expect(header(refused, 'x-ratelimit-bucket')).toBe(header(edits[0] as RestReply, 'x-ratelimit-bucket'));
    playground.faults.overwrite(playground.world.channels.tasks, playground.world.bot, 1n << 4n, 0n);
    const rename = (name: string) => bot('PATCH', `/channels/${playground.world.channels.tasks}`, { name });
    await rename('one');
    await rename('two');
    const third = await rename('three');
    expect([third.status, header(third, 'retry-after')]).toEqual([429, '600']);
    expect(Number(header(third, 'x-ratelimit-remaining'))).toBeGreaterThan(0);
    const topic = await bot('PATCH', `/channels/${playground.world.channels.tasks}`, { position: 3 });
    expect(topic.status).toBe(200);
  });

  it('counts 401, 403 and 429 as invalid, but not those of a shared limit', async () => {
    playground.faults.setLimit('invalidRequestsPer10Minutes', 3);
    playground.faults.limitRoute({ route: '/users', limit: 0, windowMs: 1_000, scope: 'shared' });
    for (let n = 0; n < 10; n++) expect((await bot('GET', '/users/@me')).body.message).toMatch('resource');
    playground.faults.overwrite(playground.world.channels.tasks, playground.world.bot, 0n, 1n << 11n);
    expect((await post()).status).toBe(403);
    expect((await asBot(playground.apiUrl(), 'invalid')('GET', '/users/@me')).status).toBe(401);
    expect((await bot('GET', `/channels/1300000000000000999`)).status).toBe(404);
    expect((await bot('GET', messages)).status).toBe(200);
    expect((await post()).status).toBe(403);
    const refused = await bot('GET', messages);
    // What Cloudflare answers: discord-api-docs#5385 and #1771.
    expect(refused).toMatchObject({ status: 429, body: 'error code: 1015' });
    expect(header(refused, 'retry-after')).toBe('3600');
    expect([...refused.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    await playground.clock.advance(HOUR_MS);
    expect((await bot('GET', messages)).status).toBe(200);
  });

  it('has a setting for every limit, at the start and while it runs', async () => {
    const { faults, limits } = playground;
    expect(Object.values(limits).every((value) => Number.isFinite(value))).toBe(true);
    faults.setLimit('messagesPerWindow', 1);
    expect([(await post()).status, (await post()).status]).toEqual([200, 429]);
    faults.setLimit('messagesPerWindow', 50);
    faults.setLimit('maxRequestBytes', 100);
    expect((await post('x'.repeat(200))).body).toMatchObject({ code: 40005 });
    faults.clear();
    expect(limits).toMatchObject({ messagesPerWindow: 5, maxRequestBytes: 26_214_400 });
    expect((await post('x'.repeat(200))).status).toBe(200);
  });

  it('answers 405 for a path with another method, and remembers both kinds of unknown requests', async () => {
    expect(await bot('PUT', messages)).toMatchObject({ status: 405, body: { code: 0, message: '405: Method Not Allowed' } });
    expect(await bot('GET', '/nothing')).toMatchObject({ status: 404, body: { code: 0, message: '404: Not Found' } });
    expect(playground.counts().unknownRoutes).toEqual([`PUT /api/v10${messages}`, 'GET /api/v10/nothing']);
  });

  it('counts requests, waits and 429s per route, tells each request, and shows the buckets in use', async () => {
    const told: string[] = [];
    const stop = playground.onRequest(({ entry, answer }) => {
      told.push(`${entry.method} ${entry.route} ${entry.status} ${(answer as { content?: string }).content ?? ''}`);
    });
    for (let n = 0; n < 6; n++) await post(`${n}`);
    await playground.clock.advance(2_000);
    await post('7');
    stop();
    await bot('GET', messages);
    const route = 'POST /channels/:id/messages';
    expect(playground.counts().routes[route]).toMatchObject({ requests: 7, status429: 2, refused: 2, waitMs: 8_000 });
    expect(playground.counts().routes['GET /channels/:id/messages']).toMatchObject({ requests: 1, status429: 0, waitMs: 0 });
    expect(told).toHaveLength(7);
    expect(told[1]).toBe(`${route} 200 1`);
    const entry = playground.ledger().find((one) => one.status === 429);
    expect(entry).toMatchObject({ retryAfterMs: 5_000, scope: 'user', route: '/channels/:id/messages' });
    expect(entry?.durationMs).toBeGreaterThan(0);
    const bucket = playground.buckets().find((one) => one.name === 'messages');
    expect(bucket).toMatchObject({ bucket: entry?.bucket, major: playground.world.channels.tasks, limit: 5, used: 5 });
    await playground.clock.advance(5_000);
    expect(playground.buckets().some((one) => one.name === 'messages')).toBe(false);
    playground.resetCounts();
    expect(playground.counts()).toEqual({ requests: 0, status429: 0, errors: {}, unknownRoutes: [], routes: {} });
  });
});

describe('the windows of the limits', () => {
  it('are forgotten once they have ended, so that a long run does not fill the memory', async () => {
    const clock = createClock({ frozen: true });
    const windows = createWindows(clock);
    for (let n = 0; n < 10_000; n++) {
      windows.take(`token ${n}`, 5, 1_000, { bucket: 'b', name: 'n', major: '' });
      if (n % 100 === 0) await clock.advance(1_000);
    }
    expect(windows.kept()).toBeLessThan(1_200);
  });
});

describe('the real client', () => {
  it('waits out a rename without holding up other changes of the channel (its sublimit queue)', async () => {
    const stage = await setStage({ clock: createClock(), limits: { ...FAST, renamesPerWindow: 1, renameWindowMs: 3_000 } });
    const { playground, client } = stage;
    playground.faults.overwrite(playground.world.channels.lab, playground.world.bot, 1n << 4n, 0n);
    const channel = await client.channels.fetch(playground.world.channels.lab);
    if (!channel?.isTextBased() || channel.isDMBased() || channel.isThread()) throw new Error('no channel');
    await channel.edit({ name: 'first' });
    const order: string[] = [];
    const second = channel.edit({ name: 'second' }).then(() => order.push('renamed'));
    await expect.poll(() => playground.counts().status429, { timeout: 15_000 }).toBe(1);
    // `channel.edit` always sends the name along, which is what is limited.
    await client.rest.patch(`/channels/${channel.id}`, { body: { rate_limit_per_user: 5 } });
    order.push('slowed');
    await second;
    expect(order).toEqual(['slowed', 'renamed']);
    expect(playground.counts().status429).toBe(1);
    await stage.close();
  });
});
