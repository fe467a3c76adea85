import { spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findPackage, readyBinaries } from '../../src/embedded/binaries.js';
import { findPlace, type Place } from '../../src/embedded/place.js';
import { newHome } from './homes.js';

// Making the data of a Postgres takes a second, and many times that on a busy machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe('the programs of the embedded Postgres', () => {
  let folder: string;
  let native: string;
  let place: Place;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const made = await newHome();
    remove = made.remove;
    place = await findPlace(made.home, async () => undefined);
    folder = await mkdtemp(join(tmpdir(), 'guildhall-programs-'));
    native = join(folder, 'native');
    // As npm unpacks it when install scripts are off: without the links.
    const noLinks = async (path: string) => !(await lstat(path)).isSymbolicLink();
    await cp((await findPackage()).native, native, { recursive: true, filter: noLinks });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await remove();
  });

  const run = (program: string) => spawnSync(program, ['--version'], { encoding: 'utf8', cwd: '/', ...place.runner });

  it('get their links where an install without scripts left them out', async () => {
    await chmod(folder, 0o755);
    const binaries = await readyBinaries(place, { native, version: '18.0.0' });
    expect(binaries.postgres).toBe(join(native, 'bin', 'postgres'));
    const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
    for (const { target } of links) expect((await lstat(join(folder, target))).isSymbolicLink()).toBe(true);
    expect(run(binaries.postgres).stdout).toMatch(/^postgres \(PostgreSQL\) 18/);
    expect(run(binaries.initdb).stdout).toMatch(/^initdb \(PostgreSQL\) 18/);
  });

  it('are copied to where the user that runs them can reach them, and older copies go', async () => {
    await chmod(folder, 0o700);
    await mkdir(join(place.directory, 'programs-17.0.0'));
    const binaries = await readyBinaries(place, { native, version: '18.0.0' });
    expect(run(binaries.postgres).stdout).toMatch(/^postgres \(PostgreSQL\) 18/);
    // Root's Postgres runs as another user; everybody else reaches their own folder and needs no copy.
    const copies = process.getuid?.() === 0 ? ['programs-18.0.0'] : ['programs-17.0.0'];
    expect(await readdir(place.directory)).toEqual(copies);
    expect(await readyBinaries(place, { native, version: '18.0.0' })).toEqual(binaries);
  });
});
