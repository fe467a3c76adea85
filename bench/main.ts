/**
 * `npm run bench`: measures the program against the targets that it was built for, prints every figure, and writes docs/performance.md.
 *
 * `--only pickup` (or several, comma separated) measures these sections and leaves the others of the page as they are; `--full` measures the flood with Discord's
 * real limits and five times as many tasks for the throughput (about 25 minutes); `--scale 0.1` takes a tenth of the tasks, for trying out, and does not write the page. Exits 1 when a target is missed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureFlood } from './flood.js';
import { measureInteractions } from './interactions.js';
import { measureIsolation } from './isolation.js';
import { measureLists } from './lists.js';
import { measurePickup } from './pickup.js';
import { measurePlayground } from './playground.js';
import { lineOf, markdownOf, passes, type Section, withSection } from './report.js';
import { measureStart } from './start.js';
import { type BenchStores, openStores } from './stores.js';
import { measureThroughput } from './throughput.js';

const PAGE = join('docs', 'performance.md');
const HEAD = `# Performance

What \`npm run bench\` measured, section by section. A target is met when the median of the repetitions is below it. Postgres and Redis are the embedded ones with
their default settings: a commit is on the disk when it is acknowledged (fsync), Redis writes its log every second. Everything, the local Discord included, runs on
the same machine.
`;

/** In the order of measurement. */
const SECTIONS: Record<string, (stores: BenchStores, scale: number, full: boolean) => Promise<Section>> = {
  start: measureStart,
  interactions: measureInteractions,
  pickup: measurePickup,
  throughput: measureThroughput,
  flood: (stores, part) => measureFlood(stores, { full: false, part }),
  'flood-full': (stores, part) => measureFlood(stores, { full: true, part }),
  isolation: measureIsolation,
  lists: measureLists,
  playground: measurePlayground,
};

function chosen(): { ids: string[]; scale: number; full: boolean } {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, full: { type: 'boolean', default: false }, scale: { type: 'string', default: '1' } },
  });
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 1)) throw new Error('--scale must be a number above 0 and at most 1.');
  const flood = values.full ? 'flood-full' : 'flood';
  const all = Object.keys(SECTIONS).filter((id) => !id.startsWith('flood') || id === flood);
  const ids = values.only?.split(',').map((id) => (id === 'flood' ? flood : id)) ?? all;
  const unknown = ids.filter((id) => SECTIONS[id] === undefined);
  if (unknown.length > 0) throw new Error(`--only takes ${all.join(', ')}; it was ${unknown.join(', ')}.`);
  return { ids, scale, full: values.full };
}

/** Sections that were not measured now stay as they are. */
async function writePage(texts: ReadonlyMap<string, string>): Promise<void> {
  let page = await readFile(PAGE, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return HEAD;
  });
  for (const [id, text] of texts) page = withSection(page, id, text);
  await writeFile(PAGE, page);
}

async function main(): Promise<number> {
  const { ids, scale, full } = chosen();
  const stores = await openStores();
  let missed = 0;
  const texts = new Map<string, string>();
  try {
    const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB`;
    const environment = `${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node}, ${stores.versions}, ${machine}`;
    process.stdout.write(`${environment}\n`);
    for (const id of ids) {
      const startedAt = performance.now();
      const section = await (SECTIONS[id] as (typeof SECTIONS)[string])(stores, scale, full);
      process.stdout.write(`\n${section.title}  [${id}, ${Math.round((performance.now() - startedAt) / 1000)} s]\n`);
      for (const figure of section.figures) process.stdout.write(`${lineOf(figure)}\n`);
      missed += section.figures.filter((figure) => passes(figure) === false).length;
      texts.set(id, markdownOf(section, environment));
    }
  } finally {
    await stores.close();
  }
  if (scale === 1) await writePage(texts);
  process.stdout.write(missed === 0 ? '\nEvery target is met.\n' : `\n${missed} targets are missed.\n`);
  return missed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
