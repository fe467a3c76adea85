/**
 * Finds a Redis server program, version 7 or newer: on PATH, else the one kept in the home, else fetched from the
 * distribution with apt into the home. apt works there with state and caches of its own: no root, nothing installed.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { EmbeddedLog } from './log.js';

/** The oldest version that has what the queue needs (BLMPOP). */
const OLDEST = 7;
const VERSION_LIMIT_MS = 5_000;

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
  const { output, failure } = await run(command, ['--version'], {
    env: { ...process.env, LD_LIBRARY_PATH: candidate.libraries.join(delimiter) || process.env.LD_LIBRARY_PATH },
    signal: AbortSignal.timeout(VERSION_LIMIT_MS),
  });
  const version = /\bv=(\d+)(\.\d+)*/.exec(output);
  if (failure === undefined && Number(version?.[1] ?? 0) >= OLDEST) return { ...candidate, version: version?.[0].slice(2) ?? '' };
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
  const limit = AbortSignal.timeout(fetchLimitMs);
  await mkdir(programs, { recursive: true });
  const work = await mkdtemp(join(programs, 'redis-fetch-'));
  try {
    for (const directory of ['state/lists/partial', 'cache/archives/partial', 'log', 'root']) {
      await mkdir(join(work, directory), { recursive: true });
    }
    const failure = (await download(work, path, limit)) ?? (await unpack(work, path, limit));
    if (failure !== undefined) return limit.aborted ? `apt did not finish within ${fetchLimitMs / 1_000} s` : failure;
    await rm(target, { recursive: true, force: true });
    await rename(join(work, 'root'), target);
    return undefined;
  } catch (error) {
    return `fetching with apt failed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(work: string, path: string, signal: AbortSignal): Promise<string | undefined> {
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
  const archives = join(work, 'cache', 'archives');
  const apt = (...words: string[]) =>
    run('apt-get', [...options, ...words], { env: { ...process.env, PATH: path, LC_ALL: 'C' }, signal, cwd: archives });
  // A single source that does not answer fails the update, while the packages may come from the others.
  const update = await apt('-q', 'update');
  if (update.missing) return 'there is no apt here to fetch one with';
  const install = await apt('-q', '-y', '--download-only', 'install', 'redis-server', 'redis-tools');
  if (install.failure === undefined) return undefined;
  // Where dpkg's own state is broken apt refuses to install, but still downloads.
  const plain = await apt('-q', 'download', 'redis-tools', 'redis-server', 'libjemalloc2', 'liblzf1');
  if (plain.failure === undefined) return undefined;
  return `apt could not fetch redis-server: ${update.failure ?? install.failure}`;
}

async function unpack(work: string, path: string, signal: AbortSignal): Promise<string | undefined> {
  const archives = join(work, 'cache', 'archives');
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
  if (packages.length === 0) return 'apt fetched nothing, perhaps because redis-server is installed outside PATH';
  for (const name of packages) {
    const { failure } = await run('dpkg-deb', ['-x', join(archives, name), join(work, 'root')], {
      env: { ...process.env, PATH: path },
      signal,
    });
    if (failure !== undefined) return `${name} could not be unpacked: ${failure}`;
  }
  return undefined;
}

interface RunResult {
  output: string;
  /** undefined: it ended with code 0. */
  failure: string | undefined;
  /** There is no such program. */
  missing: boolean;
}

/** Runs a program to its end, or kills it with everything it started when the signal fires. */
function run(
  command: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; signal: AbortSignal; cwd?: string },
): Promise<RunResult> {
  return new Promise((resolve) => {
    if (options.signal.aborted) return resolve({ output: '', failure: 'no time left', missing: false });
    const { env, cwd, signal } = options;
    const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const kill = () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      // A process that left the group could hold the pipes open; we do not wait for it.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    signal.addEventListener('abort', kill, { once: true });
    const settle = (failure: string | undefined, missing = false) => {
      signal.removeEventListener('abort', kill);
      resolve({ output, failure, missing });
    };
    child.once('error', (error: NodeJS.ErrnoException) => settle(error.message, error.code === 'ENOENT'));
    child.once('close', (code) => settle(code === 0 ? undefined : lastError(output, code)));
  });
}

function lastError(output: string, code: number | null): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const said = lines.findLast((line) => /^E:|error/i.test(line)) ?? lines.at(-1);
  return said?.slice(0, 300) ?? `it ended with code ${code ?? 'none'}`;
}
