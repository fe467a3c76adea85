import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { renderEnvExample, renderMarkdownTable, SETTING_ROWS } from '../../src/config/table.js';
import { loadEnvFile, readSettings } from '../../src/config.js';

async function folderWith(content?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'guildhall-env-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  if (content !== undefined) await writeFile(join(folder, '.env'), content);
  return folder;
}

describe('the .env file', () => {
  it('sets what the environment leaves open', async () => {
    const folder = await folderWith(
      '# a comment\nLOG_LEVEL=debug\nAGENTS="sample, batch" # mine\nHTTP_PORT=4000\nREDIS_URL=off\n',
    );
    const env: NodeJS.ProcessEnv = { HTTP_PORT: '5000', REDIS_URL: '' };
    expect(loadEnvFile(env, folder).sort()).toEqual(['AGENTS', 'LOG_LEVEL', 'REDIS_URL']);
    expect(env).toEqual({ HTTP_PORT: '5000', LOG_LEVEL: 'debug', AGENTS: 'sample, batch', REDIS_URL: 'off' });
  });

  it('may be missing', async () => {
    expect(loadEnvFile({}, await folderWith())).toEqual([]);
  });
});

describe('.env.example', () => {
  const path = fileURLToPath(new URL('../../.env.example', import.meta.url));

  it('is what the table of settings gives', async () => {
    expect(await readFile(path, 'utf8')).toBe(renderEnvExample());
  });

  it('has every setting, and uncommented it is the default configuration', async () => {
    const text = await readFile(path, 'utf8');
    const env = parseEnv(text.replace(/^#(?=[A-Z_]+=)/gm, ''));
    expect(Object.keys(env).sort()).toEqual(Object.keys(SETTING_ROWS).sort());
    expect({ ...readSettings(env), http: undefined }).toEqual({ ...readSettings({}), http: undefined });
  });
});

describe('the table for the README', () => {
  it('has one row of four cells for every setting', () => {
    const rows = renderMarkdownTable().trimEnd().split('\n').slice(2);
    expect(rows.map((row) => /^\| `([A-Z_]+)` \|/.exec(row)?.[1])).toEqual(Object.keys(SETTING_ROWS));
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(6);
  });
});
