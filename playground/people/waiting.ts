import type { APIMessage } from 'discord-api-types/v10';
import type { Core } from '../core.js';
import { findChannel } from './lookup.js';
import { transcriptOf } from './transcript.js';

/** Waits until `check` gives something; rejects with `failure()` when the real time is over. */
function until<T>(core: Core, check: () => T | undefined, timeoutMs: number, failure: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      unsubscribe();
      clearTimeout(timer);
    };
    const look = () => {
      try {
        const found = check();
        if (found === undefined) return;
        finish();
        resolve(found);
      } catch (error) {
        finish();
        reject(error as Error);
      }
    };
    const unsubscribe = core.bus.subscribe(look);
    const timer = setTimeout(() => {
      finish();
      reject(new Error(failure()));
    }, timeoutMs);
    look();
  });
}

/** Waits until the bot is online and has registered a command. */
export async function waitForBot(core: Core, online: () => boolean, timeoutMs: number): Promise<void> {
  const ready = () => (online() && core.world.commands.size > 0 ? true : undefined);
  const state = () => `the bot is ${online() ? 'online' : 'offline'} and has ${core.world.commands.size} commands`;
  await until(core, ready, timeoutMs, state);
}

/** The first message of the channel that passes the test; rejects with the transcript when none comes in time. */
export async function waitForMessage(
  core: Core,
  channel: string,
  test: (message: APIMessage) => boolean,
  timeoutMs: number,
): Promise<APIMessage> {
  const { id } = findChannel(core, channel);
  const found = () => core.world.messagesIn(id).find((stored) => !stored.ephemeralFor && test(stored.message))?.message;
  const failure = () => `no message in ${channel} passed the test within ${timeoutMs} ms:\n${transcriptOf(core, channel)}`;
  return structuredClone(await until(core, found, timeoutMs, failure));
}
