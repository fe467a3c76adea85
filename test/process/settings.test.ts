import net from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { openProxy, through } from '../support/proxy.js';
import { until } from '../support/until.js';
import { openStage, words } from './stage.js';

vi.setConfig({ testTimeout: 90_000 });

async function takenPort(): Promise<{ port: number; close(): Promise<void> }> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

describe.concurrent('a start with settings that cannot be used', () => {
  it('ends with code 2 and a line for each, without what is secret', async (context) => {
    const stage = await openStage(context);
    const program = stage.start({
      DISCORD_TOKEN: 'Bot very.secret token',
      DATABASE_URL: 'mysql://me:hidden@localhost/x',
      LEASE_SECONDS: '2',
      TASK_MAX_RETRY_COUNT: 'many',
    });
    expect(await program.ended()).toEqual({ code: 2, signal: null });
    const said = program.output();
    for (const name of ['DISCORD_TOKEN', 'DATABASE_URL', 'LEASE_SECONDS', 'TASK_MAX_RETRY_COUNT'])
      expect(said).toMatch(new RegExp(`^${name} must be `, 'm'));
    expect(said).toMatch(/LEASE_SECONDS.*from 5 to 300; it was "2"/);
    for (const secret of ['secret', 'hidden']) expect(said).not.toContain(secret);
    expect(said).not.toMatch(/^\s+at /m);
  });

  it('ends with code 2 when the port that was named is taken', async (context) => {
    const stage = await openStage(context);
    const taken = await takenPort();
    const program = stage.start({ HTTP_PORT: String(taken.port) });
    expect(await program.ended()).toEqual({ code: 2, signal: null });
    expect(program.output()).toMatch(new RegExp(`HTTP_PORT: port ${taken.port} is taken`));
    await taken.close();
  });

  it('ends with code 1 and the reason when Discord refuses the token', async (context) => {
    const stage = await openStage(context, { token: 'right' });
    const program = stage.start({ DISCORD_TOKEN: 'wrong-and-secret' });
    expect(await program.ended(30_000)).toEqual({ code: 1, signal: null });
    expect(program.output()).toContain('Discord does not accept the token in DISCORD_TOKEN');
    expect(program.output()).not.toContain('wrong-and-secret');
  });

  it('ends with code 1 when Postgres refuses the password', async (context) => {
    const stage = await openStage(context);
    const url = new URL(stage.stores.databaseUrl);
    url.username = 'nobody_of_this_name';
    url.password = 'not-this-one';
    const program = stage.start({ DATABASE_URL: url.toString() });
    expect(await program.ended()).toEqual({ code: 1, signal: null });
    expect(program.output()).toMatch(/^Postgres refuses: .*nobody_of_this_name.*Check DATABASE_URL\.$/m);
    expect(program.output()).not.toMatch(/^\s+at /m);
    expect(program.output()).not.toContain('not-this-one');
  });
});

describe.concurrent('a start', () => {
  it('takes the next free port when the default one is taken', async (context) => {
    const stage = await openStage(context);
    // Perhaps somebody else has it already: that serves as well.
    const server = net.createServer();
    server.on('error', () => undefined);
    server.listen(3000, '127.0.0.1');
    context.onTestFinished(() => void server.close());
    const { url } = await stage.start({ HTTP_PORT: '' }).ready();
    expect(Number(new URL(url).port)).toBeGreaterThan(3000);
    const health = await fetch(`${url}/readyz`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'ready' });
  });

  it('waits for a Postgres that is not there, says so, and goes on when it comes', async (context) => {
    const stage = await openStage(context);
    const { hostname, port } = new URL(stage.stores.databaseUrl);
    const proxy = await openProxy({ host: hostname, port: Number(port) });
    context.onTestFinished(() => proxy.close());
    proxy.cut();
    const program = stage.start({ DATABASE_URL: through(stage.stores.databaseUrl, proxy) });
    await program.said(/Postgres cannot be reached .* trying again in \d+ s/);
    proxy.heal();
    expect(await program.ready()).toMatchObject({ postgres: 'configured', redis: 'configured', discord: 'real' });
  });

  it('gives up after DATABASE_WAIT_SECONDS', async (context) => {
    const stage = await openStage(context);
    const program = stage.start({ DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/none', DATABASE_WAIT_SECONDS: '1' });
    expect(await program.ended()).toEqual({ code: 1, signal: null });
    expect(program.output()).toContain('Postgres did not answer within 1 s. Check DATABASE_URL');
    expect(program.output()).not.toContain('hidden');
  });

  it('works without Redis when that is switched off', async (context) => {
    const stage = await openStage(context);
    const ready = await stage.start({ REDIS_URL: 'off' }).ready();
    expect(ready.redis).toContain('database-only');
    await stage.create('No Redis', 'delayMs=200 steps=2');
    await stage.create('Fails once', 'delayMs=100 steps=1 failAt=1');
    await stage.allTasks(2, ({ status }) => status === 'completed');
    await stage.allSaid();
    expect([stage.told('No Redis'), stage.told('Fails once')]).toEqual([1, 1]);
    expect(await words(await stage.playground.as('admin').command('tasks', 'admin health'))).toMatch(/database-only/);
  });

  it('works while Redis is down, and with Redis when it comes', async (context) => {
    const stage = await openStage(context);
    const { hostname, port } = new URL(stage.stores.redisUrl);
    const proxy = await openProxy({ host: hostname, port: Number(port) });
    context.onTestFinished(() => proxy.close());
    proxy.cut();
    const program = stage.start({ REDIS_URL: through(stage.stores.redisUrl, proxy) });
    const { url } = await program.ready();
    await stage.create('Meanwhile', 'delayMs=200 steps=2');
    await stage.allTasks(1, ({ status }) => status === 'completed');
    const redis = async () => {
      const health = (await (await fetch(`${url}/readyz`)).json()) as { dependencies: { name: string; ok: boolean }[] };
      return health.dependencies.find(({ name }) => name === 'redis')?.ok;
    };
    expect(await redis()).toBe(false);
    proxy.heal();
    await until('Redis is used', async () => (await redis()) === true, 20_000);
    await stage.create('Afterwards', 'delayMs=200 steps=2');
    await stage.allTasks(2, ({ status }) => status === 'completed');
    await stage.allSaid();
    expect([stage.told('Meanwhile'), stage.told('Afterwards')]).toEqual([1, 1]);
  });
});
