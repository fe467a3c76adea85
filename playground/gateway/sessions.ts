import { randomBytes } from 'node:crypto';
import type { Core } from '../core.js';
import type { Dispatchable } from './dispatchable.js';
import type { Identify } from './identify.js';
import { isOfShard, Session } from './session.js';
import { createStarts, type StartLimit } from './starts.js';

/** The sessions of the bot, connected or waiting to be resumed. */
export interface SessionBook {
  /** Opens one; else `early` (op 9), `exhausted` (the token was reset), or too many guilds for one shard. */
  open(request: Identify): Session | 'early' | 'exhausted' | 'shardingRequired';
  /** One that can be resumed. */
  find(id: string): Session | undefined;
  forget(session: Session): void;
  forgetAll(): void;
  /** Whether one has a connection. */
  connected(): boolean;
  dispatch(events: readonly Dispatchable[]): void;
  /** Refuses the tokens of all sessions from now on, and ends the sessions with 4004. */
  resetToken(): void;
  startLimit(): StartLimit;
}

/** Whether this bot token is accepted: the configured one, else any but `invalid`; never one that was reset. */
export function acceptsToken(core: Core, token: string): boolean {
  if (core.resetTokens.has(token)) return false;
  return core.token === undefined ? token !== 'invalid' && token !== '' : token === core.token;
}

/** A book without sessions. */
export function createSessionBook(core: Core): SessionBook {
  const sessions = new Map<string, Session>();
  const starts = createStarts(core);
  const forget = (session: Session) => void sessions.delete(session.id);
  const isOver = ({ disconnectedAt }: Session) =>
    disconnectedAt !== undefined && core.clock.now() - disconnectedAt > core.limits.resumableMs;

  const resetToken = () => {
    for (const session of sessions.values()) core.resetTokens.add(session.token);
    if (core.token !== undefined) {
      core.resetTokens.add(core.token);
      core.token = randomBytes(24).toString('hex');
      core.log(`The bot's token was reset; the new one is ${core.token}`);
    }
    starts.reset();
    for (const session of [...sessions.values()]) session.carrier?.end('authenticationFailed');
    sessions.clear();
  };

  return {
    open({ shard, token, intents, compress = false, large_threshold: largeThreshold }) {
      const { world, limits } = core;
      const guilds = world.guildsOf(world.botId).filter((guild) => isOfShard(shard, guild.id));
      if (guilds.length > limits.guildsPerShard) return 'shardingRequired';
      const start = starts.take(shard[0]);
      if (start === 'exhausted') {
        core.resetTokens.add(token);
        resetToken();
      }
      if (start !== 'ok') return start;
      const id = randomBytes(16).toString('hex');
      const eventsKept = () => limits.eventsKept;
      const session = new Session({ id, token, intents, shard, largeThreshold, compress, eventsKept });
      sessions.set(id, session);
      return session;
    },
    find(id) {
      const session = sessions.get(id);
      if (session && isOver(session)) forget(session);
      return sessions.get(id);
    },
    forget,
    forgetAll: () => sessions.clear(),
    connected: () => [...sessions.values()].some((session) => session.carrier),
    dispatch(events) {
      for (const session of [...sessions.values()]) {
        if (isOver(session)) forget(session);
        else for (const event of events) session.dispatch(event);
      }
    },
    resetToken,
    startLimit: starts.left,
  };
}
