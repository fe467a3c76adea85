import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WorldEvent } from './bus.js';
import type { Core } from './core.js';
import { loadWorld, rebaseLinks, savedWorld, saveWorld } from './world/saved.js';

/** Shortest pause between two writes. */
const PAUSE_MS = 500;
/** Pause after a write that failed (a full disk, a folder that went away). */
const FAILED_PAUSE_MS = 30_000;
/** A large world takes long to write: the pause is at least this many times the last write. */
const PAUSE_FACTOR = 10;

/** Keeps the world in a file. */
export interface Persistence {
  /** Tells the address at which the playground is reachable now. */
  reachableAt(baseUrl: string): void;
  /** Writes what is unsaved and stops. */
  close(): Promise<void>;
}

const CHANGES_NOTHING = new Set<WorldEvent['type']>(['typing', 'bot', 'interaction']);

/** Reads the file back; a corrupt one is put aside and said, and the world stays fresh. Gives the saved address. */
function load(core: Core, stateFile: string): string | undefined {
  if (!existsSync(stateFile)) return undefined;
  try {
    const saved = savedWorld.parse(JSON.parse(readFileSync(stateFile, 'utf8')));
    if (!saved.users.some((user) => user.id === core.world.botId)) throw new Error('the bot is missing');
    loadWorld(core.world, saved);
    for (const stored of saved.messages) core.ids.noteUsed(stored.message.id);
    for (const channel of saved.channels) core.ids.noteUsed(channel.id);
    for (const guild of saved.guilds) for (const one of [...guild.roles, ...(guild.emojis ?? [])]) core.ids.noteUsed(one.id);
    for (const one of [...saved.users, ...saved.guilds, ...saved.webhooks]) core.ids.noteUsed(one.id);
    for (const one of saved.commands) core.ids.noteUsed(one.command.id);
    return saved.baseUrl;
  } catch (error) {
    const aside = `${stateFile}.corrupt-${new Date(core.clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
    renameSync(stateFile, aside);
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    core.log(
      `The local Discord's file ${stateFile} is corrupt (${reason}); it was renamed to ${aside} and a fresh world begins.`,
    );
    return undefined;
  }
}

/** Attachments of all messages that are saved. */
function attachmentsOf(core: Core) {
  return [...core.world.channels.keys()].flatMap((channelId) =>
    core.world.messagesIn(channelId).flatMap((stored) => (stored.ephemeralFor ? [] : stored.message.attachments)),
  );
}

/** Makes the saved files readable again, from disk when they are asked for, and deletes what nothing refers to. */
function loadFiles(core: Core, folder: string): void {
  const known = new Map(attachmentsOf(core).map((one) => [one.id, one]));
  for (const id of readdirSync(folder)) {
    const attachment = known.get(id);
    if (attachment) putOnDisk(core, folder, id, attachment.filename, attachment.content_type);
    else rmSync(join(folder, id), { force: true });
  }
}

function putOnDisk(core: Core, folder: string, id: string, name: string, contentType = 'application/octet-stream'): void {
  core.files.put({
    id,
    name,
    contentType,
    get data() {
      return readFileSync(join(folder, id));
    },
  });
}

/**
 * Loads the world from `stateFile`, then writes it back after changes: atomically (a new file renamed over the old one), at
 * most every 500 ms, and on close. Posted files lie beside it in `<stateFile>.files`, one each, and leave memory once saved.
 */
export function createPersistence(core: Core, stateFile: string): Persistence {
  const folder = `${stateFile}.files`;
  mkdirSync(dirname(stateFile), { recursive: true });
  mkdirSync(folder, { recursive: true });
  let base = load(core, stateFile);
  loadFiles(core, folder);
  const onDisk = new Set(readdirSync(folder));
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let dirty = false;
  let pauseMs = PAUSE_MS;

  const saveFiles = () => {
    const wanted = new Set(attachmentsOf(core).map((one) => one.id));
    for (const { id, name, contentType, data } of [...core.files.all()].filter(
      (one) => wanted.has(one.id) && !onDisk.has(one.id),
    )) {
      writeFileSync(join(folder, id), data);
      onDisk.add(id);
      putOnDisk(core, folder, id, name, contentType);
    }
    for (const id of [...onDisk].filter((one) => !wanted.has(one))) {
      rmSync(join(folder, id), { force: true });
      onDisk.delete(id);
    }
  };

  const write = async () => {
    dirty = false;
    const startedAt = performance.now();
    pauseMs = FAILED_PAUSE_MS;
    try {
      saveFiles();
      const text = JSON.stringify(saveWorld(core.world, base ?? core.baseUrl()));
      await writeFile(`${stateFile}.new`, text, { mode: 0o600 });
      await rename(`${stateFile}.new`, stateFile);
      pauseMs = Math.max(PAUSE_MS, (performance.now() - startedAt) * PAUSE_FACTOR);
    } catch (error) {
      dirty = true;
      core.log(`The local Discord could not be saved to ${stateFile}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const schedule = () => {
    dirty = true;
    if (timer) return;
    timer = setTimeout(() => {
      writing = write().finally(() => {
        timer = undefined;
        if (dirty) schedule();
      });
    }, pauseMs);
    timer.unref();
  };

  const unsubscribe = core.bus.subscribe((event) => {
    if (!CHANGES_NOTHING.has(event.type)) schedule();
  });

  return {
    reachableAt(baseUrl) {
      if (base !== undefined) rebaseLinks(core.world, base, baseUrl);
      base = baseUrl;
    },
    async close() {
      unsubscribe();
      await writing;
      clearTimeout(timer);
      timer = undefined;
      if (dirty) await write();
      clearTimeout(timer);
    },
  };
}
