/**
 * What can be done with tasks: the one interface that Discord commands, embedders and later the HTTP API call.
 * Refusals are thrown as GuildhallError (errors.ts), whose message may be shown to the person; a task that the actor may not see is "not found".
 */
import type { Actor } from './actor.js';
import type { AuditEvent, JsonObject, NewTask, Origin, Priority, Progress, Task, TaskFile, TaskFilter } from './model.js';
import type { Status } from './states.js';

/** Where a pending task stands in its queue. */
export interface QueuePlace {
  /** 1 = next. Counted among the ready tasks of the agent, capped at 1,000. */
  position: number;
  /** Estimated seconds until its start; null when nothing is known of the agent's speed, or no worker runs it. */
  etaSeconds: number | null;
  /** One sentence when something keeps it from starting at all ("The agent is paused in this server."), else null. */
  blockedBy: string | null;
}

/** What a creation answers: the task is committed. */
export interface Created {
  task: Task;
  place: QueuePlace;
  /** Sentences worth telling, e.g. that the ETA is longer than the time to live. */
  warnings: string[];
}

export interface Batch {
  id: string;
  title: string;
  agentId: string;
  total: number;
  /** Counts by status now. */
  counts: Record<Status, number>;
}

export interface TaskDetails {
  task: Task;
  progress: Progress | null;
  place: QueuePlace | null;
  /** Oldest first; the newest 100. */
  history: AuditEvent[];
  files: TaskFile[];
}

/** One page of a list, newest first. Cursors are opaque; null: no such page. */
export interface TaskPage {
  tasks: Task[];
  next: string | null;
  previous: string | null;
}

/** Which unfinished business an autocomplete is for. */
export type Suggestion = 'show' | 'cancel' | 'retry' | 'start';

export interface TaskService {
  /** Stores the task, its files, its card and its first audit event in one transaction; then hints the queue. */
  create(asked: NewTask, origin: Origin): Promise<Created>;
  /** All or none, 1–100 tasks; a bad row is named in the error (`row 3: title must not be empty`). One card, one completion. */
  createBatch(
    title: string,
    asked: readonly NewTask[],
    origin: Origin,
  ): Promise<{ batch: Batch; tasks: Task[]; place: QueuePlace }>;
  get(id: string, actor: Actor): Promise<Task>;
  details(id: string, actor: Actor): Promise<TaskDetails>;
  batch(id: string, actor: Actor): Promise<Batch>;
  list(filter: TaskFilter, actor: Actor, page?: { cursor?: string | null; size?: number }): Promise<TaskPage>;
  /** Up to 25 tasks whose title contains the text, newest first, of those that the actor may do this with. */
  suggest(what: Suggestion, text: string, actor: Actor): Promise<Task[]>;
  /** Begins a held task; a delayed one begins now. */
  start(id: string, actor: Actor): Promise<Task>;
  /** Ends a pending or running task. A running one is told to stop; its result would be refused from now on. */
  cancel(id: string, actor: Actor, reason?: string): Promise<Task>;
  /** Puts a failed or cancelled task back, with a new allowance of retries and a new TTL. Two clicks make one retry: the second is a conflict. */
  retry(id: string, actor: Actor): Promise<Task>;
  /** Keeps the requester's (or any viewer's) verdict on a completed task, 0–1; a new one replaces the old. */
  rate(id: string, score: number, actor: Actor): Promise<Task>;
  /** Changes priority (pending only) and merges metadata (a null value removes its key). */
  update(id: string, change: { priority?: Priority; metadata?: JsonObject }, actor: Actor): Promise<Task>;
  /** Removes a finished task with its files; the audit history stays. Admins only. */
  remove(ids: readonly string[], actor: Actor): Promise<number>;
  /** Bytes of a task's file. */
  file(taskId: string, fileId: string, actor: Actor): Promise<{ file: TaskFile; bytes: Buffer }>;
}

/** Which finished tasks a cleanup removes. Absent: by the retention settings. */
export interface CleanupFilter {
  olderThanDays?: number;
  status?: 'completed' | 'failed' | 'cancelled';
  channelId?: string;
}
export interface CleanupCounts {
  completed: number;
  failed: number;
  cancelled: number;
  /** Finished tasks spared because they are not announced yet. */
  spared: number;
}
export interface CleanupStatus {
  /** The last cleanup of the guild alone; asked for everywhere: the last one of all guilds. */
  lastRun: { at: Date; by: string; removed: CleanupCounts; tookMs: number } | null;
  /** When the regular cleanup, which is for all guilds, ran last. */
  lastRegularAt: Date | null;
  nextRunAt: Date | null;
  retentionDays: number;
  maxCompleted: number;
  maxFailed: number;
}

export interface AgentStats {
  agentId: string;
  byStatus: Record<Status, number>;
  /** Of the ended ones in the period: completed / (completed + failed); null without any. */
  successRate: number | null;
  /** Seconds of the runs that completed in the period. */
  meanSeconds: number | null;
  p95Seconds: number | null;
  meanScore: number | null;
}
/** Statistics of one guild (or channel, or user, or everything). */
export interface Stats {
  since: Date;
  byStatus: Record<Status, number>;
  byPriority: Record<Priority, number>;
  agents: AgentStats[];
  successRate: number | null;
  meanSeconds: number | null;
  p95Seconds: number | null;
  /** Ended tasks per hour or day of the period, oldest first, gaps filled with zeros. */
  buckets: { at: Date; completed: number; failed: number; cancelled: number }[];
}

export interface DependencyHealth {
  name: 'postgres' | 'redis' | 'discord' | 'engine' | 'event_loop' | 'clock';
  ok: boolean;
  /** One line: the mode, the delay, what is wrong. */
  detail: string;
  latencyMs: number | null;
}

/** Limits of a guild; null: the setting of the whole installation. */
export interface GuildLimits {
  queueSize: number | null;
  channelLimit: number | null;
}

/** State of an agent as seen from one guild. */
export interface AgentState {
  agentId: string;
  paused: boolean;
  pausedEverywhere: boolean;
  pending: number;
  running: number;
  /** Live workers that run it, whether or not they have free slots. */
  workers: number;
}

/** `everywhere` needs the application's owner (or team); everything else Manage Server in the actor's guild. */
export interface Reach {
  everywhere?: boolean;
}

export interface AdminService {
  cleanupPreview(filter: CleanupFilter, actor: Actor, reach?: Reach): Promise<CleanupCounts>;
  cleanup(filter: CleanupFilter, actor: Actor, reach?: Reach): Promise<CleanupCounts>;
  cleanupStatus(actor: Actor): Promise<CleanupStatus>;
  /** Fails running tasks that are past their worker's lease or their hard time-out. */
  timeoutStale(actor: Actor, reach?: Reach): Promise<Task[]>;
  stats(
    period: { hours: number },
    actor: Actor,
    reach?: Reach & { channelId?: string; requesterId?: string; agentId?: string; type?: string },
  ): Promise<Stats>;
  health(): Promise<DependencyHealth[]>;
  pause(agentId: string, actor: Actor, reach?: Reach): Promise<'paused' | 'already'>;
  resume(agentId: string, actor: Actor, reach?: Reach): Promise<'resumed' | 'not_paused'>;
  agentStates(actor: Pick<Actor, 'guildId'>): Promise<AgentState[]>;
  failed(actor: Actor, page?: { cursor?: string | null; size?: number }, reach?: Reach): Promise<TaskPage>;
  /** Requeues one or (ids absent) all failed tasks of the guild, at most 1,000 at once; answers how many. */
  requeue(ids: readonly string[] | null, actor: Actor, reach?: Reach): Promise<number>;
  /** Removes all failed tasks of the guild that are announced; answers how many. */
  purgeFailed(actor: Actor, reach?: Reach): Promise<number>;
  countFailed(actor: Actor, reach?: Reach): Promise<number>;
  limits(actor: Actor): Promise<{ guild: GuildLimits; inForce: { queueSize: number; channelLimit: number } }>;
  setLimits(limits: Partial<GuildLimits>, actor: Actor): Promise<GuildLimits>;
}
