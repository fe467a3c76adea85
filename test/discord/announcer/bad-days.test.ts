import { PermissionFlagsBits } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { type Harness, openHarness } from './harness.js';

let h: Harness;
beforeEach(async () => {
  h = await openHarness();
});
afterEach(() => h.close());

const shown = (id: string) =>
  until('the card shows the newest state', async () => {
    const card = await h.card(id);
    return card.message_id !== null && card.shown_revision === card.revision;
  });
const posted = async (id: string) => {
  await shown(id);
  return (await h.card(id)).message_id as string;
};
const titles = () => h.messages().map((message) => message.embeds[0]?.title);
const tellings = () => h.messages().filter((message) => message.content.includes(`<@${h.member}>`));
const allTold = () => until('all is told', async () => (await h.completions()).every((one) => one.told_how !== null));

describe('a crash', () => {
  it('in the middle loses nothing and doubles nothing', async () => {
    const first = h.start();
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => h.task({ title: `T${n}` })));
    await until('some are posted', () => h.messages().length >= 3);
    await first.kill();
    await h.change(ids, { status: 'in_progress' });
    await h.change(ids, { status: 'completed', result: 'ok' });
    h.start();
    for (const id of ids) await shown(id);
    await allTold();
    expect(titles().filter((title) => title?.startsWith('✅ T')).length).toBeGreaterThanOrEqual(12);
    const cards = h.messages().filter((message) => message.content === '');
    expect(new Set(cards.map((message) => message.embeds[0]?.title)).size).toBe(12);
    expect(cards).toHaveLength(12);
    expect(tellings().reduce((sum, message) => sum + message.embeds.length, 0)).toBe(12);
    expect(h.playground.counts().status429).toBe(0);
  });

  it('of the connection only, before or after the effect: sent again, made once', async () => {
    h.start();
    const { failRest } = h.playground.faults;
    failRest({ method: 'POST', route: '/channels/:id/messages', times: 2, how: 'cut', when: 'after' });
    failRest({ method: 'POST', route: '/channels/:id/messages', times: 1, how: 'cut', when: 'before' });
    failRest({ method: 'POST', route: '/channels/:id/messages', times: 1, status: 502, when: 'after' });
    const ids = [await h.task({ title: 'A' }), await h.task({ title: 'B' })];
    for (const id of ids) await shown(id);
    failRest({ method: 'POST', route: '/channels/:id/messages', times: 2, how: 'cut', when: 'after' });
    failRest({ method: 'PATCH', route: '/channels/:id/messages', times: 2, how: 'cut', when: 'before' });
    await h.change(ids, { status: 'in_progress' });
    await h.change(ids, { status: 'completed', result: 'ok' });
    await allTold();
    for (const id of ids) await shown(id);
    expect(tellings().reduce((sum, message) => sum + message.embeds.length, 0)).toBe(2);
    expect(h.messages()).toHaveLength(2 + tellings().length);
  });

  it('after a create that Discord took but did not answer makes exactly one message', async () => {
    h.playground.faults.failRest({ method: 'POST', route: '/channels/:id/messages', times: 1, how: 'cut', when: 'after' });
    const first = h.start({ retryMs: { first: 60_000, most: 60_000 } });
    const id = await h.task({ title: 'Once' });
    await until('it arrived', () => h.messages().length === 1);
    await first.kill();
    h.start();
    await shown(id);
    await h.change(id, { status: 'in_progress' });
    await shown(id);
    expect(h.messages()).toHaveLength(1);
  });

  it('after a completion that Discord took but did not answer tells once', async () => {
    const first = h.start({ retryMs: { first: 60_000, most: 60_000 } });
    const id = await h.task();
    await shown(id);
    h.playground.faults.failRest({ method: 'POST', route: '/channels/:id/messages', times: 1, how: 'cut', when: 'after' });
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'completed', result: 'ok' });
    await until('it arrived', () => tellings().length === 1);
    await first.kill();
    h.start();
    await allTold();
    await shown(id);
    expect(tellings()).toHaveLength(1);
    expect((await h.completions())[0]?.message_id).toBe(tellings()[0]?.id);
  });

  it('long ago: the channel is read before anything is sent again', async () => {
    const first = h.start({ retryMs: { first: 60_000, most: 60_000 } });
    const id = await h.task();
    const other = await h.task({ title: 'Other' });
    await shown(id);
    await shown(other);
    h.playground.faults.failRest({ method: 'POST', route: '/channels/:id/messages', times: 1, how: 'cut', when: 'after' });
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'completed', result: 'ok' });
    await until('it arrived', () => tellings().length === 1);
    await first.kill();
    const third = await h.task({ title: 'Never arrived' });
    await h.sql`update cards set post_sent_at = now() where id = ${third}`;
    // Discord no longer knows any nonce.
    h.playground.limits.nonceWindowMs = 0;
    h.start({ nonceMs: 0 });
    await allTold();
    await shown(third);
    expect(tellings()).toHaveLength(1);
    expect(h.messages()).toHaveLength(4);
  });
});

describe('two announcers', () => {
  it('share the work without doing any twice', async () => {
    const [a, b] = [h.start(), h.start()];
    const lab = h.playground.world.channels.lab;
    const ids = await Promise.all(
      Array.from({ length: 16 }, (_, n) => h.task({ title: `T${n}`, ...(n % 2 ? { channelId: lab } : {}) })),
    );
    await h.change(ids, { status: 'in_progress' });
    await h.change(ids.slice(0, 8), { status: 'completed', result: 'ok' });
    await a.stop();
    await h.change(ids.slice(8), { status: 'failed', error: 'no' });
    for (const id of ids) await shown(id);
    await allTold();
    const all = [...h.messages(), ...h.messages(lab)];
    expect(all.filter((message) => message.content === '')).toHaveLength(16);
    expect(all.filter((message) => message.content !== '').reduce((sum, message) => sum + message.embeds.length, 0)).toBe(16);
    expect((await b.announcer.health()).lagSeconds).toBe(0);
    expect(h.playground.counts().status429).toBe(0);
  });
});

describe('what people delete', () => {
  it('a card comes back as a new message', async () => {
    h.start();
    const id = await h.task({ title: 'Here' });
    h.playground.faults.deleteMessage(h.channel, await posted(id));
    expect(h.messages()).toHaveLength(0);
    await h.change(id, { status: 'in_progress' });
    await until('a new one', () => titles().includes('🔵 Here'));
    await shown(id);
    expect(h.messages()).toHaveLength(1);
  });

  it('a channel: the requester hears of the end in a direct message, and the card is recorded as undeliverable', async () => {
    h.start();
    const direct = () => h.playground.as('member').messages(h.playground.as('member').dm());
    const id = await h.task({ title: 'Lost' });
    await shown(id);
    h.playground.faults.deleteChannel(h.channel);
    await h.change(id, { status: 'in_progress' });
    await until(
      'the card moved to a direct message',
      async () => (await h.card(id)).at_channel_id !== null && (await h.card(id)).message_id !== null,
    );
    expect(direct().map(({ components }) => components)).toEqual([[]]);
    await h.change(id, { status: 'completed', result: 'ok' });
    await allTold();
    expect((await h.completions())[0]?.told_how).toBe('direct_message');
    expect(direct().some((message) => message.content.includes('I cannot write in'))).toBe(true);
    const { message_id } = await h.card(id);
    const moved = () => direct().find((message) => message.id === message_id);
    await until('the card there is final', () => moved()?.embeds[0]?.title === '✅ Lost');
    // Who presses a button there has no guild, so none of them could work.
    expect(moved()?.components).toEqual([]);
  });
});

describe('permissions', () => {
  it('lost: by direct message, and undeliverable with a reason when that is refused too', async () => {
    h.start();
    const id = await h.task();
    const cancelled = await h.task({ title: 'Nobody to tell' });
    const stranger = await h.task({ requesterId: h.playground.world.people.stranger });
    for (const one of [id, cancelled, stranger]) await shown(one);
    h.playground.faults.overwrite(
      h.channel,
      h.playground.world.bot,
      0n,
      PermissionFlagsBits.SendMessages | PermissionFlagsBits.ViewChannel,
    );
    await h.change(cancelled, { status: 'cancelled', tell: false });
    await h.change([id, stranger], { status: 'in_progress' });
    await h.change([id, stranger], { status: 'failed', error: 'no luck' });
    await allTold();
    const how = Object.fromEntries((await h.completions()).map((one) => [one.requester_id, one.told_how]));
    expect(how[h.member]).toBe('direct_message');
    await until(
      'the final card is given up, with its reason',
      async () => (await h.card(cancelled)).undeliverable?.includes('code 50001') === true,
    );
    expect(how[h.playground.world.people.stranger]).toMatch(/^(undeliverable: .*code 50001|direct_message)/);
  });

  it('to send only: told by direct message; what the channel can no longer show is given up with its reason', async () => {
    h.start();
    const id = await h.task({ title: 'Still' });
    await shown(id);
    h.playground.faults.overwrite(h.channel, h.playground.world.bot, 0n, PermissionFlagsBits.SendMessages);
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'completed', result: 'ok' });
    await allTold();
    expect((await h.completions())[0]?.told_how).toBe('direct_message');
    await until('shown, or given up', async () => {
      const card = await h.card(id);
      return card.shown_revision === card.revision || card.undeliverable?.includes('code 50013') === true;
    });
  });
});

describe('AutoMod', () => {
  it('refuses words of people: the card and its end are told without them', async () => {
    h.start();
    h.playground.faults.autoMod(/badword/);
    const id = await h.task({ title: 'a badword' });
    await shown(id);
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'completed', result: 'badword' });
    await allTold();
    await shown(id);
    expect(titles()).toEqual([expect.stringMatching(/^✅ Task [0-9a-f]{8}$/), expect.stringMatching(/^✅ Task [0-9a-f]{8}$/)]);
    expect(tellings()).toHaveLength(1);
  });
});

describe('an outage', () => {
  it('of Discord delays and loses nothing', async () => {
    h.start();
    const ids = await Promise.all(Array.from({ length: 4 }, (_, n) => h.task({ title: `T${n}` })));
    for (const id of ids) await shown(id);
    h.playground.faults.failRest({ times: 1_000_000, status: 503 });
    await h.change(ids, { status: 'in_progress' });
    await h.change(ids, { status: 'completed', result: 'ok' });
    const asked = h.playground.counts().requests;
    await until('it was tried in vain', () => h.playground.counts().requests > asked + 3);
    expect(tellings()).toHaveLength(0);
    h.playground.faults.clear();
    for (const id of ids) await shown(id);
    await allTold();
    expect(tellings().reduce((sum, message) => sum + message.embeds.length, 0)).toBe(4);
    expect(h.messages()).toHaveLength(4 + tellings().length);
  });

  it('of Postgres: it waits and goes on', async () => {
    const process = h.start();
    const id = await h.task({ title: 'Patient' });
    await shown(id);
    await h.sql`alter table cards rename to cards_away`;
    const told = await process.announcer.health().then(
      () => false,
      () => true,
    );
    expect(told).toBe(true);
    await h.sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = 'guildhall' and query ilike '%cards%'`;
    await h.sql`alter table cards_away rename to cards`;
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'completed', result: 'ok' });
    await shown(id);
    await allTold();
  });
});
