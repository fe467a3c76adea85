import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.js';
import { commandLine, isAlive } from '../../src/embedded/processes.js';
import { until } from '../support/until.js';
import { keepLog, newHome } from './homes.js';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function home(options: { secluded?: boolean } = {}): Promise<string> {
  const made = await newHome(options);
  cleanups.push(made.remove);
  return made.home;
}

/** Goes after the servers have stopped: clean-ups run from the last to the first. */
function removeAtLast(directory: string): void {
  cleanups.unshift(() => rm(directory, { recursive: true, force: true }));
}

async function start(path: string, log = keepLog()): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({ home: path, log });
  cleanups.push(() => database.stop());
  return database;
}

async function query<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

async function serverPid(database: EmbeddedPostgres): Promise<number> {
  return Number((await readFile(join(database.directory, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

// Making the data of a Postgres takes a second, and many times that on a busy machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe('the embedded Postgres', () => {
  it('keeps its data over a restart and stops for good', async () => {
    const path = await home();
    const first = await start(path);
    await query(first.url, (sql) => sql`create table kept as select 42 as answer`);
    const pid = await serverPid(first);
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    const second = await start(path);
    expect(await query(second.url, (sql) => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
  });

  it('is durable, checks its pages, and lets nobody in without the password', async () => {
    const database = await start(await home());
    const settings = await query(
      database.url,
      (sql) => sql`select name, setting from pg_settings where name in
        ('fsync', 'synchronous_commit', 'data_checksums', 'listen_addresses', 'unix_socket_directories', 'password_encryption')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      password_encryption: 'scram-sha-256',
    });
    const wrong = new URL(database.url);
    wrong.password = 'wrong';
    await expect(query(wrong.toString(), (sql) => sql`select 1`)).rejects.toThrow(/password authentication failed/);
    expect((await stat(join(database.directory, 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(database.directory, 'data'))).mode & 0o777).toBe(0o700);
  });

  it('works below a folder that only its owner can enter', async () => {
    const path = await home({ secluded: true });
    const first = await start(path);
    // Root's Postgres runs as another user, so its files have to be elsewhere.
    const elsewhere = !first.directory.startsWith(path);
    expect(elsewhere).toBe(process.getuid?.() === 0);
    if (elsewhere) removeAtLast(first.directory);
    await query(first.url, (sql) => sql`create table kept as select 1 as answer`);
    await first.stop();
    const second = await start(path);
    expect(second.directory).toBe(first.directory);
    expect(await query(second.url, (sql) => sql`select answer from kept`)).toEqual([{ answer: 1 }]);
    expect((await stat(second.directory)).mode & 0o022).toBe(0);
  });

  it('begins anew when the home was deleted, also where its data are elsewhere', async () => {
    const path = await home({ secluded: true });
    const first = await start(path);
    if (!first.directory.startsWith(path)) removeAtLast(first.directory);
    await query(first.url, (sql) => sql`create table kept as select 1 as answer`);
    await first.stop();
    await rm(path, { recursive: true });
    await mkdir(path);
    const second = await start(path);
    await expect(query(second.url, (sql) => sql`select answer from kept`)).rejects.toThrow(/does not exist/);
  });

  it('is started again in the same place when it dies', async () => {
    const log = keepLog();
    const database = await start(await home(), log);
    const pid = await serverPid(database);
    process.kill(pid, 'SIGKILL');
    const answers = () => query(database.url, (sql) => sql`select 1 as one`).catch(() => undefined);
    await until('the server is gone', () => !isAlive(pid));
    expect(await until('it answers again', answers, 20_000)).toEqual([{ one: 1 }]);
    expect(log.messages).toContain('the embedded Postgres ended; starting it again');
    expect(await serverPid(database)).not.toBe(pid);
  });

  it('takes away a pid file whose process id belongs to another program', async () => {
    const path = await home();
    const first = await start(path);
    const pidFile = join(first.directory, 'data', 'postmaster.pid');
    const content = await readFile(pidFile, 'utf8');
    await first.stop();
    await writeFile(pidFile, content.replace(/^\d+/, String(process.pid)), { mode: 0o600 });
    expect(commandLine(process.pid)).not.toContain(first.directory);
    const second = await start(path);
    expect(await query(second.url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  it('starts over when the making of its data was cut short', async () => {
    const path = await home();
    await mkdir(join(path, 'postgres', 'data.draft', 'base'), { recursive: true });
    const database = await start(path);
    expect(await query(database.url, (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });
});
