// `npm start`: installs what is missing, builds what is out of date, then runs the program in this same process, so that
// signals reach it. `node scripts/start.mjs playground` runs the local Discord alone.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { requireNode } from './node-version.mjs';

const PROGRAMS = { guildhall: 'dist/src/main.js', playground: 'dist/playground/alone/main.js' };

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const program = PROGRAMS[process.argv[2] ?? 'guildhall'];

async function prepare() {
  requireNode();
  if (program === undefined) throw new Error(`Say one of: ${Object.keys(PROGRAMS).join(', ')}.`);
  process.chdir(root);
  ensureInstalled(root);
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt(root);
}

const ready = await prepare().then(
  () => true,
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
    return false;
  },
);
if (ready) await import(pathToFileURL(join(root, program)).href);
