/**
 * Claims an interaction before it is answered: two gateway processes of one token both receive it, and Discord may deliver it again after a
 * resume. In Redis while that answers, else in Postgres. When neither does in time the interaction goes on unclaimed: each change that a command
 * makes is safe against a second call (`tasks.interaction_id` is unique, moves are conditional, a draft is taken once).
 */
import type { Logger } from 'pino';
import type { Sql } from '../../store/database.js';
import { CLAIM_SECONDS, claimInteraction } from '../../store/interactions/claims.js';

/** What is needed of ioredis. `undefined`: Redis cannot be used after all. */
export interface ClaimRedis {
  set(key: string, value: string, ex: 'EX', seconds: number, nx: 'NX'): Promise<string | null | undefined>;
}

export interface ClaimOptions {
  sql: Sql;
  /** The connection when Redis is usable now, else null (asked each time). */
  redis: () => ClaimRedis | null;
  /** First part of every key. */
  prefix: string;
  log: Logger;
  /** Milliseconds that either store may take. Default 400: both together leave time for the answer. */
  withinMs?: number;
}

/** True for the first that asks for this interaction. Never rejects. */
export function createClaims(options: ClaimOptions): (interactionId: string) => Promise<boolean> {
  const { sql, redis, prefix, log, withinMs = 400 } = options;
  return async (interactionId) => {
    const connection = redis();
    if (connection) {
      const key = `${prefix}:interaction:${interactionId}`;
      const claimed = await inTime(withinMs, connection.set(key, '1', 'EX', CLAIM_SECONDS, 'NX')).catch(trouble(log, 'redis'));
      if (claimed !== undefined) return claimed === 'OK';
    }
    const claimed = await inTime(withinMs, claimInteraction(sql, interactionId)).catch(trouble(log, 'postgres'));
    return claimed ?? true;
  };
}

function trouble(log: Logger, store: string) {
  return (error: unknown): undefined => {
    log.debug({ err: error, store }, 'an interaction could not be claimed');
  };
}

function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
