import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser on PATH, or `CHROMIUM_PATH`; throws with how to get one. */
export async function findChromium(): Promise<string> {
  const given = process.env.CHROMIUM_PATH;
  const candidates = given
    ? [given]
    : (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  for (const path of candidates) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false, // Not there, or not ours to run: the next one may be.
    );
    if (runs) return path;
  }
  throw new Error(
    'The browser tests need Chromium or Chrome on PATH (or CHROMIUM_PATH). Debian, Ubuntu: apt-get install chromium. Elsewhere: install Google Chrome.',
  );
}

/** Starts it without a window, without a sandbox (root in a container has none) and without background traffic. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
