// Loads TypeScript sources whose imports name the JavaScript that they will be. What was compiled once is kept for the next thread.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const KEPT = new URL('../../.guildhall/test/compiled/', import.meta.url);

export async function resolve(specifier, context, next) {
  if (/^(\.|file:).*\.js$/.test(specifier)) {
    const url = new URL(specifier, context.parentURL);
    const source = new URL(url.href.replace(/\.js$/, '.ts'));
    if (!existsSync(fileURLToPath(url)) && existsSync(fileURLToPath(source)))
      return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!/^file:.*\.ts$/.test(url)) return next(url, context);
  return { format: 'module', source: await compiled(await readFile(fileURLToPath(url), 'utf8')), shortCircuit: true };
}

async function compiled(source) {
  const kept = new URL(`${createHash('sha256').update(source).digest('hex')}.js`, KEPT);
  if (existsSync(kept)) return readFile(kept, 'utf8');
  const { transform } = await import('esbuild');
  const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'node20' });
  await mkdir(KEPT, { recursive: true });
  // Put in its place whole: others read it at the same time.
  const draft = new URL(`${kept.href}.${process.pid}.${Math.random().toString(36).slice(2)}`);
  await writeFile(draft, code);
  await rename(draft, kept);
  return code;
}
