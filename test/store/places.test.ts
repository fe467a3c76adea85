import type postgres from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { queuePlaces } from '../../src/store/places.js';
import { renewLease, type WorkerLoad } from '../../src/store/tasks/workers.js';
import type { QueuePlace } from '../../src/tasks/service.js';
import { CHANNEL, GUILD, USER } from '../support/lab.js';
import { type TestStores, testStores } from '../support/stores.js';
import { inStatus, putTask } from '../tasks/rows.js';

let stores: TestStores;
let sql: postgres.Sql;
beforeAll(async () => {
  stores = testStores();
  sql = openDatabase({ url: stores.databaseUrl, schema: stores.schema, max: 2 });
  await migrate(sql, stores.schema);
});
afterAll(async () => {
  await sql.end();
  await stores.dispose();
});
beforeEach(
  () => sql`with t as (delete from tasks), c as (delete from cards), p as (delete from agent_pauses) delete from workers`,
);

const OTHER_GUILD = '100000000000000002';
const worker = (load: WorkerLoad, leaseSeconds = 60) =>
  renewLease(sql, { id: uuidv7(), name: 'w', queues: ['echo'], load, leaseSeconds });
const place = async (id: string): Promise<QueuePlace | undefined> => (await queuePlaces(sql, [id])).get(id);
/** Tasks that became ready one after the other, oldest first. */
async function queue(many: number, columns: Record<string, unknown> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < many; index += 1)
    ids.push(await putTask(sql, { ready_at: new Date(1_700_000_000_000 + index * 1000), ...columns }));
  return ids;
}
const pause = (guild: string) => sql`insert into agent_pauses (agent_id, guild_id, paused_by) values ('echo', ${guild}, ${USER})`;

describe('the position', () => {
  test('counts what is ready before it: more urgent, then older, of the same agent', async () => {
    const [first, second] = await queue(2);
    const [urgent] = await queue(1, { priority: 0, ready_at: new Date() });
    await queue(3, { agent_id: 'other', priority: 0 });
    await queue(1, { priority: 3 });
    await putTask(sql, { priority: 0, ...inStatus('pending', '', 'hold') });
    await putTask(sql, { priority: 0, ...inStatus('in_progress', uuidv7()) });
    await putTask(sql, { priority: 0, ...inStatus('completed', '') });
    const places = await queuePlaces(sql, [first, second, urgent] as string[]);
    expect([urgent, first, second].map((id) => places.get(id as string)?.position)).toEqual([1, 2, 3]);
  });

  test('of tasks of the same moment is settled by the id, so that no two are next', async () => {
    const ids = await queue(5, { ready_at: new Date(1_700_000_000_000) });
    const places = await queuePlaces(sql, ids);
    expect([...ids].sort().map((id) => places.get(id)?.position)).toEqual([1, 2, 3, 4, 5]);
  });

  test('is counted up to 1,000', async () => {
    await sql`
      insert into tasks (id, card_id, guild_id, channel_id, scope_id, requester_id, agent_id, title, priority, status, max_retries, ttl_seconds,
        soft_timeout_seconds, hard_timeout_seconds)
      select u, u, ${GUILD}, ${CHANNEL}, ${CHANNEL}, ${USER}, 'echo', 'x', 1, 'pending', 3, 3600, 60, 90 from (select gen_random_uuid() as u from generate_series(1, 1200)) s`;
    const [last] = await queue(1, { priority: 3 });
    expect((await place(last as string))?.position).toBe(1000);
  });

  test('is asked of pending tasks only; others, and unknown ones, have none', async () => {
    const ids = [await putTask(sql, inStatus('in_progress', uuidv7())), await putTask(sql, inStatus('failed', '')), uuidv7()];
    expect((await queuePlaces(sql, ids)).size).toBe(0);
    expect((await queuePlaces(sql, [])).size).toBe(0);
  });
});

describe('the estimate', () => {
  test('is 0 with a free slot, else rounds of the mean run time over all live workers', async () => {
    const ids = await queue(6);
    await worker({ echo: { slots: 1, running: 0, meanMs: 10_000 } });
    await worker({ echo: { slots: 2, running: 2, meanMs: 20_000 }, other: { slots: 50, running: 0, meanMs: 1 } });
    await worker({ echo: { slots: 100, running: 0, meanMs: 1 } }, -1);
    const places = await queuePlaces(sql, ids);
    expect(ids.map((id) => places.get(id)?.etaSeconds)).toEqual([0, 15, 15, 15, 30, 30]);
  });

  test('is not known before the first run has ended, except with a free slot', async () => {
    const ids = await queue(2);
    await worker({ echo: { slots: 1, running: 0, meanMs: null } });
    const places = await queuePlaces(sql, ids);
    expect(ids.map((id) => places.get(id)?.etaSeconds)).toEqual([0, null]);
  });

  test('stands when more run than there are slots', async () => {
    const [id] = await queue(1);
    await worker({ echo: { slots: 2, running: 5, meanMs: 8000 } });
    expect(await place(id as string)).toEqual({ position: 1, etaSeconds: 8, blockedBy: null });
  });
});

describe('what keeps it from starting', () => {
  test('no worker', async () => {
    const [id] = await queue(1);
    expect(await place(id as string)).toEqual({
      position: 1,
      etaSeconds: null,
      blockedBy: 'No worker runs this agent right now.',
    });
    await worker({ other: { slots: 1, running: 0, meanMs: 1 } });
    expect((await place(id as string))?.blockedBy).toBe('No worker runs this agent right now.');
  });

  test('a pause here or everywhere, not one elsewhere', async () => {
    await worker({ echo: { slots: 1, running: 0, meanMs: 1000 } });
    const [here, direct] = [...(await queue(1)), ...(await queue(1, { guild_id: null }))] as [string, string];
    await pause(OTHER_GUILD);
    expect((await place(here))?.blockedBy).toBeNull();
    await pause(GUILD);
    expect(await place(here)).toMatchObject({ etaSeconds: null, blockedBy: 'The agent is paused in this server.' });
    expect((await place(direct))?.blockedBy).toBeNull();
    await pause('');
    for (const id of [here, direct]) expect((await place(id))?.blockedBy).toBe('The agent is paused everywhere.');
  });
});
