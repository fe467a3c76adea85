import net from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpServer, listen, PortTakenError } from '../../src/api/server.js';
import type { DependencyHealth } from '../../src/tasks/service.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const fine: DependencyHealth[] = (['postgres', 'redis', 'engine', 'discord'] as const).map((name) => ({
  name,
  ok: true,
  detail: 'answers',
  latencyMs: 1,
}));
const without = (...names: string[]) =>
  fine.map((each) => (names.includes(each.name) ? { ...each, ok: false, detail: 'is away', latencyMs: null } : each));
function server(health: () => Promise<DependencyHealth[]> = async () => fine) {
  const app = createHttpServer({ health, log: pino({ level: 'silent' }) });
  closing.push(() => app.close());
  return app;
}
async function taken(port = 0): Promise<number> {
  const other = net.createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => other.close(resolve)));
  return (other.address() as net.AddressInfo).port;
}

describe('health', () => {
  const ask = async (path: string, health?: () => Promise<DependencyHealth[]>) => {
    const answer = await server(health).inject({ url: path });
    return { code: answer.statusCode, body: answer.json() };
  };

  test('/healthz says that the process lives, whatever its dependencies do', async () => {
    const broken = () => Promise.reject(new Error('secret detail'));
    expect(await ask('/healthz', broken)).toEqual({ code: 200, body: { status: 'alive' } });
  });

  test('/readyz is 200 while all answer, and without Redis too', async () => {
    expect(await ask('/readyz')).toEqual({ code: 200, body: { status: 'ready', dependencies: fine } });
    expect(await ask('/readyz', async () => without('redis'))).toMatchObject({ code: 200, body: { status: 'ready' } });
  });

  test.each(['clock', 'event_loop'] as const)('/readyz is 200 also while %s needs attention', async (name) => {
    const attention = { name, ok: false, detail: 'needs attention', latencyMs: null };
    expect(await ask('/readyz', async () => [...fine, attention])).toMatchObject({ code: 200, body: { status: 'ready' } });
  });

  test.each(['postgres', 'engine', 'discord'])('/readyz is 503 without %s, and names it', async (name) => {
    const { code, body } = await ask('/readyz', async () => without(name));
    expect([code, body.status]).toEqual([503, 'not ready']);
    expect(body.dependencies.filter(({ ok }: DependencyHealth) => !ok)).toMatchObject([{ name, detail: 'is away' }]);
  });

  test('/readyz is 503, and gives nothing away, when the check itself fails', async () => {
    const { code, body } = await ask('/readyz', () => Promise.reject(new Error('secret detail')));
    expect(code).toBe(503);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test('other addresses are 404', async () => {
    expect((await ask('/')).code).toBe(404);
    expect((await ask('/readyz/x')).code).toBe(404);
  });
});

describe('the port', () => {
  const http = (port: number, portNamed: boolean) => ({ host: '127.0.0.1', port, portNamed });

  test('0 picks a free one, which serves', async () => {
    const port = await listen(server(), http(0, true));
    expect(port).toBeGreaterThan(0);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  test('that was named and is taken is an error that names it', async () => {
    const port = await taken();
    const error = await listen(server(), http(port, true)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PortTakenError);
    expect((error as Error).message).toContain(`HTTP_PORT: port ${port} is taken`);
  });

  test('that is the default and is taken gives way to the next free one', async () => {
    const first = await taken();
    const second = await taken(first + 1).catch(() => first + 1);
    const port = await listen(server(), http(first, false));
    expect(port).toBeGreaterThan(second);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  });

  test('an address of another machine is an error of its own', async () => {
    await expect(listen(server(), { host: '192.0.2.1', port: 0, portNamed: false })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });
});
