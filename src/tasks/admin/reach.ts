/** What an admin's action extends to, and who may do it. */
import type { Actor } from '../actor.js';
import { ForbiddenError } from '../errors.js';
import type { Reach } from '../service.js';

/** The guild that an action is for, or null for everything. */
export type Target = string | null;

/**
 * Decides it. In a server its admins and the application's owner act on that server; `everywhere`, and anything in a direct message, is for the owner.
 * Throws ForbiddenError otherwise.
 */
export function targetOf(actor: Actor, reach: Reach = {}): Target {
  if (reach.everywhere && !actor.isOwner)
    throw new ForbiddenError(
      "Only the owner of this application can do that everywhere. Leave out 'everywhere' to do it in this server.",
    );
  if (reach.everywhere) return null;
  if (actor.guildId === null) {
    if (!actor.isOwner) throw new ForbiddenError('This works in a server, for people who may manage it. Please use it there.');
    return null;
  }
  if (!actor.isAdmin && !actor.isOwner)
    throw new ForbiddenError('You need the permission Manage Server to do that. Ask somebody who has it.');
  return actor.guildId;
}

/** The guild itself, for what exists per guild only. */
export function guildOf(actor: Actor): string {
  const target = targetOf(actor);
  if (target === null) throw new ForbiddenError('This belongs to a server. Please use it there.');
  return target;
}
