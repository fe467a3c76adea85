import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { uniqueName } from './stores.js';

/** A folder inside the repository, so that what runs there finds its dependencies; git does not see it. */
const FOLDER = fileURLToPath(new URL('../../.guildhall/test/', import.meta.url));

/**
 * Bundles a TypeScript program into one file that plain Node.js runs, for tests that need a process of its own. `program` is
 * relative to the repository. The caller deletes the file.
 */
export async function bundle(program: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const outfile = join(FOLDER, `${uniqueName('program')}.mjs`);
  const entry = fileURLToPath(new URL(`../../${program}`, import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  return outfile;
}
