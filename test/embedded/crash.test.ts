import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { isAlive } from '../../src/embedded/processes.js';
import { bundle } from '../support/bundle.js';
import { redisUrl } from '../support/stores.js';
import { until } from '../support/until.js';
import { newHome, PROGRAMS } from './homes.js';

const reportSchema = z.object({ database: z.string(), directory: z.string(), redis: z.object({ url: z.string() }) });

// Making the data of a Postgres takes a second, and many times that on a busy machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe('a Guildhall that is killed', () => {
  let program: string;
  let home: string;
  let remove: () => Promise<void>;
  let parents: ChildProcess[] = [];

  beforeAll(async () => {
    // Says why when there is no Redis for this run.
    redisUrl();
    program = await bundle('test/embedded/parent.ts');
    return () => rm(program, { force: true });
  });
  beforeEach(async () => {
    ({ home, remove } = await newHome());
  });
  afterEach(async () => {
    for (const parent of parents) parent.kill('SIGKILL');
    await Promise.all(serverPids(home).map((pid) => until(`the server ${pid} ends`, () => !isAlive(pid), 20_000)));
    parents = [];
    await remove();
  });

  async function startParent() {
    const parent = spawn(process.execPath, [program, home, PROGRAMS], { stdio: ['ignore', 'pipe', 'inherit'] });
    parents.push(parent);
    const lines = createInterface({ input: parent.stdout });
    const ended = once(parent, 'exit').then(() => Promise.reject(new Error('the parent ended')));
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    // The rejection of `ended` is expected later on, when a test kills the parent.
    ended.catch(() => undefined);
    return { parent, ...reportSchema.parse(JSON.parse(line)) };
  }

  it('leaves nothing behind, and the next start finds its data', async () => {
    const first = await startParent();
    const sql = postgres(first.database, { max: 1, onclose: () => undefined });
    await sql`create table kept as select 7 as answer`;
    await sql.end();
    const pids = serverPids(home);
    expect(pids).toHaveLength(2);
    first.parent.kill('SIGKILL');
    for (const pid of pids) await until(`the server ${pid} ends`, () => !isAlive(pid));
    const second = await startParent();
    const again = postgres(second.database, { max: 1 });
    expect(await again`select answer from kept`).toEqual([{ answer: 7 }]);
    await again.end();
  });

  it('does not disturb the next start when its servers outlived it', async () => {
    const first = await startParent();
    const pids = serverPids(home);
    // Both shells that would stop the servers go first: then nobody is left who knows of them.
    for (const pid of pids) process.kill(parentOf(pid), 'SIGKILL');
    first.parent.kill('SIGKILL');
    const second = await startParent();
    for (const pid of pids) expect(isAlive(pid)).toBe(false);
    const redis = new Redis(second.redis.url);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });

  it('keeps its servers through a Ctrl-C until it stops them itself', async () => {
    const first = await startParent();
    const groups = serverPids(home).map((pid) => groupOf(pid));
    expect(groups).not.toContain(groupOf(first.parent.pid as number));
  });
});

function serverPids(home: string): number[] {
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

function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

function groupOf(pid: number): number {
  return Number(statOf(pid)[2]);
}
