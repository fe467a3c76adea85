import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeTasks, seedBatch, seedFile, seedProgress } from '../../support/seed.js';
import { until } from '../../support/until.js';
import { type Harness, openHarness } from './harness.js';

let h: Harness;
beforeEach(async () => {
  h = await openHarness();
});
afterEach(() => h.close());

const buttons = (message: ReturnType<Harness['messages']>[number]) =>
  (message.components ?? []).flatMap((row) =>
    'components' in row ? row.components.map((one) => ('custom_id' in one ? one.custom_id.split(':')[1] : '')) : [],
  );

describe('the life of a card', () => {
  it('is posted, follows the task, shows the result, and its requester is told', async () => {
    h.start();
    const id = await h.task({ title: 'Count *all* words' });
    const posted = await h.playground.waitFor(h.channel, (message) => message.embeds[0]?.title === '⏳ Count \\*all\\* words');
    expect(buttons(posted)).toEqual(['cancel', 'details']);
    await h.change(id, { status: 'in_progress' });
    await seedProgress(h.sql, id, 40, 'Reading', 'page 4');
    const running = await h.playground.waitFor(
      h.channel,
      (message) => message.embeds[0]?.description?.includes('**40 %**') === true,
    );
    expect(running.id).toBe(posted.id);
    expect(running.embeds[0]?.description).toContain('**Reading** · page 4');
    await seedFile(h.sql, id, 'words.txt', Buffer.from('one two'));
    await h.change(id, { status: 'completed', result: 'There are **12** words.' });
    const told = await h.playground.waitFor(h.channel, (message) => message.content.includes('your task is done'));
    expect(h.playground.notified(told.id)).toEqual([h.member]);
    expect(told.embeds[0]?.url).toBe(`https://discord.com/channels/${h.guild}/${h.channel}/${posted.id}`);
    const done = await h.playground.waitFor(h.channel, (message) => message.id === posted.id && buttons(message).includes('up'));
    expect(done.embeds[0]?.description).toContain('There are **12** words.');
    expect(done.attachments.map((file) => file.filename)).toEqual(['words.txt']);
    await until('the card is recorded as shown', async () => (await h.card(id)).shown_revision === (await h.card(id)).revision);
    await until('the end is recorded as told', async () => (await h.completions())[0]?.told_how === 'channel');
    expect(await h.completions()).toHaveLength(1);
    expect(h.messages()).toHaveLength(2);
    expect(h.playground.counts().status429).toBe(0);
  });

  it('keeps its files when it is edited once more, and does not send what it shows already', async () => {
    h.start();
    const id = await h.task();
    await h.change(id, { status: 'in_progress' });
    await seedFile(h.sql, id, 'a.txt', Buffer.from('a'));
    await h.change(id, { status: 'completed', result: 'long '.repeat(1000) });
    await until('the files are there', () => h.messages().some((message) => message.attachments.length === 2));
    await until('shown', async () => (await h.card(id)).shown_revision === (await h.card(id)).revision);
    const edits = h.requests('PATCH');
    await h.sql`update cards set revision = revision + 1 where id = ${id}`;
    await until(
      'the same state is taken as shown',
      async () => (await h.card(id)).shown_revision === (await h.card(id)).revision,
    );
    expect(h.requests('PATCH')).toBe(edits);
    await h.sql`update tasks set score = 1, revision = revision + 1 where id = ${id}`;
    await h.sql`update cards set revision = revision + 1 where id = ${id}`;
    await until('the verdict is shown', async () => (await h.card(id)).shown_revision === (await h.card(id)).revision);
    const card = h.messages().find((message) => message.attachments.length > 0);
    expect(card?.attachments.map((file) => file.filename).sort()).toEqual(['a.txt', 'result.md']);
  });

  it('waits for the answer to the interaction, then edits that message', async () => {
    h.start();
    const id = await h.task({ reservedSeconds: 60 });
    await h.change(id, { status: 'in_progress' });
    const rest = h.start().rest;
    const reply = await rest.request<{ id: string }>('POST', `/channels/${h.channel}/messages`, {
      body: { content: 'the answer' },
    });
    if (reply.kind !== 'ok') throw new Error(reply.kind);
    const { recordPosted } = await import('../../../src/store/announcements/cards.js');
    expect(await recordPosted(h.sql, { cardId: id, messageId: reply.body.id, revision: 1 })).toBe('recorded');
    expect(await recordPosted(h.sql, { cardId: id, messageId: '100000000000000077', revision: 1 })).toBe('already');
    await h.playground.waitFor(
      h.channel,
      (message) => message.id === reply.body.id && message.embeds[0]?.description?.includes('Running') === true,
    );
    expect(h.messages()).toHaveLength(1);
  });

  it('of a batch is one message, and one message tells its end', async () => {
    h.start();
    const { batchId, taskIds } = await seedBatch(
      h.sql,
      { guildId: h.guild, channelId: h.channel, requesterId: h.member, title: 'Twelve pages' },
      12,
    );
    await h.playground.waitFor(h.channel, (message) => message.embeds[0]?.title === '⏳ Twelve pages');
    await h.change(taskIds, { status: 'in_progress' });
    await h.change(taskIds.slice(0, 10), { status: 'completed', result: 'ok' });
    await h.playground.waitFor(h.channel, (message) => message.embeds[0]?.description?.includes('✅ 10 done') === true);
    await h.change(taskIds.slice(10), { status: 'failed', error: 'no such page' });
    const told = await h.playground.waitFor(h.channel, (message) => message.content.includes('your batch has ended'));
    expect(told.embeds[0]?.description).toBe('✅ 10 done · ❌ 2 failed');
    const card = await h.playground.waitFor(h.channel, (message) => buttons(message).includes('batch-retry'));
    expect(card.embeds[0]?.description).toContain('no such page');
    await until('all shown', async () => (await h.card(batchId)).shown_revision === (await h.card(batchId)).revision);
    expect(h.messages()).toHaveLength(2);
  });

  it('of a retried task is the same message, and the second end is told anew', async () => {
    h.start();
    const id = await h.task();
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'failed', error: 'first try' });
    await h.playground.waitFor(h.channel, (message) => message.content.includes('has failed'));
    await h.change(id, { status: 'pending' });
    await h.change(id, { status: 'in_progress' });
    await h.change(id, { status: 'completed', result: 'second try' });
    await h.playground.waitFor(h.channel, (message) => message.content.includes('is done'));
    await until('shown', async () => (await h.card(id)).shown_revision === (await h.card(id)).revision);
    expect(h.messages()).toHaveLength(3);
  });
});

describe('superseded states', () => {
  it('are never sent: twenty quick changes make few edits, and the newest wins', async () => {
    h.start();
    const id = await h.task({ title: 'v0' });
    await h.playground.waitFor(h.channel, (message) => message.embeds[0]?.title === '⏳ v0');
    for (let n = 1; n <= 20; n += 1) h.publish(await changeTasks(h.sql, [id], { status: 'pending', title: `v${n}` }));
    await h.playground.waitFor(h.channel, (message) => message.embeds[0]?.title === '⏳ v20');
    await until('shown', async () => (await h.card(id)).shown_revision === (await h.card(id)).revision);
    expect(h.requests('PATCH')).toBeLessThanOrEqual(10);
    expect(h.playground.counts().status429).toBe(0);
  });
});
