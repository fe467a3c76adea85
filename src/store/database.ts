/**
 * The connection to Postgres: a bounded pool whose every statement has a time limit, in one schema.
 */
import postgres from 'postgres';
import type { DatabaseTls } from '../config.js';
import { UnavailableError } from '../tasks/errors.js';
import { socketFactory } from './socket.js';

/** The pool, or a transaction of it: what every statement function takes first. */
export type Sql = postgres.Sql | postgres.TransactionSql;

export interface DatabaseOptions {
  url: string;
  /** For the `ssl` option; undefined: leave it to the address. */
  tls?: DatabaseTls;
  /** Schema of all tables; made by `migrate`. */
  schema: string;
  /** Connections at most. */
  max?: number;
  /** Milliseconds a statement may take before Postgres ends it. */
  statementTimeoutMs?: number;
  /** Called with each notice or lost connection, for the log. */
  onNotice?: (message: string) => void;
}

/** Opens the pool (lazily: nothing is connected yet). The caller ends it with `sql.end()`. */
export function openDatabase(options: DatabaseOptions): postgres.Sql {
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
  const settings: postgres.Options<Record<string, never>> & { socket: unknown } = {
    // Not in the client's types, but in its documentation ("Custom socket").
    socket: socketFactory(statementTimeoutMs + 5000),
    max: options.max ?? 10,
    ...(options.tls === undefined ? {} : { ssl: options.tls }),
    connect_timeout: 5,
    idle_timeout: 60,
    max_lifetime: 30 * 60,
    backoff: (retries: number) => Math.min(0.1 * 2 ** retries, 2),
    keep_alive: 10,
    onnotice: (notice) => options.onNotice?.(String(notice.message)),
    connection: {
      application_name: 'guildhall',
      search_path: options.schema,
      statement_timeout: statementTimeoutMs,
      lock_timeout: 5_000,
      idle_in_transaction_session_timeout: 30_000,
    },
  };
  return postgres(options.url, settings);
}

/** SQLSTATE classes and client codes that mean "the server is not there or is going away", not "the statement is wrong". */
const CONNECTION_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'CONNECTION_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08000',
  '08003',
  '08006',
]);

/** SQLSTATEs after which the same statement may simply be sent again: it had no effect. */
const RETRYABLE_CODES = new Set(['40001', '40P01', '55P03']);

/**
 * Classes and codes that tell of the server's state and not of the statement: resources, an operator or a time limit, its disk, a standby that does not write.
 */
const PASSING = /^(?:53|57|58)|^25006$/;

function codeOf(error: unknown): string {
  return error !== null && typeof error === 'object' && 'code' in error ? String(error.code) : '';
}

/** Whether Postgres could not be reached (or the connection was lost, in which case the outcome of a write is unknown). */
export function isConnectionError(error: unknown): boolean {
  return error instanceof UnavailableError || CONNECTION_CODES.has(codeOf(error));
}

/** Whether the statement was rolled back only because of its neighbours (serialisation, deadlock, lock time-out). */
export function isRetryableError(error: unknown): boolean {
  return RETRYABLE_CODES.has(codeOf(error));
}

/** Whether the same statement may do later: it was not reached, or failed for a reason that is not in itself. */
export function isPassing(error: unknown): boolean {
  return isConnectionError(error) || isRetryableError(error) || PASSING.test(codeOf(error));
}

/** Whether the pool was ended by its owner: nothing can be asked any more. */
export function isPoolEnded(error: unknown): boolean {
  return codeOf(error) === 'CONNECTION_ENDED';
}

/** Runs the work and turns a lost database into the error that a person can read. Reads and idempotent writes only. */
export async function available<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (isRetryableError(error) && tries < 4) continue;
      if (isPassing(error)) throw new UnavailableError(undefined, error);
      throw error;
    }
  }
}
