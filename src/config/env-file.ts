import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';

/**
 * Puts what the file `.env` of `directory` says into `env`, where `env` does not say something already (the environment wins).
 * Gives the names that it set; a missing file sets none. Throws when there is a file that cannot be read.
 */
export function loadEnvFile(env: NodeJS.ProcessEnv, directory = '.'): string[] {
  let text: string;
  try {
    text = readFileSync(resolve(directory, '.env'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const set: string[] = [];
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value === undefined || (env[name] !== undefined && env[name] !== '')) continue;
    env[name] = value;
    set.push(name);
  }
  return set;
}
