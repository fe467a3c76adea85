// `npm run bench`: installs what is missing, builds what is out of date, then measures. Words after `--` go to the benchmark (bench/main.ts).
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { requireNode } from './node-version.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

async function prepare() {
  requireNode();
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
if (ready) await import(pathToFileURL(join(root, 'dist', 'bench', 'main.js')).href);
