/**
 * Where tasks stand that were just created. A queue is measured at most every `FRESH_MS`: counting up to 1,000 tasks for each of thousands that are
 * created within a second costs ten times as much as storing them. In between, what this process created is added to the last count, so the place of a
 * task in a quiet queue is exact, and in a flood it is right but for what was claimed, or created elsewhere, within that time.
 */
import type postgres from 'postgres';
import { Batcher } from '../store/batcher.js';
import { available } from '../store/database.js';
import { MAX_POSITION, type QueueState, queueStates, toPlace } from '../store/places.js';
import { UnavailableError } from './errors.js';
import type { QueuePlace } from './service.js';

/** Milliseconds for which a count serves. */
const FRESH_MS = 100;
/** Tasks handled together at most. */
const TOGETHER = 1000;
/** Levels remembered at most; there are four for each agent. */
const MOST_LEVELS = 4_000;
/** The number of the priority low. */
const LEAST_URGENT = 3;

interface Created {
  id: string;
  agentId: string;
  guildId: string | null;
  priority: number;
}

interface Known {
  state: QueueState;
  /** Monotonic ms at which it was counted. */
  at: number;
  /** Tasks of this process that came before a new one since then. */
  since: number;
}

export class NewPlaces {
  readonly #sql: postgres.Sql;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #batcher: Batcher<Created, QueuePlace>;

  /** @param now monotonic milliseconds */
  constructor(sql: postgres.Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
    this.#batcher = new Batcher({ flush: (some) => this.#places(some), maxItems: TOGETHER });
  }

  /** The place of a task that is stored. Never rejects for a database that is lost just now: then it must not look refused, and its ETA is not known. */
  of(task: Created): Promise<QueuePlace> {
    return this.#batcher.add(task);
  }

  async #places(some: readonly Created[]): Promise<QueuePlace[]> {
    const now = this.#now();
    const counted = new Map<string, Created[]>();
    for (const task of some) {
      const known = this.#known.get(levelOf(task));
      if (known !== undefined && now - known.at <= FRESH_MS) continue;
      const level = counted.get(levelOf(task)) ?? [];
      level.push(task);
      counted.set(levelOf(task), level);
    }
    try {
      if (counted.size > 0) await this.#count([...counted.values()], now);
    } catch (error) {
      if (error instanceof UnavailableError) return some.map(() => UNKNOWN);
      throw error;
    }
    const behind = new Map(
      [...counted.values()].flatMap((level) => level.map(({ id }, at) => [id, level.length - 1 - at] as const)),
    );
    const fresh = new Set(counted.keys());
    return some.map((task) => {
      this.#pushBack(task, fresh);
      return this.#place(task, behind.get(task.id));
    });
  }

  /** Counts each level up to the last of its tasks here. */
  async #count(levels: readonly (readonly Created[])[], now: number): Promise<void> {
    const last = levels.map((level) => level.at(-1) as Created);
    const states = await available(() =>
      queueStates(
        this.#sql,
        last.map(({ agentId, priority, id }) => ({ agentId, priority, lastId: id })),
        // The first of them may stand as far in front of the last.
        MAX_POSITION + Math.max(...levels.map(({ length }) => length)),
      ),
    );
    if (this.#known.size + states.length > MOST_LEVELS) this.#known.clear();
    for (const state of states) this.#known.set(levelOf(state), { state, at: now, since: 0 });
  }

  /** @param behind tasks of its level that were counted with it and come after it; undefined: it was not counted. */
  #place(task: Created, behind: number | undefined): QueuePlace {
    const known = this.#known.get(levelOf(task));
    // Removed before it was counted.
    if (known === undefined) return UNKNOWN;
    const position = known.state.ready + (behind === undefined ? known.since : -behind);
    const paused = task.guildId !== null && known.state.paused_in.includes(task.guildId);
    return toPlace(Math.max(1, Math.min(position, MAX_POSITION)), { ...known.state, paused_here: paused });
  }

  /** A task comes before later ones of its own priority and of less urgent ones; levels that were counted after it was stored know of it. */
  #pushBack({ agentId, priority }: Created, counted: ReadonlySet<string>): void {
    for (let level = priority; level <= LEAST_URGENT; level += 1) {
      const key = levelOf({ agentId, priority: level });
      const known = this.#known.get(key);
      if (known !== undefined && !counted.has(key)) known.since += 1;
    }
  }
}

/** Where nothing can be said. */
const UNKNOWN: QueuePlace = { position: 1, etaSeconds: null, blockedBy: null };

function levelOf({ agentId, priority }: { agentId: string; priority: number }): string {
  return `${priority}:${agentId}`;
}
