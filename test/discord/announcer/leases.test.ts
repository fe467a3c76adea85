import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginPost, recordPosted, recordShown } from '../../../src/store/announcements/cards.js';
import { dueChannels, liveHolders, releaseLeases, renewLeases, takeLeases } from '../../../src/store/announcements/leases.js';
import { until } from '../../support/until.js';
import { type Harness, openHarness } from './harness.js';

let h: Harness;
beforeEach(async () => {
  h = await openHarness();
});
afterEach(() => h.close());

const TIMES = { leaseMs: 60_000, windowMs: 5_000 };
const shown = (id: string) =>
  until('the card shows the newest state', async () => {
    const card = await h.card(id);
    return card.message_id !== null && card.shown_revision === card.revision;
  });

describe('leases', () => {
  it('are held by one, counted up for the next, and the next keeps quiet for a window', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const [first] = await takeLeases(h.sql, a, [h.channel], TIMES);
    expect(first).toMatchObject({ channelId: h.channel, fence: '1', quietMs: 0 });
    expect(await takeLeases(h.sql, b, [h.channel], TIMES)).toEqual([]);
    expect(await renewLeases(h.sql, a, [h.channel], TIMES.leaseMs)).toEqual([h.channel]);
    expect(await renewLeases(h.sql, b, [h.channel], TIMES.leaseMs)).toEqual([]);
    await releaseLeases(h.sql, a, [h.channel]);
    const [second] = await takeLeases(h.sql, b, [h.channel], TIMES);
    expect(second?.fence).toBe('2');
    expect(second?.quietMs).toBeGreaterThan(4_000);
    expect(await liveHolders(h.sql)).toBe(1);
    await releaseLeases(h.sql, b, [h.channel]);
    const [again] = await takeLeases(h.sql, b, [h.channel], TIMES);
    expect(again?.quietMs).toBe(0);
  });

  it('of others hide what is due there', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    await h.task();
    expect(await dueChannels(h.sql, a, 10)).toEqual([{ channelId: h.channel, mine: false }]);
    await takeLeases(h.sql, a, [h.channel], TIMES);
    expect(await dueChannels(h.sql, a, 10)).toEqual([{ channelId: h.channel, mine: true }]);
    expect(await dueChannels(h.sql, b, 10)).toEqual([]);
  });

  it('are a fence: an old holder can begin nothing, and what it has shown late is shown anew', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const id = await h.task();
    await takeLeases(h.sql, a, [h.channel], { ...TIMES, leaseMs: 0 });
    const old = { channelId: h.channel, holder: a, fence: '1' };
    expect(await beginPost(h.sql, id, old)).toMatchObject({ attempt: 0, sentSeconds: 0 });
    await takeLeases(h.sql, b, [h.channel], TIMES);
    expect(await beginPost(h.sql, id, old)).toBeNull();
    expect(await beginPost(h.sql, id, { ...old, holder: b, fence: '2' })).toMatchObject({ attempt: 0 });
    await recordPosted(h.sql, { cardId: id, messageId: '100000000000000077', revision: 1 });
    const late = { cardId: id, messageId: '100000000000000077', revision: 1, progressAt: null, hash: 'x', files: null };
    expect(await recordShown(h.sql, late, old)).toBe('overtaken');
    expect((await h.card(id)).shown_revision).toBe(0);
    expect(await recordShown(h.sql, late, { ...old, holder: b, fence: '2' })).toBe('recorded');
    expect(await recordShown(h.sql, { ...late, messageId: '100000000000000078' }, old)).toBe('gone');
  });

  it('lost to another: the announcer stops writing there, and takes the channel again when it is free', async () => {
    h.start();
    const id = await h.task({ title: 'Mine' });
    await shown(id);
    const other = randomUUID();
    await h.sql`update channel_leases set holder = ${other}, fence = fence + 1, lease_until = now() + interval '1 minute'`;
    await until('it has noticed', async () => {
      await h.change(id, { status: 'pending' });
      const edits = h.requests('PATCH');
      await new Promise((resolve) => setTimeout(resolve, 400));
      return h.requests('PATCH') === edits;
    });
    await h.sql`update channel_leases set lease_until = now()`;
    await shown(id);
  });

  it('are given up at a graceful stop, so that the next one goes on at once', async () => {
    const first = h.start();
    const id = await h.task();
    await shown(id);
    await first.stop();
    expect(await liveHolders(h.sql)).toBe(0);
    await h.change(id, { status: 'in_progress' });
    const began = performance.now();
    h.start();
    await shown(id);
    expect(performance.now() - began).toBeLessThan(1_400);
  });
});

describe('direct messages', () => {
  it('have cards and completions like any channel', async () => {
    h.start();
    const dm = h.playground.as('member').dm();
    const id = await h.task({ guildId: null, channelId: dm, title: 'Private' });
    await shown(id);
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'completed', result: 'ok' });
    await until('told', async () => (await h.completions()).every((one) => one.told_how === 'channel'));
    await shown(id);
    const messages = h.playground.as('member').messages(dm);
    expect(messages.map((message) => message.embeds[0]?.title)).toEqual(['✅ Private', '✅ Private']);
    expect(messages[1]?.embeds[0]?.url).toBe(`https://discord.com/channels/@me/${dm}/${messages[0]?.id}`);
  });
});

describe('places in the queue', () => {
  it('are brought up to date while nothing else is to do', async () => {
    h.start();
    const before = await h.task({ title: 'Before' });
    const id = await h.task({ title: 'Waits' });
    await shown(id);
    const text = () => h.messages().find((message) => message.embeds[0]?.title === '⏳ Waits')?.embeds[0]?.description ?? '';
    expect(text()).toContain('No worker runs this agent right now.');
    const worker = randomUUID();
    await h.sql`
      insert into workers (id, name, queues, load, lease_until)
      values (${worker}, 'w', ${['sample']}, ${h.sql.json({ sample: { slots: 1, running: 1, meanMs: 60_000 } })}, now() + interval '1 hour')`;
    await until('the place is shown', () => text().includes('Number 2 in line · should start'));
    await h.change(before, { status: 'in_progress' });
    await until('it has moved up', () => text().includes('Next in line'));
  });
});
