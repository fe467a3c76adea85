/**
 * An embedded Postgres for those who configured none: real server programs, data in the home, on a random port of 127.0.0.1
 * with a random password. It stops when we stop or die (supervised.ts) and is started again when it dies (kept.ts).
 */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { findPackage, type PostgresBinaries, type PostgresPackage, readyBinaries } from './binaries.js';
import { keepRunning } from './kept.js';
import type { EmbeddedLog } from './log.js';
import { findPlace, type Place } from './place.js';
import { freePort } from './ports.js';
import { commandLine, endProcess, isAlive } from './processes.js';
import { runToEnd, type Supervised, startSupervised, tailOf } from './supervised.js';

const USER = 'guildhall';
const DATABASE = 'guildhall';
const START_LIMIT_MS = 60_000;
const START_TRIES = 5;
const STOP_GRACE_SECONDS = 30;

/** Small machines: modest memory, no parallel workers; durability is Postgres' own default (fsync and synchronous commits on). */
const SERVER_SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
};

export interface EmbeddedPostgresOptions {
  /** Directory of the embedded services; exists, and no other Guildhall uses it (home.ts). */
  home: string;
  log: EmbeddedLog;
  /** Server settings beside or instead of ours. */
  settings?: Record<string, string>;
}

/** A running embedded Postgres. */
export interface EmbeddedPostgres {
  kind: 'embedded';
  /** postgres:// address with the password in it. The same as long as this process lives. */
  url: string;
  /** Directory that holds data and log. */
  directory: string;
  stop(): Promise<void>;
}

/**
 * Starts Postgres on the data of this home, making them first when there are none. Ends what an earlier Guildhall of this home
 * left running. Rejects, saying what to do, when there are no programs for this machine or the server does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const programs = await findPackage();
  const place = await findPlace(options.home, (directory) => endOrphan(join(directory, 'data'), log));
  const binaries = await readyBinaries(place, programs);
  const data = join(place.directory, 'data');
  await endOrphan(data, log);
  const password = (await readPassword(place, programs)) ?? (await makeData(place, binaries, log));
  const start = async (port: number) => {
    await endOrphan(data, log);
    return startServer({ place, binaries, port, password, settings: options.settings ?? {} });
  };
  const { server, port } = await startOnFreePort(start, log);
  const kept = keepRunning({ name: 'Postgres', first: server, start: () => start(port), log });
  const url = addressOf(port, password, DATABASE);
  return { kind: 'embedded', url, directory: place.directory, stop: () => kept.stop() };
}

function addressOf(port: number, password: string, database: string): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
}

function logFile(place: Place): string {
  return join(place.directory, 'postgres.log');
}

/**
 * Ends a Postgres that still runs on these data although no Guildhall holds the home: its parent was killed together with the
 * shell that should have stopped it. Takes away a pid file whose number now belongs to some other program, which Postgres
 * itself would take for a running server.
 */
async function endOrphan(data: string, log: EmbeddedLog): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const pid = Number(text.split('\n')[0]);
  if (text === '' || !isAlive(pid)) return;
  if (!commandLine(pid)?.includes(data)) {
    log.warn({ pid }, 'removing a stale pid file of the embedded Postgres: its process id belongs to another program');
    await rm(pidFile, { force: true });
    return;
  }
  log.warn({ pid }, 'ending an embedded Postgres that an earlier start left behind');
  const gone = await endProcess(pid, [
    { signal: 'SIGINT', waitMs: STOP_GRACE_SECONDS * 1_000 },
    { signal: 'SIGQUIT', waitMs: 10_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ]);
  if (!gone) throw new Error(`a Postgres of an earlier start (process ${pid}) cannot be ended`);
}

/** The password of existing data; undefined when there are none. Throws when these programs cannot run them. */
async function readPassword(place: Place, programs: PostgresPackage): Promise<string | undefined> {
  const data = join(place.directory, 'data');
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'EACCES') throw new Error(`${data} belongs to another user: run as that user, or set GUILDHALL_HOME`);
    throw error;
  });
  if (version === undefined) return undefined;
  if (version.trim() !== programs.version.split('.')[0]) {
    throw new Error(
      `the data in ${data} are of PostgreSQL ${version.trim()}, the programs of ${programs.version}: ` +
        'move them with pg_dump of the older version, or set GUILDHALL_HOME to begin anew',
    );
  }
  return readFile(join(place.directory, 'password'), 'utf8');
}

/** Makes the data and gives the password. A making that was cut short leaves only a draft, and begins anew. */
async function makeData(place: Place, binaries: PostgresBinaries, log: EmbeddedLog): Promise<string> {
  const data = join(place.directory, 'data');
  const draft = `${data}.draft`;
  await rm(draft, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  await writeFile(join(place.directory, 'password'), password, { mode: 0o600 });
  await mkdir(draft, { mode: 0o700 });
  if (place.runner) await chown(draft, place.runner.uid, place.runner.gid);
  log.info({ directory: place.directory }, 'making the data of the embedded Postgres');
  await initialise(draft, place, binaries, password);
  await rename(draft, data);
  return password;
}

async function initialise(data: string, place: Place, { initdb }: PostgresBinaries, password: string): Promise<void> {
  // initdb reads the password as the user that runs it, so this file is that user's; it goes as soon as initdb has ended.
  const passwordFile = join(place.directory, 'password.initdb');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  if (place.runner) await chown(passwordFile, place.runner.uid, place.runner.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`];
  try {
    const args = [`--pgdata=${data}`, ...access, ...locale, '--data-checksums'];
    const code = await runToEnd(serverProcess(place, initdb, args, data));
    if (code === 0) return;
    throw new Error(
      `initdb ended with code ${code} (${await tailOf(logFile(place))}); DATABASE_URL can name a Postgres of your own`,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function serverProcess(place: Place, command: string, args: string[], cwd: string) {
  return {
    command,
    args,
    cwd,
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    runner: place.runner,
    logFile: logFile(place),
    stopSignal: 'INT',
    forceSignal: 'QUIT',
    graceSeconds: STOP_GRACE_SECONDS,
  } as const;
}

type Start = (port: number) => Promise<Supervised>;

async function startOnFreePort(start: Start, log: EmbeddedLog): Promise<{ server: Supervised; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { server: await start(port), port };
    } catch (error) {
      if (attempt === START_TRIES) throw error;
      // The port was taken meanwhile, or the last processes of a killed server still hold its shared memory.
      log.warn({ err: error, attempt }, 'the embedded Postgres did not start; trying again');
      await sleep(500);
    }
  }
}

interface ServerStart {
  place: Place;
  binaries: PostgresBinaries;
  port: number;
  password: string;
  settings: Record<string, string>;
}

async function startServer({ place, binaries, port, password, settings }: ServerStart): Promise<Supervised> {
  const data = join(place.directory, 'data');
  const given = Object.entries({ ...SERVER_SETTINGS, ...settings, port: String(port) });
  const args = ['-D', data, ...given.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const server = await startSupervised(serverProcess(place, binaries.postgres, args, data));
  const failure = async (what: string) => new Error(`the embedded Postgres ${what}: ${await tailOf(logFile(place))}`);
  try {
    const end = performance.now() + START_LIMIT_MS;
    const ended = server.exited.then((code) => ({ code }));
    while (!(await isReady(data, port))) {
      const outcome = await Promise.race([ended, sleep(20)]);
      if (outcome !== undefined) throw await failure(`ended with code ${outcome.code}`);
      if (performance.now() > end) throw await failure('did not become ready');
    }
    await makeDatabase(port, password);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Postgres writes its process id, port and state into lines 1, 4 and 8 of its pid file; a dead one leaves the file as it was. */
async function isReady(data: string, port: number): Promise<boolean> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').map((line) => line.trim());
  return lines[7] === 'ready' && lines[3] === String(port) && isAlive(Number(lines[0]));
}

/** Makes the database on the first start; on every start this proves that the server takes our password. */
async function makeDatabase(port: number, password: string): Promise<void> {
  const sql = postgres(addressOf(port, password, 'postgres'), { max: 1, onnotice: () => undefined, connect_timeout: 10 });
  try {
    const [found] = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found === undefined) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
