/**
 * What a list is narrowed by, as SQL: once as a predicate that a row is tested with, once as the terms that are looked up in `tasks_history`.
 */
import type postgres from 'postgres';
import type { Actor } from '../../tasks/actor.js';
import type { TaskFilter, taskFilterSchema } from '../../tasks/model.js';
import type { Status, WaitingReason } from '../../tasks/states.js';
import type { Sql } from '../database.js';
import { priorityNumber } from './row.js';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** A filter that has been through `taskFilterSchema`. */
export type ParsedFilter = ReturnType<typeof taskFilterSchema.parse>;

/** What is searched for: a parsed filter, and what only autocomplete narrows by. */
export interface Criteria {
  filter: Omit<ParsedFilter, 'status' | 'waitingFor'>;
  /** Any of these; empty: all. */
  statuses: readonly Status[];
  waitingFor: readonly WaitingReason[];
  /** Lower-case words (or beginnings of them) of title or description. Null: not asked; empty: asked, but it holds no word, only signs. */
  words: readonly string[] | null;
  /** Text that the title contains, in any case. */
  titlePart: string | null;
}

/** The criteria of a list. `words` come from `wordsOf`. */
export function criteriaOf(filter: ParsedFilter, words: readonly string[] | null): Criteria {
  const { status, waitingFor, ...rest } = filter;
  return {
    filter: rest,
    statuses: status ? [status] : [],
    waitingFor: waitingFor ? [waitingFor] : [],
    words,
    titlePart: null,
  };
}

/** Whether a test of a row needs more than the columns that `tasks_scope` includes. */
export function needsRow({ words, titlePart, filter }: Criteria): boolean {
  return words !== null || titlePart !== null || hasMetadata(filter) || Boolean(filter.batchId);
}

/** Whether nothing is asked for at all. */
export function isUnfiltered(criteria: Criteria): boolean {
  const { filter, statuses, waitingFor } = criteria;
  const columns = [filter.agentId, filter.priority, filter.type, filter.requesterId, filter.channelId];
  return columns.every((value) => !value) && statuses.length + waitingFor.length === 0 && !needsRow(criteria);
}

function hasMetadata(filter: Pick<TaskFilter, 'metadata'>): boolean {
  return Object.keys(filter.metadata ?? {}).length > 0;
}

/** The words of a search as Postgres' text search sees them, in the order of the text. Whatever is typed, it is data: no syntax, no error. */
export async function wordsOf(sql: Sql, search: string): Promise<string[]> {
  const rows = await sql<{ lexeme: string }[]>`
    select lexeme from unnest(to_tsvector('simple'::regconfig, ${search}::text)) order by positions[array_upper(positions, 1)], lexeme`;
  return rows.map((row) => row.lexeme);
}

/** Text for LIKE, in which nothing is a wildcard. */
function likePart(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Whether the title contains what is asked for (alias `t`). */
export function containsTitle(sql: Sql, { titlePart }: Criteria): Fragment {
  return titlePart === null ? sql`true` : sql`t.title ilike ${likePart(titlePart)}`;
}

/**
 * Tests a row (alias `t`). Cheap tests stand first; the text is parsed only in rows that contain every word somewhere.
 * @param symbols what a search without any word contains, else null.
 */
export function matches(sql: Sql, criteria: Criteria, symbols: string | null): Fragment {
  const { filter, statuses, waitingFor } = criteria;
  const parts: (Fragment | false | null | undefined | '')[] = [
    statuses.length > 0 && sql`t.status = any(${statuses as string[]}::text[])`,
    waitingFor.length > 0 && sql`t.waiting_for = any(${waitingFor as string[]}::text[])`,
    filter.agentId && sql`t.agent_id = ${filter.agentId}`,
    filter.priority && sql`t.priority = ${priorityNumber(filter.priority)}::smallint`,
    filter.type && sql`t.type = ${filter.type}`,
    filter.requesterId && sql`t.requester_id = ${filter.requesterId}`,
    filter.channelId && sql`t.channel_id = ${filter.channelId}`,
    filter.batchId && sql`t.batch_id = ${filter.batchId}`,
    hasMetadata(filter) && sql`t.metadata @> ${sql.json(filter.metadata as postgres.JSONValue)}::jsonb`,
    symbols !== null && sql`position(lower(${symbols}) in ${body(sql)}) > 0`,
    says(sql, criteria),
  ];
  return all(sql, parts);
}

function body(sql: Sql): Fragment {
  return sql`lower(t.title || ' ' || t.description)`;
}

function all(sql: Sql, parts: readonly (Fragment | false | null | undefined | '')[]): Fragment {
  return parts.filter((part): part is Fragment => Boolean(part)).reduce((whole, part) => sql`${whole} and ${part}`, sql`true`);
}

/** Tests the text of a row (alias `t`): the part of the title, or all words. */
export function says(sql: Sql, criteria: Criteria): Fragment {
  const { words, titlePart } = criteria;
  // Beyond a part of the title nothing more is asked of the words, which then only serve the index.
  if (titlePart !== null) return containsTitle(sql, criteria);
  if (words === null || words.length === 0) return sql`true`;
  return all(sql, [
    ...words.map((word) => sql`position(${word} in ${body(sql)}) > 0`),
    sql`to_tsvector('simple'::regconfig, t.title || ' ' || t.description) @@ ${wordQuery(words)}::tsquery`,
  ]);
}

function quoted(lexeme: string): string {
  return `'${lexeme.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`;
}

/** Every word as it is; what may still be being typed (the last word, and a compound that ends with it) also as a beginning. */
export function wordQuery(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.map((word) => (word.endsWith(last) ? `${quoted(word)}:*` : quoted(word))).join(' & ');
}

/** The expression of the index `tasks_history`, letter for letter. */
export function terms(sql: Sql): Fragment {
  return sql`(to_tsvector('simple'::regconfig, title || ' ' || description) || array_to_tsvector(ARRAY[
    'g' || coalesce(guild_id, ''), 's' || coalesce(guild_id, '') || status, 'a' || coalesce(guild_id, '') || agent_id,
    'p' || coalesce(guild_id, '') || priority, 't' || coalesce(guild_id, '') || coalesce(type, ''), 'r' || coalesce(guild_id, '') || requester_id,
    'c' || channel_id, 'v' || scope_id, 'd' || substr(id::text, 1, 5), 'd' || substr(id::text, 1, 6), 'd' || substr(id::text, 1, 7)
  ]))`;
}

/** More scopes than this are not looked up as terms but tested row by row. */
const SCOPE_TERMS = 64;

/** Whether so much is asked beside the text that the other terms may name few tasks. */
export function isNarrow({ filter }: Criteria): boolean {
  return [filter.agentId, filter.priority, filter.type, filter.requesterId, filter.channelId].some(Boolean);
}

/** The query of `terms` for one guild. Terms of tasks carry the guild's id, so that other guilds' entries are not even read. */
export function termQuery(criteria: Criteria, actor: Pick<Actor, 'guildId' | 'scopes'>): string {
  const { filter, statuses, words } = criteria;
  const guild = actor.guildId ?? '';
  const any = (lexemes: string[]) => `(${lexemes.map(quoted).join(' | ')})`;
  const asked: (string | false | null | undefined | '')[] = [
    statuses.length > 0 && any(statuses.map((status) => `s${guild}${status}`)),
    filter.agentId && quoted(`a${guild}${filter.agentId}`),
    filter.priority && quoted(`p${guild}${priorityNumber(filter.priority)}`),
    filter.type && quoted(`t${guild}${filter.type}`),
    filter.requesterId && quoted(`r${guild}${filter.requesterId}`),
    filter.channelId && quoted(`c${filter.channelId}`),
    actor.scopes.length <= SCOPE_TERMS && any(actor.scopes.map((scope) => `v${scope}`)),
  ];
  const found = asked.filter((part): part is string => Boolean(part));
  if (found.length === 0) found.push(quoted(`g${guild}`));
  if (words !== null && words.length > 0) found.push(wordQuery(words));
  return found.join(' & ');
}
