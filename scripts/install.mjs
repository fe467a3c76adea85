// Installs the dependencies when they are missing or differ from the lock file. No dependencies of its own.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs `npm ci` in `root` when needed, and applies the patches of dependencies. Throws when one of them fails. */
export function ensureInstalled(root) {
  install(root);
  applyPatches(root);
}

function install(root) {
  if (isInstalled(root)) return;
  reinstall(root);
}

function reinstall(root) {
  console.log('Installing the dependencies (npm ci) …');
  runNpm(['ci', '--include=dev', '--no-audit', '--no-fund'], root);
  if (!isInstalled(root)) throw new Error('npm ci ended well, but the dependencies are not what package-lock.json names.');
}

/**
 * npm keeps a list of what it put into node_modules, in the form of the lock file, and writes it last. All is there when that
 * list has every package of the lock file in the same version; it lacks the optional ones of other platforms.
 */
function isInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const found = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new Error('package-lock.json is missing or damaged: get it back from git.');
  if (found === undefined) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const there = found[path];
    if (there === undefined) return optional === true;
    return there.version === version && there.integrity === integrity;
  });
}

/**
 * The `postinstall` script applies them as well; this is for installs that leave scripts out, and for patches that changed since.
 * Applying one twice does no harm.
 */
function applyPatches(root) {
  const patches = join(root, 'patches');
  if (!existsSync(patches)) return;
  const hash = createHash('sha256');
  for (const name of readdirSync(patches).sort()) hash.update(`${name}\n`).update(readFileSync(join(patches, name)));
  const wanted = hash.digest('hex');
  const mark = join(root, 'node_modules', '.guildhall-patches');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  if (!patch(root)) {
    // The files carry an older patch: only fresh ones take the new one.
    reinstall(root);
    if (!patch(root)) throw new Error('A patch of a dependency (folder patches) could not be applied.');
  }
  writeFileSync(mark, wanted);
}

function patch(root) {
  const program = join(root, 'node_modules', 'patch-package', 'index.js');
  const options = { cwd: root, stdio: ['ignore', 'ignore', 'ignore'] };
  return spawnSync(process.execPath, [program, '--error-on-fail'], options).status === 0;
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    // Missing or cut short: the callers say what that means.
    return undefined;
  }
}

function runNpm(args, cwd) {
  // Under `npm start` npm names its own program; on Windows `npm` alone could not be run without a shell.
  const npm = process.env.npm_execpath;
  const [command, words] = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args];
  const result = spawnSync(command, words, { cwd, stdio: 'inherit', shell: command === 'npm' && process.platform === 'win32' });
  if (result.error) throw new Error(`npm could not be run: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`npm ${args[0]} failed (code ${result.status ?? result.signal}).`);
}
