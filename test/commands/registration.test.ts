import { afterAll, expect, it } from 'vitest';
import { type Hall, openHall, until } from './hall.js';

let hall: Hall;
afterAll(() => hall.close());

it('a bot that registers everywhere removes its commands from a server that had its own', async () => {
  const left: string[] = [];
  hall = await openHall({
    worker: false,
    async before(playground) {
      const { application, guild } = playground.world;
      const url = `${playground.apiUrl()}/v10/applications/${application}/guilds/${guild}/commands`;
      const headers = { authorization: 'Bot secret', 'content-type': 'application/json' };
      for (const name of ['task', 'theirs']) {
        const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ name, description: 'x', type: 1 }) });
        expect(answer.status).toBe(201);
      }
      left.push(url);
    },
  });
  await until('the old command to be gone', async () => {
    const answer = await fetch(left[0] as string, { headers: { authorization: 'Bot secret' } });
    const names = ((await answer.json()) as { name: string }[]).map(({ name }) => name);
    return names.length === 1 && names[0] === 'theirs';
  });
});
