/** The tree in docs/architecture.md is the tree there is, and the files it points to exist. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = await readFile(join(root, 'docs', 'architecture.md'), 'utf8');

/** The folders of the tree, as paths: two more spaces in front are one level deeper. */
function documentedFolders(): string[] {
  const tree = /<!-- tree -->\n```\n(.*?)```/s.exec(text)?.[1] ?? '';
  const path: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const found = /^( *)([\w-]+)\/ /.exec(line);
    if (!found) return [];
    path.length = (found[1] as string).length / 2;
    path.push(found[2] as string);
    return [path.join('/')];
  });
}

/** Folders that hold files of the repository, at any depth. */
function realFolders(): Set<string> {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 24 })
    .trim()
    .split('\n');
  const folders = new Set<string>();
  for (const file of files) for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  return folders;
}

it('names folders that exist', () => {
  const missing = documentedFolders().filter(
    (folder) => !existsSync(join(root, folder)) || !statSync(join(root, folder)).isDirectory(),
  );
  expect(documentedFolders().length).toBeGreaterThan(40);
  expect(missing).toEqual([]);
});

it('names every folder of the sources, and every other one at the top', () => {
  const documented = new Set(documentedFolders());
  const source = /^(src|commands|playground)(\/|$)/;
  const needed = [...realFolders()].filter((folder) => (source.test(folder) || !folder.includes('/')) && !folder.startsWith('.'));
  expect(needed.filter((folder) => !documented.has(folder))).toEqual([]);
});

it('points to files that exist', () => {
  const names = [...text.matchAll(/`([\w./-]+\.(?:ts|json|md))`/g)].map(([, name]) => name as string);
  const places = ['', 'src', 'src/discord', 'src/discord/router', 'src/discord/announcer', 'playground'];
  const missing = names.filter((name) => !places.some((place) => existsSync(join(root, place, name))));
  expect(names.length).toBeGreaterThan(30);
  expect(missing).toEqual([]);
});
