import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { createPlayground } from '../../playground/index.js';
import { asBot, login, newClient } from './support.js';

it('lives on the server of another program without changing that one', async () => {
  const app = fastify({ forceCloseConnections: true });
  app.get('/health', async () => ({ ok: true }));
  app.post('/echo', async (request) => request.body);
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ mine: true }));
  const playground = createPlayground({ pageDir: '/nowhere' });
  await playground.attach(app);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  expect(playground.apiUrl()).toBe(`${url}/api`);
  const get = async (path: string) => (await fetch(url + path)).json();
  expect(await get('/health')).toEqual({ ok: true });
  expect(await get('/elsewhere')).toEqual({ mine: true });
  expect(await get('/api/elsewhere')).toMatchObject({ message: '404: Not Found' });
  const unversioned = await fetch(`${url}/api/users/@me`, { headers: { authorization: 'Bot x' } });
  expect(await unversioned.json()).toMatchObject({ bot: true });
  const echo = await fetch(`${url}/echo`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' });
  expect(await echo.json()).toEqual({ a: 1 });
  const client = await login(newClient(playground.apiUrl()));
  expect(client.guilds.cache.size).toBe(2);
  expect((await asBot(playground.apiUrl())('GET', '/gateway/bot')).body.url).toBe(`${url.replace('http', 'ws')}/gateway`);
  await client.destroy();
  await playground.close();
  await app.close();
});
