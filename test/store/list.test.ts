import type postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { windowsFrom } from '../../src/store/tasks/history.js';
import { type ListQuery, listTasks, suggestTasks } from '../../src/store/tasks/list.js';
import { InvalidError } from '../../src/tasks/errors.js';
import { type TaskFilter, taskFilterSchema } from '../../src/tasks/model.js';
import {
  ANNA,
  BEN,
  CHANNEL,
  CHANNEL_B,
  freshDatabase,
  GUILD,
  give,
  nextId,
  OTHER_CHANNEL,
  OTHER_GUILD,
  someone,
} from './admin-rows.js';

let sql: postgres.Sql;
let dispose: () => Promise<void>;
beforeAll(async () => {
  ({ sql, dispose } = await freshDatabase());
});
afterAll(() => dispose());
beforeEach(async () => {
  await sql`truncate tasks, cards, batches, completions cascade`;
});

const list = (filter: TaskFilter = {}, query: Partial<ListQuery> = {}) =>
  listTasks(sql, { filter: taskFilterSchema.parse(filter), actor: someone(), ...query });
const titles = async (filter: TaskFilter, query: Partial<ListQuery> = {}) =>
  (await list(filter, query)).tasks.map((task) => task.title);

/** Thousands of newer tasks that match nothing, so that the walk gives up and the inverted index has to answer. */
async function bury(count = 7_000): Promise<void> {
  await sql`
    insert into tasks (id, guild_id, channel_id, scope_id, requester_id, card_id, agent_id, title, priority, status, max_retries, ttl_seconds,
      soft_timeout_seconds, hard_timeout_seconds, finished_at)
    select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint + g), 12, '0') || '70008' || lpad(to_hex(g), 15, '0'))::uuid, ${GUILD}, ${CHANNEL},
      ${CHANNEL}, ${BEN}, gen_random_uuid(), 'filler', 'Filler', 2, 'completed', 0, 300, 1, 1, now()
    from generate_series(1, ${count}::int) g`;
}

describe('listTasks', () => {
  it('shows the tasks of visible scopes, newest first, and nothing of other channels, guilds and direct messages', async () => {
    await give(sql, { title: 'old' });
    await give(sql, { title: 'hidden', channelId: OTHER_CHANNEL });
    await give(sql, { title: 'in a thread', channelId: '200000000000000777', scopeId: CHANNEL_B });
    await give(sql, { title: 'elsewhere', guildId: OTHER_GUILD });
    await give(sql, { title: 'private', guildId: null });
    await give(sql, { title: 'new', status: 'pending' });
    expect(await titles({})).toEqual(['new', 'in a thread', 'old']);
    expect(await titles({}, { actor: someone({ scopes: [] }) })).toEqual([]);
    expect(await titles({}, { actor: someone({ guildId: OTHER_GUILD }) })).toEqual(['elsewhere']);
  });

  it("shows in a direct message one's own alone", async () => {
    await give(sql, { title: 'mine', guildId: null });
    await give(sql, { title: 'theirs', guildId: null, requesterId: BEN });
    await give(sql, { title: 'public' });
    expect(await titles({}, { actor: someone({ guildId: null, scopes: [CHANNEL] }) })).toEqual(['mine']);
  });

  const wanted = {
    title: 'Needle in the stack',
    description: 'sharp',
    status: 'failed',
    agentId: 'finder',
    priority: 0,
    type: "it's\\odd",
    requesterId: ANNA,
    channelId: CHANNEL_B,
    metadata: { customer: 7, tags: { hot: true } },
  } as const;
  const filters: [string, TaskFilter][] = [
    ['status', { status: 'failed' }],
    ['agent', { agentId: 'finder' }],
    ['priority', { priority: 'urgent' }],
    ['type', { type: "it's\\odd" }],
    ['requester', { requesterId: ANNA }],
    ['channel', { channelId: CHANNEL_B }],
    ['metadata', { metadata: { tags: { hot: true } } }],
    ['word', { search: 'needle' }],
    ['beginning of a word, any case', { search: 'NEED' }],
    ['words of title and description', { search: 'sharp stack' }],
    ['several', { status: 'failed', agentId: 'finder', search: 'stack', metadata: { customer: 7 } }],
  ];
  for (const buried of [false, true]) {
    it(`finds by every filter${buried ? ', also far behind thousands of others' : ''}`, async () => {
      await give(sql, wanted);
      await give(sql, { ...wanted, title: 'Needle elsewhere in the stack', guildId: OTHER_GUILD, channelId: OTHER_CHANNEL });
      await give(sql, { title: 'Hay', requesterId: BEN });
      if (buried) await bury();
      for (const [name, filter] of filters) expect([name, await titles(filter)]).toEqual([name, ['Needle in the stack']]);
      expect(await titles({ status: 'failed', agentId: 'none' })).toEqual([]);
      expect(await titles({ search: 'needle hay' })).toEqual([]);
    });
  }

  it('finds unfinished ones far behind thousands of others', async () => {
    await give(sql, { title: 'Waiting', status: 'pending', waitingFor: 'hold', agentId: 'finder' });
    await bury();
    expect(await titles({ status: 'pending' })).toEqual(['Waiting']);
    expect(await titles({ waitingFor: 'hold' })).toEqual(['Waiting']);
    expect(await titles({ agentId: 'finder' })).toEqual(['Waiting']);
    expect(await titles({ search: 'waiting' })).toEqual(['Waiting']);
  });

  it('turns the pages of many matches far behind thousands of others', async () => {
    await sql`
      insert into tasks (id, guild_id, channel_id, scope_id, requester_id, card_id, agent_id, title, priority, status, max_retries, ttl_seconds,
        soft_timeout_seconds, hard_timeout_seconds, finished_at)
      select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - g * 300000), 12, '0') || '70008' || lpad(to_hex(g), 15, '0'))::uuid, ${GUILD},
        ${CHANNEL_B}, ${CHANNEL_B}, ${ANNA}, gen_random_uuid(), 'retired', 'Old', 2, 'completed', 0, 300, 1, 1, now()
      from generate_series(1, 1500) g`;
    await bury();
    const all = (await sql<{ id: string }[]>`select id from tasks where agent_id = 'retired' order by id desc`).map(
      (row) => row.id,
    );
    const seen: string[] = [];
    let page = await list({ agentId: 'retired' }, { size: 100 });
    for (seen.push(...page.tasks.map((task) => task.id)); page.next !== null; seen.push(...page.tasks.map((task) => task.id)))
      page = await list({ agentId: 'retired' }, { size: 100, cursor: page.next });
    expect(seen).toEqual(all);
    for (let n = 14; page.previous !== null; n -= 1) {
      page = await list({ agentId: 'retired' }, { size: 100, cursor: page.previous });
      expect(page.tasks.map((task) => task.id)).toEqual(all.slice((n - 1) * 100, n * 100));
    }
  });

  it('lists a batch', async () => {
    const batchId = nextId();
    await sql`insert into batches (id, guild_id, channel_id, scope_id, requester_id, agent_id, title, total, unfinished)
      values (${batchId}, ${GUILD}, ${CHANNEL}, ${CHANNEL}, ${ANNA}, 'sample', 'Batch', 2, 0)`;
    for (const title of ['one', 'two']) await give(sql, { title, batchId });
    await give(sql);
    expect(await titles({ batchId })).toEqual(['two', 'one']);
    expect(await titles({ batchId }, { actor: someone({ scopes: [CHANNEL_B] }) })).toEqual([]);
  });

  it('turns pages both ways while tasks are inserted, without showing one twice or missing one', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 23; n += 1) ids.unshift(await give(sql, { channelId: n % 3 === 0 ? CHANNEL_B : CHANNEL }));
    const first = await list({}, { size: 5 });
    expect(first.previous).toBeNull();
    const seen = first.tasks.map((task) => task.id);
    let page = first;
    while (page.next !== null) {
      await give(sql);
      page = await list({}, { size: 5, cursor: page.next });
      seen.push(...page.tasks.map((task) => task.id));
    }
    expect(seen).toEqual(ids);
    const back: string[] = [];
    while (page.previous !== null) {
      page = await list({}, { size: 5, cursor: page.previous });
      back.unshift(...page.tasks.map((task) => task.id));
    }
    expect(back.slice(-20)).toEqual(ids.slice(0, 20));
    expect(page.tasks).toHaveLength(5);
  });

  it('keeps a place whose tasks have been removed', async () => {
    for (let n = 0; n < 6; n += 1) await give(sql);
    const first = await list({}, { size: 3 });
    await sql`delete from tasks where id <= ${first.tasks[2]?.id ?? ''}`;
    const second = await list({}, { size: 3, cursor: first.next });
    expect(second).toMatchObject({ tasks: [], next: null });
    expect((await list({}, { size: 3, cursor: second.previous })).tasks).toHaveLength(2);
  });

  it('refuses forged cursors and sizes', async () => {
    for (const cursor of [
      'x',
      '%%%',
      'o'.repeat(500),
      Buffer.from('o1; drop table tasks').toString('base64url'),
      '🎉',
      'bzAxMjM0',
    ]) {
      await expect(list({}, { cursor })).rejects.toThrow(InvalidError);
    }
    for (const size of [0, -1, 101, 1.5, Number.NaN]) await expect(list({}, { size })).rejects.toThrow(InvalidError);
  });

  it('never stumbles over what is searched for', async () => {
    await give(sql, { title: `It's 100% "done" & (dusted) | a:b !c \\d <-> 🎉 party` });
    const found = [
      "it's",
      '100%',
      '"done"',
      '& | !',
      'a:b',
      '\\d',
      '<->',
      '🎉',
      ':*',
      "'",
      '%',
      "'; --",
      '(((',
      'dusted)',
      'party 🎉',
    ];
    for (const search of found) expect([search, await titles({ search })]).not.toEqual([search, null]);
    expect(await titles({ search: '🎉' })).toHaveLength(1);
    expect(await titles({ search: '100%' })).toHaveLength(1);
    expect(await titles({ search: 'dusted)' })).toHaveLength(1);
    expect(await titles({ search: '%' })).toHaveLength(1);
    expect(await titles({ search: '_' })).toHaveLength(0);
    for (const search of ['x'.repeat(200), "'".repeat(200), '🎉'.repeat(200), 'a & '.repeat(50)]) await titles({ search });
    await bury(4_000);
    for (const search of [...found, "'".repeat(200), 'a:b\\'.repeat(40)]) await titles({ search });
  });
});

describe('windowsFrom', () => {
  const at = (ms: number) =>
    `${ms
      .toString(16)
      .padStart(12, '0')
      .replace(/(.{8})/, '$1-')}-7000-8000-000000000000`;

  it('covers every moment between position and end once, nearest first', () => {
    const start = Date.UTC(2026, 0, 1);
    for (const span of [0, 1, 60_000, 3_600_000, 86_400_000 * 7, 86_400_000 * 400]) {
      const newest = at(start + span);
      const oldest = at(start);
      for (const direction of ['older', 'newer'] as const) {
        const windows = windowsFrom({ id: direction === 'older' ? newest : oldest, direction }, { oldest, newest });
        for (let n = 0; n <= 200; n += 1) {
          const id = at(start + Math.floor((span * n) / 200));
          const hits = windows?.flat().filter((term) => id.startsWith(term.slice(2, -1)));
          expect([span, direction, n, hits?.length]).toEqual([span, direction, n, 1]);
        }
        const firsts = (windows ?? []).map(
          (window) => window[0]?.slice(2, -1).padEnd(8, direction === 'older' ? 'f' : '0') ?? '',
        );
        const sorted = [...firsts].sort();
        expect(firsts).toEqual(direction === 'older' ? sorted.reverse() : sorted);
        expect(windows?.length).toBeLessThan(30);
      }
    }
  });

  it('gives up on ids that do not tell the time', () => {
    const range = { oldest: '00000000-0000-4000-8000-000000000000', newest: 'ffffffff-0000-4000-8000-000000000000' };
    expect(windowsFrom({ id: range.newest, direction: 'older' }, range)).toBeNull();
  });
});

describe('suggestTasks', () => {
  const suggest = async (what: 'show' | 'cancel' | 'retry' | 'start', text = '', actor = someone()) =>
    (await suggestTasks(sql, { what, text, actor })).map((task) => task.title);

  it('offers what the actor may do this with', async () => {
    await give(sql, { title: 'mine running', status: 'in_progress' });
    await give(sql, { title: 'theirs running', status: 'in_progress', requesterId: BEN });
    await give(sql, { title: 'theirs in B', status: 'pending', requesterId: BEN, channelId: CHANNEL_B });
    await give(sql, { title: 'held', status: 'pending', waitingFor: 'hold' });
    await give(sql, { title: 'failed', status: 'failed' });
    await give(sql, { title: 'theirs failed', status: 'failed', requesterId: BEN });
    await give(sql, { title: 'cancelled', status: 'cancelled' });
    await give(sql, { title: 'done' });
    await give(sql, { title: 'hidden', status: 'pending', channelId: OTHER_CHANNEL });
    expect(await suggest('show')).toHaveLength(8);
    expect(await suggest('cancel')).toEqual(['held', 'mine running']);
    expect(await suggest('cancel', '', someone({ moderates: [CHANNEL_B] }))).toEqual(['held', 'theirs in B', 'mine running']);
    expect(await suggest('retry')).toEqual(['cancelled', 'failed']);
    expect(await suggest('retry', '', someone({ moderates: [CHANNEL] }))).toEqual(['cancelled', 'theirs failed', 'failed']);
    expect(await suggest('start')).toEqual(['held']);
    expect(await suggest('show', '', someone({ guildId: null }))).toEqual([]);
  });

  it('finds by a part of the title and by the beginning of the id, near and far', async () => {
    const id = await give(sql, { title: 'Weekly report 100%', status: 'failed' });
    for (const text of ['report', 'EPORT', '100%', 'ly rep', id.slice(0, 13), id])
      expect(await suggest('retry', text)).toEqual(['Weekly report 100%']);
    for (const text of ['_', 'reports', '00000000', "'", '\\', '🎉', 'x'.repeat(300), '\uD800', '\u0000']) {
      if (text.trim() !== '' && text !== '\uD800' && text !== '\u0000')
        expect([text, await suggest('retry', text)]).toEqual([text, []]);
      else await suggest('retry', text);
    }
    await bury(4_000);
    for (const text of ['weekly', 'report', 'Weekly report', id.slice(0, 13)])
      expect(await suggest('show', text)).toEqual(['Weekly report 100%']);
  });

  it('stops at 25', async () => {
    for (let n = 0; n < 30; n += 1) await give(sql, { title: `Task ${n}` });
    const found = await suggest('show', 'task');
    expect(found).toHaveLength(25);
    expect(found[0]).toBe('Task 29');
  });
});
