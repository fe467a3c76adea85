import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, type TestContext, vi } from 'vitest';
import { isAlive } from '../../src/embedded/processes.js';
import { openPage } from '../support/page-person.js';
import { type Program, startProgram } from '../support/program.js';
import { redisUrl } from '../support/stores.js';
import { until } from '../support/until.js';

vi.setConfig({ testTimeout: 180_000 });

/** Where the run keeps a fetched Redis (global-setup.ts); nothing is there when Redis is on PATH. */
const KEPT = fileURLToPath(new URL('../../.guildhall/test/redis-program', import.meta.url));
const SERVERS_GONE_MS = 20_000;

async function openHome(context: TestContext) {
  // Says why when there is no Redis for this run.
  redisUrl();
  const directory = await mkdtemp(join(tmpdir(), 'guildhall-process-'));
  await chmod(directory, 0o711);
  const home = join(directory, 'home');
  await mkdir(home, { mode: 0o711 });
  const kept = await stat(KEPT).catch(() => undefined);
  if (kept !== undefined) await symlink(KEPT, join(home, 'redis-program'));
  const programs: Program[] = [];
  context.onTestFailed(() => {
    for (const program of programs) console.error(`--- program ${program.pid} ---\n${program.output().slice(-6000)}`);
  });
  context.onTestFinished(async () => {
    const servers = serversOf(home);
    await Promise.all(programs.map((program) => program.end()));
    await allGone(servers);
    await rm(directory, { recursive: true, force: true });
  });
  return {
    home,
    start(settings: Record<string, string> = {}) {
      const program = startProgram(directory, { GUILDHALL_HOME: home, HTTP_PORT: '0', LEASE_SECONDS: '5', ...settings });
      programs.push(program);
      return program;
    },
  };
}

/** Process ids of the servers that run on the data of this home. */
function serversOf(home: string): number[] {
  const files = [join(home, 'postgres', 'data', 'postmaster.pid'), join(home, 'redis', 'redis.pid')];
  return files.flatMap((file) => {
    try {
      return [Number(readFileSync(file, 'utf8').split('\n')[0])];
    } catch {
      // The server has ended and taken its file away.
      return [];
    }
  });
}

async function allGone(servers: number[]): Promise<void> {
  for (const pid of servers) await until(`the server ${pid} ends`, () => !isAlive(pid), SERVERS_GONE_MS);
}

it('a start with no settings: a page, its tasks, a second start, kill −9, and all is there again', async (context) => {
  const { home, start } = await openHome(context);
  const first = start();
  const ready = await first.ready();
  expect(ready).toMatchObject({ postgres: 'embedded', redis: 'embedded', discord: 'playground' });
  const page = await openPage(ready.url);
  await page.command('tasks', 'task create', { agent: 'sample', title: 'Kept for later', input: 'delayMs=100 steps=2' });
  await page.sees('tasks', /Kept for later[\s\S]*Done/);
  await page.command('tasks', 'task create', { agent: 'sample', title: 'Cut short', input: 'delayMs=3000 steps=3' });
  await page.sees('tasks', /Cut short[\s\S]*Running/);

  const second = start();
  expect(await second.ended()).toMatchObject({ code: 1 });
  expect(second.output()).toContain(`process ${first.pid} at ${ready.url}`);
  expect(second.output()).not.toMatch(/^\s+at /m);

  const servers = serversOf(home);
  expect(servers).toHaveLength(2);
  page.close();
  first.kill('SIGKILL');
  await first.ended();
  await allGone(servers);

  const third = start();
  const again = await openPage((await third.ready()).url);
  await again.sees('tasks', /✅ Cut short/, 60_000);
  await again.command('tasks', 'task list', {});
  await again.sees('tasks', /Cut short[\s\S]*Kept for later/);
  const serversNow = serversOf(home);
  again.close();
  third.kill('SIGINT', 'group');
  expect(await third.ended()).toEqual({ code: 0, signal: null });
  await allGone(serversNow);
  expect(serversOf(home)).toEqual([]);
});
