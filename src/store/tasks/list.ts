/** Lists and autocomplete: pages of the tasks that an actor can see. How the ids are found: find.ts. */
import type { Actor } from '../../tasks/actor.js';
import { InvalidError } from '../../tasks/errors.js';
import type { Task } from '../../tasks/model.js';
import type { Suggestion, TaskPage } from '../../tasks/service.js';
import type { Status, WaitingReason } from '../../tasks/states.js';
import type { Sql } from '../database.js';
import { findIds } from './find.js';

import { type Criteria, criteriaOf, matches, type ParsedFilter, wordsOf } from './match.js';
import type { Position } from './quest.js';
import { type TaskRow, toTask } from './row.js';

/** Tasks of a page: when nothing is said, and at most. */
export const PAGE_SIZE = { default: 25, max: 100 } as const;

/** Choices that Discord shows in an autocomplete. */
const SUGGESTIONS = 25;

/** Greater than every id. */
const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** A cursor says only where to go on; what is visible is computed anew each time, so a forged one shows nothing that another would not. */
export function encodeCursor({ id, direction }: Position): string {
  return Buffer.from(`${direction === 'older' ? 'o' : 'n'}${id.replaceAll('-', '')}`).toString('base64url');
}

/** Reads a cursor. Throws InvalidError for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position {
  const text = cursor.length <= 64 ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const parts = /^([on])([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(text);
  if (parts === null || Buffer.from(text, 'latin1').toString('base64url') !== cursor)
    throw new InvalidError('This page marker is not valid. Please open the list again.', [
      { field: 'cursor', problem: 'is not a cursor of this list' },
    ]);
  return { id: parts.slice(2).join('-'), direction: parts[1] === 'o' ? 'older' : 'newer' };
}

/** The id just below, so that a page "newer than" it begins with the id itself. */
function justBelow(id: string): string {
  const value = BigInt(`0x${id.replaceAll('-', '')}`);
  const hex = (value === 0n ? 0n : value - 1n).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Reads tasks by id, newest first, whoever may see them. */
export async function readTasks(sql: Sql, ids: readonly string[]): Promise<Task[]> {
  if (ids.length === 0) return [];
  const rows = await sql<TaskRow[]>`select * from tasks where id = any(${ids as string[]}::uuid[]) order by id desc`;
  return rows.map(toTask);
}

/** The same. The guild is tested once more, so that nothing of another one is ever answered. */
async function rowsOf(sql: Sql, ids: readonly string[], actor: Pick<Actor, 'guildId'>): Promise<Task[]> {
  const tasks = await readTasks(sql, ids);
  return tasks.filter((task) => task.guildId === actor.guildId);
}

function checkedSize(size: number | undefined): number {
  if (size === undefined) return PAGE_SIZE.default;
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE.max)
    throw new InvalidError(`A page holds 1 to ${PAGE_SIZE.max} tasks.`, [
      { field: 'size', problem: `must be 1 to ${PAGE_SIZE.max}` },
    ]);
  return size;
}

/** What is asked of a list. `filter` has been through `taskFilterSchema`. */
export interface ListQuery {
  filter: ParsedFilter;
  actor: Pick<Actor, 'guildId' | 'userId' | 'scopes'>;
  cursor?: string | null;
  /** 1–100, 25 when absent. */
  size?: number;
}

/**
 * One page, newest first. In a guild: tasks of the actor's scopes; in a direct message: the actor's own.
 * Tasks that are created while somebody turns pages shift nothing: a page begins after a task, not at a number.
 * Throws InvalidError for a cursor that is not one, and for a size out of bounds.
 */
export async function listTasks(sql: Sql, { filter, actor, cursor, size }: ListQuery): Promise<TaskPage> {
  const words = filter.search ? await wordsOf(sql, filter.search) : null;
  const symbols = filter.search && words?.length === 0 ? filter.search : null;
  const criteria = criteriaOf(filter, words);
  return turnPage(
    { cursor, size },
    (position, want) => findIds(sql, { criteria, actor, position, want, symbols, ownExcept: null }),
    (ids) => rowsOf(sql, ids, actor),
  );
}

/**
 * Builds a page. `find` answers up to `want` ids beyond a position, nearest first; `read` their tasks, newest first.
 */
export async function turnPage(
  { cursor, size }: { cursor?: string | null; size?: number },
  find: (position: Position, want: number) => Promise<string[]>,
  read: (ids: readonly string[]) => Promise<Task[]>,
): Promise<TaskPage> {
  const limit = checkedSize(size);
  const position: Position = cursor ? decodeCursor(cursor) : { id: NEWEST, direction: 'older' };
  const newer = position.direction === 'newer';
  const ids = await find(position, limit + 1);
  // Fewer newer ones than a page holds: the first page, in full.
  if (newer && ids.length < limit) return turnPage({ size: limit }, find, read);
  const page = ids.slice(0, limit);
  if (newer) page.reverse();
  const more = ids.length > limit;
  const last = page.at(-1);
  return {
    tasks: await read(page),
    previous: (newer ? more : Boolean(cursor))
      ? encodeCursor({ id: page[0] ?? justBelow(position.id), direction: 'newer' })
      : null,
    next: (newer || more) && last !== undefined ? encodeCursor({ id: last, direction: 'older' }) : null,
  };
}

const SUGGESTED: Record<Suggestion, { statuses: readonly Status[]; waitingFor: readonly WaitingReason[] }> = {
  show: { statuses: [], waitingFor: [] },
  cancel: { statuses: ['pending', 'in_progress'], waitingFor: [] },
  retry: { statuses: ['failed', 'cancelled'], waitingFor: [] },
  start: { statuses: ['pending'], waitingFor: ['hold', 'delay'] },
};

/** What is asked of an autocomplete. */
export interface SuggestQuery {
  what: Suggestion;
  /** What has been typed so far, at most 200 characters of it count. */
  text: string;
  actor: Pick<Actor, 'guildId' | 'userId' | 'scopes' | 'moderates'>;
}

/**
 * Up to 25 tasks, newest first, that the actor may do this with and whose title contains the text, or whose id begins with it (8 characters or more).
 * Titles of old tasks are found by the beginnings of their words.
 */
export async function suggestTasks(sql: Sql, { what, text, actor }: SuggestQuery): Promise<Task[]> {
  const typed = [...text.replace(/[\0\p{Surrogate}]/gu, '').trim()].slice(0, 200).join('');
  const ownExcept = what === 'show' ? null : actor.scopes.filter((scope) => actor.moderates(scope));
  const words = typed === '' ? null : await wordsOf(sql, typed);
  const criteria: Criteria = { filter: {}, ...SUGGESTED[what], words, titlePart: typed === '' ? null : typed };
  const symbols = words?.length === 0 ? typed : null;
  const position: Position = { id: NEWEST, direction: 'older' };
  const [byId, byTitle] = await Promise.all([
    byIdPrefix(sql, typed, { ...criteria, words: null, titlePart: null }, actor, ownExcept),
    findIds(sql, { criteria, actor, position, want: SUGGESTIONS, symbols, ownExcept }),
  ]);
  const ids = [...new Set([...byId, ...byTitle])].slice(0, SUGGESTIONS);
  return rowsOf(sql, ids, actor);
}

/** Hexadecimal digits of an id that say enough: a UUIDv7 begins with the time, and 8 digits name one minute of it. */
const ID_PREFIX = /^[0-9a-f]{8}[0-9a-f-]{0,28}$/;

/** Tasks of one minute that are looked through for an id. */
const ID_PREFIX_ROWS = 2_000;

/** Ids that begin with what was typed. */
async function byIdPrefix(
  sql: Sql,
  typed: string,
  criteria: Criteria,
  actor: SuggestQuery['actor'],
  ownExcept: string[] | null,
): Promise<string[]> {
  const digits = typed.toLowerCase().replaceAll('-', '');
  if (!ID_PREFIX.test(typed.toLowerCase()) || digits.length > 32) return [];
  const rows = await sql<{ id: string }[]>`
    with named as materialized (
      select * from tasks where id between ${digits.padEnd(32, '0')}::uuid and ${digits.padEnd(32, 'f')}::uuid order by id desc limit ${ID_PREFIX_ROWS}
    )
    select t.id from named t
    where t.guild_id is not distinct from ${actor.guildId}
      and ${actor.guildId === null ? sql`t.requester_id = ${actor.userId}` : sql`t.scope_id = any(${actor.scopes as string[]}::text[])`}
      and ${ownExcept === null ? sql`true` : sql`(t.requester_id = ${actor.userId} or t.scope_id = any(${ownExcept}::text[]))`}
      and ${matches(sql, criteria, null)}
    order by t.id desc limit ${SUGGESTIONS}`;
  return rows.map((row) => row.id);
}
