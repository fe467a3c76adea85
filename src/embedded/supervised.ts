/**
 * A server process that cannot outlive us. A small shell is its parent and waits for the end of its own standard input, the
 * other end of which only this process holds: when we close it, or die in whatever way, the shell stops the server and ends.
 * Being the parent, the shell can never signal a wrong process; being in a session of its own (`detached`), it and the
 * server do not get the Ctrl-C that is meant for us, and are stopped in order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** $1: signal to stop with, $2: signal after that, $3: seconds between them, rest: the command. */
const SCRIPT = `
stop=$1 force=$2 grace=$3
shift 3
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{
  read -r _ <&3
  trap exit TERM
  kill -s "$stop" "$server"
  left=$((grace * 10))
  while [ "$left" -gt 0 ] && kill -0 "$server"; do sleep 0.1; left=$((left - 1)); done
  kill -s "$force" "$server"
} 2>/dev/null &
watcher=$!
exec 3<&- </dev/null
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
wait "$watcher"
exit "$code"
`;

const LOG_LIMIT_BYTES = 10_000_000;

/** Who runs a process. */
export interface Runner {
  uid: number;
  gid: number;
}

export interface SupervisedOptions {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Working directory; the runner must be able to enter it. */
  cwd: string;
  /** undefined: the user that runs us. */
  runner?: Runner;
  /** Standard output and error are appended here. */
  logFile: string;
  stopSignal: 'INT' | 'TERM';
  /** What follows when the stop signal did not end it within `graceSeconds`. */
  forceSignal: 'QUIT' | 'KILL';
  graceSeconds: number;
}

/** A running server. */
export interface Supervised {
  /** Its exit code, once it ended for whatever reason. */
  exited: Promise<number>;
  /** Stops it and waits for its end. */
  stop(): Promise<void>;
  /** Kills it at once, with everything that it started and that stayed in its group. */
  kill(): void;
}

/** Starts the server. Rejects when the process could not be made; a server that ends at once only resolves `exited`. */
export async function startSupervised(options: SupervisedOptions): Promise<Supervised> {
  if (process.platform === 'win32') throw new Error('the embedded services need Linux or macOS: set DATABASE_URL and REDIS_URL');
  const log = openLog(options.logFile);
  let child: ChildProcess;
  try {
    const { stopSignal, forceSignal, graceSeconds, command, args } = options;
    child = spawn(
      '/bin/sh',
      ['-c', SCRIPT, 'guildhall-keeper', stopSignal, forceSignal, String(graceSeconds), command, ...args],
      {
        cwd: options.cwd,
        env: options.env,
        detached: true,
        stdio: ['pipe', log, log],
        ...options.runner,
      },
    );
  } finally {
    closeSync(log);
  }
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  // Writing to a shell that has ended fails: its end is known from `exited`.
  child.stdin?.on('error', () => undefined);
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid);
  };
  return {
    exited,
    kill,
    stop: async () => {
      child.stdin?.end();
      const giveUp = new AbortController();
      const limit = sleep((options.graceSeconds + 5) * 1_000, undefined, { signal: giveUp.signal }).catch(() => undefined);
      const ended = await Promise.race([exited, limit]);
      giveUp.abort();
      if (ended === undefined) kill();
    },
  };
}

/** Appends; beyond its size limit the log begins anew. */
function openLog(file: string): number {
  const log = openSync(file, 'a', 0o600);
  if (fstatSync(log).size > LOG_LIMIT_BYTES) ftruncateSync(log);
  return log;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It ended in this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Runs a program the same way to its end and gives its exit code, or -1 when it was killed because the signal fired. */
export async function runToEnd(options: SupervisedOptions, signal?: AbortSignal): Promise<number> {
  if (signal?.aborted) return -1;
  const program = await startSupervised(options);
  signal?.addEventListener('abort', program.kill);
  const code = await program.exited;
  signal?.removeEventListener('abort', program.kill);
  return code;
}

/** The last lines of a log, for an error message. */
export async function tailOf(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8');
  return text.trimEnd().split('\n').slice(-5).join(' | ').slice(-1_000);
}
