/** What goes along with a message about a task: a long result as a file, and the files that runs made, while they fit. */
import type { TaskFile } from '../../tasks/model.js';
import type { CardFile } from './parts.js';
import { cut, visible } from './text.js';

/** Discord takes 10 files a message. */
const MAX_FILES = 10;

export interface Attachable {
  /** The whole result, when the message shows only its beginning; else null. */
  text: string | null;
  /** In the order in which they are wanted. */
  files: readonly TaskFile[];
  /** Bytes of all together. */
  maxBytes: number;
}

/** The text as `result.md`, then the files: at most ten, and at most `maxBytes`. One that is too large makes room for the next. */
export function attached({ text, files, maxBytes }: Attachable): CardFile[] {
  const kept: CardFile[] = [];
  if (text !== null)
    kept.push({
      name: 'result.md',
      contentType: 'text/markdown; charset=utf-8',
      size: Buffer.byteLength(text),
      source: { text },
    });
  let bytes = kept.reduce((sum, file) => sum + file.size, 0);
  for (const file of files) {
    if (kept.length >= MAX_FILES || bytes + file.size > maxBytes) continue;
    bytes += file.size;
    kept.push({ name: fileName(file.name), contentType: file.contentType, size: file.size, source: { fileId: file.id } });
  }
  return kept;
}

/** A name that Discord and file systems take. */
function fileName(name: string): string {
  return (
    cut(
      visible(name)
        .replace(/[/\\\n]/g, '_')
        .trim(),
      120,
    ) || 'file'
  );
}
