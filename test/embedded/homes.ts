/** Homes for these tests, and a logger that keeps what was said. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EmbeddedLog } from '../../src/embedded/log.js';

/** Where the run keeps its fetched Redis (global-setup.ts). */
export const PROGRAMS = fileURLToPath(new URL('../../.guildhall/test', import.meta.url));

/** A new home, and its removal. With `secluded` only its owner can enter the folder around it. */
export async function newHome(options: { secluded?: boolean } = {}): Promise<{ home: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'guildhall-home-'));
  await chmod(folder, options.secluded ? 0o700 : 0o711);
  const home = join(folder, 'home');
  await mkdir(home, { mode: 0o711 });
  return { home, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Keeps the messages. */
export function keepLog(): EmbeddedLog & { messages: string[] } {
  const messages: string[] = [];
  const keep = (_details: object, message: string) => {
    messages.push(message);
  };
  return { messages, info: keep, warn: keep };
}
