/** The files of a run: those that came with the task, read when the agent asks, and those that it makes, kept under the fence. */
import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import type { InputFile, OutputFile } from '../agents/contract.js';
import { readFileBytes, readFiles } from '../store/tasks/read.js';
import { type Fence, insertOutputFile } from '../store/tasks/run.js';
import { InvalidError } from '../tasks/errors.js';
import { BOUNDS, text } from '../tasks/model.js';
import { persistently } from './settler.js';

/** The files that came with a task. Their bytes are read from Postgres, waiting for it where needed. */
export async function inputFiles(sql: postgres.Sql, taskId: string): Promise<InputFile[]> {
  const files = await persistently(() => readFiles(sql, taskId));
  return files
    .filter((file) => file.direction === 'in')
    .map((file) => ({
      name: file.name,
      contentType: file.contentType,
      size: file.size,
      read: async () => {
        const found = await persistently(() => readFileBytes(sql, taskId, file.id));
        if (found === undefined) throw new Error(`The file ${file.name} is gone.`);
        return found.bytes;
      },
    }));
}

/**
 * Keeps a file that a run made; `stale` when the task is no longer this run's. Throws InvalidError when the file does not fit.
 * @param newId time-ordered ids (UUIDv7).
 */
export async function keepOutputFile(
  sql: postgres.Sql,
  workerId: string,
  run: Fence,
  file: OutputFile,
  newId: () => string,
): Promise<'kept' | 'stale'> {
  const name = text(1, 255).safeParse(file.name);
  if (!name.success || file.bytes.byteLength > BOUNDS.fileBytes) {
    throw new InvalidError(
      `The file ${String(file.name).slice(0, 50)} cannot be kept: it needs a name of up to 255 characters and at most 10 MiB.`,
    );
  }
  const bytes = Buffer.from(file.bytes);
  const stored = {
    id: newId(),
    name: name.data,
    contentType: String(file.contentType).slice(0, 255),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes,
  };
  const kept = await persistently(() => insertOutputFile(sql, workerId, run, stored, BOUNDS.filesPerTask));
  if (kept === 'too_many') throw new InvalidError(`A task can keep ${BOUNDS.filesPerTask} files at most.`);
  return kept;
}
