import { afterEach, expect, test } from 'vitest';
import { ORIGIN } from '../support/lab.js';
import { type House, openHouse } from './house.js';

let house: House;
afterEach(() => house.close());

const create = (priority: 'high' | 'medium' = 'medium', agentId = 'echo') =>
  house.service.create({ agentId, title: 'x', priority }, ORIGIN);

test('one after the other they stand one behind the other, the more urgent ones in front', async () => {
  house = await openHouse({ redis: false });
  const positions: number[] = [];
  for (const priority of ['medium', 'medium', 'high', 'medium', 'high'] as const)
    positions.push((await create(priority)).place.position);
  expect(positions).toEqual([1, 2, 1, 4, 2]);
  expect((await create('medium', 'other')).place.position).toBe(1);
});

test('created all at once, each has a place of its own, counted no further than 1,000', async () => {
  house = await openHouse({ redis: false });
  for (let round = 0; round < 3; round += 1) {
    const made = await Promise.all(Array.from({ length: 400 }, () => create()));
    const positions = made.sort((a, b) => (a.task.id < b.task.id ? -1 : 1)).map(({ place }) => place.position);
    expect(positions).toEqual(Array.from({ length: 400 }, (_, n) => Math.min(round * 400 + n + 1, 1_000)));
  }
});

test('what keeps a new task from starting is said', async () => {
  house = await openHouse({ redis: false });
  expect((await create()).place).toEqual({ position: 1, etaSeconds: null, blockedBy: 'No worker runs this agent right now.' });
  await house.sql`insert into agent_pauses (agent_id, guild_id, paused_by) values ('other', ${ORIGIN.guildId}, 'person:1')`;
  expect((await create('medium', 'other')).place.blockedBy).toBe('The agent is paused in this server.');
});
