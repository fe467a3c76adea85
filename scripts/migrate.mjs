// `npm run migrate -- VERSION`: brings the schema of DATABASE_URL to a version, up or down; `max` for the newest, `000` for none. Every start brings it to
// the newest by itself, so this is for going back to an older program. Stop Guildhall first; take a backup.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const target = process.argv[2] ?? 'max';

async function main() {
  if (!/^(max|\d{3})$/.test(target)) throw new Error('Say a version of three digits, such as 002, or max.');
  process.chdir(root);
  ensureInstalled(root);
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt(root);
  const { loadEnvFile, readSettings } = await import('../dist/src/config.js');
  const { openDatabase } = await import('../dist/src/store/database.js');
  const { migrate } = await import('../dist/src/store/migrate.js');
  loadEnvFile(process.env);
  const { databaseUrl: url, databaseTls: tls, databaseSchema: schema } = readSettings(process.env).stores;
  if (url === undefined) throw new Error('Set DATABASE_URL to the database whose schema is to be changed.');
  const sql = openDatabase({ url, tls, schema });
  try {
    const applied = await migrate(sql, schema, target);
    console.log(applied.length === 0 ? 'Nothing to do.' : `Applied: ${applied.join(', ')}`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
