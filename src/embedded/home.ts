/**
 * The lock of GUILDHALL_HOME. One running Guildhall per home: the lock file names the process that has it. It is made with
 * link(2), which fails when the name exists and shows no half-written content; a lock whose process is gone (or whose id now
 * belongs to another process) is taken over under a short mutex, so that two starts cannot both take the same stale lock.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive, processBirth } from './processes.js';

const holderSchema = z.object({
  pid: z.int().positive(),
  birth: z.string().max(200).optional(),
  url: z.string().max(500).optional(),
});

/** Who has a home: process id and, once it serves, the address of its page or API. */
export interface HomeHolder {
  pid: number;
  url: string | undefined;
}

/** Another Guildhall runs in this home. */
export class HomeInUseError extends Error {
  override readonly name = 'HomeInUseError';
  readonly holder: HomeHolder;

  constructor(home: string, holder: HomeHolder) {
    const where = holder.url === undefined ? '' : ` at ${holder.url}`;
    super(
      `Guildhall already runs in ${home} (process ${holder.pid}${where}). Stop it first, or set GUILDHALL_HOME to another directory.`,
    );
    this.holder = holder;
  }
}

/** A home that this process has. */
export interface Home {
  /** Absolute path. */
  path: string;
  /** Writes into the lock where this process serves, for the message of a second start. */
  announce(url: string): Promise<void>;
  /** Gives the home back. May be called twice. */
  release(): Promise<void>;
}

const LOCK = 'guildhall.lock';
/** A takeover lasts milliseconds; a mutex older than this was left by a process that died in it. */
const MUTEX_STALE_MS = 10_000;

/**
 * Makes the directory when it is missing (passwords in it are in files of mode 600; as root others may pass through, because the
 * embedded Postgres runs as another user) and takes its lock. Throws `HomeInUseError` when another process has it.
 */
export async function openHome(home: string): Promise<Home> {
  const path = resolve(home);
  await mkdir(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const lockPath = join(path, LOCK);
  const birth = processBirth(process.pid);
  while (!(await tryLock(path, { pid: process.pid, birth }))) {
    const holder = await readHolder(lockPath);
    if (holder === 'missing') continue;
    if (holder !== 'unreadable' && lives(holder)) throw new HomeInUseError(path, { pid: holder.pid, url: holder.url });
    await takeAway(path);
  }
  return {
    path,
    announce: (url) => replace(path, { pid: process.pid, birth, url }),
    release: async () => {
      const holder = await readHolder(lockPath);
      if (typeof holder === 'object' && holder.pid === process.pid && holder.birth === birth) await rm(lockPath, { force: true });
    },
  };
}

type Holder = z.infer<typeof holderSchema>;

function lives(holder: Holder): boolean {
  return isAlive(holder.pid) && (holder.birth === undefined || holder.birth === processBirth(holder.pid));
}

async function writeDraft(home: string, holder: Holder): Promise<string> {
  const draft = join(home, `${LOCK}.${randomUUID()}`);
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
  return draft;
}

async function tryLock(home: string, holder: Holder): Promise<boolean> {
  const draft = await writeDraft(home, holder);
  try {
    await link(draft, join(home, LOCK));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replace(home: string, holder: Holder): Promise<void> {
  await rename(await writeDraft(home, holder), join(home, LOCK));
}

async function readHolder(lockPath: string): Promise<Holder | 'missing' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(lockPath, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    // A lock is linked into place complete, so this one was damaged (disk full, edited): nobody can be named by it.
    return 'unreadable';
  }
}

async function takeAway(home: string): Promise<void> {
  const mutex = join(home, `${LOCK}.takeover`);
  try {
    await mkdir(mutex);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await dropOldMutex(mutex);
    await sleep(20);
    return;
  }
  try {
    const holder = await readHolder(join(home, LOCK));
    if (holder === 'unreadable' || (holder !== 'missing' && !lives(holder))) await rm(join(home, LOCK), { force: true });
  } finally {
    await rmdir(mutex);
  }
}

async function dropOldMutex(mutex: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(mutex);
    if (Date.now() - mtimeMs > MUTEX_STALE_MS) await rmdir(mutex);
  } catch (error) {
    // Its owner was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
