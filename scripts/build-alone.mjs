// Bundles the local Discord, as it runs alone, into one file: reading one is several times as fast as reading the hundreds that it is made of.
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Writes `<compiled>/playground/alone/main.js` from the compiled program in that folder. Throws esbuild's BuildFailure. The file stands one folder deep, as
 * `pageserver/` does, so that the page is found from it in the same way.
 */
export async function buildAlone(compiled) {
  await build({
    entryPoints: [join(compiled, 'playground', 'main.js')],
    outfile: join(compiled, 'playground', 'alone', 'main.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: ['node20'],
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    // Loaded when the first body comes, and large.
    external: ['discord-api-spec'],
    // Parts of it are CommonJS and ask for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  });
}
