import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Task } from '../../src/tasks/model.js';
import { ORIGIN } from '../support/lab.js';
import { openProxy } from '../support/proxy.js';
import { testStores } from '../support/stores.js';
import { type House, openHouse, someone } from './house.js';

let house: House;
afterEach(() => house.close());
const me = someone();

/** A house whose line to Postgres can be cut. */
async function throughProxy() {
  const address = new URL(testStores().databaseUrl);
  const proxy = await openProxy({ host: address.hostname, port: Number(address.port) });
  onTestFinished(() => proxy.close());
  address.port = String(proxy.port);
  house = await openHouse({ redis: false, databaseUrl: address.href });
  return proxy;
}

/** Does the work while the answer to the statement that makes the change is lost. */
async function unanswered(proxy: Awaited<ReturnType<typeof throughProxy>>, work: () => Promise<Task>) {
  proxy.cutAnswer('update tasks');
  return work().then(
    (task) => ({ task, error: undefined }),
    (error: unknown) => ({ task: undefined, error }),
  );
}

/** How often each event happened. */
async function events(taskId: string): Promise<Record<string, number>> {
  const rows = await house.sql<{ event: string; n: number }[]>`
    select event, count(*)::int as n from audit_events where task_id = ${taskId} group by event`;
  return Object.fromEntries(rows.map(({ event, n }) => [event, n]));
}

describe('a change whose answer is lost', () => {
  test('is told as what happened, and is made once', async () => {
    const proxy = await throughProxy();
    const { task } = await house.service.create({ agentId: 'echo', title: 'task', hold: true }, ORIGIN);
    expect(await unanswered(proxy, () => house.service.start(task.id, me))).toMatchObject({ task: { waitingFor: null } });
    expect(await unanswered(proxy, () => house.service.update(task.id, { priority: 'high' }, me))).toMatchObject({
      task: { priority: 'high' },
    });
    expect(await unanswered(proxy, () => house.service.cancel(task.id, me))).toMatchObject({ task: { status: 'cancelled' } });
    expect(await unanswered(proxy, () => house.service.retry(task.id, me))).toMatchObject({ task: { status: 'pending' } });
    expect(await events(task.id)).toEqual({ created: 1, started: 1, updated: 1, cancelled: 1, retried: 1 });
  });

  test('that did not apply is still refused', async () => {
    const proxy = await throughProxy();
    const { task } = await house.service.create({ agentId: 'echo', title: 'task' }, ORIGIN);
    await house.service.cancel(task.id, me);
    const again = await unanswered(proxy, () => house.service.cancel(task.id, me));
    expect(String(again.error)).toContain('already');
    expect(await events(task.id)).toEqual({ created: 1, cancelled: 1 });
  });

  test('is said to be unknown when the database does not come back', async () => {
    const proxy = await throughProxy();
    const { task } = await house.service.create({ agentId: 'echo', title: 'task' }, ORIGIN);
    const asked = house.service.cancel(task.id, me);
    proxy.cut();
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
    proxy.heal();
  });
});
