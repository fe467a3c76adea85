// Bundles the page of the local Discord into static files. Run directly, or import `buildPage`.
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Where the page goes unless told otherwise. */
export const defaultOutDir = join(root, 'dist', 'playground', 'page');

/**
 * Writes index.html, app.js (with parts that it fetches later) and app.css to `outDir` (made when missing) and gives that folder back.
 * Throws esbuild's BuildFailure when the page does not compile.
 */
export async function buildPage(outDir = defaultOutDir) {
  const source = join(root, 'playground', 'page');
  await mkdir(outDir, { recursive: true });
  await Promise.all([
    build({
      entryPoints: [
        { in: join(source, 'app.ts'), out: 'app' },
        { in: join(source, 'theme', 'app.css'), out: 'app' },
      ],
      outdir: outDir,
      bundle: true,
      format: 'esm',
      // The developer panel is fetched when it is opened.
      splitting: true,
      chunkNames: 'part-[hash]',
      target: ['es2022'],
      minify: true,
      sourcemap: true,
      legalComments: 'none',
      logLevel: 'warning',
    }),
    copyFile(join(source, 'index.html'), join(outDir, 'index.html')),
  ]);
  // Its helper process would stay for as long as the program that is started next.
  await stop();
  return outDir;
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const started = performance.now();
  const outDir = await buildPage(process.argv[2] ? resolve(process.argv[2]) : undefined);
  console.log(`page built in ${Math.round(performance.now() - started)} ms: ${outDir}`);
}
