/**
 * Finished tasks from the inverted index `tasks_history`. It names the matches at once, but in no order, and each has to be fetched from the table. So when
 * there are many, time is part of the question: the index also knows when a task was created, and the search goes back (or forward) in growing windows.
 */
import type postgres from 'postgres';
import type { Sql } from '../database.js';
import { containsTitle, isNarrow, says, termQuery, terms, wordQuery } from './match.js';
import { beyond, inOrder, merge, type Position, type Quest } from './quest.js';

/** Matches that are fetched and sorted without asking for the time. */
const FEW = 1_000;

/**
 * Windows that are asked together, one group after the other, before the whole of the past is: about an hour, then some four. A list that is found there
 * costs a fraction of the whole. Larger ones would cost more than the whole: the index reads all tasks of a window, but of the whole only those with the
 * rarest term.
 */
const NEAR = [2, 4];
/** A text that the planner expects in more tasks than this is not looked up before what else is asked. */
const COMMON_TEXT = 20_000;

/** Ids of the first `want` finished matches beyond the position. */
export async function fromHistory(sql: Sql, quest: Quest): Promise<string[]> {
  if (quest.criteria.waitingFor.length > 0) return [];
  const few = await withoutWords(sql, quest);
  if (few !== null) return few;
  const windows = windowsFrom(quest.position, await ends(sql));
  if (windows === null) return lookUp(sql, quest, null, null);
  const found: string[] = [];
  // Not with words: the index makes the list of all tasks with a beginning anew for each window.
  const near = quest.criteria.words?.length ? [] : NEAR;
  for (const [at, until] of near.entries()) {
    const group = windows.slice(near[at - 1] ?? 0, until).flat();
    if (group.length > 0) found.push(...(await lookUp(sql, quest, group, null)));
    if (found.length >= quest.want) return merge(found, quest);
  }
  const some = await lookUp(sql, quest, null, FEW + 1);
  if (some.length <= FEW) return merge(some, quest);
  for (const window of windows.slice(near.at(-1) ?? 0)) {
    found.push(...(await lookUp(sql, quest, window, null)));
    if (found.length >= quest.want) break;
  }
  return merge(found, quest);
}

/**
 * A word that is being typed is a beginning, and the index makes a list of all tasks with any word that begins so, for a common one a million. So when
 * something else is asked too, that alone is looked up first, and if it names few tasks, their text is tested. Null: it names many.
 */
async function withoutWords(sql: Sql, quest: Quest): Promise<string[] | null> {
  const { actor, criteria, position } = quest;
  if (!criteria.words?.length || !isNarrow(criteria)) return null;
  const columns = termQuery({ ...criteria, words: null }, actor);
  const [text, others] = await expected(sql, [wordQuery(criteria.words), columns]);
  if (text === undefined || others === undefined || text < COMMON_TEXT || others > 2 * FEW) return null;
  const rows = await sql<{ id: string; hit: boolean }[]>`
    select t.id, (t.guild_id = ${actor.guildId} and t.scope_id in (select unnest(${actor.scopes as string[]}::text[])) and ${beyond(sql, position)}
      and ${says(sql, criteria)}) as hit
    from (${indexed(sql, quest, columns)}) t limit ${FEW + 1}`;
  if (rows.length > FEW) return null;
  return merge(
    rows.filter(({ hit }) => hit).map(({ id }) => id),
    quest,
  );
}

/** How many finished tasks each query names, as the planner expects from its statistics. */
async function expected(sql: Sql, queries: readonly string[]): Promise<number[]> {
  const plans = await Promise.all(
    queries.map(
      (query) => sql<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }[]>`
        explain (format json) select from tasks where finished_at is not null and ${terms(sql)} @@ ${query}::tsquery`,
    ),
  );
  return plans.map((rows) => rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
}

/** Finished tasks that the index names. `offset 0` keeps the planner from using anything else for the conditions around it. */
function indexed(sql: Sql, { criteria }: Quest, query: string): postgres.PendingQuery<postgres.Row[]> {
  const metadata = criteria.filter.metadata ?? {};
  const contained = sql`metadata @> ${sql.json(metadata as postgres.JSONValue)}::jsonb`;
  return sql`
    select id, guild_id, scope_id, title, description from tasks
    where finished_at is not null and ${terms(sql)} @@ ${query}::tsquery and ${Object.keys(metadata).length > 0 ? contained : sql`true`}
    offset 0`;
}

/**
 * Asks the index, which answers all but a part of the title exactly, so that the rows are not tested again.
 * @param window terms of time, any of which must hold; null: any time.
 * @param some how many may be answered in any order; null: the first `want` of all.
 */
async function lookUp(sql: Sql, quest: Quest, window: readonly string[] | null, some: number | null): Promise<string[]> {
  const { actor, criteria, position, want } = quest;
  const query = window === null ? termQuery(criteria, actor) : `${termQuery(criteria, actor)} & (${window.join(' | ')})`;
  const rows = await sql<{ id: string }[]>`
    select t.id from (${indexed(sql, quest, query)}) t
    where t.guild_id = ${actor.guildId} and t.scope_id in (select unnest(${actor.scopes as string[]}::text[])) and ${beyond(sql, position)}
      and ${containsTitle(sql, criteria)}
    ${some === null ? sql`order by t.id ${inOrder(sql, position)} limit ${want}` : sql`limit ${some}`}`;
  return rows.map((row) => row.id);
}

interface Ends {
  oldest: string;
  newest: string;
}

/** The first and the last id there is. */
async function ends(sql: Sql): Promise<Ends> {
  const rows = await sql<Ends[]>`
    select (select id from tasks order by id limit 1) as oldest, (select id from tasks order by id desc limit 1) as newest`;
  return rows[0] as Ends;
}

/** Digits of an id that make a bucket of 17.5 minutes, of 4.7 hours, of 3.1 days. Each holds 16 of the one before. */
const LEVELS = [7, 6, 5] as const;

/** Buckets of 3.1 days that are looked through: 50 years. More means that the ids do not tell the time. */
const MOST_BUCKETS = 6_000;

const bucketOf = (id: string, digits: number): number => Number.parseInt(id.slice(0, digits), 16);
const term = (bucket: number, digits: number): string => `'d${bucket.toString(16).padStart(digits, '0')}'`;

/**
 * Windows from the position to the oldest (or newest) id, nearest first, each as its terms of time. They grow with the distance: 1, 2, 4, 8 buckets of a
 * level, and at the end of a bucket of the next level that level's.
 * @returns null when the ids span so much time that they cannot be UUIDv7.
 */
export function windowsFrom(position: Position, { oldest, newest }: Ends): string[][] | null {
  if (bucketOf(newest, 5) - bucketOf(oldest, 5) > MOST_BUCKETS) return null;
  const older = position.direction === 'older';
  const step = older ? -1 : 1;
  const nearest = older ? (position.id < newest ? position.id : newest) : position.id > oldest ? position.id : oldest;
  const farthest = older ? oldest : newest;
  const windows: string[][] = [];
  let bucket = bucketOf(nearest, LEVELS[0]);
  for (const digits of LEVELS) {
    const last = bucketOf(farthest, digits);
    const inside = digits === LEVELS.at(-1) ? Number.POSITIVE_INFINITY : older ? (bucket & 15) + 1 : 16 - (bucket & 15);
    const count = Math.min(inside, (last - bucket) * step + 1);
    for (let done = 0, size = 1; done < count; done += size, size = Math.min(size * 2, 16)) {
      const terms = Array.from({ length: Math.min(size, count - done) }, (_, n) => term(bucket + step * (done + n), digits));
      windows.push(terms);
    }
    bucket = (bucket >> 4) + step;
  }
  return windows;
}
