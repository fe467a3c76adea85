import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Path of a Chromium or Chrome on PATH. Throws, saying how to get one, when there is none: browser tests fail, they are never skipped. */
export function chromiumPath(): string {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(directory, name);
      if (directory !== '' && isExecutable(path)) return path;
    }
  }
  throw new Error(
    `this test needs a browser: none of ${NAMES.join(', ')} is on PATH. On Debian and Ubuntu: apt install chromium ` +
      '(npm test does it when it runs as root); elsewhere install Chrome or Chromium.',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run: the next one is tried.
    return false;
  }
}
