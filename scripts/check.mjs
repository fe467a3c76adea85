// `npm run check`: linter, types, unused files and exports. Run directly, or import `runChecks` (needs the dependencies).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.mjs';

const TYPE_SCRIPT_PROJECTS = ['.', 'playground/page'];

/** Runs every check and gives the names of those that failed. */
export function runChecks(root) {
  const projects = TYPE_SCRIPT_PROJECTS.filter((project) => existsSync(join(root, project, 'tsconfig.json')));
  const checks = [
    ['linter (biome)', '@biomejs/biome', 'biome', ['check', '--error-on-warnings']],
    ...projects.map((project) => [`types (tsc, ${project})`, 'typescript', 'tsc', ['--noEmit', '-p', project]]),
    ['unused code (knip)', 'knip', 'knip', []],
  ];
  const failed = [];
  for (const [title, packageName, bin, args] of checks) {
    console.log(`> ${title}`);
    if (runTool(root, packageName, bin, args) !== 0) failed.push(title);
  }
  return failed;
}

/** Runs a program of a dependency and gives its exit code. */
export function runTool(root, packageName, bin, args) {
  const directory = join(root, 'node_modules', packageName);
  const programs = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).bin;
  const path = join(directory, programs[bin]);
  return spawnSync(process.execPath, [path, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  ensureInstalled(root);
  const failed = runChecks(root);
  if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
