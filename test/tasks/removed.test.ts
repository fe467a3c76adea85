/** What has been removed is not shown from a hot copy, whoever removed it and whichever process is asked. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { NotFoundError } from '../../src/tasks/errors.js';
import { broken, type House, openHouse, someone } from './house.js';

const admin = someone({ isAdmin: true });
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const ways: [string, () => Promise<unknown>][] = [
  ['a purge', () => house.core.admin.purgeFailed(admin)],
  ['a cleanup by a person', () => house.core.admin.cleanup({ olderThanDays: 0 }, admin)],
  ['the regular cleanup', () => house.core.cleanup.runNow('keeper', { olderThanDays: 0 }, null)],
];

it.each(ways)('%s', async (_, remove) => {
  const other = await house.open();
  const { id } = await house.create({ maxRetries: 0 });
  await house.end(id, broken);
  await house.sql`update cards set shown_revision = revision`;
  await house.sql`update completions set told_at = now()`;
  for (const { tasks } of [house.core, other]) expect((await tasks.details(id, admin)).task.id).toBe(id);
  await remove();
  expect(await house.sql`select from tasks where id = ${id}`).toHaveLength(0);
  await expect(house.core.tasks.details(id, admin)).rejects.toThrow(NotFoundError);
  await vi.waitFor(() => expect(other.tasks.details(id, admin)).rejects.toThrow(NotFoundError), { timeout: 3000 });
});
