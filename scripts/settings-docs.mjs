// Writes .env.example and the README's table of settings from the one table in src/config/table.ts (after `npm run build`).
// The README's table stands between <!-- settings --> and <!-- /settings -->. Tests check that this was not forgotten.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { renderEnvExample, renderMarkdownTable } = await import('../dist/src/config/table.js');
const pathOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

writeFileSync(pathOf('.env.example'), renderEnvExample());
if (existsSync(pathOf('README.md'))) {
  const text = readFileSync(pathOf('README.md'), 'utf8');
  const table = `<!-- settings -->\n${renderMarkdownTable()}<!-- /settings -->`;
  writeFileSync(
    pathOf('README.md'),
    text.replace(/<!-- settings -->.*?<!-- \/settings -->/s, () => table),
  );
}
