// `npm test`: the same set-up as `npm start`, then linter, types, unused code, and every test. Words after `--` go to vitest.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBrowser } from './browser.mjs';
import { ensureInstalled } from './install.mjs';
import { requireNode } from './node-version.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

async function runAll(words) {
  requireNode();
  process.chdir(root);
  ensureInstalled(root);
  const { runChecks, runTool } = await import('./check.mjs');
  const failed = runChecks(root);
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt(root).catch((error) => {
    console.error(error.message);
    failed.push('build');
  });
  ensureBrowser();
  if (runTool(root, 'vitest', 'vitest', ['run', ...words]) !== 0) failed.push('tests (vitest)');
  if (failed.length > 0) throw new Error(`Failed: ${failed.join(', ')}`);
}

try {
  await runAll(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
