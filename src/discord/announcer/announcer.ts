/**
 * The announcer keeps Discord up to date: cards, boards, and the messages that tell requesters of the end.
 *
 * Invariants. Postgres says what is to be shown (`revision`) and what is shown (`shown_revision`, `told_at`); the announcer only works off the
 * difference, so a crash or an outage delays and loses nothing. One process writes to a channel at a time, under a fenced lease; what it is
 * about to create is noted with a nonce before it is sent, so that nobody is told twice. Events are hints that save waiting; the poll finds the rest.
 */
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { oldestDueSeconds } from '../../store/announcements/due.js';
import {
  dueChannels,
  forgetLeases,
  liveHolders,
  releaseLeases,
  renewLeases,
  takeLeases,
} from '../../store/announcements/leases.js';
import type { EventBus, TaskEvent } from '../../tasks/events.js';
import type { QueuePlace } from '../../tasks/service.js';
import { type Clock, systemClock } from '../rest/clock.js';
import type { DiscordRest } from '../rest/rest.js';
import { createDesk, type Desk } from './desk.js';
import { DEFAULT_PACING, type Pacing } from './options.js';
import { ChannelWriter } from './writer.js';

export interface AnnouncerDeps {
  sql: postgres.Sql;
  rest: DiscordRest;
  bus: EventBus;
  /** The registry of agents, for their names. */
  agents: { runner(queueId: string): { name: string } | undefined };
  /** Places in the queue of pending tasks, by task id. */
  place: (ids: string[]) => Promise<Map<string, QueuePlace>>;
  log: Logger;
  /** UUID of this process; holder of its leases. */
  processId: string;
  clock?: Clock;
  random?: () => number;
  pacing?: Partial<Pacing>;
}

export interface AnnouncerHealth {
  /** Seconds that the oldest undelivered announcement has been due. */
  lagSeconds: number;
  /** Requests sent to Discord since the start, and how many of them it limited. */
  requests: number;
  status429: number;
  /** Channels that this process writes to now. */
  channels: number;
  /** Processes that announce now, as far as is known. */
  processes: number;
}

export interface Announcer {
  start(): void;
  /** Looks at once what is due: for changes that no event tells of, such as a card that has just got its message. */
  nudge(): void;
  /** Ends after what is on its way, and gives up all leases. */
  stop(): Promise<void>;
  /** Rejects when Postgres cannot be asked. */
  health(): Promise<AnnouncerHealth>;
  /** Live processes, for the shared request budget while there is no Redis. At least 1. */
  processes(): number;
}

/** Channels that one look tells of, and how many of them are taken at once. */
const LOOK = 2_000;
const TAKE = 200;
/** Between two looks, however many events come. */
const LOOK_GAP_MS = 50;
const FORGET_EVERY_MS = 3_600_000;

export function createAnnouncer(deps: AnnouncerDeps): Announcer {
  const clock = deps.clock ?? systemClock();
  const pacing = { ...DEFAULT_PACING, ...deps.pacing };
  const desk = createDesk({
    sql: deps.sql,
    rest: deps.rest,
    clock,
    log: deps.log,
    pacing,
    random: deps.random ?? Math.random,
    agentName: (agentId) => deps.agents.runner(agentId)?.name ?? agentId,
    place: deps.place,
  });
  return new ProcessAnnouncer(desk, deps.bus, deps.processId);
}

class ProcessAnnouncer implements Announcer {
  readonly #desk: Desk;
  readonly #bus: EventBus;
  readonly #holder: string;
  readonly #writers = new Map<string, ChannelWriter>();
  readonly #stop = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();
  #unsubscribe = () => {};
  #processes = 1;
  #forgetAt: number;
  /** Aborted by an event of a channel that this process does not look after yet. */
  #lookNow = new AbortController();

  constructor(desk: Desk, bus: EventBus, holder: string) {
    this.#desk = desk;
    this.#bus = bus;
    this.#holder = holder;
    this.#forgetAt = desk.clock.now() + FORGET_EVERY_MS;
  }

  start(): void {
    this.#unsubscribe = this.#bus.subscribe((event) => this.#hint(event));
    const { pollMs, renewMs } = this.#desk.pacing;
    this.#loops = Promise.all([
      this.#every(
        pollMs,
        () => this.#look(),
        () => this.#lookNow.signal,
      ),
      this.#every(
        renewMs,
        () => this.#renew(),
        () => this.#stop.signal,
      ),
    ]);
  }

  nudge(): void {
    this.#lookNow.abort();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stop.abort();
    this.#lookNow.abort();
    await this.#loops;
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
    const ids = [...this.#writers.keys()];
    this.#writers.clear();
    // Whoever comes next would only wait until they end by themselves.
    await releaseLeases(this.#desk.sql, this.#holder, ids).catch((error) =>
      this.#desk.log.warn({ err: error }, 'the leases of channels could not be given up; they end by themselves'),
    );
  }

  async health(): Promise<AnnouncerHealth> {
    const { requests, status429 } = this.#desk.rest.counts();
    const lagSeconds = await oldestDueSeconds(this.#desk.sql);
    return { lagSeconds, requests, status429, channels: this.#writers.size, processes: this.#processes };
  }

  processes(): number {
    return this.#processes;
  }

  #hint(event: TaskEvent): void {
    const writer = this.#writers.get(event.channelId);
    if (writer !== undefined) writer.wake(event.kind);
    else if (event.kind !== 'progress') this.nudge();
  }

  async #every(ms: number, work: () => Promise<void>, early: () => AbortSignal): Promise<void> {
    const { clock, log } = this.#desk;
    let failing = false;
    while (!this.#stop.signal.aborted) {
      try {
        await work();
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ err: error }, 'announcing waits for Postgres');
        failing = true;
        await clock.sleep(ms, this.#stop.signal);
      }
      await clock.sleep(Math.min(ms, LOOK_GAP_MS), this.#stop.signal);
      await clock.sleep(ms - LOOK_GAP_MS, early());
    }
  }

  /** Wakes the writers whose channels have something due, takes channels that nobody looks after, and gives up idle ones. */
  async #look(): Promise<void> {
    const { sql, pacing, clock } = this.#desk;
    if (!this.#stop.signal.aborted) this.#lookNow = new AbortController();
    await this.#drop();
    const due = await dueChannels(sql, this.#holder, LOOK);
    for (const { channelId, mine } of due) if (mine) this.#writers.get(channelId)?.wake('ended');
    // A channel with a writer is renewed or lost by `#renew`, never taken a second time.
    const free = due.map(({ channelId }) => channelId).filter((channelId) => !this.#writers.has(channelId));
    if (free.length === 0 || this.#stop.signal.aborted) return;
    const askedAt = clock.now();
    for (const lease of await takeLeases(sql, this.#holder, free.slice(0, TAKE), pacing)) {
      this.#writers.set(lease.channelId, new ChannelWriter(this.#desk, lease, this.#holder, askedAt));
    }
    if (clock.now() > this.#forgetAt) {
      this.#forgetAt = clock.now() + FORGET_EVERY_MS;
      await forgetLeases(sql);
    }
  }

  async #drop(): Promise<void> {
    const gone = [...this.#writers].filter(([, writer]) => writer.channel.gone || writer.idle);
    if (gone.length === 0) return;
    for (const [id] of gone) this.#writers.delete(id);
    await Promise.all(gone.map(([, writer]) => writer.stop()));
    await releaseLeases(
      this.#desk.sql,
      this.#holder,
      gone.filter(([, writer]) => !writer.channel.gone).map(([id]) => id),
    );
  }

  async #renew(): Promise<void> {
    const { sql, pacing, clock } = this.#desk;
    const askedAt = clock.now();
    const ids = [...this.#writers.keys()];
    const kept = new Set(ids.length === 0 ? [] : await renewLeases(sql, this.#holder, ids, pacing.leaseMs));
    for (const id of ids) {
      const writer = this.#writers.get(id);
      if (kept.has(id)) writer?.renewed(askedAt);
      else writer?.channel.lose();
    }
    this.#processes = Math.max(1, await liveHolders(sql));
  }
}
