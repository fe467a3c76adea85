/** The one clock that decides. */
import type { Sql } from '../database.js';

/** Milliseconds since 1970 by the database's clock. */
export async function databaseNow(sql: Sql): Promise<number> {
  const rows = await sql<{ ms: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
  return rows[0]?.ms ?? Number.NaN;
}
