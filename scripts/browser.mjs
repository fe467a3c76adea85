// The browser tests need a Chromium or Chrome.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The names under which a usable browser may be on PATH (test/playground/chromium.ts looks for the same). */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PACKAGES = ['chromium', 'fonts-liberation', 'fonts-noto-color-emoji'];
const LIMIT_MS = 600_000;

/**
 * When there is none on PATH, installs Debian's through apt, which takes root. Where that cannot be done nothing happens here: the
 * browser tests then fail and say how to get one.
 */
export function ensureBrowser() {
  if (browserPath() || process.getuid?.() !== 0 || !onPath(['apt-get'])) return;
  console.log(`No Chromium or Chrome on PATH: installing ${PACKAGES.join(', ')} with apt …`);
  const apt = (...words) =>
    spawnSync('apt-get', ['-q', '-y', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: LIMIT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status;
  apt('update');
  if (apt('install', '--no-install-recommends', ...PACKAGES) !== 0)
    console.error('apt could not install it; the browser tests will fail.');
}

/** The browser named by CHROMIUM_PATH or found on PATH; undefined: none. */
export function browserPath() {
  return process.env.CHROMIUM_PATH || onPath(NAMES);
}

function onPath(names) {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  return directories.flatMap((directory) => names.map((name) => join(directory, name))).find((path) => existsSync(path));
}
