/**
 * Finds a Redis server program, version 7 or newer: on PATH, else the one kept in the home, else fetched from the
 * distribution with apt into the home. apt works there with state and caches of its own: no root, nothing installed.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { EmbeddedLog } from './log.js';
import { runToEnd, tailOf } from './supervised.js';

/** The oldest version that has what the queue needs (BLMPOP). */
const OLDEST = 7;
const VERSION_LIMIT_MS = 5_000;
const WORK = 'redis-fetch-';
const ABANDONED_MS = 600_000;
const execute = promisify(execFile);

/** A program that can be run, and where it came from. */
export interface RedisProgram {
  command: string;
  /** Libraries that came with it; empty for one that is installed. */
  libraries: string[];
  version: string;
  source: 'path' | 'home' | 'apt';
}

export interface RedisSearch {
  /** Where a fetched program is kept: `redis-program` in it. Several processes may look there at the same time. */
  programs: string;
  log: EmbeddedLog;
  /** Directories to look in, as in PATH. */
  path: string;
  /** Time for all of fetching. */
  fetchLimitMs: number;
}

/** The first program that serves, or why there is none (one reason per place). */
export async function findRedisProgram(search: RedisSearch): Promise<RedisProgram | { reasons: string[] }> {
  const reasons: string[] = [];
  for (const name of ['redis-server', 'valkey-server']) {
    for (const directory of search.path.split(delimiter).filter((each) => each !== '')) {
      const found = await tryProgram({ command: join(directory, name), libraries: [], source: 'path' }, reasons);
      if (found) return found;
    }
  }
  const kept = join(search.programs, 'redis-program');
  const inHome = await tryUnpacked(kept, 'home', reasons);
  if (inHome) return inHome;
  if (reasons.length === 0) reasons.push('no redis-server or valkey-server on PATH');
  search.log.info({}, 'no Redis 7 on PATH: fetching one with apt');
  const failure = await fetchWithApt(kept, search);
  // Tried after a failure as well: another process may have fetched one meanwhile.
  const fetched = await tryUnpacked(kept, 'apt', reasons);
  if (fetched) return fetched;
  if (failure !== undefined) reasons.push(failure);
  return { reasons };
}

type Candidate = Omit<RedisProgram, 'version'>;

async function tryProgram(candidate: Candidate, reasons: string[]): Promise<RedisProgram | undefined> {
  const { command } = candidate;
  const runnable = await access(command, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!runnable) return undefined;
  const env = { ...process.env, LD_LIBRARY_PATH: candidate.libraries.join(delimiter) || process.env.LD_LIBRARY_PATH };
  const said = await execute(command, ['--version'], { env, timeout: VERSION_LIMIT_MS, killSignal: 'SIGKILL' }).catch(
    () => undefined,
  );
  const version = /\bv=(\d+)(\.\d+)*/.exec(said?.stdout ?? '');
  if (Number(version?.[1] ?? 0) >= OLDEST) return { ...candidate, version: version?.[0].slice(2) ?? '' };
  reasons.push(version ? `${command} is version ${version[0].slice(2)}, older than ${OLDEST}` : `${command} does not run`);
  return undefined;
}

async function tryUnpacked(root: string, source: 'home' | 'apt', reasons: string[]): Promise<RedisProgram | undefined> {
  if (!existsSync(root)) return undefined;
  const libraries = await Promise.all([join(root, 'usr', 'lib'), join(root, 'lib')].map(subdirectories));
  return tryProgram({ command: join(root, 'usr', 'bin', 'redis-server'), libraries: libraries.flat(), source }, reasons);
}

async function subdirectories(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return [];
  const entries = await readdir(directory, { withFileTypes: true });
  return [directory, ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name))];
}

/** Fetches and unpacks into `target`; gives the reason when it did not work. */
async function fetchWithApt(target: string, { programs, path, fetchLimitMs }: RedisSearch): Promise<string | undefined> {
  const signal = AbortSignal.timeout(fetchLimitMs);
  await mkdir(programs, { recursive: true });
  await removeAbandoned(programs);
  const work = await mkdtemp(join(programs, WORK));
  try {
    for (const directory of ['state/lists/partial', 'cache/archives/partial', 'log', 'root']) {
      await mkdir(join(work, directory), { recursive: true });
    }
    const fetching = { work, path, signal };
    const failure = (await download(fetching)) ?? (await unpack(fetching));
    if (failure !== undefined) return signal.aborted ? `apt did not finish within ${fetchLimitMs / 1_000} s` : failure;
    await rm(target, { recursive: true, force: true });
    await rename(join(work, 'root'), target);
    return undefined;
  } catch (error) {
    return `fetching with apt failed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Folders of processes that were killed while they fetched. Fetching takes a minute at most. */
async function removeAbandoned(programs: string): Promise<void> {
  for (const name of await readdir(programs)) {
    if (!name.startsWith(WORK)) continue;
    const folder = join(programs, name);
    // Another process may have removed it meanwhile.
    const changed = await stat(folder).catch(() => undefined);
    if (changed && Date.now() - changed.mtimeMs > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
  }
}

interface Fetching {
  work: string;
  path: string;
  signal: AbortSignal;
}

async function download(fetching: Fetching): Promise<string | undefined> {
  const { work, path } = fetching;
  if (!(await isOnPath('apt-get', path))) return 'there is no apt here to fetch one with';
  const settings = {
    'Dir::State': join(work, 'state'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(work, 'cache'),
    'Dir::Log': join(work, 'log'),
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
    'APT::Install-Recommends': '0',
    'Acquire::Retries': '1',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...words: string[]) => run(fetching, 'apt-get', [...options, '-q', ...words]);
  // A single source that does not answer fails the update, while the packages may come from the others.
  const update = await apt('update');
  const install = await apt('-y', '--download-only', 'install', 'redis-server', 'redis-tools');
  if (install === undefined) return undefined;
  // Where dpkg's own state is broken apt refuses to install, but still downloads.
  const plain = await apt('download', 'redis-tools', 'redis-server', 'libjemalloc2', 'liblzf1');
  return plain && `apt could not fetch redis-server: ${update ?? install}`;
}

async function isOnPath(name: string, path: string): Promise<boolean> {
  const found = await Promise.all(
    path.split(delimiter).map((directory) =>
      access(join(directory, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

async function unpack(fetching: Fetching): Promise<string | undefined> {
  const archives = join(fetching.work, 'cache', 'archives');
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
  if (packages.length === 0) return 'apt fetched nothing, perhaps because redis-server is installed outside PATH';
  for (const name of packages) {
    const failure = await run(fetching, 'dpkg-deb', ['-x', join(archives, name), join(fetching.work, 'root')]);
    if (failure !== undefined) return `${name} could not be unpacked: ${failure}`;
  }
  return undefined;
}

/** Runs a program of the distribution, which ends when we do; gives what it said when it failed. */
async function run({ work, path, signal }: Fetching, command: string, args: string[]): Promise<string | undefined> {
  const logFile = join(work, 'log', 'output');
  await rm(logFile, { force: true });
  const ending = { stopSignal: 'TERM', forceSignal: 'KILL', graceSeconds: 5 } as const;
  const env = { ...process.env, PATH: path, LC_ALL: 'C' };
  const code = await runToEnd({ command, args, env, cwd: join(work, 'cache', 'archives'), logFile, ...ending }, signal);
  if (code === 0) return undefined;
  if (signal.aborted) return 'no time left';
  const lines = (await tailOf(logFile)).split(' | ');
  return (lines.findLast((line) => /^E:|error/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}
