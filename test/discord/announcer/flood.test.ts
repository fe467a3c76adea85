import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seedProgress } from '../../support/seed.js';
import { until } from '../../support/until.js';
import { type Harness, openHarness } from './harness.js';

let h: Harness;
beforeEach(async () => {
  h = await openHarness();
});
afterEach(() => h.close());

/** Tasks whose cards are posted already, without waiting for each: as if their interactions had been answered. */
async function cardsOf(number: number, requester: (n: number) => string): Promise<string[]> {
  const ids: string[] = [];
  const rest = h.start().rest;
  for (let n = 0; n < number; n += 1) {
    const id = await h.task({ title: `T${n}`, requesterId: requester(n), reservedSeconds: 600 });
    const reply = await rest.request<{ id: string }>('POST', `/channels/${h.channel}/messages`, {
      body: { content: `card ${n}` },
    });
    if (reply.kind !== 'ok') throw new Error(reply.kind);
    await h.sql`update cards set message_id = ${reply.body.id}, shown_revision = 1, reserved_until = null where id = ${id}`;
    ids.push(id);
  }
  return ids;
}

describe('a flood', () => {
  it('of 300 ends in one channel: nobody is limited, everybody is told soon, every card is final', {
    timeout: 120_000,
  }, async () => {
    const { people } = h.playground.world;
    const requesters = [people.member, people.secondMember, people.moderator];
    h.playground.limits.messagesPerWindow = 1_000;
    const ids = await cardsOf(300, (n) => requesters[n % 3] as string);
    h.playground.limits.messagesPerWindow = 5;
    await until('the wide window is over', async () => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return true;
    });
    h.playground.resetCounts();
    await h.change(ids, { status: 'in_progress' });
    const began = performance.now();
    await h.change(ids, { status: 'completed', result: 'ok' });
    await until('all are told', async () => (await h.completions()).every((one) => one.told_how === 'channel'), 60_000);
    const toldMs = performance.now() - began;
    await until(
      'all cards are final',
      async () => (await h.sql`select from cards where shown_revision < revision`).length === 0,
      90_000,
    );
    const finalMs = performance.now() - began;
    expect(h.playground.counts().status429).toBe(0);
    for (const requester of requesters) {
      expect(h.messages().some((message) => h.playground.notified(message.id).includes(requester))).toBe(true);
    }
    expect(
      h.messages().filter((message) => message.embeds[0]?.title?.startsWith('✅ T') && message.content.startsWith('card')),
    ).toHaveLength(300);
    // Real limits are 25 times as slow as these: told within 100 s, final within 5 s per five cards, with room for a busy computer.
    expect(toldMs).toBeLessThan(100_000 / 25);
    expect(finalMs).toBeLessThan((300 / 5) * 200 * 2);
  });

  it('of ends with a few requesters each is packed: at most ten embeds a message, all mentioned', async () => {
    const ids = await Promise.all(Array.from({ length: 28 }, (_, n) => h.task({ title: `T${n}` })));
    await h.change(ids, { status: 'in_progress' });
    await h.change(ids, { status: 'failed', error: 'x'.repeat(2_000) });
    h.start();
    await until('all are told', async () => (await h.completions()).every((one) => one.told_how === 'channel'));
    const tellings = h.messages().filter((message) => message.content.includes(`<@${h.member}>`));
    expect(tellings).toHaveLength(3);
    expect(tellings.map((message) => message.embeds.length)).toEqual([10, 10, 8]);
    for (const message of tellings) expect(h.playground.notified(message.id)).toEqual([h.member]);
  });
});

describe('the board', () => {
  it('shows progress of a busy channel instead of the cards, and goes away when it is quiet', { timeout: 60_000 }, async () => {
    h.start();
    const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => h.task({ title: `T${n}` })));
    await h.change(ids, { status: 'in_progress' });
    const board = await h.playground.waitFor(
      h.channel,
      (message) => message.embeds[0]?.title?.includes('8 tasks running here') === true,
      15_000,
    );
    expect(h.playground.notified(board.id)).toEqual([]);
    await until('all cards are there', async () => (await h.sql`select from cards where shown_revision < revision`).length === 0);
    for (const id of ids) await seedProgress(h.sql, id, 50, 'Half');
    await h.playground.waitFor(
      h.channel,
      (message) => message.id === board.id && message.embeds[0]?.description?.includes('**50 %**') === true,
    );
    const cards = h.messages().filter((message) => message.embeds[0]?.title?.startsWith('🔵'));
    expect(cards).toHaveLength(8);
    expect(JSON.stringify(cards)).not.toContain('50 %');
    await h.change(ids.slice(0, 4), { status: 'completed', result: 'ok' });
    await until('the board is gone', () => !h.messages().some((message) => message.id === board.id));
    await until('the cards show progress again', () =>
      h
        .messages()
        .some((message) => message.embeds[0]?.title?.startsWith('🔵') && message.embeds[0]?.description?.includes('50 %')),
    );
    expect(h.playground.counts().status429).toBe(0);
  });
});

describe('old messages', () => {
  it('are edited within a small budget of their own, and the limit of Discord is honoured', async () => {
    h.start({ oldMs: 0 });
    const ids = await Promise.all(Array.from({ length: 3 }, (_, n) => h.task({ title: `T${n}` })));
    await until('all are posted', async () => (await h.sql`select from cards where message_id is null`).length === 0);
    await h.playground.clock.advance(2 * 3_600_000);
    h.playground.limits.oldEditsPerWindow = 1;
    h.playground.limits.oldEditWindowMs = 600;
    await h.change(ids, { status: 'cancelled', tell: false });
    await until('all are final', () => h.messages().filter((message) => message.embeds[0]?.title?.startsWith('🚫')).length === 3);
    await until('recorded', async () => (await h.sql`select from cards where shown_revision < revision`).length === 0);
  });
});
