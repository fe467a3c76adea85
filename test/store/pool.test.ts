import { afterEach, expect, test } from 'vitest';
import { withCleanupLock } from '../../src/store/admin/cleanup-runs.js';
import { openDatabase } from '../../src/store/database.js';
import { type FaultProxy, openProxy, through } from '../support/proxy.js';
import { databaseUrl } from '../support/stores.js';
import { until } from '../support/until.js';

let line: FaultProxy;
afterEach(() => line.close());

test('a connection that is lost while it is held does not stay in the pool', async () => {
  const { hostname, port } = new URL(databaseUrl());
  line = await openProxy({ host: hostname, port: Number(port) });
  const sql = openDatabase({ url: through(databaseUrl(), line), schema: 'public', max: 2 });
  const ask = () => sql`select pg_sleep(0.02)`.then(() => true).catch(() => false);
  const done = await withCleanupLock(sql, async () => {
    line.cut();
    await until('the loss', async () => !(await ask()));
    line.heal();
    await until('the way back', ask);
    return 'done';
  });
  expect(done).toBe('done');
  for (let round = 0; round < 5; round += 1) {
    expect(await Promise.all([ask(), ask(), ask(), ask()])).toEqual([true, true, true, true]);
  }
  await sql.end({ timeout: 1 });
});
