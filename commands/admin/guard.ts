/** Who may use `/admin`: checked at every call and click, because Discord's own setting can be changed and does not cover buttons. */

import { OPTION } from '../../src/discord/router/options.js';
import type { Actor } from '../../src/tasks/actor.js';
import { ForbiddenError } from '../../src/tasks/errors.js';
import type { Reach } from '../../src/tasks/service.js';

/** The option by which the application's owner reaches beyond the guild. */
export const EVERYWHERE = {
  name: 'everywhere',
  type: OPTION.boolean,
  description: 'In all servers (only for the owner of the application)',
} as const;

/** Throws ForbiddenError unless the person manages the server, or owns the application. */
export function requireAdmin(actor: Actor, everywhere = false): Reach {
  if (everywhere) {
    if (actor.isOwner) return { everywhere: true };
    throw new ForbiddenError(
      'Only the owner of the application may do this everywhere. Leave out `everywhere` to do it in this server.',
    );
  }
  if (actor.guildId === null) throw new ForbiddenError('This works in a server only, not in direct messages.');
  if (actor.isAdmin || actor.isOwner) return {};
  throw new ForbiddenError('Only people with the permission **Manage Server** can use `/admin`. Ask one of them.');
}

/** "in this server" or "everywhere". */
export function where({ everywhere }: Reach): string {
  return everywhere ? 'everywhere' : 'in this server';
}
