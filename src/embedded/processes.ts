/** Looking at other processes of this machine: whether one lives, which it is, and ending it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process with this id exists. One that belongs to another user counts as well. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** The fields of /proc/<pid>/stat from the third one on (the second, the name, may hold blanks and parentheses). */
function statFields(pid: number): string[] | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // No such process, or no /proc on this system: the callers have another way or treat it as unknown.
    return undefined;
  }
}

/**
 * A text that tells this process apart from every other one that had or will have its id: boot and start time.
 * undefined when the system does not say (or there is no such process).
 */
export function processBirth(pid: number): string | undefined {
  const startTicks = statFields(pid)?.[19];
  if (startTicks !== undefined) return `${readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}:${startTicks}`;
  return askPs(pid, 'lstart=');
}

/** The command line of a process, its words joined by blanks; undefined when there is none. */
export function commandLine(pid: number): string | undefined {
  const words = readIfThere(`/proc/${pid}/cmdline`);
  if (words !== undefined) return words.replaceAll('\0', ' ').trim();
  return askPs(pid, 'command=');
}

function askPs(pid: number, column: string): string | undefined {
  if (process.platform === 'linux') return undefined;
  const result = spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 });
  return result.status === 0 ? result.stdout.trim() || undefined : undefined;
}

/**
 * Ends a process that is not our child: sends the signals one after the other, each with its time to work.
 * Gives whether the process is gone. Throws when it may not be signalled.
 */
export async function endProcess(pid: number, steps: { signal: NodeJS.Signals; waitMs: number }[]): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isAlive(pid)) return true;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
      throw error;
    }
    const end = performance.now() + waitMs;
    while (performance.now() < end && isAlive(pid)) await sleep(20);
  }
  return !isAlive(pid);
}
