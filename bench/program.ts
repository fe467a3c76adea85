/** The real program as a child process: `npm start`'s own file, with settings that name the stores and the local Discord of the benchmark. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One that runs. */
export interface Program {
  pid: number;
  /** Milliseconds from the start of the process to its line `ready`. */
  readyMs: number;
  /** Sends SIGTERM and waits for its end. */
  stop(): Promise<void>;
}

/** The compiled file beside this one's folder, e.g. `src/main.js`. */
export function compiled(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

/** Starts `node <words>` with these settings only and waits for its line `ready`. Rejects, with what it wrote last, when it ends before. */
export async function startProgram(words: readonly string[], settings: Record<string, string>): Promise<Program> {
  const startedAt = performance.now();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, HTTP_PORT: '0', ...settings };
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const last: string[] = [];
  const ready = new Promise<number>((resolve, reject) => {
    const hear = (line: string) => {
      last.splice(0, Math.max(0, last.length - 9));
      last.push(line);
      if (line.includes('"msg":"ready"')) resolve((JSON.parse(line) as { pid: number }).pid);
    };
    createInterface({ input: child.stdout }).on('line', hear);
    createInterface({ input: child.stderr }).on('line', hear);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the program ended with code ${code} before it was ready:\n${last.join('\n')}`)),
    );
  });
  const pid = await ready;
  return { pid, readyMs: performance.now() - startedAt, stop: () => stop(child, pid) };
}

async function stop(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(pid, 'SIGTERM');
  await ended;
}
