// Builds into dist/ when a source is newer than what is there. Run directly, or import `ensureBuilt` (needs the dependencies).
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runTool } from './check.mjs';
import { ensureInstalled } from './install.mjs';

const SOURCES = [
  'src',
  'commands',
  'playground',
  'bench',
  'examples',
  'scripts/build-alone.mjs',
  'scripts/build-page.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

/** Compiles the program and bundles the page when the sources differ from those of the last build. Throws when that fails. */
export async function ensureBuilt(root) {
  const mark = join(root, 'dist', '.built');
  const sources = fingerprint(root);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === sources) return;
  console.log('Building …');
  // Built beside dist and put in its place at the end: a build that fails or is cut short leaves the last one as it was, and
  // two builds at the same time do not mix.
  const next = join(root, `dist.next-${process.pid}`);
  try {
    const code = runTool(root, 'typescript', 'tsc', ['-p', 'tsconfig.build.json', '--outDir', next]);
    if (code !== 0) throw new Error('The build failed (above).');
    const { buildAlone } = await import('./build-alone.mjs');
    await buildAlone(next);
    const { buildPage } = await import('./build-page.mjs');
    await buildPage(join(next, 'playground', 'page'));
    writeFileSync(join(next, '.built'), sources);
    replace(join(root, 'dist'), next);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

function replace(dist, next) {
  for (let attempt = 1; ; attempt += 1) {
    rmSync(dist, { recursive: true, force: true });
    try {
      renameSync(next, dist);
      return;
    } catch (error) {
      // Another build put its result there between the two calls.
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code) || attempt === 3) throw error;
    }
  }
}

/** A hash of names, sizes and times of all sources: a few milliseconds, no content is read. */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((source) => filesOf(join(root, source)))) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesOf(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  try {
    ensureInstalled(root);
    await ensureBuilt(root);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
