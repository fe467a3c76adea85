/**
 * Where the files of the embedded Postgres are, and who runs it. Postgres refuses to run as root, so root runs it as another
 * user, and that user has to reach binaries and data. Below a home that it cannot enter (a clone in /root, mode 700) both go
 * to a directory of their own in one of `SHARED_ROOTS`, which the file `postgres-place` in the home remembers.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runner } from './supervised.js';

/** Who runs Postgres (undefined: the user that runs us) and below which directory its files are. */
export interface Place {
  runner: Runner | undefined;
  /** Absolute; exists. */
  directory: string;
}

/** Owned by root on every system; the second for those whose first is read-only. */
const SHARED_ROOTS = ['/var/lib', '/var/tmp'];
const REMEMBERED = 'postgres-place';
const ORIGIN = 'home';

/** Finds or makes the place for a home. `beforeRemoval` runs before an abandoned place is deleted. */
export async function findPlace(home: string, beforeRemoval: (directory: string) => Promise<void>): Promise<Place> {
  const inHome = join(home, 'postgres');
  if (process.getuid?.() !== 0) {
    await mkdir(inHome, { recursive: true, mode: 0o700 });
    return { runner: undefined, directory: inHome };
  }
  const remembered = await readRemembered(home);
  if (remembered !== undefined) return { runner: await findRunner(remembered), directory: remembered };
  await mkdir(inHome, { recursive: true, mode: 0o711 });
  const runner = await findRunner(inHome);
  if (canEnter(inHome, runner)) return { runner, directory: inHome };
  if (existsSync(join(inHome, 'data'))) {
    throw new Error(
      `the user that runs Postgres (uid ${runner.uid}) can no longer reach its data in ${inHome}: let others enter that directory`,
    );
  }
  return { runner, directory: await makeShared(home, beforeRemoval) };
}

/** Whether this user can enter the directory, asked of the system itself, which knows ACLs and mounts. */
export function canEnter(directory: string, runner: Runner | undefined): boolean {
  return asRunner('cd -- "$1"', directory, runner);
}

/** Whether this user can run the program. */
export function canRun(program: string, runner: Runner | undefined): boolean {
  return asRunner('test -x "$1"', program, runner);
}

function asRunner(test: string, path: string, runner: Runner | undefined): boolean {
  return spawnSync('/bin/sh', ['-c', test, 'sh', path], { stdio: 'ignore', cwd: '/', ...runner }).status === 0;
}

/** The owner of existing data; else the user `postgres`; else `nobody`. */
async function findRunner(directory: string): Promise<Runner> {
  const data = await stat(join(directory, 'data')).catch(() => undefined);
  if (data !== undefined && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((fields) => fields[0] === name) ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'Postgres does not run as root, and there is neither a user postgres nor a user nobody to run it: set DATABASE_URL',
  );
}

async function readRemembered(home: string): Promise<string | undefined> {
  const file = join(home, REMEMBERED);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const directory = text.trim();
  return (await belongsTo(home, directory)) ? directory : undefined;
}

/** Whether the directory is one that `makeShared` made for this home: root's own, not writable by others, not a link. */
async function belongsTo(home: string, directory: string): Promise<boolean> {
  if (directory !== (await sharedNames(home)).find((name) => name === directory)) return false;
  if (!(await isOurs(directory))) return false;
  const origin = await readFile(join(directory, ORIGIN), 'utf8').catch(() => undefined);
  return origin === (await realpath(home));
}

async function isOurs(directory: string): Promise<boolean> {
  const entry = await lstat(directory).catch(() => undefined);
  return entry?.isDirectory() === true && entry.uid === 0 && (entry.mode & 0o022) === 0;
}

async function sharedNames(home: string): Promise<string[]> {
  const hash = createHash('sha256')
    .update(await realpath(home))
    .digest('hex')
    .slice(0, 16);
  return SHARED_ROOTS.map((root) => join(root, `guildhall-${hash}`));
}

/**
 * Makes the directory and remembers it. One that is already there without the home knowing it was left by a home of the same
 * path that has been deleted, so its data go as well. A name that somebody else took is left alone.
 */
async function makeShared(home: string, beforeRemoval: (directory: string) => Promise<void>): Promise<string> {
  const reasons: string[] = [];
  for (const directory of await sharedNames(home)) {
    try {
      if (await belongsTo(home, directory)) {
        await beforeRemoval(directory);
        await rm(directory, { recursive: true, force: true });
      }
      await mkdir(directory, { mode: 0o711 });
      await writeFile(join(directory, ORIGIN), await realpath(home), { mode: 0o600 });
      await writeFile(join(home, REMEMBERED), `${directory}\n`, { mode: 0o600 });
      return directory;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `the user that runs Postgres cannot reach ${home}, and there is no other place for its files (${reasons.join('; ')}): ` +
      'set GUILDHALL_HOME to a directory that others can enter, or DATABASE_URL',
  );
}
