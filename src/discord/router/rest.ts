/** The part of @discordjs/rest that answering needs, and Discord's error codes that are part of an ordinary day. */
import type { REST } from '@discordjs/rest';

/** discord.js's own `client.rest`, or any other. Paths are raw routes. */
export type Rest = Pick<REST, 'get' | 'post' | 'put' | 'patch' | 'delete'>;

/** The interaction has had its first response. */
export const ALREADY_ANSWERED = 40060;

/** Discord's code of a refused request; null when it is none. */
export function discordCode(error: unknown): number | null {
  return error !== null && typeof error === 'object' && 'code' in error && typeof error.code === 'number' ? error.code : null;
}

/** Codes that need no attention: the person went away, was too quick, or somebody else answered. */
const EXPECTED: Readonly<Record<number, string>> = {
  10003: 'the channel is gone',
  10004: 'the bot is no longer in the server',
  10008: 'the message is gone',
  10015: 'the interaction is too old to be answered',
  10062: 'the interaction was answered too late',
  [ALREADY_ANSWERED]: 'the interaction was answered already',
  50001: 'the bot cannot see the channel',
  50013: 'the bot lacks a permission in the channel',
  50027: 'the interaction is older than 15 minutes',
  50083: 'the thread is archived',
};

/** What an expected error means, in words; null for one that is not expected. */
export function expectedDiscordError(error: unknown): string | null {
  const code = discordCode(error);
  return code === null ? null : (EXPECTED[code] ?? null);
}
