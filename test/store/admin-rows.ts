/** Rows of tasks for tests of lists and of administration, put straight into the table. */
import { randomBytes } from 'node:crypto';
import type postgres from 'postgres';
import { v7 } from 'uuid';
import { openDatabase } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import type { Actor } from '../../src/tasks/actor.js';
import { databaseUrl, uniqueName } from '../support/stores.js';

export const GUILD = '100000000000000001';
export const OTHER_GUILD = '100000000000000002';
export const CHANNEL = '200000000000000001';
export const CHANNEL_B = '200000000000000002';
export const OTHER_CHANNEL = '200000000000000009';
export const ANNA = '300000000000000001';
export const BEN = '300000000000000002';

/** A schema of its own with all tables. */
export async function freshDatabase(): Promise<{ sql: postgres.Sql; dispose(): Promise<void> }> {
  const schema = uniqueName('t');
  const sql = openDatabase({ url: databaseUrl(), schema, max: 4, onNotice: () => undefined });
  await migrate(sql, schema);
  return {
    sql,
    dispose: async () => {
      await sql`drop schema ${sql(schema)} cascade`;
      await sql.end();
    },
  };
}

export interface Given {
  id?: string;
  guildId?: string | null;
  channelId?: string;
  scopeId?: string;
  requesterId?: string;
  agentId?: string;
  type?: string | null;
  title?: string;
  description?: string;
  metadata?: Record<string, postgres.JSONValue>;
  priority?: number;
  status?: 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled';
  waitingFor?: string | null;
  /** Seconds ago that it ended. */
  endedAgo?: number;
  /** Seconds that its run took. */
  ranFor?: number;
  score?: number | null;
  batchId?: string | null;
  /** Whether its card is up to date and its end told; else it is spared by removals. */
  announced?: boolean;
  attempt?: number;
  workerId?: string;
  hardTimeoutSeconds?: number;
  /** Seconds from now. */
  expiresIn?: number | null;
  ttlSeconds?: number;
}

let clock = Date.now() - 3_600_000;

/** Ids in the order of the calls, a millisecond apart. */
export function nextId(): string {
  clock += 1;
  return v7({ msecs: clock, random: randomBytes(16) });
}

/** Stores a task with its card; answers its id. */
export async function give(sql: postgres.Sql, given: Given = {}): Promise<string> {
  const id = given.id ?? nextId();
  const status = given.status ?? 'completed';
  const ended = status === 'completed' || status === 'failed' || status === 'cancelled';
  const guildId = given.guildId === undefined ? GUILD : given.guildId;
  const channelId = given.channelId ?? CHANNEL;
  const requesterId = given.requesterId ?? ANNA;
  const cardId = given.batchId ?? id;
  const endedAgo = given.endedAgo ?? 60;
  await sql`
    insert into tasks (id, guild_id, channel_id, scope_id, requester_id, batch_id, card_id, agent_id, type, title, description, metadata, priority, status,
      waiting_for, attempt, max_retries, ttl_seconds, soft_timeout_seconds, hard_timeout_seconds, worker_id, expires_at, started_at, finished_at, score)
    values (${id}, ${guildId}, ${channelId}, ${given.scopeId ?? channelId}, ${requesterId}, ${given.batchId ?? null}, ${cardId}, ${given.agentId ?? 'sample'},
      ${given.type ?? null}, ${given.title ?? 'A task'}, ${given.description ?? ''}, ${sql.json(given.metadata ?? {})}, ${given.priority ?? 2}, ${status},
      ${given.waitingFor ?? null}, ${given.attempt ?? 1}, 3, ${given.ttlSeconds ?? 3600}, 1, ${given.hardTimeoutSeconds ?? 1800},
      ${status === 'in_progress' ? (given.workerId ?? v7()) : null}, now() + ${given.expiresIn ?? null}::float8 * interval '1 second',
      now() - ${endedAgo + (given.ranFor ?? 10)}::float8 * interval '1 second', ${ended ? sql`now() - ${endedAgo}::float8 * interval '1 second'` : null},
      ${given.score ?? null})`;
  if (!given.batchId) {
    const revision = given.announced === false ? 2 : 1;
    await sql`insert into cards (id, kind, guild_id, channel_id, requester_id, revision, shown_revision, final)
      values (${cardId}, 'task', ${guildId}, ${channelId}, ${requesterId}, ${revision}, 1, ${ended})`;
  }
  return id;
}

/** Somebody; by default an ordinary member of GUILD who sees both its channels. */
export function someone(given: Partial<Omit<Actor, 'moderates'>> & { moderates?: readonly string[] } = {}): Actor {
  const { moderates = [], ...rest } = given;
  return {
    userId: ANNA,
    guildId: GUILD,
    scopes: [CHANNEL, CHANNEL_B],
    isAdmin: false,
    isOwner: false,
    ...rest,
    moderates: (scope) => moderates.includes(scope),
  };
}

export const admin = someone({ userId: BEN, isAdmin: true });
export const otherAdmin = someone({ userId: BEN, isAdmin: true, guildId: OTHER_GUILD, scopes: [OTHER_CHANNEL] });
export const owner = someone({ userId: BEN, isOwner: true });
