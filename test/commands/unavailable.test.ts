import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FaultProxy, openProxy } from '../support/proxy.js';
import { databaseUrl } from '../support/stores.js';
import { type Hall, openHall, textOf, until, words } from './hall.js';

let hall: Hall;
let proxy: FaultProxy;
beforeAll(async () => {
  const url = new URL(databaseUrl());
  proxy = await openProxy({ host: url.hostname, port: Number(url.port) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  hall = await openHall({ databaseUrl: url.href });
});
afterAll(async () => {
  proxy.heal();
  await hall.close();
  await proxy.close();
});

it('commands say so while the database is away, and work again when it is back', async () => {
  const member = hall.playground.as('member');
  const { message } = await member.command('tasks', 'task create', { agent: 'sample', title: 'Before', hold: true });
  proxy.cut();
  const said = /cannot be reached right now.*try again/;
  expect(await words(await member.command('tasks', 'task list'))).toMatch(said);
  // Creation is tried for longer than a quick answer may take: it is begun in public, and its refusal ends up ephemeral all the same.
  await member.command('tasks', 'task create', { agent: 'sample', title: 'Meanwhile' });
  await until('the refusal', () => said.test(member.messages('tasks').at(-1)?.content ?? ''));
  expect(member.messages('tasks').at(-1)?.flags).toBe(64);
  expect(await words(await member.command('tasks', 'task create', { agent: 'api-call', title: 'Meanwhile' }))).toMatch(said);
  expect(await words(await member.click(message?.id ?? '', 'Details'))).toMatch(said);
  expect(await words(await member.click(message?.id ?? '', 'Cancel'))).toMatch(said);
  expect((await member.autocomplete('tasks', 'task show', 'id', { id: 'be' })).choices).toEqual([]);
  expect(await words(await member.command('tasks', 'help'))).toContain('/task create');
  expect(await words(await hall.playground.as('admin').command('tasks', 'admin health'))).toMatch(/🔴 \*\*Database/);
  expect(hall.playground.messages('tasks').filter((each) => textOf(each).includes('Meanwhile'))).toEqual([]);
  proxy.heal();
  await until(
    'the database',
    async () => textOf((await member.command('tasks', 'task list')).message).includes('Before'),
    20_000,
  );
  expect((await hall.stored('Meanwhile')).tasks).toEqual([]);
});
