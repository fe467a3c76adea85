import { afterAll, expect, test } from 'vitest';
import { isConnectionError, openDatabase } from '../../src/store/database.js';
import { eventually } from '../support/lab.js';
import { type FaultProxy, openProxy, through } from '../support/proxy.js';
import { databaseUrl } from '../support/stores.js';

const proxies: FaultProxy[] = [];
afterAll(() => Promise.all(proxies.map((proxy) => proxy.close())));

async function lined(statementTimeoutMs?: number) {
  const { hostname, port } = new URL(databaseUrl());
  const line = await openProxy({ host: hostname, port: Number(port) });
  proxies.push(line);
  const sql = openDatabase({ url: through(databaseUrl(), line), schema: 'public', max: 3, statementTimeoutMs });
  await Promise.all([1, 2, 3].map(() => sql`select 1`));
  return { line, sql };
}

/** The lines that were cut may still be closing when the first query goes out. */
async function answersAgain(sql: Awaited<ReturnType<typeof lined>>['sql']) {
  await eventually(
    () => sql`select 2 as two`.catch(() => []),
    (rows) => rows[0]?.two === 2,
  );
}

test('no query waits for ever when the line is cut, whatever the moment', async () => {
  for (let turns = 0; turns < 5; turns += 1) {
    const { line, sql } = await lined();
    line.cut();
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const answers = await Promise.all([1, 2, 3, 4].map(() => sql`select 1`.then(() => 'answered', isConnectionError)));
    expect(answers).toEqual([true, true, true, true]);
    line.heal();
    await answersAgain(sql);
    await sql.end({ timeout: 1 });
  }
});

test('a half-open line is cut when nothing comes back for longer than a statement may take', async () => {
  const { line, sql } = await lined(200);
  line.hang();
  expect(await sql`select 1`.then(() => 'answered', isConnectionError)).toBe(true);
  line.heal();
  await answersAgain(sql);
  await sql.end({ timeout: 1 });
});
