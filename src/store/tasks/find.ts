/**
 * Finding the newest (or next newer) tasks that an actor can see and that match, in a guild of any size.
 *
 * Three ways, because each is slow where another is fast:
 * - `newestOfGuild` reads the guild's tasks in order and tests each row, for somebody who sees most of them.
 * - `newestOfScopes` does the same scope by scope, for somebody who sees few: one look at the index for each, which for hundreds of scopes is the costly part.
 * - `fromHistory` asks the inverted index: fast when matches are few, but it would fetch and sort half a million rows when they are many.
 * So one of the first two runs with a budget of rows, and when that is used up matches are known to be rare and the third answers the whole question.
 * Unfinished tasks are not in the inverted index (history.ts); the channels' limits keep them few, and they have an index of their own.
 *
 * Nothing is ever left out: both ways are exact, only their cost differs. (One exception: a search that holds no word at all, such as an emoji alone,
 * cannot use an index and looks at the newest tasks only.)
 */
import type { Sql } from '../database.js';
import { fromHistory } from './history.js';
import { isUnfiltered, matches, needsRow } from './match.js';
import { beyond, inOrder, merge, type Quest } from './quest.js';

/**
 * Rows that a walk tests in a round, and in all its rounds: read from the index alone a row takes about 0.4 µs, with its page about 5 µs (bench/list.ts).
 * Matches that are so rare that they do not fill a page within `total` are quickly found by `fromHistory`.
 */
const BUDGET = { indexOnly: { round: 3_000, total: 6_000 }, withRow: { round: 750, total: 1_500 } } as const;

/** Ids of the first `want` matches after the position, in its direction. */
export async function findIds(sql: Sql, quest: Quest): Promise<string[]> {
  const { actor, criteria, ownExcept } = quest;
  if (actor.guildId === null) return direct(sql, quest);
  if (ownExcept === null) return inScopes(sql, quest);
  // Everything in the scopes that are excepted, and the own ones everywhere: each is frequent or rare for itself.
  const own = { ...quest, criteria: { ...criteria, filter: { ...criteria.filter, requesterId: actor.userId } } };
  const parts = await Promise.all([inScopes(sql, own), inScopes(sql, { ...quest, actor: { ...actor, scopes: ownExcept } })]);
  return merge([...new Set(parts.flat())], quest);
}

async function inScopes(sql: Sql, quest: Quest): Promise<string[]> {
  const { actor, criteria } = quest;
  if (actor.scopes.length === 0) return [];
  if (criteria.filter.batchId) return ofBatch(sql, quest);
  if (criteria.statuses.length > 0 && criteria.statuses.every((status) => status === 'pending' || status === 'in_progress'))
    return unfinished(sql, quest);
  const walked = (await newestOfGuild(sql, quest)) ?? (await newestOfScopes(sql, quest));
  if (walked.complete || quest.symbols !== null) return walked.ids;
  const [open, ended] = await Promise.all([unfinished(sql, quest), fromHistory(sql, quest)]);
  return merge([...open, ...ended], quest);
}

/** A person's own tasks in direct messages. */
async function direct(sql: Sql, { actor, criteria, position, want, symbols }: Quest): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select t.id from tasks t
    where t.guild_id is null and t.requester_id = ${actor.userId} and ${beyond(sql, position)} and ${matches(sql, criteria, symbols)}
    order by t.id ${inOrder(sql, position)} limit ${want}`;
  return rows.map((row) => row.id);
}

/** Of a batch: at most 100 tasks. */
async function ofBatch(sql: Sql, { actor, criteria, position, want, symbols }: Quest): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with members as materialized (select * from tasks where batch_id = ${criteria.filter.batchId ?? null})
    select t.id from members t
    where t.guild_id = ${actor.guildId} and t.scope_id = any(${actor.scopes as string[]}::text[])
      and ${beyond(sql, position)} and ${matches(sql, criteria, symbols)}
    order by t.id ${inOrder(sql, position)} limit ${want}`;
  return rows.map((row) => row.id);
}

/** Unfinished tasks, scope by scope, from their own index. */
async function unfinished(sql: Sql, { actor, criteria, position, want, symbols }: Quest): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select r.id from unnest(${actor.scopes as string[]}::text[]) as s (scope_id) cross join lateral (
      select t.id from tasks t
      where t.scope_id = s.scope_id and t.guild_id = ${actor.guildId} and t.status in ('pending', 'in_progress')
        and ${beyond(sql, position)} and ${matches(sql, criteria, symbols)}
      order by t.id ${inOrder(sql, position)} limit ${want}
    ) r order by r.id ${inOrder(sql, position)} limit ${want}`;
  return rows.map((row) => row.id);
}

/** Scopes up to here are looked up one by one at once. */
const FEW_SCOPES = 16;
/** Rows of the first round through a guild, which also tell what part of them the actor sees. */
const FIRST_ROUND = 250;

/** One round through a guild's tasks. */
interface Round {
  /** The last id read when there may be more, else null. */
  last: string | null;
  /** Rows that the actor sees. */
  visible: number;
  found: string[];
}

async function roundOfGuild(sql: Sql, quest: Quest, from: string, rows: number): Promise<Round> {
  const { actor, criteria, position, want, symbols } = quest;
  const order = inOrder(sql, position);
  const behind = position.direction === 'older' ? sql`t.id < ${from}` : sql`t.id > ${from}`;
  const answer = await sql<Round[]>`
    select (array_agg(x.id) filter (where x.n = ${rows}))[1] as last, (count(*) filter (where x.visible))::int as visible,
      coalesce((array_agg(x.id order by x.n) filter (where x.matched))[1:${want}], '{}') as found
    from (
      select v.id, v.n, v.visible, v.visible and (v.matched) as matched from (
        select t.id, row_number() over (order by t.id ${order}) as n,
          -- A subquery is hashed; any() of a parameter would compare each row with hundreds of scopes.
          t.scope_id in (select unnest(${actor.scopes as string[]}::text[])) as visible, (${matches(sql, criteria, symbols)}) as matched
        from tasks t where t.guild_id = ${actor.guildId} and ${behind} order by t.id ${order} limit (select ${rows}::int)
      ) v
    ) x`;
  return answer[0] as Round;
}

/** Null: the actor sees so little of the guild that its scopes are better read one by one. */
async function newestOfGuild(sql: Sql, quest: Quest): Promise<{ ids: string[]; complete: boolean } | null> {
  const { actor, criteria, position, want } = quest;
  if (actor.scopes.length <= FEW_SCOPES) return null;
  const { total } = needsRow(criteria) ? BUDGET.withRow : BUDGET.indexOnly;
  const ids: string[] = [];
  let from = position.id;
  for (let read = 0, rows = FIRST_ROUND; read < total; read += rows, rows = total - FIRST_ROUND) {
    const round = await roundOfGuild(sql, quest, from, rows);
    ids.push(...round.found);
    if (ids.length >= want || round.last === null) return { ids: ids.slice(0, want), complete: true };
    if (read === 0 && round.visible < rows / 2) return null;
    from = round.last;
  }
  return { ids, complete: false };
}

interface Step {
  scope: string;
  /** The last id read when there may be more in this scope, else null. */
  last: string | null;
  found: string[];
}

/**
 * Reads up to `rows` of each scope from its own position, in one statement. The limit is a subquery so that the planner does not know it: knowing that
 * it is about as long as an average channel, it would fetch and sort the whole of a busy one instead of walking the index.
 */
async function step(sql: Sql, quest: Quest, open: ReadonlyMap<string, string>, rows: number): Promise<Step[]> {
  const { criteria, position, want, symbols } = quest;
  const order = inOrder(sql, position);
  const behind = position.direction === 'older' ? sql`t.id < s.position` : sql`t.id > s.position`;
  return sql<Step[]>`
    select s.scope_id as scope, r.last, coalesce(r.found, '{}') as found
    from unnest(${[...open.keys()]}::text[], ${[...open.values()]}::uuid[]) as s (scope_id, position) cross join lateral (
      select (array_agg(x.id) filter (where x.n = ${rows}))[1] as last,
        (array_agg(x.id order by x.n) filter (where x.matched))[1:${want}] as found
      from (
        select t.id, row_number() over (order by t.id ${order}) as n, (${matches(sql, criteria, symbols)}) as matched
        from tasks t where t.scope_id = s.scope_id and ${behind} order by t.id ${order} limit (select ${rows}::int)
      ) x
    ) r`;
}

/**
 * Walks the scopes in rounds. After each round everything up to the horizon is known: the nearest point to which some scope has been read that
 * has more. Only scopes that can still change the answer are read on, so a busy channel gets the budget that quiet ones do not need.
 */
async function newestOfScopes(sql: Sql, quest: Quest): Promise<{ ids: string[]; complete: boolean }> {
  const { actor, criteria, position, want } = quest;
  const budget = needsRow(criteria) ? BUDGET.withRow : BUDGET.indexOnly;
  const older = position.direction === 'older';
  const before = (a: string, b: string) => (older ? a > b : a < b);
  let open = new Map(actor.scopes.map((scope) => [scope, position.id]));
  let found: string[] = [];
  for (let read = 0; open.size > 0; ) {
    const rows = isUnfiltered(criteria) ? want : Math.max(1, Math.ceil(budget.round / open.size));
    const steps = await step(sql, quest, open, rows);
    read += rows * open.size;
    found = merge([...found, ...steps.flatMap((each) => each.found)], quest);
    const worst = found.length === want ? found[want - 1] : undefined;
    const more = steps.filter(({ last }) => last !== null && (worst === undefined || before(last, worst)));
    open = new Map(more.map((each) => [each.scope, each.last as string]));
    if (read >= budget.total && open.size > 0) return { ids: found, complete: false };
  }
  return { ids: found, complete: true };
}
