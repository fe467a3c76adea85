/** The part of @discordjs/rest that answering needs, and Discord's error codes that are part of an ordinary day. */
import type { REST } from '@discordjs/rest';

/** discord.js's own `client.rest`, or any other. Paths are raw routes. */
export type Rest = Pick<REST, 'get' | 'post' | 'put' | 'patch' | 'delete'>;

/** Codes that need no attention: the person went away, was too quick, or somebody else answered. */
const EXPECTED: Readonly<Record<number, string>> = {
  10003: 'the channel is gone',
  10004: 'the bot is no longer in the server',
  10008: 'the message is gone',
  10015: 'the interaction is too old to be answered',
  10062: 'the interaction was answered too late',
  40060: 'the interaction was answered already',
  50001: 'the bot cannot see the channel',
  50013: 'the bot lacks a permission in the channel',
  50027: 'the interaction is older than 15 minutes',
  50083: 'the thread is archived',
};

/** What an expected error means, in words; null for one that is not expected. */
export function expectedDiscordError(error: unknown): string | null {
  if (error === null || typeof error !== 'object' || !('code' in error)) return null;
  return EXPECTED[Number(error.code)] ?? null;
}
