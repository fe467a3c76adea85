/**
 * Who is asking, and what they can see and do at this moment. Built anew for each interaction or request, never stored.
 *
 * A task's **scope** is the id that decides who sees it: the channel itself, for a public thread its parent channel, for a private
 * thread the thread. So one list of visible scopes answers for lists, autocomplete, details and search alike.
 */
import type { Task } from './model.js';

/** A person, as computed from Discord's permissions now. */
export interface Actor {
  /** Discord user id. */
  readonly userId: string;
  /** Guild the request came from; null in a direct message. */
  readonly guildId: string | null;
  /** Scopes (channel ids) of the guild that this person can see now; in a direct message just that channel. */
  readonly scopes: readonly string[];
  /** Whether this person moderates (Manage Messages) a scope. */
  moderates(scopeId: string): boolean;
  /** Manage Server in this guild. */
  readonly isAdmin: boolean;
  /** Owner of the application or member of its team: may act everywhere. */
  readonly isOwner: boolean;
}

/** Whether the actor may know that the task exists. A guild's task needs a visible scope, a direct message's task its requester. */
export function canSee(actor: Actor, task: Pick<Task, 'guildId' | 'scopeId' | 'requesterId'>): boolean {
  if (task.guildId === null) return actor.guildId === null && task.requesterId === actor.userId;
  return actor.guildId === task.guildId && actor.scopes.includes(task.scopeId);
}

/** Whether the actor may cancel, retry or start it: the requester, or a moderator of its channel. Assumes `canSee`. */
export function canControl(actor: Actor, task: Pick<Task, 'guildId' | 'scopeId' | 'requesterId'>): boolean {
  if (task.requesterId === actor.userId) return true;
  return task.guildId !== null && actor.moderates(task.scopeId);
}
