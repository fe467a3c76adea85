/** What admins can do; see AdminService in service.ts. Who may is checked here, whatever the surroundings have checked before. */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import type { z } from 'zod';
import type { Registry } from '../agents/registry.js';
import type { Cleanup, Retention } from '../engine/cleanup.js';
import { countFailed, failedIds, purgeable, requeueable } from '../store/admin/failed.js';
import { auditAdmin, readLimits, writeLimits } from '../store/admin/limits.js';
import { pauseAgent, queueStates, resumeAgent } from '../store/admin/pauses.js';
import { removeTasks } from '../store/admin/remove.js';
import { periodStart, runPercentiles, statsRows } from '../store/admin/stats.js';
import { available } from '../store/database.js';
import { failStale } from '../store/tasks/keep.js';
import { readTasks, turnPage } from '../store/tasks/list.js';
import { type TaskRow, toTask } from '../store/tasks/row.js';
import { retryTasks } from '../store/tasks/steer.js';
import type { Actor } from './actor.js';
import { cleanupFilterSchema, limitsSchema, REQUEUE_LIMIT, requeueSchema, statsSchema } from './admin/checks.js';
import { guildOf, targetOf } from './admin/reach.js';
import { statisticsOf, unitOf } from './admin/statistics.js';
import type { AfterChange } from './changes.js';
import { InvalidError } from './errors.js';
import { agentIdSchema } from './model.js';
import type { AdminService, AgentState, DependencyHealth } from './service.js';

/** Looks at one dependency. It may reject or take its time; both count as not healthy. */
export interface HealthProbe {
  name: DependencyHealth['name'];
  check(): Promise<Omit<DependencyHealth, 'name'>>;
}

export interface AdminDeps {
  sql: postgres.Sql;
  cleanup: Cleanup;
  settings: Retention & { queueSize: number; channelLimit: number };
  afterChange: AfterChange;
  /** Hears which tasks have been removed. */
  onRemoved(ids: readonly string[]): void;
  /** Fills the windows of a queue again, after its agent was resumed. */
  refill(queueId: string): void;
  healthProbes: readonly HealthProbe[];
  /** The agents that are known. */
  agents: Pick<Registry, 'all' | 'queuesOf'>;
  log: Logger;
}

/** Milliseconds that a health probe may take. */
const PROBE_MS = 5_000;

/** Tasks that one statement requeues. */
const REQUEUE_CHUNK = 200;

/** Rows that one `failStale` changes at most, and how many of them are done at once. */
const STALE_ROUNDS = 20;

const person = (actor: Actor) => `person:${actor.userId}`;

function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => ({ field: issue.path.join('.'), problem: issue.message }));
  const first = fields[0];
  throw new InvalidError(
    `This cannot be done: ${first?.field ? `${first.field}: ` : ''}${first?.problem ?? 'it is not valid'}.`,
    fields,
  );
}

/** Builds the service. */
export function createAdminService(deps: AdminDeps): AdminService {
  return { ...cleaning(deps), ...watching(deps), ...steering(deps), ...failures(deps), ...limiting(deps) };
}

function cleaning({ cleanup }: AdminDeps): Pick<AdminService, 'cleanup' | 'cleanupPreview' | 'cleanupStatus'> {
  return {
    async cleanupPreview(filter, actor, reach) {
      const target = targetOf(actor, reach);
      return available(() => cleanup.preview(checked(cleanupFilterSchema, filter), target));
    },
    async cleanup(filter, actor, reach) {
      const target = targetOf(actor, reach);
      return available(() => cleanup.runNow(person(actor), checked(cleanupFilterSchema, filter), target));
    },
    async cleanupStatus(actor) {
      const target = targetOf(actor);
      return available(() => cleanup.status(target));
    },
  };
}

function watching({ sql, healthProbes, log, agents }: AdminDeps): Pick<AdminService, 'stats' | 'health' | 'agentStates'> {
  return {
    async stats(period, actor, reach = {}) {
      const target = targetOf(actor, reach);
      const {
        hours,
        channelId = null,
        requesterId = null,
        agentId = null,
        type = null,
      } = checked(statsSchema, { ...reach, ...period });
      const scope = { guildId: target, channelId, requesterId, agentId, type };
      const unit = unitOf(hours);
      return available(async () => {
        const { since, until } = await periodStart(sql, { hours, unit });
        const [rows, percentiles] = await Promise.all([statsRows(sql, scope, unit, since), runPercentiles(sql, scope, since)]);
        return statisticsOf(rows, { unit, since, until }, percentiles);
      });
    },
    health: () => Promise.all(healthProbes.map((probe) => probed(probe, log))),
    async agentStates({ guildId }) {
      const queues = agents.all().map(({ id }) => agents.queuesOf(id));
      const states = await available(() => queueStates(sql, queues.flat(), guildId));
      const byQueue = new Map(states.map((state) => [state.agentId, state]));
      return queues.map((own) => together(own.flatMap((id) => byQueue.get(id) ?? [])));
    },
  };
}

/** The state of an agent: that of its own queue, with the tasks of all that it serves. */
function together([own, ...others]: AgentState[]): AgentState {
  if (own === undefined) throw new Error('an agent has a queue of its own');
  const sum = (of: 'pending' | 'running') => others.reduce((total, state) => total + state[of], own[of]);
  return { ...own, pending: sum('pending'), running: sum('running') };
}

async function probed({ name, check }: HealthProbe, log: Logger): Promise<DependencyHealth> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MS / 1000} s`)), PROBE_MS);
  });
  try {
    return { name, ...(await Promise.race([check(), late])) };
  } catch (error) {
    log.warn({ err: error, dependency: name }, 'a health check failed');
    return { name, ok: false, detail: error instanceof Error ? error.message : 'the check failed', latencyMs: null };
  } finally {
    clearTimeout(timer);
  }
}

function steering({ sql, afterChange, refill, log, agents }: AdminDeps): Pick<AdminService, 'timeoutStale' | 'pause' | 'resume'> {
  return {
    async timeoutStale(actor, reach) {
      const guildId = targetOf(actor, reach);
      const rows: TaskRow[] = [];
      for (let round = 0; round < STALE_ROUNDS; round += 1) {
        const failed = await available(() => failStale(sql, { graceSeconds: 0, orDead: true, guildId, actor: person(actor) }));
        if (failed.length === 0) break;
        afterChange(failed);
        rows.push(...failed);
      }
      return rows.map(toTask);
    },
    async pause(agentId, actor, reach) {
      const pause = { queueIds: agents.queuesOf(checked(agentIdSchema, agentId)), guildId: targetOf(actor, reach) };
      const done = await available(() => pauseAgent(sql, pause, person(actor)));
      if (done) log.info({ ...pause, by: actor.userId }, 'an agent was paused');
      return done ? 'paused' : 'already';
    },
    async resume(agentId, actor, reach) {
      const pause = { queueIds: agents.queuesOf(checked(agentIdSchema, agentId)), guildId: targetOf(actor, reach) };
      const done = await available(() => resumeAgent(sql, pause, person(actor)));
      if (!done) return 'not_paused';
      log.info({ ...pause, by: actor.userId }, 'an agent was resumed');
      for (const queueId of pause.queueIds) refill(queueId);
      return 'resumed';
    },
  };
}

function failures({
  sql,
  afterChange,
  onRemoved,
}: AdminDeps): Pick<AdminService, 'failed' | 'requeue' | 'purgeFailed' | 'countFailed'> {
  return {
    async failed(actor, page = {}, reach) {
      const target = targetOf(actor, reach);
      return available(() =>
        turnPage(
          page,
          (position, want) => failedIds(sql, target, position, want),
          (ids) => readTasks(sql, ids),
        ),
      );
    },
    async requeue(ids, actor, reach) {
      const target = targetOf(actor, reach);
      const asked = checked(requeueSchema, ids);
      const found = await available(() => requeueable(sql, target, asked, REQUEUE_LIMIT));
      let requeued = 0;
      for (let from = 0; from < found.length; from += REQUEUE_CHUNK) {
        const chunk = found.slice(from, from + REQUEUE_CHUNK);
        const rows = await available(() => retryTasks(sql, chunk, person(actor)));
        afterChange(rows);
        requeued += rows.length;
      }
      return requeued;
    },
    async purgeFailed(actor, reach) {
      const target = targetOf(actor, reach);
      let purged = 0;
      for (
        let ids = await available(() => purgeable(sql, target));
        ids.length > 0;
        ids = await available(() => purgeable(sql, target))
      ) {
        const chunk = ids;
        const { failed } = await available(() => removeTasks(sql, { ids: chunk, actor: person(actor), onRemoved }));
        purged += failed;
        // Nothing left, or what is left changes under our hands: no reason to turn in circles.
        if (failed === 0) break;
      }
      await available(() =>
        auditAdmin(sql, { guildId: target, actor: person(actor), event: 'failed_purged', details: { removed: purged } }),
      );
      return purged;
    },
    async countFailed(actor, reach) {
      const target = targetOf(actor, reach);
      return available(() => countFailed(sql, target));
    },
  };
}

/** A guild's limit holds up to the operator's, whose 0 means none; as in store/tasks/create.ts. */
function lower(guild: number | null, operator: number): number {
  return operator === 0 ? (guild ?? 0) : Math.min(guild ?? operator, operator);
}

function limiting({ sql, settings }: AdminDeps): Pick<AdminService, 'limits' | 'setLimits'> {
  return {
    async limits(actor) {
      const guild = await available(() => readLimits(sql, guildOf(actor)));
      return {
        guild,
        inForce: {
          queueSize: lower(guild.queueSize, settings.queueSize),
          channelLimit: lower(guild.channelLimit, settings.channelLimit),
        },
      };
    },
    async setLimits(limits, actor) {
      const guildId = guildOf(actor);
      const asked = checked(limitsSchema, limits);
      return available(() => writeLimits(sql, guildId, asked, person(actor)));
    },
  };
}
