// Writes .env.example from the table of settings (after `npm run build`). A test checks that it was not forgotten.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { renderEnvExample } = await import('../dist/src/config/table.js');
writeFileSync(fileURLToPath(new URL('../.env.example', import.meta.url)), renderEnvExample());
