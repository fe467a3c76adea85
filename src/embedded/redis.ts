/**
 * An embedded Redis for those who configured none, on a random port of 127.0.0.1 with a random password, data in the home
 * (AOF, synced every second, nothing evicted). It stops when we stop or die and is started again when it dies.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { keepRunning } from './kept.js';
import type { EmbeddedLog } from './log.js';
import { freePort } from './ports.js';
import { commandLine, endProcess, isAlive } from './processes.js';
import { findRedisProgram, type RedisProgram } from './redis-program.js';
import { type Supervised, startSupervised, tailOf } from './supervised.js';

const START_LIMIT_MS = 30_000;
const START_TRIES = 4;
const STOP_GRACE_SECONDS = 10;
const FETCH_LIMIT_MS = 60_000;

export interface EmbeddedRedisOptions {
  /** Directory of the embedded services; exists, and no other Guildhall uses it (home.ts). */
  home: string;
  log: EmbeddedLog;
  /** Lines of redis.conf beside or instead of ours. */
  settings?: Record<string, string>;
  /** Where programs are looked for; default: PATH. */
  path?: string;
  /** Where a fetched program is kept; default: the home. */
  programs?: string;
  /** Milliseconds for fetching a program; default 60 s. */
  fetchLimitMs?: number;
}

/** A running embedded Redis. */
export interface EmbeddedRedis {
  /** redis:// address with the password in it. The same as long as this process lives. */
  url: string;
  /** Where the program came from. */
  source: RedisProgram['source'];
  version: string;
  stop(): Promise<void>;
}

/** No Redis can be started here: why, and what a person can do about it. */
export interface RedisUnavailable {
  unavailable: string;
  howTo: string;
}

const HOW_TO =
  'install Redis 7 or newer (Debian, Ubuntu: apt install redis-server; macOS: brew install redis) and start again, or set REDIS_URL';

/** Starts Redis on the data of this home. Never rejects: without Redis, Guildhall runs in database-only mode. */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis | RedisUnavailable> {
  const { log } = options;
  const home = resolve(options.home);
  try {
    const program = await findRedisProgram({
      programs: resolve(options.programs ?? home),
      log,
      path: options.path ?? process.env.PATH ?? '',
      fetchLimitMs: options.fetchLimitMs ?? FETCH_LIMIT_MS,
    });
    if ('reasons' in program) return { unavailable: program.reasons.join('; '), howTo: HOW_TO };
    const directory = join(home, 'redis');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await startProgram({ directory, program, log, settings: options.settings ?? {} });
  } catch (error) {
    return { unavailable: error instanceof Error ? error.message : String(error), howTo: HOW_TO };
  }
}

interface ProgramStart {
  directory: string;
  program: RedisProgram;
  log: EmbeddedLog;
  settings: Record<string, string>;
}

async function startProgram(options: ProgramStart): Promise<EmbeddedRedis> {
  const { program, log } = options;
  const password = randomBytes(24).toString('base64url');
  const start = async (port: number) => {
    await endOrphan(options.directory, log);
    return startServer({ ...options, port, password });
  };
  const { server, port } = await startOnFreePort(start, options);
  const kept = keepRunning({ name: 'Redis', first: server, start: () => start(port), log });
  const url = `redis://:${password}@127.0.0.1:${port}`;
  return { url, source: program.source, version: program.version, stop: () => kept.stop() };
}

async function startOnFreePort(start: (port: number) => Promise<Supervised>, { directory, log }: ProgramStart) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { server: await start(port), port };
    } catch (error) {
      if (attempt === START_TRIES) throw error;
      log.warn({ err: error, attempt }, 'the embedded Redis did not start; trying again');
      // Data that it cannot read may be set aside: Redis holds hints that are made again from Postgres.
      if (attempt === START_TRIES - 1) await setAside(directory, log);
      await sleep(200);
    }
  }
}

async function setAside(directory: string, log: EmbeddedLog): Promise<void> {
  const data = join(directory, 'appendonlydir');
  const aside = `${data}.unreadable`;
  await rm(aside, { recursive: true, force: true });
  const moved = await rename(data, aside).then(
    () => true,
    () => false,
  );
  if (moved) log.warn({ aside }, 'the embedded Redis starts with no data; the old ones were set aside');
}

function configFile(directory: string): string {
  return join(directory, 'redis.conf');
}

/** Ends a Redis that an earlier start left running on these data. */
async function endOrphan(directory: string, log: EmbeddedLog): Promise<void> {
  const text = await readFile(join(directory, 'redis.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const pid = Number(text.trim());
  if (text === '' || !isAlive(pid) || !commandLine(pid)?.includes(configFile(directory))) return;
  log.warn({ pid }, 'ending an embedded Redis that an earlier start left behind');
  const gone = await endProcess(pid, [
    { signal: 'SIGTERM', waitMs: STOP_GRACE_SECONDS * 1_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ]);
  if (!gone) throw new Error(`a Redis of an earlier start (process ${pid}) cannot be ended`);
}

function renderConfig(directory: string, port: number, password: string, settings: Record<string, string>): string {
  const lines = {
    bind: '127.0.0.1',
    port: String(port),
    requirepass: password,
    dir: JSON.stringify(directory),
    pidfile: JSON.stringify(join(directory, 'redis.pid')),
    // The command line stays as it is, so that an orphan can be told by the name of its configuration.
    'set-proc-title': 'no',
    daemonize: 'no',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '""',
    'maxmemory-policy': 'noeviction',
    loglevel: 'notice',
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

async function startServer(options: ProgramStart & { port: number; password: string }): Promise<Supervised> {
  const { directory, program, port, password, settings } = options;
  const config = configFile(directory);
  const logFile = join(directory, 'redis.log');
  await rm(config, { force: true });
  await writeFile(config, renderConfig(directory, port, password, settings), { mode: 0o600, flag: 'wx' });
  const server = await startSupervised({
    command: program.command,
    args: [config],
    cwd: directory,
    env: { PATH: process.env.PATH, LC_ALL: 'C', LD_LIBRARY_PATH: program.libraries.join(':') || undefined },
    logFile,
    stopSignal: 'TERM',
    forceSignal: 'KILL',
    graceSeconds: STOP_GRACE_SECONDS,
  });
  try {
    const ended = server.exited.then((code) => `ended with code ${code}`);
    const failure = await whenReady(port, password, ended);
    if (failure !== undefined) throw new Error(`the embedded Redis ${failure}: ${await tailOf(logFile)}`);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Waits until Redis has read its data and takes our password; gives what is wrong when it does not, or has `ended`. */
async function whenReady(port: number, password: string, ended: Promise<string>): Promise<string | undefined> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    password,
    maxRetriesPerRequest: null,
    retryStrategy: () => 30,
    commandTimeout: START_LIMIT_MS,
  });
  let last = 'did not answer';
  client.on('error', (error: Error) => {
    last = `did not answer (${error.message})`;
  });
  try {
    const answer = client.ping().then(
      () => undefined,
      () => last,
    );
    return await Promise.race([answer, ended]);
  } finally {
    client.disconnect();
  }
}
