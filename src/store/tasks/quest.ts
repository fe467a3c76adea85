/** What is looked for in a list, and in which direction; shared by the ways of finding it. */
import type postgres from 'postgres';
import type { Actor } from '../../tasks/actor.js';
import type { Sql } from '../database.js';
import type { Criteria } from './match.js';

/** Where a page begins: after this id, towards older or newer tasks. */
export interface Position {
  id: string;
  direction: 'older' | 'newer';
}

export interface Quest {
  criteria: Criteria;
  actor: Pick<Actor, 'guildId' | 'userId' | 'scopes'>;
  position: Position;
  /** How many ids are wanted. */
  want: number;
  /** What a search that holds no word contains, else null. */
  symbols: string | null;
  /** Only the actor's own tasks, except in these scopes. Null: everybody's. */
  ownExcept: readonly string[] | null;
}

/** The first of them. Ids sort as text in the order in which they were created. */
export function merge(ids: readonly string[], { position, want }: Pick<Quest, 'position' | 'want'>): string[] {
  const sorted = [...ids].sort();
  if (position.direction === 'older') sorted.reverse();
  return sorted.slice(0, want);
}

export function beyond(sql: Sql, { id, direction }: Position): postgres.PendingQuery<postgres.Row[]> {
  return direction === 'older' ? sql`t.id < ${id}` : sql`t.id > ${id}`;
}

export function inOrder(sql: Sql, { direction }: Position): postgres.PendingQuery<postgres.Row[]> {
  return direction === 'older' ? sql`desc` : sql`asc`;
}
